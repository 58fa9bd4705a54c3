"""`python -m bench [JOB ...]`: measures every job, or those that are named, and prints one table.

A run of every job at full scale also writes results/latest.json and the table in docs/performance.md. The exit code
is 1 where a measurement failed, and 3 where a target was missed.
"""

import argparse
import json
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Final, NoReturn

from private_services import ServiceFailed, ServiceMissing

from bench import quick, report
from bench.figures import Row
from bench.jobs import feed, footprint, freshness, growth, ingest, publish, reads, season
from bench.scale import Scale
from bench.stage import Stage

JOBS: Final[dict[str, Callable[[Stage, Scale], Iterator[Row]]]] = {
    "publish": publish.run,
    "ingest": ingest.run,
    "feed": feed.run,
    "season": season.run,
    "freshness": freshness.run,
    "growth": growth.run,
    "reads": reads.run,
    "footprint": footprint.run,
}


def main(arguments: list[str]) -> int:
    """Returns the exit code."""
    asked = _parser().parse_args(arguments)
    unknown = [job for job in asked.jobs if job not in JOBS]
    if unknown:
        print(f"there is no job {', '.join(unknown)}; there are {', '.join(JOBS)}", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, _interrupt)
    stage = Stage()
    try:
        if asked.quick:
            print(json.dumps(quick.measure(stage)))
            return 0
        return _measure(stage, asked)
    except (ServiceMissing, ServiceFailed) as problem:
        print(problem, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    finally:
        stage.close()


def _measure(stage: Stage, asked: argparse.Namespace) -> int:
    command = " ".join(["make bench", *([f'JOBS="{" ".join(asked.jobs)}"'] if asked.jobs else [])])
    about = report.surroundings(stage)
    scale = Scale(repeat=asked.repeat).times(asked.scale)
    rows: list[Row] = []
    began = time.monotonic()
    for job in asked.jobs or JOBS:
        started = time.monotonic()
        print(f"» {job}", file=sys.stderr, flush=True)
        try:
            for row in JOBS[job](stage, scale):
                rows.append(row)  # one by one: a job that fails keeps what it has measured
        except Exception as problem:  # noqa: BLE001 (one job that fails is a line of the table, and the others go on)
            traceback.print_exception(problem)
            rows.append(Row(job, job, failed=f"{type(problem).__name__}: {problem}".splitlines()[0]))
        print(f"» {job}: {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
    seconds = time.monotonic() - began
    print(report.as_text(rows))
    if asked.output:
        report.save(asked.output, rows, command, about, seconds)
    if not asked.jobs and asked.scale == 1:
        report.save(report.RESULTS, rows, command, about, seconds)
        report.rewrite(rows, command, about, seconds)
    if any(row.failed for row in rows):
        return 1
    return 0 if all(target.met for row in rows for target in row.targets) else 3


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("bench", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("jobs", nargs="*", metavar="JOB", help=f"one of {', '.join(JOBS)}")
    parser.add_argument("--repeat", type=int, default=2, help="how often each way is measured (2)")
    parser.add_argument("--scale", type=float, default=1, help="loads of another size: 0.1 is a tenth (1)")
    parser.add_argument("--output", type=Path, help="write the figures as JSON here, too")
    parser.add_argument("--quick", action="store_true", help="four jobs in small, and one line of JSON")
    return parser


def _interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
