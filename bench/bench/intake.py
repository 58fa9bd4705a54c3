"""A queue, a database and what takes from the one and stores in the other: ours, the plain way, and peers."""

import contextlib
import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import psycopg

from bench import cpu
from bench.stage import BENCH, Process, Stage, System, frozen, seconds_until
from plain import bare, table

TASK: Final = "missing_table.tasks.process_match_data"
Messages = Iterable[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Way:
    """One way to take messages in: how its worker is started, and what its messages look like."""

    name: str
    start: Callable[[System], Process]
    own_tables: bool = False
    body: Callable[[bytes], bytes] = bare.celery_body
    exchange: str = "matches"

    @property
    def stored_since(self) -> str:
        """Counts what was stored since a moment."""
        return "SELECT count(*) FROM outcomes WHERE at >= to_timestamp(%s)" if self.own_tables else table.STORED_SINCE


def _ours(system: System) -> Process:
    return system.start_worker()


def _celery(system: System) -> Process:
    return _started(system, "celery", "-A", "plain.celery_way", "worker", "-c", "2", "-l", "INFO", until=" ready.")


def _dramatiq(system: System) -> Process:
    return _started(system, "dramatiq", "plain.dramatiq_way", "-p", "2", "-t", "4", until="ready for action")


def _aio_pika(system: System) -> Process:
    return _started(system, "python", "-m", "plain.aio_pika_way", until="consuming")


def _started(system: System, program: str, *arguments: str, until: str) -> Process:
    process = system.start(BENCH / ".venv/bin" / program, *arguments, PYTHONPATH=str(BENCH))
    process.wait_for(until)
    return process


OURS: Final = Way("ours", _ours, own_tables=True)
CELERY: Final = Way("Celery, a task per match", _celery)
DRAMATIQ: Final = Way("dramatiq, an actor per match", _dramatiq, body=bare.dramatiq_body, exchange="")
AIO_PIKA: Final = Way("aio-pika, batches by hand", _aio_pika)


class Intake:
    """Workers of one way that wait on an empty queue."""

    def __init__(self, stage: Stage, way: Way, broker: str, database: str, workers: list[Process]) -> None:
        self._stage = stage
        self._way = way
        self._broker = broker
        self._database = database
        self._workers = workers
        self.cpu: dict[str, float] = {}
        """Microseconds of CPU that a message of the last `rate` took from each that had to do with it."""

    @property
    def pids(self) -> list[int]:
        return [worker.pid for worker in self._workers]

    def rate(self, messages: Messages) -> float:
        """Messages a second that go from the queue into the database.

        The workers are connected and held while the queue is filled; the clock runs from letting them go until the
        last match is stored.
        """
        bodies = [self._way.body(json.dumps(message).encode()) for message in messages]
        frames = list(bare.frames(bodies, self._way.exchange, "matches", bare.celery_headers(TASK)))
        with frozen(self._workers):
            bare.publish(self._broker, frames)
            since, before = time.time(), self._used()
        seconds = seconds_until(self._database, self._way.stored_since, since, len(frames), self._workers)
        self.cpu = {name: 1e6 * (used - before[name]) / len(frames) for name, used in self._used().items()}
        return len(frames) / seconds

    def _used(self) -> dict[str, float]:
        return {
            "workers": sum(map(cpu.of_group, self.pids)),
            "RabbitMQ": cpu.of_group(self._stage.rabbitmq.pid),
            "PostgreSQL": cpu.of_group(self._stage.postgresql.pid),
        }


@contextlib.contextmanager
def intake(stage: Stage, way: Way, *, workers: int = 1, template: str | None = None) -> Iterator[Intake]:
    """Workers on a queue and a database of their own; the database is a copy of `template`, else empty."""
    if way.own_tables:
        template = template or stage.migrated
    with stage.broker() as broker, stage.database(template) as database:
        if not way.own_tables:
            with psycopg.connect(database) as connection:
                connection.execute(table.SCHEMA.encode())
        if way.exchange:
            bare.declare(broker)
        with stage.system(RABBITMQ_URL=broker, DATABASE_URL=database) as system:
            yield Intake(stage, way, broker, database, [way.start(system) for _ in range(workers)])
