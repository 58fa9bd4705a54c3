"""The main job, once, on the embedded default: sample site, scrape, queue, worker, database, league table.

With --stay it goes on: web pages and API on http://127.0.0.1:8000, or another --port. All it writes is in `.demo/`.
"""

import argparse
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import FrameType
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / ".demo"
SCRAPER = ROOT / "match-scraper/.venv/bin/mls-scraper"
TABLE = ROOT / "missing-table/.venv/bin/missing-table"
SEASON = "2026-27"
PATIENCE = 60
"""Seconds that a step may take before the demo gives up."""


class DemoFailed(Exception):
    """A step did not work; says which."""


class Demo:
    """The processes of one run, and the environment that they share."""

    def __init__(self) -> None:
        self.running: list[subprocess.Popen[str]] = []
        ignored = ("RABBITMQ_URL", "DATABASE_URL", "AGE_GROUP", "DIVISION", "MISSING_TABLE_API_TOKEN")
        self.environment = {name: value for name, value in os.environ.items() if name not in ignored} | {
            "MISSING_TABLE_HOME": str(HOME),
            "MISSING_TABLE_EMBEDDED": "1",
            "MLS_SCRAPER_CACHE_DIR": str(HOME / "scraper-cache"),
            "MLS_SCRAPER_STATE_DIR": str(HOME / "scraper-state"),
            "LOG_LEVEL": "WARNING",
        }

    def start(self, *command: str | Path) -> subprocess.Popen[str]:
        """Starts a process that ends with the demo."""
        process = subprocess.Popen(
            command, env=self.environment, stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        self.running.append(process)
        return process

    def run(self, *command: str | Path) -> str:
        """Runs a command to its end; returns what it printed."""
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            said = f"{done.stdout}{done.stderr}"
            raise DemoFailed(f"{Path(command[0]).name} {command[1]}: exit {done.returncode}\n{said}")
        return done.stdout

    def serve_the_league(self) -> None:
        """Starts the local copy of the league's site, and sends the scraper there."""
        site = self.start(SCRAPER, "sample-site", "--port", "0")
        assert site.stdout is not None
        address = next((word for word in site.stdout.readline().split() if word.startswith("http://")), None)
        if address is None:
            raise DemoFailed("the sample site did not start")
        self.environment["MLS_ASSIST_URL"] = address
        say(f"a local copy of the league's site, as it was on 5 October 2026, is on {address}")

    def scrape(self) -> None:
        """Reads the two brackets and leaves every match in the queue."""
        say("mls-scraper scrape --age-group U14 --age-group U15 --division Northeast --use-queue")
        brackets = ["-a", "U14", "-a", "U15", "-d", "Northeast", "--season", SEASON]
        done = subprocess.run([str(SCRAPER), "scrape", *brackets, "--use-queue"], env=self.environment, check=False)
        if done.returncode != 0:
            raise DemoFailed(f"the scraper ended with exit code {done.returncode}")

    def wait_for_the_worker(self) -> None:
        """Until no message is left in the queue."""
        spool = HOME / "spool" / "matches"
        deadline = time.monotonic() + PATIENCE
        while any(any((spool / name).iterdir()) for name in ("queue", "inflight")):
            if any(process.poll() is not None for process in self.running) or time.monotonic() > deadline:
                raise DemoFailed("the worker did not take all messages from the queue")
            time.sleep(0.05)

    def show_tables(self) -> None:
        """The league tables, as the maintainer would ask for them."""
        for age_group in ("U14", "U15"):
            asked = ("--season", SEASON, "--league", "Homegrown", "--age-group", age_group, "--division", "Northeast")
            print(f"\n{self.run(TABLE, 'table', *asked)}", end="", flush=True)

    def stop(self) -> None:
        """Ends every process that was started, and waits for it."""
        for process in reversed(self.running):
            process.terminate()
        for process in self.running:
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def once(demo: Demo) -> None:
    """The main job from an empty folder, so that every run shows the same."""
    refuse_if_at_work()
    shutil.rmtree(HOME, ignore_errors=True)
    say(f"missing-table migrate: {demo.run(TABLE, 'migrate').strip()}")
    demo.serve_the_league()
    demo.start(TABLE, "worker")
    demo.scrape()
    demo.wait_for_the_worker()
    demo.show_tables()
    print(
        "\nWhat next:\n"
        "  make up                               the same as web pages and API, on http://127.0.0.1:8000\n"
        "  MISSING_TABLE_HOME=.demo missing-table/.venv/bin/missing-table outcomes\n"
        "                                        what became of each message\n"
        "  README.md                             RabbitMQ and PostgreSQL: two variables"
    )


def stay(demo: Demo, port: int) -> None:
    """The same, kept running until it is interrupted; what an earlier run left in the folder is kept."""
    refuse_if_at_work()
    demo.serve_the_league()
    served = demo.start(TABLE, "up", "--port", str(port))
    address = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + PATIENCE
    while not ready(f"{address}/ready"):
        if served.poll() is not None or time.monotonic() > deadline:
            raise DemoFailed("missing-table up did not get ready")
        time.sleep(0.1)
    demo.scrape()
    demo.wait_for_the_worker()
    say(f"league tables: {address}    API: {address}/docs    Ctrl-C stops it")
    served.wait()
    raise DemoFailed(f"missing-table up ended with exit code {served.returncode}")


def ready(url: str) -> bool:
    """Whether missing-table answers that it is ready."""
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def refuse_if_at_work() -> None:
    """A worker that is at work in the folder would lose it under its feet."""
    lock = HOME / "spool" / "matches" / "worker.lock"
    if not lock.exists():
        return
    with lock.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise DemoFailed("a worker is at work in .demo/: stop the other `make up` or `make demo` first") from None


def say(line: str) -> None:
    """One step, for who watches."""
    print(f"» {line}", flush=True)


def main() -> int:
    """Returns the exit code."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--stay", action="store_true")
    words.add_argument("--port", type=int, default=8000)
    asked = words.parse_args()
    demo = Demo()
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        if asked.stay:
            stay(demo, asked.port)
        else:
            once(demo)
    except DemoFailed as problem:
        print(f"demo: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0 if asked.stay else 130
    finally:
        demo.stop()
    return 0


def _interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


sys.exit(main())
