"""Takes submissions over HTTP and hands them to the queue; what the queue does not take at once is stored at once."""

import base64
import os
import socket
import threading
import time
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import structlog
from amqp.exceptions import AMQPError
from kombu import Connection

from missing_table.api.in_request import InRequest, delivery
from missing_table.clock import utc_now
from missing_table.ingest.envelope import QUEUE, SUBMITTED_AT, Delivery, Message
from missing_table.ingest.pipeline import Entered
from missing_table.match_data import MatchData
from missing_table.worker.spool import SpoolFolder

log = structlog.get_logger()

CONFIRMED_WITHIN: Final = 2.0
"""Seconds that the broker has to confirm a submission; after that it is stored in the request."""
AWAY_FOR: Final = 5.0
"""Seconds for which a broker that did not answer is not asked again."""
PERSISTENT: Final = 2


class ToBroker:
    """A `Submitter` that publishes to RabbitMQ, and does not depend on it."""

    def __init__(self, broker_url: str, tls: dict[str, Any] | None, otherwise: InRequest) -> None:
        self._url = broker_url
        self._tls = tls or False
        self._otherwise = otherwise
        self._lock = threading.Lock()
        self._connection: Any = None
        self._channel: Any = None
        self._tag = 0
        self._unanswered: dict[int, str] = {}
        self._returned: set[str] = set()
        self._confirmed: set[str] = set()
        self._away_until = 0.0

    def submit(self, messages: Sequence[Message], carried: Mapping[str, str]) -> list[str]:
        """Takes `messages`; see `Submitter`. A message may go both ways: it is stored once all the same."""
        deliveries = [delivery(message, str(uuid.uuid4()), carried) for message in messages]
        confirmed = self._publish(deliveries)
        left = [made for made in deliveries if made.task_id not in confirmed]
        if left:
            self._otherwise.process(left)
        return [str(made.task_id) for made in deliveries]

    def enter(self, message: MatchData, *, by: str, new_teams: bool = True, new_brackets: bool = True) -> Entered:
        """Stores what a person says; see `Submitter`."""
        return self._otherwise.enter(message, by=by, new_teams=new_teams, new_brackets=new_brackets)

    def _publish(self, deliveries: Sequence[Delivery]) -> set[str]:
        """The task ids that the broker confirmed in time: a returned message is not confirmed."""
        deadline = time.monotonic() + CONFIRMED_WITHIN
        if not self._lock.acquire(timeout=CONFIRMED_WITHIN):
            return set()
        try:
            if time.monotonic() < self._away_until:
                return set()
            self._returned, self._confirmed = set(), set()
            try:
                self._connect(deadline)
                for made in deliveries:
                    self._tag += 1
                    self._unanswered[self._tag] = str(made.task_id)
                    self._channel.basic_publish(
                        _message(self._channel, made), exchange=QUEUE, routing_key=QUEUE, mandatory=True
                    )
                while self._unanswered:
                    self._connection.drain_events(timeout=_left(deadline))
            except (OSError, AMQPError) as error:
                reason = str(error).strip() or type(error).__name__
                log.warning("broker_away", reason=reason, confirmed=len(self._confirmed), of=len(deliveries))
                self._away_until = time.monotonic() + AWAY_FOR
                self._drop()
            if self._returned:
                log.warning("no_queue", queue=QUEUE, returned=len(self._returned))
            return self._confirmed - self._returned
        finally:
            self._lock.release()

    def _connect(self, deadline: float) -> None:
        if self._connection is not None:
            return
        broker = Connection(
            self._url,
            ssl=self._tls,
            connect_timeout=_left(deadline),
            transport_options={"client_properties": _OURSELVES},
        )
        # tried once: a kombu connection by itself waits two seconds, and tries again
        self._connection = broker.transport.establish_connection()
        self._channel = self._connection.channel()
        self._connection.sock.settimeout(CONFIRMED_WITHIN)
        self._channel.events["basic_return"].add(self._on_return)
        self._channel.events["basic_ack"].add(self._on_ack)
        self._channel.events["basic_nack"].add(self._on_nack)
        self._channel.confirm_select()
        self._tag = 0
        self._unanswered = {}

    def _drop(self) -> None:
        connection, self._connection, self._channel = self._connection, None, None
        if connection is not None:
            connection.collect()

    def _on_ack(self, tag: int, multiple: bool) -> None:
        self._confirmed.update(self._answered(tag, multiple))

    def _on_nack(self, tag: int, multiple: bool) -> None:
        self._answered(tag, multiple)

    def _answered(self, tag: int, multiple: bool) -> list[str]:
        tags = [known for known in self._unanswered if known <= tag] if multiple else [tag]
        return [self._unanswered.pop(known) for known in tags if known in self._unanswered]

    def _on_return(self, _error: Exception, _exchange: str, _routing_key: str, message: Any) -> None:
        self._returned.add(message.properties["correlation_id"])


class ToSpool:
    """A `Submitter` that leaves messages in the embedded folder's queue."""

    def __init__(self, home: Path, otherwise: InRequest) -> None:
        self._folder = SpoolFolder(home, QUEUE)
        self._otherwise = otherwise

    def submit(self, messages: Sequence[Message], carried: Mapping[str, str]) -> list[str]:
        """Takes `messages`; see `Submitter`."""
        deliveries = [delivery(message, str(uuid.uuid4()), carried) for message in messages]
        for position, made in enumerate(deliveries):
            try:
                self._folder.put(_spooled(made))
            except OSError as error:
                log.warning("spool_not_writable", reason=str(error))
                self._otherwise.process(deliveries[position:])
                break
        return [str(made.task_id) for made in deliveries]

    def enter(self, message: MatchData, *, by: str, new_teams: bool = True, new_brackets: bool = True) -> Entered:
        """Stores what a person says; see `Submitter`."""
        return self._otherwise.enter(message, by=by, new_teams=new_teams, new_brackets=new_brackets)


_OURSELVES: Final = {"connection_name": f"missing-table-api-{os.getpid()}@{socket.gethostname()}"}


def _properties(made: Delivery) -> dict[str, Any]:
    return {
        "correlation_id": made.task_id,
        "content_type": "application/json",
        "content_encoding": "utf-8",
        "delivery_mode": PERSISTENT,
    }


def _headers(made: Delivery) -> dict[str, Any]:
    """What Celery's message protocol 2 asks for."""
    return {
        "lang": "py",
        **made.headers,
        "root_id": made.task_id,
        "parent_id": None,
        "group": None,
        "origin": _OURSELVES["connection_name"],
        SUBMITTED_AT: (made.timestamp or utc_now()).isoformat(),
    }


def _message(channel: Any, made: Delivery) -> Any:
    properties = _properties(made)
    return channel.prepare_message(
        made.body,
        content_type=properties.pop("content_type"),
        content_encoding=properties.pop("content_encoding"),
        headers=_headers(made),
        properties=properties,
    )


def _spooled(made: Delivery) -> dict[str, Any]:
    return {
        "body": base64.b64encode(made.body).decode(),
        "content-type": "application/json",
        "content-encoding": "utf-8",
        "headers": _headers(made),
        "properties": {
            "correlation_id": made.task_id,
            "delivery_mode": PERSISTENT,
            "delivery_info": {"exchange": QUEUE, "routing_key": QUEUE},
            "priority": 0,
            "body_encoding": "base64",
        },
    }


def _left(deadline: float) -> float:
    """Seconds until `deadline`, never none at all: zero would mean for ever."""
    return max(0.01, deadline - time.monotonic())
