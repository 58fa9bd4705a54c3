"""What the jobs are played on: private services, the commands of both projects, and the scripts of either way."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import psycopg
from private_services import PostgreSQL, RabbitMQ
from surfaces import ROOT, SCRAPER, TABLE, Process, System, eventually

BENCH: Final = Path(__file__).resolve().parent.parent
PYTHONS: Final = {
    "bench": BENCH / ".venv/bin/python",
    "match-scraper": ROOT / "match-scraper/.venv/bin/python",
    "missing-table": ROOT / "missing-table/.venv/bin/python",
}
LONGEST: Final = 300.0
"""Seconds that one measurement may take."""

__all__ = ["BENCH", "ROOT", "SCRAPER", "TABLE", "Process", "Stage", "System", "eventually"]


class Failed(Exception):
    """A measurement that gave no figure; says why."""


class Stage:
    """The services of one run, started when they are first needed, and a folder; `close` removes all of it."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="bench-"))
        self._closing = contextlib.ExitStack()
        self._closing.callback(shutil.rmtree, self.folder, ignore_errors=True)
        self._numbers = iter(range(1_000_000))

    def close(self) -> None:
        """Ends and removes everything."""
        self._closing.close()

    @cached_property
    def rabbitmq(self) -> RabbitMQ:
        """A broker with default settings."""
        node = RabbitMQ()
        self._closing.callback(node.stop)
        node.start()
        return node

    @cached_property
    def postgresql(self) -> PostgreSQL:
        """A database that syncs what it commits, as one in use does."""
        # the checkpoints of a server in use are minutes apart, too; the default's 1 GB is less than what the jobs write
        cluster = PostgreSQL(options={"shared_buffers": "512MB", "max_wal_size": "8GB"})
        self._closing.callback(cluster.remove)
        cluster.start()
        return cluster

    @contextlib.contextmanager
    def broker(self) -> Iterator[str]:
        """The URL of an empty virtual host."""
        name = self.rabbitmq.virtual_host()
        try:
            yield self.rabbitmq.url_for(name)
        finally:
            self.rabbitmq.remove_virtual_host(name)

    @contextlib.contextmanager
    def database(self, template: str | None = None) -> Iterator[str]:
        """The URL of a database of its own: a copy of `template`, else empty."""
        name = f"bench_{next(self._numbers)}"
        self.postgresql.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template or "template0"}"')
        try:
            yield self.postgresql.url(name)
        finally:
            self.postgresql.drop_database(name)

    @cached_property
    def migrated(self) -> str:
        """The name of a database with missing-table's tables and nothing in them, to copy."""
        url = self.postgresql.create_database("migrated")
        with self.system(DATABASE_URL=url, RABBITMQ_URL="amqp://127.0.0.1/") as system:
            system.migrate()
        return "migrated"

    @contextlib.contextmanager
    def system(self, **environment: str) -> Iterator[System]:
        """An installation of both projects whose processes end with it."""
        folder = self.folder / f"system-{next(self._numbers)}"
        folder.mkdir()
        system = System(folder, **environment)
        # what the harness itself is found by is nothing to the projects
        system.environment.pop("PYTHONPATH", None)
        try:
            yield system
        finally:
            system.stop()
            shutil.rmtree(folder, ignore_errors=True)

    def lines(self, messages: Iterable[Mapping[str, Any]]) -> Path:
        """A file with a message on each line."""
        file = self.folder / f"messages-{next(self._numbers)}.jsonl"
        with file.open("w") as out:
            for message in messages:
                out.write(json.dumps(message, ensure_ascii=False) + "\n")
        return file

    def script(self, project: str, script: str, *arguments: object, **environment: str) -> dict[str, Any]:
        """Runs a script of ours with a project's own Python; what it says in JSON on its last line."""
        done = subprocess.run(
            [str(PYTHONS[project]), "-m", script, *(str(argument) for argument in arguments)],
            cwd=BENCH,
            env=os.environ | environment,
            capture_output=True,
            text=True,
            timeout=LONGEST,
            check=False,
        )
        if done.returncode != 0:
            raise Failed(f"{script} ended with {done.returncode}: {last_line(done.stderr)}")
        said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return said


@contextlib.contextmanager
def frozen(processes: Iterable[Process]) -> Iterator[None]:
    """Holds processes, and all that they started, so that work can pile up; lets them go at the end."""
    for process in processes:
        os.killpg(process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            os.killpg(process.pid, signal.SIGCONT)


def seconds_until(url: str, statement: str, since: float, count: int, processes: Iterable[Process]) -> float:
    """Seconds from now until a statement, which is given the moment `since`, counts `count`."""
    began = time.perf_counter()
    with psycopg.connect(url, autocommit=True) as connection:
        while True:
            row = connection.execute(statement.encode(), (since,)).fetchone()
            assert row is not None
            took = time.perf_counter() - began
            if row[0] >= count:
                return took
            for process in processes:
                if not process.running:
                    raise Failed(f"a worker ended: {last_line(process.output)}")
            if took > LONGEST:
                raise Failed(f"only {row[0]} of {count} were stored in {LONGEST:.0f} s")
            time.sleep(0.05)


def last_line(text: str) -> str:
    """What a program said last."""
    return next((line for line in reversed(text.splitlines()) if line.strip()), "nothing was said")


def in_turn(repeat: int, ways: Mapping[str, Callable[[], float]]) -> dict[str, tuple[float, ...]]:
    """Each way once, and again, so that a slow minute of the machine is shared by all of them."""
    values: dict[str, list[float]] = {way: [] for way in ways}
    for turn in range(repeat):
        for way, measure in ways.items():
            value = measure()
            values[way].append(value)
            print(f"  {turn + 1}/{repeat} {way}: {value:,.3g}", file=sys.stderr, flush=True)
    return {way: tuple(found) for way, found in values.items()}
