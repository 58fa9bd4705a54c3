"""Publishes inputs straight to the broker, as they are, and counts those that it has confirmed."""

from collections.abc import Iterable
from itertools import islice
from types import TracebackType
from typing import Final, Self
from urllib.parse import unquote, urlsplit

from amqp import Connection, Message

from fuzz.inputs import Input

WINDOW: Final = 500
"""So many are on their way at a time."""


class _Raw(Message):  # type: ignore[misc]
    """A message whose properties are given as bytes."""

    def __init__(self, body: bytes, properties: bytes) -> None:
        super().__init__(body)
        self._raw = properties

    def _serialize_properties(self) -> bytes:
        return self._raw


class Publisher:
    """One connection to the broker, with exchange and queue `matches` declared."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._connection = Connection(
            f"{parts.hostname}:{parts.port}",
            parts.username,
            parts.password,
            virtual_host=unquote(parts.path.removeprefix("/")) or "/",
        )
        self._answered = 0

    def __enter__(self) -> Self:
        self._connection.connect()
        self._channel = self._connection.channel()
        self._channel.exchange_declare("matches", "direct", durable=True, auto_delete=False)
        self._channel.queue_declare("matches", durable=True, auto_delete=False)
        self._channel.queue_bind("matches", "matches", "matches")
        self._channel.events["basic_ack"].add(self._on_ack)
        self._channel.confirm_select()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.collect()

    def publish(self, inputs: Iterable[Input]) -> int:
        """Publishes all, and returns how many were confirmed once all are."""
        source = iter(inputs)
        published = 0
        while window := list(islice(source, WINDOW)):
            for each in window:
                self._channel.basic_publish(_message(each), exchange="matches", routing_key="matches")
            published += len(window)
            while self._answered < published:
                self._connection.drain_events(timeout=60)
        return published

    def _on_ack(self, tag: int, multiple: bool) -> None:  # noqa: ARG002 - the broker confirms in order
        self._answered = max(self._answered, tag)


def _message(each: Input) -> Message:
    if each.raw_properties is not None:
        return _Raw(each.body, each.raw_properties)
    return Message(each.body, application_headers=each.headers, **each.properties)
