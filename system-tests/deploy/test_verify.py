"""`deploy/verify.sh` with a stand-in for kubectl: each line of the checklist, passed and failed."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.manifests import named, parsed
from deploy.tools import fetched
from surfaces import ROOT

VERIFY = ROOT / "deploy/verify.sh"
LINES = {
    "cronjob": "the CronJob exists",
    "job": "a manual job runs",
    "image": "the image was built for this platform, and pulled from the registry",
    "logs": "logs can be read",
    "broker": "messages reach RabbitMQ",
    "workers": "workers process them",
    "rows": "rows are in the database",
}
SUMMARY = """\
Homegrown 2026-27, as of 2026-10-05 04:40 UTC
seen 564, asked for 2, not asked for 562, unreadable 0, mapped 2, broken 0, unchanged 0, sent 2, confirmed 2, \
refused 0, unsent 0
brackets: mapped 1, unchanged 0, sent 1, confirmed 1, refused 0, unsent 0
sent to RabbitMQ at broker:5672, virtual host /, queue matches
"""
"""What `mls-scraper scrape` says: of two matches and an official table here, all of which are messages."""
LOGGED = '{"exit_code": 0, "asked_for": 2, "confirmed": 2, "event": "run_ended", "run_id": "82b7", "level": "info"}\n'


def good() -> dict[str, dict[str, Any]]:
    """What a cluster says where all is well."""
    manifest = parsed((ROOT / "missing-table/k8s/match-scraper-cronjob.yaml").read_text())
    template = named(manifest, "CronJob", "match-scraper")["spec"]["jobTemplate"]
    job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "x"}, "spec": template["spec"]}
    says = {
        "cronjob": "0 */6 * * *|",
        "template": yaml.safe_dump(job),
        "create": "job.batch/x created\n",
        "condition": "SuccessCriteriaMet Complete ",
        "started": "2026-10-05T12:00:00Z",
        "exit code": "",
        "image": "us-central1-docker.pkg.dev/x/match-scraper@sha256:0123",
        "pods": "",
        "delete": "",
        "log": LOGGED + SUMMARY,
        "worker log": "consuming\n",
        "outcomes": "task_id,outcome,match,quarantine,run_id,at\r\n"
        "a,created,1,,82b7,2026-10-05T11:59:59Z\r\n"
        "b,unchanged,1,,82b7,2026-10-05T12:00:02Z\r\nc,unchanged,2,,82b7,2026-10-05T12:00:02Z\r\n"
        "d,unchanged,,,82b7,2026-10-05T12:00:03Z\r\n",
        "table": "position,team\n1,Valeo\n2,NEFC\n",
    }
    return {name: {"exit": 0, "says": said} for name, said in says.items()}


def verify(folder: Path, answers: dict[str, dict[str, Any]], *options: str) -> tuple[int, dict[str, str], str]:
    """Runs it; returns its exit code, passed or FAILED for each line, and all it said."""
    (folder / "answers.json").write_text(json.dumps(answers))
    kubectl = folder / "kubectl"
    kubectl.write_text(f'#!/bin/sh\nexec {sys.executable} {Path(__file__).with_name("fake_kubectl.py")} "$@"\n')
    kubectl.chmod(0o755)
    environment = os.environ | {
        "PATH": f"{folder}:{os.environ['PATH']}",
        "ANSWERS": str(folder),
        "REAL_KUBECTL": fetched("kubectl"),
    }
    done = subprocess.run(
        [str(VERIFY), "--timeout", "1", *options], env=environment, capture_output=True, text=True, check=False
    )
    verdicts = {line.split(":")[0][8:]: line[:6] for line in done.stdout.splitlines() if line[6:8] == "  "}
    return done.returncode, verdicts, done.stdout + done.stderr


def test_where_all_is_well_every_line_passes_and_the_job_is_gone(tmp_path: Path) -> None:
    code, verdicts, said = verify(tmp_path, good())
    assert (code, set(verdicts.values())) == (0, {"passed"}), said
    assert list(verdicts) == list(LINES.values())
    created = yaml.safe_load((tmp_path / "created").read_text())
    assert created["spec"]["template"]["spec"]["containers"][0]["args"] == ["scrape", "--use-queue", "--full"]
    assert "delete: --namespace missing-table-dev delete job match-scraper-verify-" in (tmp_path / "asked").read_text()


@pytest.mark.parametrize("brackets", [1, 0])
def test_matches_and_official_tables_are_counted_together(tmp_path: Path, brackets: int) -> None:
    lines = SUMMARY.splitlines(keepends=True)
    answers = good() | {"log": {"exit": 0, "says": "".join(lines if brackets else lines[:2] + lines[3:])}}
    code, _, said = verify(tmp_path, answers)
    assert code == 0
    assert f"the broker confirmed {2 + brackets}\n" in said


def test_a_whole_season_is_counted(tmp_path: Path) -> None:
    """The default of `outcomes` is more than a season has; a limit of our own would be in the way."""
    verify(tmp_path, good())
    asked = (tmp_path / "asked").read_text()
    assert "outcomes --format csv" in asked


def test_the_job_can_be_kept_and_everything_named(tmp_path: Path) -> None:
    options = ["--namespace", "here", "--release", "mine", "--cronjob", "other", "--age-group", "U15", "--keep"]
    code, _, said = verify(tmp_path, good(), *options)
    asked = (tmp_path / "asked").read_text()
    assert code == 0, said
    assert "delete" not in asked
    assert all("--namespace here" in line for line in asked.splitlines())
    assert "exec deployment/mine-api -- missing-table table --age-group U15 --division Northeast" in asked


@pytest.mark.parametrize(
    ("answer", "exit_code", "says", "lines", "reason"),
    [
        ("cronjob", 1, 'cronjobs "match-scraper" not found', ["cronjob", "logs", "broker", "workers"], "not found"),
        ("cronjob", 0, "0 */6 * * *|true", ["cronjob", "logs", "broker", "workers"], "is suspended"),
        ("create", 1, "jobs is forbidden", ["job", "logs", "broker", "workers"], "jobs is forbidden"),
        ("condition", 0, "Failed ", ["job"], "exit code unknown"),
        ("condition", 0, "", ["job"], "did not end within 1 seconds"),
        ("image", 0, "", ["image"], "the pod is not there"),
        ("log", 1, "container is waiting to start", ["logs", "broker", "workers"], "waiting to start"),
        ("log", 0, re.sub(r"confirmed \d", "confirmed 0", SUMMARY), ["broker", "workers"], "no confirmed message"),
        ("worker log", 1, 'deployments "missing-table-worker" not found', ["logs"], "not found"),
        ("outcomes", 0, "task_id,outcome,match,quarantine,run_id,at\n", ["workers"], "0 of 3 within 1 seconds"),
        ("table", 2, "missing-table: no bracket U14 Northeast", ["rows"], "no bracket U14 Northeast"),
        ("table", 0, "position,team\n", ["rows"], "the table of U14 Northeast is empty"),
    ],
)
def test_what_is_wrong_fails_in_its_line(
    tmp_path: Path, answer: str, exit_code: int, says: str, lines: list[str], reason: str
) -> None:
    answers = good() | {answer: {"exit": exit_code, "says": says}}
    code, verdicts, said = verify(tmp_path, answers)
    assert code == 1
    assert reason in said
    failed = {name for name, verdict in verdicts.items() if verdict == "FAILED"}
    # A job that did not end well leaves no moment to count from.
    assert failed - ({LINES["workers"]} if lines == ["job"] else set()) == {LINES[line] for line in lines}


@pytest.mark.parametrize("options", [["--what"], ["--namespace"], ["--timeout", "soon"]])
def test_usage_is_exit_2(tmp_path: Path, options: list[str]) -> None:
    code, verdicts, said = verify(tmp_path, good(), *options)
    assert (code, verdicts) == (2, {})
    assert "deploy/verify.sh [--namespace NAME]" in said
