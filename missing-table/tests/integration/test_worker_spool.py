"""The worker as a real process on the embedded folder: a spool for the queue, SQLite for storage."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from messages import match
from missing_table import home
from missing_table.store import engine as engines
from missing_table.store import schema
from missing_table.worker.spool import SpoolFolder
from stored import count, rows
from worker_process import Worker, eventually, spooled

BACKLOG = 1_000


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[Engine]:
    """An initialised folder's database."""
    home.initialise(tmp_path, "matches")
    made = engines.create(f"sqlite:///{tmp_path / 'missing-table.db'}")
    schema.migrate(made)
    yield made
    made.dispose()


@pytest.fixture
def folder(tmp_path: Path, embedded: Engine) -> SpoolFolder:  # noqa: ARG001 (it makes the folder)
    """The folder of its queue."""
    return SpoolFolder(tmp_path, "matches")


@pytest.fixture
def start_worker(tmp_path: Path) -> Iterator[Callable[..., Worker]]:
    """Starts workers that end with the test."""
    started: list[Worker] = []
    (tmp_path / "logs").mkdir()

    def start(**environment: str) -> Worker:
        worker = Worker(
            tmp_path / "logs",
            {"MISSING_TABLE_HOME": str(tmp_path), "MISSING_TABLE_BATCH_SIZE": "50", **environment},
        )
        started.append(worker)
        return worker

    yield start
    for worker in started:
        worker.kill()


def put(folder: SpoolFolder, first: int, last: int) -> None:
    for number in range(first, last):
        teams = {"home_team_id": str(number % 30), "away_team_id": str(30 + number % 20)}
        payload = match(match_id=str(number), score_home=number % 10, score_away=0, **teams)
        folder.put(json.loads(spooled(payload, f"task-{number}")))


def test_a_worker_that_is_killed_in_the_middle_of_a_backlog(
    folder: SpoolFolder, embedded: Engine, start_worker: Callable[..., Worker]
) -> None:
    put(folder, 0, BACKLOG)
    for share in (1, 300, 600):
        worker = start_worker()
        eventually(lambda: count(embedded, "outcomes") >= share)  # noqa: B023 (called at once)
        worker.kill()
    last = start_worker()
    put(folder, BACKLOG, BACKLOG + 10)
    eventually(lambda: count(embedded, "outcomes") == BACKLOG + 10)
    assert last.terminate() == 0
    assert list((folder.root / "inflight").iterdir()) == []
    assert folder.size() == 0
    stored = {row[0]: row[1] for row in rows(embedded, "matches", "match_id", "score_home")}
    assert stored == {str(number): number % 10 for number in range(BACKLOG + 10)}
    assert count(embedded, "matches") == BACKLOG + 10
    assert set(rows(embedded, "outcomes", "outcome")) == {("created",)}


def test_a_second_worker_on_one_folder_is_refused(folder: SpoolFolder, start_worker: Callable[..., Worker]) -> None:
    first = start_worker()
    first.wait_for("consuming")
    second = start_worker()
    assert second.process.wait(60) == 2
    assert "another worker is at work on" in second.output
    assert str(folder.root) in second.output
    assert "Traceback" not in second.output
    assert first.terminate() == 0
    third = start_worker()
    third.wait_for("consuming")


def test_up_in_a_folder_that_is_in_use_is_refused_before_it_serves(
    tmp_path: Path, folder: SpoolFolder, start_worker: Callable[..., Worker]
) -> None:
    start_worker().wait_for("consuming")
    done = subprocess.run(
        [sys.executable, "-m", "missing_table", "up", "--port", "0"],
        env={"MISSING_TABLE_HOME": str(tmp_path), "PATH": ""},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr == f"error: another worker is at work on {folder.root}: stop it first\n"


def test_sigterm_finishes_the_batch_in_hand(
    folder: SpoolFolder, embedded: Engine, start_worker: Callable[..., Worker]
) -> None:
    worker = start_worker(MISSING_TABLE_BATCH_WAIT_MS="10000")
    worker.wait_for("consuming")
    put(folder, 0, 10)
    eventually(lambda: len(list((folder.root / "inflight").iterdir())) == 10)
    assert worker.terminate() == 0
    assert count(embedded, "matches") == 10
    assert list((folder.root / "inflight").iterdir()) == []


def test_files_that_are_no_messages_are_quarantined_while_the_worker_goes_on(
    folder: SpoolFolder, embedded: Engine, start_worker: Callable[..., Worker]
) -> None:
    whole: dict[str, Any] = json.loads(spooled(match(), "t"))
    foreign: list[bytes] = [
        b"",
        b"\xff",
        b"[" * 50_000,
        b'{"body": "\\ud800", "properties": {}}',
        json.dumps({**whole, "content-type": 5}).encode(),
        json.dumps({**whole, "headers": {"compression": "zstd"}}).encode(),
        json.dumps({"body": "x", "properties": {"body_encoding": "rot13"}}).encode(),
        json.dumps({**whole, "body": "{", "properties": {"timestamp": -6e10, "correlation_id": []}}).encode(),
    ]
    put(folder, 0, 3)
    for number, content in enumerate(foreign):
        (folder.root / "queue" / f"0-{number}.json").write_bytes(content)
    (folder.root / "queue" / "folder.json").mkdir()
    worker = start_worker()
    put(folder, 3, 6)
    eventually(lambda: count(embedded, "matches") == 6)
    eventually(lambda: count(embedded, "quarantine") == len(foreign))
    assert worker.terminate() == 0
    assert "Traceback" not in worker.output


def test_without_an_initialised_folder_it_says_what_is_missing(tmp_path: Path) -> None:
    worker = Worker(tmp_path, {"MISSING_TABLE_HOME": str(tmp_path / "nowhere")})
    assert worker.process.wait(60) == 2
    assert "run `missing-table migrate`" in worker.output


def test_the_home_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    done = subprocess.run(
        [sys.executable, "-m", "missing_table", "migrate"],
        env={"MISSING_TABLE_HOME": str(tmp_path / "file" / "home")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert "cannot be written" in done.stderr
