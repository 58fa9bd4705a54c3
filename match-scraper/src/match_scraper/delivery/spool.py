"""The embedded queue: one folder shared with missing-table, where a message is a file.

The form is part of the interface, and described in missing-table's AsyncAPI document: messages wait in
`<home>/spool/matches/queue/`, one file each, as kombu's virtual transports write them. A file appears there at
once and whole: it is written to `tmp/` beside it, put on the disk, and then renamed.
"""

import base64
import os
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from match_scraper.errors import NotDelivered, UsageProblem

from . import envelope
from .base import Confirmed, M, Message, Refused

MARKER = "missing-table.json"


class _Marker(msgspec.Struct):
    id: str | None = None


_marker = msgspec.json.Decoder(_Marker)
_encode = msgspec.json.Encoder().encode


def is_initialised(home: Path) -> bool:
    """Whether missing-table has made this folder its own."""
    return (home / MARKER).is_file()


def _id_of(home: Path) -> str | None:
    """What tells this folder from another one that stood in its place before; an older missing-table gives it none."""
    try:
        return _marker.decode((home / MARKER).read_bytes()).id
    except (OSError, UnicodeDecodeError, msgspec.DecodeError):
        return None


class _File(NamedTuple):
    """A message that is written and not yet in the queue."""

    task_id: str
    name: str
    descriptor: int


class SpoolFolder:
    """A destination that puts each message as a file into missing-table's folder.

    Parameters
    ----------
    home
        The embedded folder. Raises `UsageProblem` if missing-table has not initialised it.
    chunk
        How many files are put on the disk together, and confirmed by one sync of their folder.
    carried
        Headers that every message bears, such as the id of the run.
    clock
        Nanoseconds since 1970 UTC. The names of the files begin with it, and so sort by time of sending.
    """

    def __init__(
        self,
        home: Path,
        *,
        chunk: int = 200,
        carried: Mapping[str, str] | None = None,
        clock: Callable[[], int] = time.time_ns,
    ) -> None:
        if not is_initialised(home):
            raise UsageProblem(
                f"missing-table has not set up the folder {home} ({MARKER} is not there): run `missing-table migrate` "
                "first, or `missing-table up`, which does it by itself."
            )
        self._home = home
        self._id = _id_of(home)
        folder = home / "spool" / "matches"
        self._queue = folder / "queue"
        self._unfinished = folder / "tmp"
        self._chunk = chunk
        self._clock = clock
        self._last_time = 0
        self._count = 0
        self._headers = envelope.headers("", "", "", carried or {})

    def __repr__(self) -> str:
        return f"SpoolFolder({self._home})"

    @property
    def name(self) -> str:
        """For people."""
        return f"the embedded queue in {self._home}"

    @property
    def key(self) -> str:
        """For the ledger: the folder, and which of those that may have stood in this place."""
        place = self._home.resolve().as_uri()
        return f"{place}#{self._id}" if self._id else place

    def send(self, messages: Iterable[M], *, confirmed: Confirmed[M], refused: Refused[M]) -> None:  # noqa: ARG002
        """Send messages; see `Destination.send`. A folder refuses none: it takes them, or is out of order."""
        source = iter(messages)
        try:
            for folder in (self._queue, self._unfinished):
                folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise self._not_delivered(error) from error
        while chunk := list(islice(source, self._chunk)):
            self._put(chunk, confirmed)

    def close(self) -> None:
        """Nothing is held open."""

    def _put(self, chunk: list[M], confirmed: Confirmed[M]) -> None:
        """Put a chunk into the queue: all of it, or what a full disk still takes.

        Everything is written before the first file is put on the disk, so that the system can put neighbours there
        together.
        """
        files: list[_File] = []
        failure: OSError | None = None
        try:
            try:
                for message in chunk:
                    files.append(self._write(message))
            except OSError as error:
                failure = error
            for file in files:
                os.fsync(file.descriptor)
            for file in files:
                (self._unfinished / file.name).rename(self._queue / file.name)
            if files:
                _sync_folder(self._queue)
        except BaseException as error:
            for file in files:
                (self._unfinished / file.name).unlink(missing_ok=True)
            if isinstance(error, OSError):
                raise self._not_delivered(error) from error
            raise
        finally:
            for file in files:
                os.close(file.descriptor)
        for message, file in zip(chunk, files, strict=False):  # a full disk may have taken only the first of them
            confirmed(message, file.task_id)
        if failure is not None:
            raise self._not_delivered(failure) from failure

    def _write(self, message: Message) -> "_File":
        """Write the message of this task under a temporary name."""
        task_id, tag = envelope.new_task_id(), self._next_name()
        content = _encode(self._message(message, task_id, tag))
        path = self._unfinished / f"{tag}.json"
        # Without the buffers of `open`, whose questions about each file cost a quarter of the whole.
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644)
        try:
            while content:
                content = content[os.write(descriptor, content) :]
        except BaseException:
            os.close(descriptor)
            path.unlink(missing_ok=True)
            raise
        return _File(task_id, path.name, descriptor)

    def _message(self, message: Message, task_id: str, name: str) -> dict[str, Any]:
        return {
            "body": base64.b64encode(envelope.body(message)).decode("ascii"),
            "content-type": envelope.CONTENT_TYPE,
            "content-encoding": envelope.CONTENT_ENCODING,
            "headers": self._headers
            | {
                "task": envelope.task_of(message),
                "id": task_id,
                "root_id": task_id,
                "submitted_at": envelope.submitted_at(),
            },
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


def _sync_folder(folder: Path) -> None:
    """Put the names in a folder on the disk; without it a power cut may undo a rename."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
