"""The spool: a folder that serves as the queue where there is no broker, as a transport for kombu.

One file per message. It is written under a temporary name and renamed into `queue/`, leased by renaming it into
`inflight/`, and unlinked when it is acknowledged; what a killed worker left in `inflight/` goes back at the next
start. Names sort by the time of writing. The form is described in `docs/08-integrations/asyncapi.yaml`;
match-scraper has its own few lines that write it.
"""

import base64
import contextlib
import fcntl
import itertools
import json
import os
import time
import uuid
from collections import deque
from pathlib import Path
from queue import Empty
from typing import IO, Any, Final

from kombu.transport import virtual

from missing_table.errors import ConfigurationProblem
from missing_table.worker.as_it_came import COMPRESSION

SUFFIX: Final = ".json"
IDLE_POLL: Final = 0.02
"""Seconds between two looks at an empty folder."""
_CONTENT: Final = ("content-type", "content-encoding")
_counter = itertools.count()


class SpoolFolder:
    """The files of one queue."""

    def __init__(self, home: Path, queue: str) -> None:
        self.root = home / "spool" / queue
        self._queue, self._inflight, self._tmp = (self.root / name for name in ("queue", "inflight", "tmp"))
        self._listed: deque[str] = deque()

    def make(self) -> None:
        """Makes the folders where they are missing."""
        for folder in (self._queue, self._inflight, self._tmp):
            folder.mkdir(parents=True, exist_ok=True)

    def put(self, message: dict[str, Any]) -> str:
        """Adds a message, durably; returns its name. Raises `OSError` where the disk is full."""
        name = f"{time.time_ns():020d}-{next(_counter) % 1_000_000:06d}-{uuid.uuid4()}"
        message["properties"]["delivery_tag"] = name
        draft = self._tmp / (name + SUFFIX)
        try:
            with draft.open("xb") as file:
                file.write(json.dumps(message).encode())
                file.flush()
                os.fsync(file.fileno())
            draft.rename(self._queue / draft.name)
        except OSError:
            draft.unlink(missing_ok=True)
            raise
        _sync(self._queue)
        return name

    def lease(self) -> tuple[str, bytes]:
        """The next message, name and content, moved to `inflight/`. Raises `queue.Empty`."""
        if not self._listed:
            self._listed.extend(_messages_in(self._queue))
        while self._listed:
            name = self._listed.popleft()
            leased = self._inflight / name
            try:
                (self._queue / name).rename(leased)
            except FileNotFoundError:  # someone emptied the folder by hand
                continue
            return name.removesuffix(SUFFIX), leased.read_bytes()
        raise Empty

    def done(self, name: str) -> None:
        """The message was processed."""
        (self._inflight / (name + SUFFIX)).unlink(missing_ok=True)

    def give_back(self, name: str) -> None:
        """The message was not processed: it is the next one again."""
        leased = self._inflight / (name + SUFFIX)
        if leased.exists():
            leased.rename(self._queue / leased.name)
            self._listed.appendleft(leased.name)

    def recover(self) -> list[str]:
        """Gives back what an earlier worker had leased; only for the one worker of the folder. Returns the names."""
        names = _messages_in(self._inflight)
        for name in names:
            (self._inflight / name).rename(self._queue / name)
        for draft in self._tmp.iterdir():
            with contextlib.suppress(FileNotFoundError):  # its producer has finished it just now
                if draft.is_file() and draft.stat().st_mtime < time.time() - 3600:  # its producer was killed
                    draft.unlink()
        return [name.removesuffix(SUFFIX) for name in names]

    def size(self) -> int:
        """How many messages wait."""
        return len(_messages_in(self._queue))

    def lock(self) -> IO[str]:
        """The lock that makes its holder the one worker of the folder, until it is closed.

        Raises `ConfigurationProblem` where another worker has it.
        """
        file = (self.root / "worker.lock").open("a")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            raise ConfigurationProblem(f"another worker is at work on {self.root}: stop it first") from None
        return file


def _messages_in(folder: Path) -> list[str]:
    """The names of the files that are messages, the oldest first; what else lies there is left alone."""
    with os.scandir(folder) as found:
        return sorted(
            entry.name for entry in found if entry.name.endswith(SUFFIX) and entry.is_file(follow_symlinks=False)
        )


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class QoS(virtual.QoS):
    """Acknowledges by unlinking, and gives back by renaming."""

    def ack(self, delivery_tag: str) -> None:
        """The message was processed."""
        self.channel.folder_of(delivery_tag).done(delivery_tag)
        super().ack(delivery_tag)

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:
        """The message was not processed; without `requeue` it is gone."""
        folder = self.channel.folder_of(delivery_tag)
        (folder.give_back if requeue else folder.done)(delivery_tag)
        self._quick_ack(delivery_tag)

    def restore_unacked_once(self, stderr: Any = None) -> None:  # noqa: ARG002 (kombu's signature)
        """Gives back all that was not acknowledged, in its order."""
        self._on_collect.cancel()
        self._flush()
        for delivery_tag in reversed(self._delivered):
            self.channel.folder_of(delivery_tag).give_back(delivery_tag)
        self._delivered.clear()


class Message(virtual.Message):
    """A message whose body stays as it came: kombu would inflate a compressed one, and fail where it cannot."""

    def __init__(self, payload: dict[str, Any], channel: Any = None, **kwargs: Any) -> None:
        compression = payload["headers"].pop(COMPRESSION, None)
        super().__init__(payload, channel, **kwargs)
        if compression is not None:
            self.headers[COMPRESSION] = compression


class Channel(virtual.Channel):
    """Queues as folders."""

    Message = Message
    QoS = QoS
    do_restore = True

    def __init__(self, connection: Any, **kwargs: Any) -> None:
        super().__init__(connection, **kwargs)
        self._home = Path(connection.client.transport_options["home"])
        self._folders: dict[str, SpoolFolder] = {}
        self._leased_from: dict[str, SpoolFolder] = {}
        self._recovered: set[str] = set()

    def folder(self, queue: str) -> SpoolFolder:
        """The folder of a queue; made where it is missing."""
        if queue not in self._folders:
            self._folders[queue] = SpoolFolder(self._home, queue)
            self._folders[queue].make()
        return self._folders[queue]

    def folder_of(self, delivery_tag: str) -> SpoolFolder:
        """The folder that a message was leased from."""
        return self._leased_from[delivery_tag]

    def mark_recovered(self, names: list[str]) -> None:
        """Says of these messages that they were delivered before."""
        self._recovered.update(names)

    def basic_ack(self, delivery_tag: str, multiple: bool = False) -> None:
        """Acknowledges a message; with `multiple` all that were delivered up to it."""
        self.qos._flush()
        tags = list(self.qos._delivered)
        wanted = tags[: tags.index(delivery_tag) + 1] if multiple else [delivery_tag]
        for tag in wanted:
            self.qos.ack(tag)
            self._leased_from.pop(tag, None)

    def _new_queue(self, queue: str, **_: Any) -> None:
        self.folder(queue)

    def _has_queue(self, queue: str, **_: Any) -> bool:
        return self.folder(queue).root.exists()

    def _size(self, queue: str) -> int:
        return self.folder(queue).size()

    def _put(self, queue: str, message: dict[str, Any], **_: Any) -> None:
        self.folder(queue).put(message)

    def _get(self, queue: str, timeout: float | None = None) -> dict[str, Any]:  # noqa: ARG002 (kombu's signature)
        folder = self.folder(queue)
        name, content = folder.lease()
        self._leased_from[name] = folder
        message = _read(content)
        message["properties"]["delivery_tag"] = name
        delivery_info = {"exchange": queue, "routing_key": queue, "redelivered": name in self._recovered}
        message["properties"]["delivery_info"] = delivery_info
        message["properties"].setdefault("timestamp", _written_at(name))
        self._recovered.discard(name)
        return message

    def _purge(self, queue: str) -> int:
        purged = 0
        while True:
            try:
                name, _ = self.folder(queue).lease()
            except Empty:
                return purged
            self.folder(queue).done(name)
            purged += 1


class Transport(virtual.Transport):
    """kombu's view of the spool; blocking, one folder, one worker."""

    Channel = Channel
    driver_type = "spool"
    driver_name = "spool"
    polling_interval = IDLE_POLL

    def driver_version(self) -> str:
        """Ours."""
        return "1"

    def drain_events(self, connection: Any, timeout: float | None = None) -> None:
        """Delivers one message, or says soon that there is none, so that a batch is not kept waiting."""
        patience = 2 * IDLE_POLL
        super().drain_events(connection, timeout=min(timeout, patience) if timeout is not None else patience)


def _written_at(name: str) -> float | None:
    """Seconds since 1970 in a file's name."""
    nanoseconds = name.partition("-")[0]
    return int(nanoseconds) / 1e9 if nanoseconds.isdecimal() and len(nanoseconds) <= 20 else None


def _read(content: bytes) -> dict[str, Any]:
    """The message in a file. What is no message travels on as a body without headers, and is quarantined."""
    try:
        message = json.loads(content)
        if isinstance(message, dict) and isinstance(message["properties"], dict) and isinstance(message["body"], str):
            body = message["body"].encode(errors="surrogatepass")
            if message["properties"].get("body_encoding") == "base64":
                body = base64.b64decode(body, validate=True)
            headers = message.get("headers")
            return _message(
                body,
                headers if isinstance(headers, dict) else {},
                message["properties"],
                *(text if isinstance(text := message.get(name), str) else None for name in _CONTENT),
            )
    except (ValueError, KeyError, RecursionError):
        pass
    return _message(content, {}, {}, None, None)


def _message(
    body: bytes,
    headers: dict[str, Any],
    properties: dict[str, Any],
    content_type: str | None,
    content_encoding: str | None,
) -> dict[str, Any]:
    """kombu's form of a message; the body travels as base64, which it takes whatever the bytes are."""
    return {
        "body": base64.b64encode(body).decode(),
        "headers": headers,
        "content-type": content_type,
        "content-encoding": content_encoding,
        "properties": {**properties, "body_encoding": "base64"},
    }
