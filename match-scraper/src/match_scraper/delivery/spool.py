"""The embedded queue: one folder shared with missing-table, where a message is a file.

The form is part of the interface, and described in missing-table's AsyncAPI document: messages wait in
`<home>/spool/matches/queue/`, one file each, as kombu's virtual transports write them. A file appears there at
once and whole: it is written to `tmp/` beside it, put on the disk, and then renamed.
"""

import base64
import os
import time
import uuid
from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from match_scraper.errors import NotDelivered, UsageProblem
from match_scraper.match_data import MatchData

from . import envelope
from .base import Confirmed, Refused

MARKER = "missing-table.json"
_encode = msgspec.json.Encoder().encode


def is_initialised(home: Path) -> bool:
    """Whether missing-table has made this folder its own."""
    return (home / MARKER).is_file()


class SpoolFolder:
    """A destination that puts each match as a file into missing-table's folder.

    Parameters
    ----------
    home
        The embedded folder. Raises `UsageProblem` if missing-table has not initialised it.
    chunk
        How many files are confirmed together, by one sync of their folder.
    clock
        Nanoseconds since 1970 UTC. The names of the files begin with it, and so sort by time of sending.
    """

    def __init__(self, home: Path, *, chunk: int = 200, clock: Callable[[], int] = time.time_ns) -> None:
        if not is_initialised(home):
            raise UsageProblem(
                f"missing-table has not set up the folder {home} ({MARKER} is not there): run `missing-table migrate` "
                "first, or `missing-table up`, which does it by itself."
            )
        self._home = home
        folder = home / "spool" / "matches"
        self._queue = folder / "queue"
        self._unfinished = folder / "tmp"
        self._chunk = chunk
        self._clock = clock
        self._last_time = 0
        self._count = 0
        self._headers = envelope.headers("")

    def __repr__(self) -> str:
        return f"SpoolFolder({self._home})"

    @property
    def name(self) -> str:
        """For people."""
        return f"the embedded queue in {self._home}"

    @property
    def key(self) -> str:
        """For the ledger: the folder."""
        return self._home.resolve().as_uri()

    def send(self, matches: Iterable[MatchData], *, confirmed: Confirmed, refused: Refused) -> None:  # noqa: ARG002
        """Send matches; see `Destination.send`. A folder refuses none: it takes them, or is out of order."""
        source = iter(matches)
        try:
            for folder in (self._queue, self._unfinished):
                folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise self._not_delivered(error) from error
        while chunk := list(islice(source, self._chunk)):
            self._put(chunk, confirmed)

    def close(self) -> None:
        """Nothing is held open."""

    def _put(self, chunk: list[MatchData], confirmed: Confirmed) -> None:
        put: list[tuple[MatchData, str]] = []
        failure: OSError | None = None
        try:
            for match in chunk:
                put.append((match, self._put_one(match)))
        except OSError as error:
            failure = error
        if put:
            try:
                _sync_folder(self._queue)
            except OSError as error:
                raise self._not_delivered(error) from error
        for match, task_id in put:
            confirmed(match, task_id)
        if failure is not None:
            raise self._not_delivered(failure) from failure

    def _put_one(self, match: MatchData) -> str:
        task_id = envelope.new_task_id()
        name = self._next_name()
        unfinished = self._unfinished / f"{name}.json"
        try:
            _write(unfinished, _encode(self._message(match, task_id, name)))
            unfinished.rename(self._queue / unfinished.name)
        except BaseException:
            unfinished.unlink(missing_ok=True)
            raise
        return task_id

    def _message(self, match: MatchData, task_id: str, name: str) -> dict[str, Any]:
        return {
            "body": base64.b64encode(envelope.body(match)).decode("ascii"),
            "content-type": envelope.CONTENT_TYPE,
            "content-encoding": envelope.CONTENT_ENCODING,
            "headers": self._headers | {"id": task_id, "root_id": task_id},
            "properties": {
                "correlation_id": task_id,
                "delivery_mode": envelope.PERSISTENT,
                "delivery_info": {"exchange": envelope.EXCHANGE, "routing_key": envelope.ROUTING_KEY},
                "priority": 0,
                "body_encoding": "base64",
                "delivery_tag": name,
            },
        }

    def _next_name(self) -> str:
        # Never backwards within a run, even where the clock is.
        self._last_time = max(self._last_time, self._clock())
        self._count = (self._count + 1) % 1_000_000
        return f"{self._last_time:020d}-{self._count:06d}-{uuid.uuid4()}"

    def _not_delivered(self, error: OSError) -> NotDelivered:
        return NotDelivered(f"{self.name} takes no more: {error.strerror or error}.")


def _write(path: Path, content: bytes) -> None:
    """A new file with this content, on the disk when this returns.

    Without the buffers of `open`, whose questions about each file cost a quarter of the whole.
    """
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644)
    try:
        while content:
            content = content[os.write(descriptor, content) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync_folder(folder: Path) -> None:
    """Put the names in a folder on the disk; without it a power cut may undo a rename."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
