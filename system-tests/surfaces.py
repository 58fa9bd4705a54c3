"""The two projects as their users meet them: commands, processes, environment, database, HTTP. Imports neither."""

import json
import os
import signal
import sqlite3
import subprocess
import time
import uuid
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import httpx
import psycopg

ROOT = Path(__file__).resolve().parent.parent
SCRAPER = ROOT / "match-scraper/.venv/bin/mls-scraper"
TABLE = ROOT / "missing-table/.venv/bin/missing-table"
CELERY = ROOT / "missing-table/.venv/bin/celery"
SEASON = "2026-27"
T = TypeVar("T")
PATIENCE = 60.0
"""Seconds that a condition may take to come true."""
BRACKETS = ("-a", "U14", "-a", "U15", "-d", "Northeast", "--season", SEASON)
U15 = {"season": SEASON, "league": "Homegrown", "age_group": "U15", "division": "Northeast"}
MATCHES = 462
MESSAGES = MATCHES + 2
"""The matches of two brackets, and their official tables."""


class Process:
    """A running command; its output is in files, so that it never blocks."""

    def __init__(
        self, command: Iterable[str | Path], environment: dict[str, str], folder: Path, cwd: Path | None = None
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        parts = [str(part) for part in command]
        self.command = " ".join(parts)
        number = len(list(folder.glob("*.out")))
        self._out, self._err = folder / f"{number}.out", folder / f"{number}.err"
        with self._out.open("w") as out, self._err.open("w") as err:
            self._process = subprocess.Popen(
                parts, env=environment, stdout=out, stderr=err, cwd=cwd, start_new_session=True
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    @property
    def output(self) -> str:
        return self._out.read_text() + self._err.read_text()

    def wait_for(self, text: str) -> str:
        """The line of its output that holds `text`, once it is there."""

        def line() -> str | None:
            if not self.running and text not in self.output:
                raise AssertionError(f"it ended without saying {text!r}:\n{self.output}")
            return next((line for line in self.output.splitlines() if text in line), None)

        return eventually(line)

    def kill(self) -> None:
        """kill -9, of it and of what it started."""
        if self.running:
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()

    def stop(self) -> int:
        """SIGTERM, and its exit code."""
        if self.running:
            self._process.terminate()
        try:
            return self._process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"it did not stop:\n{self.output}") from None


class System:
    """One installation: an environment that all its commands share, and the processes that were started in it."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            "MISSING_TABLE_HOME": str(folder / "home"),
            "MLS_SCRAPER_CACHE_DIR": str(folder / "scraper-cache"),
            "MLS_SCRAPER_STATE_DIR": str(folder / "scraper-state"),
            "MLS_SCRAPER_FIRST_WAIT_SECONDS": "0.05",
            "PYTHONUNBUFFERED": "1",
            **({"PYTHONPATH": os.environ["PYTHONPATH"]} if "PYTHONPATH" in os.environ else {}),
            **environment,
        }
        self._processes: list[Process] = []

    def start(self, *command: str | Path, **environment: str) -> Process:
        """Starts a command that ends with the test."""
        process = Process(command, self.environment | environment, self.folder / "processes")
        self._processes.append(process)
        return process

    def run(self, *command: str | Path, exit_code: int = 0, **environment: str) -> subprocess.CompletedProcess[str]:
        """Runs a command to its end, which must be `exit_code`."""
        done = subprocess.run(
            [str(part) for part in command],
            env=self.environment | environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == exit_code, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        assert "Traceback" not in done.stdout + done.stderr, done.stdout + done.stderr
        return done

    def start_league(self, *options: str | Path) -> str:
        """Starts a sample site, sends the scraper there, and returns its address."""
        site = self.start(SCRAPER, "sample-site", "--port", "0", *options)
        line = site.wait_for("http://")
        address = next(word for word in line.split() if word.startswith("http://"))
        self.environment["MLS_ASSIST_URL"] = address
        return address

    def migrate(self) -> None:
        """Makes the tables."""
        self.run(TABLE, "migrate")

    def start_worker(self, *command: str | Path) -> Process:
        """Starts a worker and waits until it consumes."""
        worker = self.start(*(command or (TABLE, "worker")))
        worker.wait_for("consuming")
        return worker

    def start_api(self, **environment: str) -> Process:
        """Starts the API, sends the scraper there with a new token, and waits until it is ready."""
        api = self.start(TABLE, "api", "--port", "0", **environment)
        line = api.wait_for("http://")
        address = next(word for word in line.split() if word.startswith("http://"))
        self.environment["MISSING_TABLE_API_BASE_URL"] = address
        self.environment["MISSING_TABLE_API_TOKEN"] = self.token(f"match-scraper {uuid.uuid4()}")
        eventually(lambda: httpx.get(f"{address}/ready", timeout=PATIENCE).status_code == 200)
        return api

    def token(self, name: str) -> str:
        """A new token: what the command prints, and nothing else."""
        return self.run(TABLE, "token", "create", "--name", name).stdout.removesuffix("\n")

    def get(self, path: str, **parameters: str) -> Any:
        """What the API answers."""
        answer = httpx.get(self.environment["MISSING_TABLE_API_BASE_URL"] + path, params=parameters, timeout=PATIENCE)
        answer.raise_for_status()
        return answer.json()

    def scrape(self, *options: str, exit_code: int = 0, **environment: str) -> subprocess.CompletedProcess[str]:
        """Scrapes both Northeast brackets."""
        return self.run(SCRAPER, "scrape", *BRACKETS, *options, exit_code=exit_code, **environment)

    def messages(self) -> list[dict[str, Any]]:
        """What a scrape would send."""
        found: list[dict[str, Any]] = json.loads(self.scrape("--dry-run", "--format", "json", "--full").stdout)
        return found

    def outcomes(self) -> dict[str, int]:
        """How many messages came to each outcome."""
        kept = json.loads(self.run(TABLE, "outcomes", "--format", "json").stdout)
        counts: dict[str, int] = {}
        for each in kept:
            counts[each["outcome"]] = counts.get(each["outcome"], 0) + 1
        return counts

    def table(self) -> list[dict[str, Any]]:
        """The rows of U15 Northeast, from the command."""
        options = [part for name, value in U15.items() for part in (f"--{name.replace('_', '-')}", value)]
        rows: list[dict[str, Any]] = json.loads(self.run(TABLE, "table", *options, "--format", "json").stdout)["rows"]
        return rows

    def sql(self, statement: str) -> list[tuple[Any, ...]]:
        """Asks the database itself."""
        url = self.environment.get("DATABASE_URL")
        if url is not None:
            with psycopg.connect(url) as connection:
                return connection.execute(statement.encode()).fetchall()
        database = sqlite3.connect(self.folder / "home" / "missing-table.db", timeout=30)
        try:
            return database.execute(statement).fetchall()
        finally:
            database.close()

    def count(self, table: str = "matches") -> int:
        """How many rows there are."""
        return int(self.sql(f"SELECT count(*) FROM {table}")[0][0])

    def said(self) -> str:
        """What the processes have said, each under its command."""
        return "\n".join(f"$ {process.command}\n{process.output}" for process in self._processes)

    def stop(self) -> None:
        """Ends all that was started."""
        for process in reversed(self._processes):
            process.kill()


def eventually(condition: Callable[[], T | None], patience: float = PATIENCE) -> T:
    """What `condition` returns as soon as it is true. Fails after `patience` seconds."""
    deadline = time.monotonic() + patience
    while True:
        found = condition()
        if found:
            return found
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.02)
