"""Where a fault strikes: one installation, the load that runs through it, and how both come to rest."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import psycopg
from amqp import Connection
from private_services import PostgreSQL, RabbitMQ

from faults.audit import Row, audit
from faults.line import PUBLISH, Line
from faults.season import AGE_GROUP, DIVISIONS, Season
from surfaces import SCRAPER, SEASON, TABLE, Process, System, eventually

SPREAD: Final = 6
"""A batch of the worker is a sixth of what lies between two faults, so that each strikes among several."""


@dataclass(frozen=True)
class Scale:
    """How much: matches of the load, faults that strike while it runs, and seconds in which each part of it ends."""

    matches: int
    faults: int
    patience: float

    @property
    def batch(self) -> int:
        """The worker's batch size, small enough for many batches between two faults."""
        return max(20, min(500, self.matches // (self.faults + 1) // SPREAD))


SHORT: Final = Scale(matches=600, faults=1, patience=60)
LOST: Final = re.compile(
    r'"logger": "celery\.[\w.]+", "exception": .*'
    r'\\n(ConnectionResetError|ConnectionRefusedError|BrokenPipeError): [^\\]*"}$'
)
"""Celery logs the whole traceback of a connection that is lost, and what the broker says is read by our code."""
FULL: Final = Scale(matches=10_200, faults=3, patience=240)


class Stage:
    """One installation with a season to read. The load is a run of the scraper; `everything` is its command."""

    def __init__(self, system: System, season: Season, scale: Scale, site: str) -> None:
        self.system = system
        self.season = season
        self.scale = scale
        self.kills = 0
        """Faults that have struck."""
        self.confirmed: int | None = None
        """Matches that were confirmed, where one more run cannot tell."""
        self.workers: list[Process] = []
        system.environment |= {
            "MLS_ASSIST_URL": site,
            "MLS_SCRAPER_SEND_ATTEMPTS": "12",
            "MISSING_TABLE_BATCH_SIZE": str(scale.batch),
        }

    @property
    def everything(self) -> list[str | Path]:
        """The scraper's command that sends the season to the queue."""
        return self.command(*DIVISIONS)

    def command(self, *divisions: str) -> list[str | Path]:
        """The scraper's command that sends the matches of these divisions to the queue; only matches are counted."""
        chosen = [part for division in divisions for part in ("-d", division)]
        return [SCRAPER, "scrape", "-a", AGE_GROUP, *chosen, "--season", SEASON, "--use-queue", "--no-brackets"]

    def points(self) -> list[int]:
        """After so many messages the faults strike."""
        return [self.season.matches * nth // (self.scale.faults + 1) for nth in range(1, self.scale.faults + 1)]

    def start_worker(self) -> Process:
        """Starts one, without waiting for it."""
        worker = self.system.start(TABLE, "worker", **self.worker_environment())
        self.workers.append(worker)
        return worker

    def worker_environment(self) -> dict[str, str]:
        """What a worker's environment has beyond the installation's."""
        return {}

    def stored(self) -> int:
        """Matches in the database."""
        return self.system.count()

    def strike_in_the_middle(self) -> None:
        """Counts one fault. Fails where it does not strike in the middle: something stored, something not yet."""
        stored = self.stored()
        assert 0 < stored < self.season.matches, f"{stored} of {self.season.matches} are stored: that is no middle"
        self.kills += 1

    def ended(self, load: Process, exit_code: int = 0) -> None:
        """Waits until a run of the scraper is over, which must end with this exit code."""
        eventually(lambda: not load.running, self.scale.patience)
        assert load.stop() == exit_code, load.output

    def finish(self, fault: str) -> Row:
        """Lets everything come to rest, and counts."""
        if not any(worker.running for worker in self.workers):
            self.start_worker()
        sent, confirmed = self._what_the_producer_believes()
        self._come_to_rest()
        return audit(self.system, fault, self.kills, sent, confirmed)

    def _what_the_producer_believes(self) -> tuple[list[dict[str, Any]], int]:
        """What it was to send, and how many of it are confirmed.

        One more run says so, in which nothing is sent any more: that would cover up what was lost. Where the API
        took a part, the runs themselves are asked: what one way has confirmed, the other does not know.
        """
        last = self.system.run(
            *self.everything, "--format", "json", *(["--dry-run", "--full"] if self.confirmed is not None else [])
        )
        messages: list[dict[str, Any]] = json.loads(last.stdout)
        if self.confirmed is not None:
            return messages, self.confirmed
        counted = counts(last.stderr)
        assert counted["sent"] == 0, f"the runs before had not sent everything: {last.stderr}"
        return messages, counted["unchanged"]

    def waiting(self) -> int:
        """Messages that wait in the queue."""
        raise NotImplementedError

    def _come_to_rest(self) -> None:
        """Returns when nothing waits and nothing is being worked on, also where something is lost."""
        while True:
            eventually(lambda: self.waiting() == 0, self.scale.patience)
            for worker in self.workers:
                if worker.running:
                    worker.wait_for("consuming")
                    assert worker.stop() == 0, worker.output
                self._had_no_bug(worker)
            if self.waiting() == 0:
                break
            self.start_worker()
        assert self.system.count("quarantine") == 0, self.system.sql("SELECT reason FROM quarantine LIMIT 3")

    @staticmethod
    def _had_no_bug(worker: Process) -> None:
        for line in worker.output.splitlines():
            assert "/src/missing_table/" not in line or LOST.search(line), worker.output


class Servers(Stage):
    """On RabbitMQ and PostgreSQL; every connection goes through a line that can be held and cut."""

    def __init__(
        self, system: System, season: Season, scale: Scale, site: str, rabbitmq: RabbitMQ, postgresql: PostgreSQL
    ) -> None:
        super().__init__(system, season, scale, site)
        self.rabbitmq = rabbitmq
        self.postgresql = postgresql
        self.broker_url = system.environment["RABBITMQ_URL"]
        self.database_url = system.environment["DATABASE_URL"]
        self.producer_line = Line(rabbitmq.port, amqp=True)
        self.worker_line = Line(rabbitmq.port, amqp=True)
        self.database_line = Line(postgresql.port, amqp=False)
        system.environment["RABBITMQ_URL"] = through(self.producer_line, self.broker_url)
        self.declare()

    def close(self) -> None:
        """Ends the lines."""
        for line in (self.producer_line, self.worker_line, self.database_line):
            line.close()

    def declare(self) -> None:
        """Declares exchange, queue and binding as any client would, so that the load need not wait for a worker."""
        with self.connected() as connection:
            channel = connection.channel()
            channel.exchange_declare("matches", "direct", durable=True, auto_delete=False)
            channel.queue_declare("matches", durable=True, auto_delete=False)
            channel.queue_bind("matches", "matches", "matches")

    def connected(self) -> Connection:
        """A connection of the test's own to the broker, past the lines."""
        parts = urlsplit(self.broker_url)
        virtual_host = parts.path.removeprefix("/").replace("%2F", "/")
        return Connection(
            f"127.0.0.1:{self.rabbitmq.port}", parts.username, parts.password, virtual_host=virtual_host or "/"
        )

    def worker_environment(self) -> dict[str, str]:
        """The worker's lines."""
        return {
            "RABBITMQ_URL": through(self.worker_line, self.broker_url),
            "DATABASE_URL": through(self.database_line, self.database_url),
        }

    @property
    def most(self) -> int:
        """So many may have been published where a fault strikes, so that something is left."""
        return self.season.matches - self.scale.batch

    def load_up_to_the_first_point(self) -> Process:
        """Starts the load, which is held at the first point."""
        self.producer_line.hold(PUBLISH, after=self.points()[0])
        return self.system.start(*self.everything)

    def go_on_after(self, point: int) -> None:
        """Lets the load go on to the point after this one, or to its end."""
        later = [each for each in self.points() if each > point]
        if later:
            self.producer_line.hold(PUBLISH, after=later[0])
        else:
            self.producer_line.release(PUBLISH)

    def waiting(self) -> int:
        """Messages that are ready in the queue."""
        with self.connected() as connection:
            return int(connection.channel().queue_declare("matches", passive=True).message_count)

    @contextmanager
    def workers_stand_in_a_transaction(self) -> Iterator[None]:
        """Within: a worker has written matches, has not committed them, and can go no further."""
        holder = psycopg.connect(self.database_url)
        try:
            holder.execute("LOCK TABLE outcomes IN SHARE ROW EXCLUSIVE MODE")
            yield
        finally:
            holder.close()  # which lets go of the lock, also where the server has gone

    @contextmanager
    def in_a_workers_transaction(self, point: int) -> Iterator[None]:
        """Within: a worker stands in a transaction, and the load has gone on a little beyond `point`."""
        with self.workers_stand_in_a_transaction():
            self.producer_line.hold(PUBLISH, after=min(point + 2 * self.scale.batch, self.most))
            self.a_worker_waits()
            yield

    def a_worker_waits(self) -> None:
        """Returns when a worker stands in `workers_stand_in_a_transaction`."""
        waiting = "SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'outcomes'::regclass"
        eventually(lambda: self.system.sql(waiting))


class Embedded(Stage):
    """On a folder and SQLite."""

    @property
    def home(self) -> Path:
        """The embedded folder."""
        return Path(self.system.environment["MISSING_TABLE_HOME"])

    def waiting(self) -> int:
        """Files in the queue's folder, those that are leased too."""
        spool = self.home / "spool" / "matches"
        return sum(1 for name in ("queue", "inflight") for _ in (spool / name).iterdir())

    def leased(self) -> int:
        """Messages that a worker has in hand."""
        return sum(1 for _ in (self.home / "spool" / "matches" / "inflight").iterdir())


def counts(output: str) -> dict[str, int]:
    """The numbers of the scraper's summary, by their names."""
    return {name: int(count) for name, count in re.findall(r"([a-z ]+) (\d+)(?:, |\n)", output)}


def through(line: Line, url: str) -> str:
    """`url` with the line's port."""
    parts = urlsplit(url)
    assert parts.port is not None
    return url.replace(f":{parts.port}", f":{line.port}", 1)
