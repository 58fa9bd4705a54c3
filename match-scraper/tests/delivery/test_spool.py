"""The embedded folder: a file there is a whole message, and what is confirmed is on the disk."""

import base64
import datetime as dt
import errno
import json
import os
import re
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from kombu.connection import Connection
from private_services.program import Program

from match_scraper.delivery import envelope
from match_scraper.delivery.spool import SpoolFolder
from match_scraper.errors import NotDelivered, UsageProblem

from .conftest import MakeMatch, Told


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder that missing-table has initialised."""
    (tmp_path / "missing-table.json").write_text("{}")
    return tmp_path


def files(home: Path, folder: str = "queue") -> list[Path]:
    return sorted((home / "spool" / "matches" / folder).glob("*"))


def numbers_in(home: Path) -> list[int]:
    bodies = (base64.b64decode(json.loads(file.read_bytes())["body"]) for file in files(home))
    return [int(json.loads(body)[0][0]["match_id"]) for body in bodies]


def test_a_match_becomes_a_file_as_kombu_writes_it(home: Path, make_match: MakeMatch, told: Told) -> None:
    spool = SpoolFolder(home, clock=lambda: 1_790_000_000_000_000_000, carried={"run_id": "a-run"})
    match = make_match(26090)
    spool.send([match], **told.callbacks)
    [(_, task_id)] = told.confirmed
    [file] = files(home)
    assert re.fullmatch(r"01790000000000000000-000001-[0-9a-f-]{36}\.json", file.name)
    message = json.loads(file.read_bytes())
    moment = message["headers"]["submitted_at"]
    assert dt.datetime.fromisoformat(moment).utcoffset() == dt.timedelta()
    assert base64.b64decode(message.pop("body")) == envelope.body(match)
    assert message == {
        "content-type": "application/json",
        "content-encoding": "utf-8",
        "headers": envelope.headers(envelope.TASK, task_id, moment, {"run_id": "a-run"}),
        "properties": {
            "correlation_id": task_id,
            "delivery_mode": 2,
            "delivery_info": {"exchange": "matches", "routing_key": "matches"},
            "priority": 0,
            "body_encoding": "base64",
            "delivery_tag": file.stem,
        },
    }
    assert files(home, "tmp") == []


def test_a_folder_that_was_made_anew_in_the_same_place_is_another_one(home: Path) -> None:
    marker = home / "missing-table.json"
    keys = []
    for folder_id in ("aea1e1d5-7d03-4a2e-8a9d-6c7f5e1c2b3d", "0b7b6f0e-95f2-4c55-a3ce-1c1d2c3b4a59"):
        marker.write_text(json.dumps({"format": 1, "queue": "matches", "id": folder_id}))
        keys += [SpoolFolder(home).key, SpoolFolder(home).key]
    assert keys[0] == keys[1] != keys[2] == keys[3]


@pytest.mark.parametrize("content", [b'{"format": 1, "queue": "matches"}', b"", b'{"id": 7}', b'{"id": "\xff"}'])
def test_a_folder_without_an_id_is_known_by_its_place(home: Path, content: bytes) -> None:
    (home / "missing-table.json").write_bytes(content)
    assert SpoolFolder(home).key == home.resolve().as_uri()


def test_names_sort_in_the_order_of_sending_even_when_the_clock_goes_back(
    home: Path, make_match: MakeMatch, told: Told
) -> None:
    times = iter([2_000, 2_000, 1_000, 3_000] * 100)
    spool = SpoolFolder(home, clock=lambda: next(times), chunk=7)
    spool.send((make_match(number) for number in range(300)), **told.callbacks)
    assert numbers_in(home) == told.numbers == list(range(300))


def test_a_folder_that_missing_table_has_not_set_up_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="missing-table has not set up the folder"):
        SpoolFolder(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_kombu_consumer_reads_the_files(home: Path, make_match: MakeMatch, told: Told, tmp_path: Path) -> None:
    SpoolFolder(home).send([make_match(7)], **told.callbacks)
    [file] = files(home)
    # kombu's own folder transport wants its queue's name at the end.
    incoming = tmp_path / "kombu"
    incoming.mkdir()
    file.rename(incoming / "1_0.matches.msg")
    options = {"data_folder_in": str(incoming), "data_folder_out": str(incoming), "control_folder": str(incoming)}
    connection: Any = Connection("filesystem://", transport_options=options)  # type: ignore[no-untyped-call]
    with connection, connection.SimpleQueue("matches") as queue:
        message = queue.get(timeout=5)
        assert message.payload[0] == [make_match(7).payload()]
        assert message.headers["id"] == told.confirmed[0][1]
        message.ack()


@contextmanager
def small_disk() -> Iterator[Callable[[], None]]:
    """Fills the disk when called: from then on no file of this process may grow beyond 10 bytes.

    It ends within the test: what pytest says about a test may go to a file, too.
    """
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        yield lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (10, before[1]))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)


def test_a_full_disk_is_said_and_leaves_no_half_file(home: Path, make_match: MakeMatch, told: Told) -> None:
    with small_disk() as fill:
        fill()
        with pytest.raises(NotDelivered, match=r"the embedded queue in .* takes no more: File too large"):
            SpoolFolder(home).send([make_match(1)], **told.callbacks)
    assert told.confirmed == []
    assert (files(home), files(home, "tmp")) == ([], [])


def test_what_was_put_before_the_disk_was_full_is_confirmed(home: Path, make_match: MakeMatch, told: Told) -> None:
    with small_disk() as fill:

        def filling() -> int:
            if len(files(home, "tmp")) == 3:
                fill()
            return 1

        with pytest.raises(NotDelivered):
            SpoolFolder(home, clock=filling).send((make_match(number) for number in range(10)), **told.callbacks)
    assert told.numbers == numbers_in(home) == [0, 1, 2]
    assert files(home, "tmp") == []


def test_what_cannot_be_put_on_the_disk_is_neither_in_the_queue_nor_confirmed(
    home: Path, make_match: MakeMatch, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []

    def failing(descriptor: int) -> None:
        synced.append(descriptor)
        if len(synced) == 2:
            raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", failing)
    with pytest.raises(NotDelivered, match="takes no more: Input/output error"):
        SpoolFolder(home).send([make_match(number) for number in range(3)], **told.callbacks)
    assert told.confirmed == []
    assert (files(home), files(home, "tmp")) == ([], [])


def test_a_folder_that_cannot_be_written_is_said(home: Path, make_match: MakeMatch, told: Told) -> None:
    (home / "spool").write_text("in the way")
    with pytest.raises(NotDelivered, match="takes no more"):
        SpoolFolder(home).send([make_match(1)], **told.callbacks)
    assert told.confirmed == []


def test_a_file_is_on_the_disk_before_it_is_in_the_queue_and_its_name_before_it_is_confirmed(
    home: Path, make_match: MakeMatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    happened: list[str] = []
    sync = os.fsync

    def watched(descriptor: int) -> None:
        number = os.fstat(descriptor).st_ino
        if number == (home / "spool" / "matches" / "queue").stat().st_ino:
            happened.append("folder")
        else:
            assert number in {file.stat().st_ino for file in files(home, "tmp")}
            assert number not in {file.stat().st_ino for file in files(home)}
            happened.append("file")
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", watched)
    SpoolFolder(home, chunk=2).send(
        [make_match(1), make_match(2), make_match(3)],
        confirmed=lambda *_: happened.append("confirmed"),
        refused=lambda *_: happened.append("refused"),
    )
    assert happened == ["file", "file", "folder", "confirmed", "confirmed", "file", "folder", "confirmed"]


def test_every_file_in_the_queue_is_whole_while_a_producer_is_killed(home: Path) -> None:
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from match_scraper.delivery.spool import SpoolFolder\n"
        "from match_scraper.match_data import MatchData\n"
        "base = dict(home_team='A', away_team='B', date='2026-09-05', season='2026-27', age_group='U14',\n"
        "            match_type='League')\n"
        "def told(match, _): print(match.match_id, flush=True)\n"
        "matches = (MatchData.model_validate(base | {'match_id': str(n)}) for n in range(10**9))\n"
        "SpoolFolder(Path(sys.argv[1]), chunk=5).send(matches, confirmed=told, refused=told)\n"
    )
    with Program(
        [sys.executable, "-c", program, str(home)], stdout=subprocess.PIPE, text=True, env=dict(os.environ)
    ) as producer:
        assert producer.stdout is not None
        confirmed = [int(producer.stdout.readline()) for _ in range(300)]
        producer.kill()
        confirmed += [int(line) for line in producer.stdout if line.endswith("\n")]
    found = numbers_in(home)
    assert set(confirmed) <= set(found)
    assert found == list(range(len(found)))
