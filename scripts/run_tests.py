"""Runs every test of both projects and the system tests, and ends with what ran and what was skipped, by name.

Three suites at once, for much of their time is spent waiting for processes; each starts services of its own. Arguments
go to every pytest. Ctrl-C and SIGTERM end every suite, and what its tests have started.
"""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import FrameType
from typing import IO, NamedTuple, NoReturn

ROOT = Path(__file__).resolve().parent.parent
AT_ONCE = 3
PATIENCE = 30
"""Seconds that the suites have to end what they started, when they are interrupted."""
APART = ("deploy", "test_faults.py", "test_operations.py", "test_pages.py", "test_live.py")
"""The longest of the system tests, which run beside the others of them."""


class Suite(NamedTuple):
    """The tests of a folder, or a part of them."""

    name: str
    folder: str
    chosen: tuple[str, ...] = ()


SUITES = (
    Suite("missing-table", "missing-table"),
    Suite("system-tests, apart", "system-tests", APART),
    Suite("system-tests", "system-tests", tuple(f"--ignore={path}" for path in APART)),
    Suite("match-scraper", "match-scraper"),
)


class Ran(NamedTuple):
    """What became of one suite."""

    suite: str
    exit_code: int
    seconds: float
    passed: int
    failed: int
    skipped: list[str]


class Started:
    """The pytest of each suite that has begun."""

    def __init__(self) -> None:
        self._processes: list[subprocess.Popen[bytes]] = []
        self._ended = False
        self._lock = threading.Lock()

    def run(self, command: list[str], folder: Path, output: IO[bytes]) -> int:
        """Runs one to its end; returns its exit code. Ctrl-C reaches it through `interrupt` alone, and so once."""
        with self._lock:
            if self._ended:
                return 130
            process = subprocess.Popen(
                command, cwd=folder, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
            )
            self._processes.append(process)
        return process.wait()

    def interrupt(self) -> None:
        """Ctrl-C for each, so that fixtures end what they started; who does not end is killed. None begins any more."""
        deadline = time.monotonic() + PATIENCE
        with self._lock:
            self._ended = True
            running = [process for process in self._processes if process.poll() is None]
        for process in running:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGINT)
        for process in running:
            try:
                process.wait(max(0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)


def run(suite: Suite, report: Path, arguments: list[str], started: Started) -> Ran:
    """Runs one suite and shows its output when it is done."""
    print(f"===== {suite.name}: begins", flush=True)
    began = time.monotonic()
    command = [".venv/bin/python", "-m", "pytest", "-q", f"--junitxml={report}", *suite.chosen, *arguments]
    with tempfile.TemporaryFile() as output:
        exit_code = started.run(command, ROOT / suite.folder, output)
        output.seek(0)
        said = output.read().decode(errors="replace").rstrip()
    seconds = time.monotonic() - began
    print(f"===== {suite.name} ({seconds:.0f} s)\n{said}", flush=True)
    return Ran(suite.name, exit_code, seconds, *counts(report))


def counts(report: Path) -> tuple[int, int, list[str]]:
    """Passed, failed, and the skipped by name with the reason, from pytest's report; a missing report is a failure."""
    if not report.exists():
        return 0, 1, []
    passed = failed = 0
    skipped: list[str] = []
    for case in ET.parse(report).getroot().iter("testcase"):
        reason = case.find("skipped")
        if case.find("failure") is not None or case.find("error") is not None:
            failed += 1
        elif reason is not None:
            skipped.append(f"{case.get('classname')}::{case.get('name')}: {reason.get('message')}")
        else:
            passed += 1
    return passed, failed, skipped


def main() -> int:
    """Returns the exit code: 0 only if every suite passed, and none was without a test."""
    started = Started()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(AT_ONCE) as pool:
        reports = [Path(folder) / f"{suite.name}.xml" for suite in SUITES]
        running = [pool.submit(run, *each, sys.argv[1:], started) for each in zip(SUITES, reports, strict=True)]
        try:
            results = [each.result() for each in running]
        except KeyboardInterrupt:
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.SIG_IGN)
            pool.shutdown(wait=False, cancel_futures=True)
            started.interrupt()
            print("interrupted", file=sys.stderr)
            return 130
    print("=====")
    for ran in results:
        verdict = "passed" if ran.exit_code == 0 else f"FAILED (exit {ran.exit_code})"
        print(f"{ran.suite}: {verdict}: {ran.passed} passed, {ran.failed} failed, {len(ran.skipped)} skipped")
    skipped = [name for ran in results for name in ran.skipped]
    for name in skipped:
        print(f"skipped: {name}")
    failed = sum(ran.failed for ran in results)
    print(f"{sum(ran.passed for ran in results)} passed, {failed} failed, {len(skipped)} skipped")
    return 0 if all(ran.exit_code == 0 for ran in results) else 1


def _interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


sys.exit(main())
