"""The embedded queue: files that are neither lost nor doubled, wherever a process ends."""

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from queue import Empty
from typing import Any
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kombu import Connection, Consumer, Exchange, Producer, Queue
from private_services.program import Program

import missing_table.worker.app  # noqa: F401 (makes `spool://` known)
from messages import match
from missing_table.errors import ConfigurationProblem
from missing_table.worker.spool import SpoolFolder, _read
from worker_process import spooled


@pytest.fixture
def folder(tmp_path: Path) -> SpoolFolder:
    """An empty folder."""
    made = SpoolFolder(tmp_path, "matches")
    made.make()
    return made


def put(folder: SpoolFolder, *names: str) -> list[str]:
    """Puts a message with each name as its body; returns the names of the files."""
    return [folder.put({"body": name, "properties": {}}) for name in names]


def drained(folder: SpoolFolder) -> list[str]:
    """The bodies of all that waits, in order; each is leased and not done."""
    bodies: list[str] = []
    while True:
        try:
            _, content = folder.lease()
        except Empty:
            return bodies
        bodies.append(json.loads(content)["body"])


def test_first_in_first_out(folder: SpoolFolder) -> None:
    put(folder, *"abcde")
    assert folder.size() == 5
    assert drained(folder) == list("abcde")
    assert folder.size() == 0


def test_what_was_leased_and_not_done_comes_back_first_and_says_so(folder: SpoolFolder) -> None:
    names = put(folder, *"abc")
    assert [folder.lease()[0], folder.lease()[0]] == names[:2]
    folder.done(names[0])
    after = SpoolFolder(folder.root.parent.parent, "matches")
    assert after.recover() == [names[1]]
    assert drained(after) == ["b", "c"]


def test_what_is_given_back_is_next(folder: SpoolFolder) -> None:
    put(folder, *"abc")
    name, _ = folder.lease()
    folder.give_back(name)
    assert drained(folder) == ["a", "b", "c"]


def test_one_worker_per_folder(folder: SpoolFolder) -> None:
    with folder.lock(), pytest.raises(ConfigurationProblem, match="another worker is at work on"):
        folder.lock()
    folder.lock().close()


class Crash(BaseException):
    """The process ends here."""


STEPS = ("pathlib.Path.open", "os.fsync", "pathlib.Path.rename", "pathlib.Path.unlink", "pathlib.Path.read_bytes")


def crashing(at: int) -> Iterator[None]:
    """Every call that touches the disk counts; the one with number `at` is not made: the process has ended."""
    made = [0]
    with pytest.MonkeyPatch.context() as patch:
        for step in STEPS:
            module, _, name = step.rpartition(".")
            owner = Path if module == "pathlib.Path" else os
            real = getattr(owner, name)

            def counted(*arguments: Any, real: Any = real, **named: Any) -> Any:
                made[0] += 1
                if made[0] >= at:
                    raise Crash
                return real(*arguments, **named)

            patch.setattr(owner, name, counted)
        yield


@given(st.lists(st.sampled_from(["put", "put", "lease", "done", "give back"]), max_size=25), st.integers(1, 60))
def test_nothing_is_lost_or_doubled_wherever_the_process_ends(acts: list[str], at: int) -> None:
    with tempfile.TemporaryDirectory(prefix="spool-test-") as home:
        folder = SpoolFolder(Path(home), "matches")
        folder.make()
        promised: set[str] = set()
        done: set[str] = set()
        tried: set[str] = set()
        leased: list[str] = []
        breaking = crashing(at)
        next(breaking)
        try:
            for number, act in enumerate(acts):
                if act == "put":
                    tried.add(str(number))
                    put(folder, str(number))
                    promised.add(str(number))
                elif act == "lease":
                    try:
                        name, content = folder.lease()
                    except Empty:
                        continue
                    leased.append(name)
                    assert json.loads(content)["properties"]["delivery_tag"] == name
                elif leased and act == "done":
                    name = leased.pop()
                    body = json.loads((folder.root / "inflight" / f"{name}.json").read_text())["body"]
                    done.add(body)
                    folder.done(name)
                elif leased:
                    folder.give_back(leased.pop())
        except Crash:
            pass
        finally:
            breaking.close()  # type: ignore[attr-defined]
        after = SpoolFolder(Path(home), "matches")
        after.recover()
        left = drained(after)
        assert len(left) == len(set(left))
        assert promised - done <= set(left) <= tried


FOREIGN = [
    b"",
    b"{",
    b"\xff\xfe",
    b"[]",
    b"null",
    b"9" * 10_000,
    b"[" * 100_000,
    json.dumps({"body": "x"}).encode(),
    json.dumps({"body": 5, "properties": {}}).encode(),
    json.dumps({"body": "x", "properties": []}).encode(),
    json.dumps({"body": "é", "properties": {"body_encoding": "base64"}}).encode(),
    json.dumps({"body": "x", "properties": {"body_encoding": "rot13"}}).encode(),
    json.dumps({"body": "x", "properties": {"body_encoding": []}}).encode(),
    b'{"body": "\\ud800", "properties": {}, "headers": {"id": "\\ud800"}}',
    spooled(match(), "t", headers=[]).encode(),
    json.dumps({**json.loads(spooled(match(), "t")), "content-type": 5, "content-encoding": ["x"]}).encode(),
    json.dumps({**json.loads(spooled(match(), "t")), "headers": {"compression": "zstd"}}).encode(),
    json.dumps({**json.loads(spooled(match(), "t")), "headers": {"compression": ["x"]}}).encode(),
    json.dumps({**json.loads(spooled(match(), "t")), "properties": {"timestamp": "now", "priority": "high"}}).encode(),
]


def received(home: Path) -> list[Any]:
    """What kombu makes of the files that wait."""
    found: list[Any] = []
    with Connection("spool://localhost", transport_options={"home": str(home)}) as connection:
        channel = connection.channel()
        queue = Queue("matches", Exchange("matches"), routing_key="matches")
        with Consumer(channel, [queue], on_message=found.append, auto_declare=True):
            while True:
                try:
                    connection.drain_events(timeout=0.1)
                except TimeoutError:
                    break
    return found


def test_whatever_lies_in_the_folder_travels_on_as_bytes(folder: SpoolFolder, tmp_path: Path) -> None:
    for number, content in enumerate(FOREIGN):
        (folder.root / "queue" / f"{number:03}.json").write_bytes(content)
    found = received(tmp_path)
    assert len(found) == len(FOREIGN)
    for message in found:
        assert isinstance(message.body, bytes)
        assert message.content_type is None or isinstance(message.content_type, str)
        assert isinstance(message.headers, dict)


def test_what_is_no_message_file_is_left_alone(folder: SpoolFolder) -> None:
    queue = folder.root / "queue"
    (queue / "a.json").mkdir()
    (queue / "b.json").symlink_to("/nowhere")
    (queue / "c.txt").write_text("x")
    put(folder, "message")
    assert drained(folder) == ["message"]
    assert {path.name for path in queue.iterdir()} == {"a.json", "b.json", "c.txt"}
    (folder.root / "inflight" / "d.json").mkdir()
    assert len(folder.recover()) == 1


def test_drafts_of_killed_producers_are_cleared_away_and_young_ones_left(folder: SpoolFolder) -> None:
    drafts = folder.root / "tmp"
    for name, age in (("old.json", 7200), ("young.json", 60)):
        (drafts / name).write_text("half a mess")
        os.utime(drafts / name, (0, (drafts / name).stat().st_mtime - age))
    (drafts / "folder").mkdir()
    folder.recover()
    assert {path.name for path in drafts.iterdir()} == {"young.json", "folder"}


@given(st.binary(max_size=300))
def test_any_content_is_a_message(content: bytes) -> None:
    assert isinstance(_read(content)["properties"], dict)


def test_a_full_disk_is_said_and_leaves_nothing_behind(folder: SpoolFolder) -> None:
    with (
        mock.patch("os.fsync", side_effect=OSError(28, "No space left on device")),
        pytest.raises(OSError, match="space"),
    ):
        put(folder, "x")
    assert list(folder.root.rglob("*.json")) == []


def test_a_message_that_kombu_sends_comes_as_it_was(tmp_path: Path) -> None:
    with Connection("spool://localhost", transport_options={"home": str(tmp_path)}) as connection:
        queue = Queue("matches", Exchange("matches"), routing_key="matches")
        producer = Producer(connection, exchange=queue.exchange, routing_key="matches")
        producer.publish([[match()], {}, {}], serializer="json", declare=[queue], headers={"task": "x"})
    (message,) = received(tmp_path)
    assert json.loads(message.body) == [[match()], {}, {}]
    assert (message.content_type, message.headers["task"]) == ("application/json", "x")
    assert message.properties["timestamp"] > 1_700_000_000


def test_many_producers_at_once(folder: SpoolFolder) -> None:
    threads = [threading.Thread(target=put, args=(folder, *(f"{n}-{i}" for i in range(50)))) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    bodies = drained(folder)
    assert len(set(bodies)) == len(bodies) == 200
    for number in range(4):
        own = [body for body in bodies if body.startswith(f"{number}-")]
        assert own == [f"{number}-{i}" for i in range(50)]


def test_the_lock_ends_with_its_process(folder: SpoolFolder) -> None:
    program = (
        "import sys, pathlib; from missing_table.worker.spool import SpoolFolder; "
        "held = SpoolFolder(pathlib.Path(sys.argv[1]), 'matches').lock(); "
        "print('held', flush=True); sys.stdin.read()"
    )
    with Program[bytes](
        [sys.executable, "-c", program, str(folder.root.parent.parent)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(ConfigurationProblem):
            folder.lock()
        holder.kill()
        holder.wait()
    folder.lock().close()
