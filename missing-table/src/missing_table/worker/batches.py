"""The batch consumer: gathers messages, stores them in one transaction, acknowledges after the commit.

A step of Celery's consumer blueprint, which is Celery's documented way to consume messages oneself. All of it
runs in the consuming loop.
"""

import dataclasses
import datetime as dt
import sys
import time
from typing import Any, Final

import structlog
from amqp.exceptions import ConnectionError as AmqpConnectionError
from celery import bootsteps
from kombu import Consumer, Queue
from sqlalchemy.exc import DBAPIError

from missing_table import tracing
from missing_table.clock import utc_now
from missing_table.errors import ConfigurationProblem, DatabaseAway, MissingTableError
from missing_table.ingest.envelope import SUBMITTED_AT, Delivery
from missing_table.ingest.noted import note
from missing_table.ingest.pipeline import Ingest
from missing_table.settings import load_settings
from missing_table.store import engine, schema
from missing_table.store.outcomes import Processed
from missing_table.worker.as_it_came import leave_compressed, read_any_properties
from missing_table.worker.later import Later
from missing_table.worker.measures import TICK, Measures
from missing_table.worker.port import Port
from missing_table.worker.spool import SpoolFolder
from missing_table.worker.topology import DEAD_QUEUE, BrokerProblem, declare

log = structlog.get_logger()

PREFETCHED_BATCHES: Final = 2
"""Each death of a worker counts one delivery for all that it had prefetched, so it holds no more than it needs."""
FIRST_PROBE: Final = 0.5
"""Seconds until the database is tried again; doubles up to `LONGEST_PROBE`."""
LONGEST_PROBE: Final = 15.0
LOOKED_AT_AFTER: Final = 2 * TICK
"""Seconds without a batch after which the database is looked at, so that a worker without work knows if it is away."""
KILLED: Final = "it was delivered again and again, and a worker died while it processed it alone"
REVIEWED_AT_ONCE: Final = 10
"""Brackets whose order is put beside the official one at a tick: some milliseconds each, while messages wait."""
PRUNE_EVERY: Final = 3600.0
"""Seconds."""


class BatchConsumer(bootsteps.ConsumerStep):
    """Consumes queue `matches` in batches."""

    requires = ("celery.worker.consumer:Tasks",)

    def __init__(self, c: Any, **kwargs: Any) -> None:
        super().__init__(c, **kwargs)
        settings = load_settings()
        self._batch_size = settings.batch_size
        self._wait = settings.batch_wait_ms / 1000
        self._ingest = Ingest.of(settings, engine.create(settings.database()))
        self._ingest.review.everything()
        self._buffer: list[Any] = []
        self._consuming = False
        self._timers: list[Any] = []
        self._next_tick: Any = None
        self._probe_after = FIRST_PROBE
        self._seen = 0.0
        self._next_prune = 0.0
        self._recovered: list[str] = []
        self._given_back: set[str | None] = set()
        """Dead letters that came here and went back unopened, or while there was no database."""
        self._embedded = settings.broker() is None
        if self._embedded:
            self._become_the_one_worker(SpoolFolder(settings.home.expanduser(), c.app.conf.task_default_queue))
        self._c = c
        self._later = Later(c)
        self._measures = Measures()
        self._tracing = tracing.start()
        self._port = self._open_port(settings.worker_port)
        read_any_properties()

    def start(self, c: Any) -> None:
        """Begins to consume, or to wait for the database; called at every (re)connect."""
        self._c = c
        self._buffer = []
        self._timers = []
        self._tick()
        if self._database_is_there():
            self._consume()
        else:
            self._pause()

    def stop(self, c: Any) -> None:
        """Finishes the batch in hand and leaves; called at SIGTERM and when the connection is lost."""
        self._flush()
        self._cancel_timers()  # after the flush: one that found no database has set a timer for the next look
        self._stop_consuming()
        self._stop_ticking()
        self._close_channels(c)

    def shutdown(self, c: Any) -> None:
        """The last call: lets go of the database."""
        self._cancel_timers()
        super().shutdown(c)
        self._ingest.engine.dispose()
        self._tracing.close()
        if self._port is not None:
            self._port.close()

    def get_consumers(self, channel: Any) -> list[Consumer]:
        """The consumers, each on a channel of its own with a prefetch of its own."""
        matches = next(iter(self._c.app.conf.task_queues))
        if self._embedded:
            matches(channel).declare()
            channel.mark_recovered(self._recovered)
            self._recovered = []
            return [self._consumer(channel, matches, PREFETCHED_BATCHES * self._batch_size, self._received)]
        try:
            declare(self._c.connection)
        except BrokerProblem as problem:
            print(f"error: {problem}", file=sys.stderr)
            raise SystemExit(problem.exit_code) from None
        dead = Queue(DEAD_QUEUE, durable=True)
        return [
            self._consumer(channel, matches, PREFETCHED_BATCHES * self._batch_size, self._received),
            self._consumer(self._c.connection.channel(), dead, 1, self._received_dead),
        ]

    def _consumer(self, channel: Any, queue: Any, prefetch: int, on_message: Any) -> Consumer:
        channel.basic_qos(0, prefetch, False)
        channel.auto_decode = False  # the body stays the bytes that came
        if not self._embedded:
            leave_compressed(channel)
        return Consumer(channel, queues=[queue(channel)], on_message=on_message, auto_declare=False)

    def _open_port(self, port: int | None) -> Port | None:
        if port is None:
            return None
        try:
            opened = Port(port, self._measures)
        except ConfigurationProblem as problem:
            print(f"error: {problem}", file=sys.stderr)
            raise SystemExit(problem.exit_code) from None
        log.info("port_open", port=opened.number)
        return opened

    def _tick(self) -> None:
        self._measures.tick()
        if self._consuming:
            self._ingest.review.work(most=REVIEWED_AT_ONCE)
            if not self._buffer and time.monotonic() > self._seen + LOOKED_AT_AFTER and not self._database_is_there():
                self._pause()
        self._next_tick = self._later.call(TICK, self._tick)

    def _stop_ticking(self) -> None:
        if self._next_tick is not None:
            self._next_tick.cancel()
        self._measures.rest()

    def _become_the_one_worker(self, folder: SpoolFolder) -> None:
        folder.make()
        try:
            self._lock = folder.lock()
        except ConfigurationProblem as problem:
            print(f"error: {problem}", file=sys.stderr)
            raise SystemExit(problem.exit_code) from None
        self._recovered = folder.recover()

    def _consume(self) -> None:
        self._consuming = True
        super().start(self._c)
        self._measures.consuming(True)
        log.info("consuming", batch_size=self._batch_size)

    def _received(self, message: Any) -> None:
        if not self._consuming:
            # Arrived while the channel is being closed, which gives it back. To store it and acknowledge all up to
            # it would acknowledge those before it, too, that were given back unstored.
            return
        self._buffer.append(message)
        if len(self._buffer) >= self._batch_size:
            self._flush()
        elif len(self._buffer) == 1:
            log.debug("batch_begun")
            self._call_later(self._wait, self._flush)

    def _flush(self) -> None:
        """Stores what has been gathered. Lets no error out: it would be swallowed by the loop, and the batch lost."""
        if not self._buffer:
            return
        deliveries = [_delivery(message) for message in self._buffer]
        began = time.monotonic()
        try:
            processed = self._ingest.process(deliveries, utc_now())
        except DatabaseAway as away:
            log.warning("database_away", reason=str(away), given_back=len(self._buffer))
            self._buffer = []
            self._pause()
            return
        # only now that all is committed is the buffer let go
        last, count = self._buffer[-1], len(self._buffer)
        self._buffer = []
        self._seen = time.monotonic()
        self._probe_after = FIRST_PROBE  # a database that answers but stores nothing is asked ever more rarely
        self._cancel_timers()
        self._acknowledge(last, count)
        self._note(deliveries, processed, time.monotonic() - began)
        self._prune_sometimes()

    def _note(self, deliveries: list[Delivery], processed: list[Processed], took: float) -> None:
        published = min((each.timestamp for each in deliveries if each.timestamp is not None), default=None)
        lag = None if published is None else (utc_now() - published).total_seconds()
        self._measures.stored([each.outcome for each in processed], took=took, lag=lag)
        note(deliveries, processed, took, self._tracing)

    def _received_dead(self, message: Any) -> None:
        """A message that was delivered too often: once more, alone.

        It may only have been in the company of one that killed its worker. One that comes back, and was not given
        back by this worker, was alone when its worker died, and is not opened again.
        """
        self._flush()
        delivery = _delivery(message)
        killed = delivery.redelivered and delivery.task_id not in self._given_back
        if not self._consuming:
            if not killed:
                self._given_back.add(delivery.task_id)
            return  # the channel is being closed, or just was: it comes back
        began = time.monotonic()
        try:
            if killed:
                processed = [self._ingest.set_aside(delivery, KILLED, utc_now())]
            else:
                # it may have been stored by a worker that died before it could say so
                processed = self._ingest.process([dataclasses.replace(delivery, redelivered=True)], utc_now())
        except DatabaseAway as away:
            log.warning("database_away", reason=str(away), given_back=1)
            if not killed:
                self._given_back.add(delivery.task_id)
            self._pause()
            return
        self._given_back.discard(delivery.task_id)
        self._measures.stored([each.outcome for each in processed], took=time.monotonic() - began, lag=None)
        log.warning("dead_letter_processed", task_id=delivery.task_id, set_aside=killed)
        self._acknowledge(message, 1)

    def _acknowledge(self, last: Any, count: int) -> None:
        """Acknowledges the message and all before it on its channel."""
        try:
            last.ack(multiple=True)
        except (OSError, AmqpConnectionError, *self._c.connection_errors) as error:
            # the broker delivers them again, and then they change nothing
            log.warning("acknowledgement_lost", messages=count, reason=str(error))

    def _close_channels(self, c: Any) -> None:
        """Gives back what is not acknowledged. Of a connection that was lost, nothing is left to close."""
        if c.connection is not None:
            super().stop(c)
        self.consumers: list[Consumer] = []

    def _pause(self) -> None:
        """Gives everything back by closing the channel, and asks the database again later."""
        self._cancel_timers()
        if self._consuming:
            self._stop_consuming()
            self._close_channels(self._c)
        self._call_later(self._probe_after, self._probe)
        self._probe_after = min(2 * self._probe_after, LONGEST_PROBE)

    def _probe(self) -> None:
        if self._consuming:
            return
        if self._database_is_there(to_write=True):
            self._consume()
        else:
            self._pause()

    def _database_is_there(self, *, to_write: bool = False) -> bool:
        try:
            schema.check(self._ingest.engine, to_write=to_write)
        except MissingTableError as problem:
            log.warning("database_not_ready", reason=str(problem))
            return False
        self._seen = time.monotonic()
        return True

    def _prune_sometimes(self) -> None:
        if time.monotonic() < self._next_prune:
            return
        self._next_prune = time.monotonic() + PRUNE_EVERY
        self._ingest.review.everything()  # what people decide elsewhere moves tables, too
        try:
            forgotten = self._ingest.prune(utc_now())
        except (DatabaseAway, DBAPIError) as problem:
            log.warning("prune_failed", reason=str(problem).partition("\n")[0])
        else:
            log.info("pruned", rows=forgotten)

    def _stop_consuming(self) -> None:
        self._consuming = False
        self._measures.consuming(False)

    def _call_later(self, seconds: float, call: Any) -> None:
        self._timers.append(self._later.call(seconds, call))

    def _cancel_timers(self) -> None:
        for entry in self._timers:
            entry.cancel()
        self._timers = []


def _delivery(message: Any) -> Delivery:
    body = message.body
    return Delivery(
        body=bytes(body) if isinstance(body, (bytes, bytearray, memoryview)) else str(body).encode(),
        content_type=message.content_type,
        content_encoding=message.content_encoding,
        headers=message.headers or {},
        correlation_id=message.properties.get("correlation_id"),
        timestamp=_submitted_at(message) or _moment(message.properties.get("timestamp")),
        redelivered=bool(message.delivery_info.get("redelivered")),
    )


def _submitted_at(message: Any) -> dt.datetime | None:
    text = (message.headers or {}).get(SUBMITTED_AT)
    try:
        moment = dt.datetime.fromisoformat(text) if isinstance(text, str) else None
        return moment.astimezone(dt.UTC) if moment is not None and moment.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def _moment(timestamp: Any) -> dt.datetime | None:
    """AMQP's timestamp: seconds since 1970, UTC. None where it is none."""
    if not isinstance(timestamp, (int, float)):
        return None
    try:
        return dt.datetime.fromtimestamp(timestamp, dt.UTC)
    except (OverflowError, OSError, ValueError):
        return None
