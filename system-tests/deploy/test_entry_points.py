"""The images' programs, as a container would run them: same install, command, user and environment, read-only.

What they then export is what the alert rules and the dashboard may ask for.
"""

import os
import re
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from deploy.container import Container, can_mount
from deploy.dockerfile import Dockerfile
from deploy.queries import OF_KUBE_STATE_METRICS, metrics_of, queries
from surfaces import PATIENCE, ROOT, Process, System, eventually

U14 = 272
"""The matches of U14 Northeast in the sample season."""


@pytest.fixture(scope="module")
def scraper() -> Iterator[Container]:
    container = Container(ROOT / "match-scraper")
    yield container
    container.remove()


@pytest.fixture(scope="module")
def table() -> Iterator[Container]:
    container = Container(ROOT / "missing-table")
    yield container
    container.remove()


@pytest.fixture
def urls(servers: System) -> dict[str, str]:
    """What a container is given, besides what the image has."""
    return {name: servers.environment[name] for name in ("RABBITMQ_URL", "DATABASE_URL")}


@pytest.fixture
def processes() -> Iterator[list[Process]]:
    started: list[Process] = []
    yield started
    for process in reversed(started):
        process.kill()


@pytest.mark.parametrize("project", ["match-scraper", "missing-table"])
def test_an_image_says_what_is_in_it_and_runs_as_a_number_that_is_not_root(project: str) -> None:
    image = Dockerfile.read(ROOT / project / "Dockerfile")
    assert image.user > 0
    assert image.labels["org.opencontainers.image.title"] == project
    assert image.environment["MISSING_TABLE_EMBEDDED"] == "0"
    copied, command = image.installs()
    assert {"--locked", "--no-dev", "--no-editable"} <= set(command)
    ignored = (ROOT / project / ".dockerignore").read_text().splitlines()
    assert ignored[1] == "*"
    assert {f"!{name}" for name in copied} == {line for line in ignored if line.startswith("!")}


def test_a_scrape_arrives_in_the_table(
    scraper: Container,
    table: Container,
    servers: System,
    urls: dict[str, str],
    processes: list[Process],
    tmp_path: Path,
    unused_port: int,
) -> None:
    """migrate, worker, API and scraper: each with the environment of its image, and the addresses."""

    def start(container: Container, *arguments: str, **environment: str) -> Process:
        given = container.environment(**urls, **environment)
        processes.append(Process(container.command(*arguments), given, tmp_path / "containers"))
        return processes[-1]

    table.run("migrate", environment={"DATABASE_URL": urls["DATABASE_URL"]})
    worker = start(table, "worker", MISSING_TABLE_WORKER_PORT=str(unused_port))
    worker.wait_for("consuming")
    api = start(table, "api", "--host", "0.0.0.0", "--port", "0")
    line = api.wait_for("http://")
    port = line.rpartition(":")[2]
    league = servers.start_league()
    measured = scraper.volume / "measured.prom"
    asked = {
        "MLS_ASSIST_URL": league,
        "AGE_GROUP": "U14",
        "DIVISION": "Northeast",
        "MLS_SCRAPER_METRICS_FILE": str(measured),
    }
    done = scraper.run(
        *scraper.image.command[1:], "--season", "2026-27", environment=urls | asked | {"LOG_LEVEL": "INFO"}
    )
    confirmed = re.findall(r"^(?:seen|brackets: mapped) \d.*, confirmed (\d+),", done.stdout, re.MULTILINE)
    assert confirmed == [str(U14), "1"], "deploy/verify.sh reads both"
    bracket = {"season": "2026-27", "league": "Homegrown", "age_group": "U14", "division": "Northeast"}

    def rows() -> int:
        answer = httpx.get(f"http://127.0.0.1:{port}/api/table", params=bracket, timeout=PATIENCE)
        return sum(row["played"] for row in answer.json()["rows"]) if answer.status_code == 200 else 0

    eventually(lambda: servers.count() == U14)
    assert eventually(rows) > 0
    written = {path.relative_to(scraper.volume).parts[0] for path in scraper.volume.rglob("*")}
    assert written == {"cache", "state", measured.name}
    assert list(table.volume.iterdir()) == []
    outcomes = table.run("outcomes", "--limit", "1", "--format", "csv", environment=urls).stdout
    row = r"\S+,created,\d*,,[\da-f-]{36},\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"
    assert re.fullmatch(rf"task_id,outcome,match,quarantine,run_id,at\s+{row}\s+", outcomes), (
        "deploy/verify.sh reads it"
    )
    again = scraper.run("scrape", "--use-queue", "--season", "2026-27", environment=urls | asked)
    assert "nothing new" in again.stdout

    pages = [f"http://127.0.0.1:{port}", f"http://127.0.0.1:{unused_port}"]
    exported = _exported(measured.read_text(), *(httpx.get(f"{page}/metrics", timeout=PATIENCE).text for page in pages))
    exported |= OF_KUBE_STATE_METRICS
    unknown = {where: metrics_of(query) - exported for where, query in queries().items()}
    assert {where: names for where, names in unknown.items() if names} == {}

    probes = [f"{page}{probe}" for page in pages for probe in ("/health", "/ready")]
    assert [httpx.get(probe, timeout=PATIENCE).status_code for probe in probes] == [200] * 4
    health = subprocess.run(
        [part.replace("python", "python3", 1) if part == "python" else part for part in table.image.health_check],
        env=os.environ | {"HEALTH_URL": table.image.environment["HEALTH_URL"].replace("8000", port)},
        check=False,
    )
    assert health.returncode == 0
    assert worker.stop() == 0
    assert api.stop() == 0


def _exported(*texts: str) -> set[str]:
    """The names that these answers for Prometheus declare."""
    names: set[str] = set()
    for name, kind in re.findall(r"^# TYPE (\S+) (\S+)$", "\n".join(texts), re.MULTILINE):
        names |= {f"{name}_bucket", f"{name}_count", f"{name}_sum"} if kind == "histogram" else {name}
    return names


def test_nothing_can_be_written_but_the_volume(table: Container) -> None:
    """The test above would prove nothing if its processes could write where they like."""
    script = "touch volume-file && ! touch /var/tmp/other 2>/dev/null && ! touch ../app/bin/other 2>/dev/null && id -u"
    if not can_mount():
        script = "touch volume-file && ! touch ../app/bin/other 2>/dev/null && id -u"
    done = subprocess.run(
        table.confined(["sh", "-c", script]), cwd=table.volume, capture_output=True, text=True, check=False
    )
    (table.volume / "volume-file").unlink()
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) == table.user != 0


@pytest.mark.parametrize(
    ("arguments", "missing"), [(("migrate",), "DATABASE_URL"), (("worker",), "RABBITMQ_URL"), ((), "RABBITMQ_URL")]
)
def test_a_missing_variable_is_one_sentence(table: Container, arguments: tuple[str, ...], missing: str) -> None:
    done = table.run(*arguments, exit_code=2, environment={})
    assert missing in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_scraper_without_a_broker_is_one_sentence(scraper: Container) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        league = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        given = {"AGE_GROUP": "U14", "DIVISION": "Northeast", "MLS_ASSIST_URL": league}
        done = scraper.run(exit_code=2, environment=given)
    assert "RABBITMQ_URL" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
