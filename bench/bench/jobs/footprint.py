"""Footprint: memory of scraper, worker and API, at rest and under load; size of each install; start-up times."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from bench import league, load, memory
from bench.figures import Figure, Row, at_most
from bench.intake import CELERY, OURS, Way, intake
from bench.jobs import reads
from bench.scale import Scale
from bench.stage import ROOT, SCRAPER, TABLE, Failed, Stage, System
from bench.stored import stored

HELP: Final = 0.3
"""Seconds that `mls-scraper --help` may take."""
STARTS: Final = 3
INSTALLED: Final = ("match-scraper", "missing-table")


def run(stage: Stage, scale: Scale) -> Iterator[Row]:
    """Rows for memory, sizes and start-up times."""
    yield from _workers(stage, scale)
    yield from _api(stage, scale)
    yield from _scraper(stage)
    yield from _starts(stage)
    for project in INSTALLED:
        try:
            yield Row("footprint", f"size installed, {project}", Figure("ours", "MB", (_installed(stage, project),)))
        except Failed as problem:
            yield Row("footprint", f"size installed, {project}", failed=str(problem))


def _workers(stage: Stage, scale: Scale) -> Iterator[Row]:
    found = {}
    for way, count in ((OURS, scale.fast // 2), (CELERY, scale.slow)):
        found[way] = _worker(stage, way, count)
    for place, when in enumerate(("at rest", "under load")):
        ours, plain = (Figure(way.name, "MB", (found[way][place],)) for way in (OURS, CELERY))
        yield Row("footprint", f"memory of the worker, {when}", ours, plain)


def _worker(stage: Stage, way: Way, count: int) -> tuple[float, float]:
    with intake(stage, way) as taking:
        rest = sum(memory.of_group(pid) for pid in taking.pids)
        taking.rate(league.messages(count))
        return rest, sum(memory.peak_of_group(pid) for pid in taking.pids)


def _api(stage: Stage, scale: Scale) -> Iterator[Row]:
    with reads.serving(stage, stored(stage, scale.stored[0])) as served:
        ((address, pid),) = served.items()
        rest = memory.of_group(pid)
        load.at_most([load.Request(url) for url in (*reads.pages(address), *reads.tables(address))], scale.seconds / 2)
        peak = memory.peak_of_group(pid)
    yield Row("footprint", "memory of the API, at rest", Figure("ours", "MB", (rest,)))
    yield Row("footprint", "memory of the API, under load", Figure("ours", "MB", (peak,)))


def _scraper(stage: Stage) -> Iterator[Row]:
    """There is no rest in a scraper's life: the most that it has while it reads a whole season."""
    folder = stage.folder / "season"
    league.write_documents(folder, league.LEAGUES)
    with stage.system() as system:
        system.start_league("--data", folder)
        scraper = system.start(
            *(SCRAPER, "scrape", "-a", "all", "-d", "all", "--league", "all", "--season", "2026-27", "--dry-run")
        )
        peak = 0.0
        while scraper.running:
            peak = max(peak, memory.peak_of_group(scraper.pid))
            time.sleep(0.02)
        if scraper.stop() != 0:
            raise Failed(f"the scraper: {scraper.output.strip().splitlines()[-1]}")
    what = f"memory of the scraper, {league.SEASON_MATCHES:,} matches"
    yield Row("footprint", what, Figure("ours", "MB", (peak,)))


def _starts(stage: Stage) -> Iterator[Row]:
    with (
        stage.broker() as broker,
        stage.database(stage.migrated) as database,
        stage.system(RABBITMQ_URL=broker, DATABASE_URL=database) as system,
    ):
        starts: dict[str, Callable[[], object]] = {
            "mls-scraper --help": lambda: system.run(SCRAPER, "--help"),
            "mls-scraper scrape --help": lambda: system.run(SCRAPER, "scrape", "--help"),
            "missing-table --help": lambda: system.run(TABLE, "--help"),
            "missing-table worker, until it consumes": lambda: _ended(system, system.start_worker),
            "missing-table api, until it listens": lambda: _ended(system, lambda: _api_started(system)),
        }
        for command, start in starts.items():
            start()  # once for the bytecode and the disk's cache
            took = Figure("ours", "s", tuple(_seconds(start) for _ in range(STARTS)))
            targets = (at_most(f"< {HELP} s", took.median, HELP),) if command == "mls-scraper --help" else ()
            yield Row("footprint", f"start: {command}", took, targets=targets)


def _api_started(system: System) -> None:
    system.start(TABLE, "api", "--port", "0").wait_for("http://")


def _ended(system: System, start: Callable[[], object]) -> None:
    start()
    system.stop()


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _installed(stage: Stage, project: str) -> float:
    """Megabytes of what the image holds beside Python itself."""
    uv = shutil.which("uv") or str(ROOT / ".tools/uv/bin/uv")
    folder = stage.folder / f"install-{project}"
    done = subprocess.run(
        [uv, "sync", "--quiet", "--locked", "--no-dev", "--extra", "tracing", "--no-editable"],
        cwd=ROOT / project,
        env=os.environ | {"UV_PROJECT_ENVIRONMENT": str(folder), "UV_COMPILE_BYTECODE": "1", "UV_LINK_MODE": "copy"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise Failed(f"uv could not install it: {done.stderr.strip().splitlines()[-1]}")
    return _size(folder) / 1e6


def _size(folder: Path) -> int:
    return sum(file.lstat().st_size for file in folder.rglob("*") if not file.is_symlink())
