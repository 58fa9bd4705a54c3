"""A whole season, 24,628 matches, from the site to the league table; again with nothing new; with 50 scores changed."""

import contextlib
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psycopg

from bench import league
from bench.figures import Figure, Row, Target, at_most
from bench.intake import CELERY
from bench.scale import Scale
from bench.stage import BENCH, LONGEST, SCRAPER, Failed, Stage, System, seconds_until
from plain import bare, table

EVERYTHING: Final = ("-a", "all", "-d", "all", "--league", "all", "--season", "2026-27", "--use-queue")
RESCORED: Final = 50
NOTHING_NEW: Final = 1.0
"""Seconds that a run with nothing new may take."""


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds of the three runs, as far as they were made."""

    cold: float
    unchanged: float
    rescored: float


def run(stage: Stage, scale: Scale) -> Iterator[Row]:
    """Rows for RabbitMQ and PostgreSQL, and for the embedded default."""
    plain = _plain(stage, scale)
    per_season = Figure(plain.way, "s", tuple(league.SEASON_MATCHES / rate for rate in plain.values))
    times = min(2, scale.repeat)
    servers = [on_servers(stage) for _ in range(times)]
    yield from _rows("season", servers, most=15, plain=per_season)
    yield from _rows("season, embedded", [embedded(stage)], most=30, plain=None)


def on_servers(stage: Stage, *, rescored: bool = True) -> Took:
    """Once on RabbitMQ and PostgreSQL."""
    with stage.broker() as broker, stage.database(stage.migrated) as database:
        bare.declare(broker)
        with stage.system(RABBITMQ_URL=broker, DATABASE_URL=database) as system:
            return _three_runs(stage, system, rescored=rescored)


def embedded(stage: Stage) -> Took:
    """Once without any server."""
    with stage.system() as system:
        system.migrate()
        return _three_runs(stage, system, rescored=True)


def _rows(what: str, took: list[Took], *, most: float, plain: Figure | None) -> Iterator[Row]:
    def figure(value: Callable[[Took], float]) -> Figure:
        return Figure("ours", "s", tuple(value(each) for each in took))

    cold = figure(lambda each: each.cold)
    size = f"{league.SEASON_MATCHES:,} matches"
    yield Row("season", f"{what}, {size}", cold, plain, targets=(at_most(f"≤ {most:g} s", cold.median, most),))
    again = figure(lambda each: each.unchanged)
    targets = (at_most(f"≤ {NOTHING_NEW:g} s", again.median, NOTHING_NEW), Target("0 messages", True))
    yield Row("season", f"{what}, nothing new", again, targets=targets)
    yield Row("season", f"{what}, {RESCORED} scores changed", figure(lambda each: each.rescored))


def _three_runs(stage: Stage, system: System, *, rescored: bool) -> Took:
    folder = _documents(stage)
    system.start_league("--data", folder)
    system.start_worker()
    count = league.SEASON_MATCHES
    cold, sent = _scrape(system, lambda: system.count() >= count)
    _wait(system, lambda: system.count("outcomes") >= sent)
    unchanged, sent = _scrape(system, lambda: True)
    if sent or system.count() != count:
        raise Failed(f"a run with nothing new sent {sent} messages, and there are {system.count()} matches")
    if not rescored:
        return Took(cold, unchanged, 0)
    league.write_documents(folder, league.LEAGUES, rescored=RESCORED)
    before = system.count("outcomes")
    changed, sent = _scrape(system, lambda: _updated(system) >= RESCORED)
    _wait(system, lambda: system.count("outcomes") >= before + sent)
    if _updated(system) != RESCORED:
        raise Failed(f"{RESCORED} scores changed, and {_updated(system)} matches were updated")
    return Took(cold, unchanged, changed)


def _scrape(system: System, done: Callable[[], bool]) -> tuple[float, int]:
    """Seconds of a run and until `done`; how many messages it sent: matches, and the official tables of brackets."""
    began = time.perf_counter()
    scraper = system.start(SCRAPER, "scrape", *EVERYTHING)
    while scraper.running:
        time.sleep(0.01)
    if scraper.stop() != 0:
        raise Failed(f"the scraper: {scraper.output.strip().splitlines()[-1]}")
    _wait(system, done)
    took = time.perf_counter() - began
    return took, sum(map(int, re.findall(r"\bconfirmed (\d+)", scraper.output)))


def _wait(system: System, done: Callable[[], bool]) -> None:
    began = time.perf_counter()
    while not done():
        if time.perf_counter() - began > LONGEST:
            raise Failed(f"{system.count()} matches and {system.count('outcomes')} outcomes after {LONGEST:.0f} s")
        time.sleep(0.05)


def _updated(system: System) -> int:
    """How many messages changed a match that was there."""
    found = system.sql("SELECT count(*) FROM outcomes WHERE outcome = 'updated' AND match_ref IS NOT NULL")
    return int(found[0][0])


def _documents(stage: Stage) -> Path:
    folder = stage.folder / "season"
    league.write_documents(folder, league.LEAGUES)
    return folder


def _plain(stage: Stage, scale: Scale) -> Figure:
    """Matches a second from the site into the table, for a season of a few thousand."""
    count = scale.slow
    folder = stage.folder / "plain-season"
    league.write_documents(folder, (league.ACADEMY,), count=count)
    rates = []
    for _ in range(min(2, scale.repeat)):
        with contextlib.ExitStack() as stack:
            broker, database = stack.enter_context(stage.broker()), stack.enter_context(stage.database())
            bare.declare(broker)
            with psycopg.connect(database) as connection:
                connection.execute(table.SCHEMA.encode())
            system = stack.enter_context(stage.system(RABBITMQ_URL=broker, DATABASE_URL=database))
            address = system.start_league("--data", folder)
            worker = CELERY.start(system)
            since = time.time()
            command = (BENCH / ".venv/bin/python", "-m", "plain.season", address, league.ACADEMY.key, "Academy")
            system.start(*command, PYTHONPATH=str(BENCH))
            rates.append(count / seconds_until(database, table.STORED_SINCE, since, count, [worker]))
    return Figure("json, pydantic, send_task, Celery (extrapolated)", "matches/s", tuple(rates))
