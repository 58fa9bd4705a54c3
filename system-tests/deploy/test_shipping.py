"""The workflows, and what `make image push deploy` and `make test` are made of."""

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.manifests import containers, parsed
from deploy.tools import CHART, helm, installed
from surfaces import ROOT, Process, eventually

WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yaml"))
REGISTRY = "registry.example/table"
LONG = """
import os, pathlib, subprocess, time, pytest

@pytest.fixture
def server():
    with subprocess.Popen(["sleep", "300"], start_new_session=True) as process:
        yield process.pid
        process.kill()

def test_long(server):
    pathlib.Path("writing").write_text(f"{os.getpid()} {server}")
    pathlib.Path("writing").rename("started")
    time.sleep(300)
"""
"""A suite that takes long, with a server of its own."""


def workflow(name: str) -> dict[Any, Any]:
    found: dict[Any, Any] = yaml.safe_load((ROOT / f".github/workflows/{name}.yaml").read_text())
    return found


@pytest.mark.parametrize(
    ("schema", "files"),
    [("vendor.github-workflows", WORKFLOWS), ("vendor.dependabot", [ROOT / ".github/dependabot.yaml"])],
)
def test_they_are_what_github_takes(schema: str, files: list[Path]) -> None:
    command = [installed("check-jsonschema"), "--builtin-schema", schema, *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_zizmor_finds_nothing_that_an_attacker_could_use() -> None:
    command = [installed("zizmor"), "--offline", "--no-progress", "--min-severity", "medium", str(ROOT / ".github")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: str(file.stem))
def test_an_action_is_named_by_commit_and_a_job_ends(file: Path) -> None:
    for used in re.findall(r"uses: (\S+)", file.read_text()):
        assert used.startswith("./") or re.search(r"@[0-9a-f]{40}$", used), used
    for job in workflow(file.stem)["jobs"].values():
        assert "timeout-minutes" in job or "uses" in job


@pytest.mark.parametrize("project", ["match-scraper", "missing-table"])
def test_each_project_is_tested_when_its_own_files_change(project: str) -> None:
    found = workflow(project)
    events = found[True]  # YAML 1.1 reads `on` as a boolean
    assert events["push"]["paths"] == events["pull_request"]["paths"]
    assert f"{project}/**" in events["push"]["paths"]
    (other,) = {"match-scraper", "missing-table"} - {project}
    assert not any(path.startswith(other) for path in events["push"]["paths"])
    assert found["jobs"]["test"]["with"] == {"project": project}
    assert {"Makefile", "scripts/**", "private-services/**"} < set(events["push"]["paths"]), "what runs its tests"
    for path in events["push"]["paths"]:
        assert (ROOT / path.removesuffix("/**")).exists(), path


def test_what_is_run_is_there() -> None:
    """Targets of make, and folders."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for file in WORKFLOWS:
        for job in workflow(file.stem)["jobs"].values():
            for step in job.get("steps", []):
                words = step.get("run", "").split()
                if words[:1] == ["make"]:
                    assert {word for word in words[1:] if "/" not in word} <= targets, file.name
                folder = step.get("working-directory", "")
                assert "${{" in folder or (ROOT / folder).is_dir(), file.name


def test_images_are_built_for_both_platforms_and_pushed_without_a_key() -> None:
    job = workflow("ship")["jobs"]["image"]
    matrix = {each["image"]: (each["project"], each["browser"]) for each in job["strategy"]["matrix"]["include"]}
    assert matrix == {
        "match-scraper": ("match-scraper", 0),
        "match-scraper-browser": ("match-scraper", 1),
        "missing-table": ("missing-table", 0),
    }
    assert job["permissions"] == {"contents": "read", "id-token": "write"}
    assert job["needs"] == "check"
    (build,) = [step["with"] for step in job["steps"] if step.get("id") == "build"]
    assert build["platforms"] == "linux/amd64,linux/arm64"
    assert {"BROWSER=${{ matrix.browser }}", "REVISION=${{ github.sha }}"} < set(build["build-args"].splitlines())
    assert "secrets." not in (ROOT / ".github/workflows/ship.yaml").read_text()


def test_what_the_chart_and_the_cronjob_name_is_pushed() -> None:
    """A git tag is pushed as what it is; the manifest's image is one, and the chart's repositories are built."""
    job = workflow("ship")["jobs"]["image"]
    assert workflow("ship")[True]["push"]["tags"] == ["v*"]
    (build,) = [step["with"] for step in job["steps"] if step.get("id") == "build"]
    name = "env.REGISTRY, matrix.image, github.ref_name"
    assert f"github.ref_type == 'tag' && format('{{0}}/{{1}}:{{2}}', {name})" in build["tags"]
    pushed = {f"{job['env']['REGISTRY']}/{each['image']}" for each in job["strategy"]["matrix"]["include"]}
    manifest = (ROOT / "missing-table/k8s/match-scraper-cronjob.yaml").read_text()
    ((image, version),) = re.findall(r"image: (\S+):(\S+)", manifest)
    assert image in pushed
    assert re.fullmatch(r"v\d+\.\d+\.\d+", version)
    for values in (CHART / "values.yaml", CHART / "ci/operators.yaml"):
        images = yaml.safe_load(values.read_text())["images"]
        named = {each["repository"] for each in images.values() if isinstance(each, dict) and "repository" in each}
        assert named <= pushed, values.name


def test_everything_is_linted() -> None:
    steps = workflow("lint")["jobs"]["lint"]["steps"]
    assert [step["run"] for step in steps if "run" in step] == ["make lint"]
    assert "paths" not in workflow("lint")[True]["push"]


def test_what_is_pinned_is_moved_on() -> None:
    updates = yaml.safe_load((ROOT / ".github/dependabot.yaml").read_text())["updates"]
    covered = {
        (each["package-ecosystem"], folder)
        for each in updates
        for folder in each.get("directories", [each.get("directory")])
    }
    ours = {path.parent for pattern in ("*/Dockerfile", "*/uv.lock") for path in ROOT.glob(pattern)}
    wanted = {("uv" if (folder / "uv.lock").exists() else "docker", f"/{folder.name}") for folder in ours}
    wanted |= {("docker", f"/{folder.name}") for folder in ours if (folder / "Dockerfile").exists()}
    assert wanted | {("docker-compose", "/"), ("github-actions", "/")} == covered


@pytest.mark.parametrize("script", sorted((ROOT / "deploy").glob("*.sh")), ids=lambda script: str(script.name))
def test_shellcheck_has_nothing_to_say(script: Path) -> None:
    done = subprocess.run([installed("shellcheck"), str(script)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
    assert os.access(script, os.X_OK)


def _digests(folder: Path, says: str) -> subprocess.CompletedProcess[str]:
    """Runs deploy/digests.sh where `docker image inspect` says this."""
    docker = folder / "docker"
    docker.write_text(f"#!/bin/sh\ncat << 'END'\n{says}\nEND\n")
    docker.chmod(0o755)
    return subprocess.run(
        [str(ROOT / "deploy/digests.sh"), REGISTRY, "abc1234"],
        env=os.environ | {"PATH": f"{folder}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_what_was_pushed_is_what_the_chart_runs(tmp_path: Path) -> None:
    digests = {"match-scraper": f"sha256:{'a' * 64}", "missing-table": f"sha256:{'b' * 64}"}
    done = _digests(tmp_path, "\n".join(f"{REGISTRY}/{name}@{digest}" for name, digest in digests.items()))
    assert done.returncode == 0, done.stderr
    images = tmp_path / "images.yaml"
    images.write_text(done.stdout)
    values = ("--values", str(CHART / "ci/external.yaml"), "--values", str(images))
    rendered = helm("template", "missing-table", str(CHART), *values)
    assert rendered.returncode == 0, rendered.stderr
    used = {container["image"] for _, container in containers(parsed(rendered.stdout))}
    assert used == {f"{REGISTRY}/{name}@{digest}" for name, digest in digests.items()}


def test_what_was_not_pushed_is_not_deployed(tmp_path: Path) -> None:
    done = _digests(tmp_path, "")
    assert (done.returncode, done.stdout) == (1, "")
    assert f"{REGISTRY}/missing-table:abc1234 has no digest: was it pushed?" in done.stderr


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ("push", "commit first"),
        ("deploy", "deploy/nowhere.yaml is not there: cp deploy/values.example.yaml deploy/nowhere.yaml"),
    ],
)
def test_make_says_what_is_missing_before_it_does_anything(tmp_path: Path, target: str, why: str) -> None:
    (tmp_path / "deploy").mkdir()
    (tmp_path / "deploy/images.yaml").write_text("images: {}\n")
    command = ["make", "-f", str(ROOT / "Makefile"), target, "VERSION=abc-dirty", "VALUES=deploy/nowhere.yaml"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert why in done.stderr


def test_the_example_is_all_that_the_chart_needs(tmp_path: Path) -> None:
    """Filled in, and with the images that were pushed; and before that the chart says what is missing."""
    images = tmp_path / "images.yaml"
    digest = {"digest": f"sha256:{'a' * 64}"}
    images.write_text(yaml.safe_dump({"images": {"missingTable": digest, "matchScraper": digest}}))
    example = ROOT / "deploy/values.example.yaml"
    given = ("template", "missing-table", str(CHART), "--values", str(example), "--values", str(images))
    assert "rabbitmq.password is not set" in helm(*given).stderr
    empty = {"rabbitmq.password": "a", "rabbitmq.worker.password": "b", "database.url": "postgresql://u:p@db/x"}
    filled = helm(*given, *(part for name, value in empty.items() for part in ("--set", f"{name}={value}")))
    assert filled.returncode == 0, filled.stderr
    assert re.findall(r'(\w+): ""', example.read_text()) == [name.rpartition(".")[2] for name in empty]


def test_helm_waits_for_longer_than_a_migration_may_take() -> None:
    """Its own five minutes would not do."""
    allowed = yaml.safe_load((CHART / "values.yaml").read_text())["migration"]["deadlineSeconds"]
    for file in (ROOT / "Makefile", ROOT / "docs/operations.md", CHART / "README.md"):
        commands = re.findall(r"^\s*helm upgrade .*", file.read_text().replace("\\\n", " "), re.MULTILINE)
        assert commands, file.name
        for command in commands:
            (minutes,) = re.findall(r"--timeout (\d+)m", command)
            assert int(minutes) * 60 > allowed, command


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_make_test_says_what_begins_and_leaves_nothing_running(tmp_path: Path, number: signal.Signals) -> None:
    """However it is ended: what a test has started is ended by its fixture, as always."""
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts/run_tests.py", tmp_path / "scripts")
    for project in ("match-scraper", "missing-table", "system-tests"):
        (tmp_path / project).mkdir()
        (tmp_path / project / ".venv").symlink_to(ROOT / "system-tests/.venv")
        (tmp_path / project / "test_long.py").write_text(LONG)
    runner = Process([sys.executable, "scripts/run_tests.py"], dict(os.environ), tmp_path / "output", cwd=tmp_path)
    try:
        eventually(lambda: (tmp_path / "missing-table/started").exists())
        assert "===== missing-table: begins" in runner.output
        os.kill(runner.pid, number)
        eventually(lambda: not runner.running)
    finally:
        runner.kill()
    for pid in (tmp_path / "missing-table/started").read_text().split():
        assert not Path(f"/proc/{pid}").exists()
    assert "match-scraper (" not in runner.output, "it began another suite"
