"""Runs every test of both projects and the system tests, and ends with what ran and what was skipped, by name.

Three suites at once, for much of their time is spent waiting for processes; each starts services of its own. Arguments
go to every pytest.
"""

import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
AT_ONCE = 3
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


def run(suite: Suite, report: Path, arguments: list[str]) -> Ran:
    """Runs one suite and shows its output when it is done."""
    started = time.monotonic()
    command = [".venv/bin/python", "-m", "pytest", "-q", f"--junitxml={report}", *suite.chosen, *arguments]
    done = subprocess.run(
        command, cwd=ROOT / suite.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    seconds = time.monotonic() - started
    print(f"===== {suite.name} ({seconds:.0f} s)\n{done.stdout.decode(errors='replace').rstrip()}", flush=True)
    return Ran(suite.name, done.returncode, seconds, *counts(report))


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
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(AT_ONCE) as pool:
        reports = [Path(folder) / f"{suite.name}.xml" for suite in SUITES]
        results = list(pool.map(run, SUITES, reports, [sys.argv[1:]] * len(SUITES)))
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


sys.exit(main())
