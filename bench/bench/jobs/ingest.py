"""Ingest messages from RabbitMQ into PostgreSQL: all new, all unchanged, half updated; with 1, 2 and 4 workers."""

import statistics
import sys
from collections.abc import Callable, Iterator
from typing import Final

from bench import league
from bench.figures import Figure, Row, Target, at_least
from bench.intake import AIO_PIKA, CELERY, DRAMATIQ, OURS, Messages, Way, intake
from bench.scale import Scale
from bench.stage import Stage, in_turn
from plain import bare

LEAST: Final = 8.0
PHASES: Final[dict[str, Callable[[int], Messages]]] = {
    "all new": lambda count: league.messages(count),
    "all unchanged": lambda count: league.messages(count, hours=1),
    "half updated": lambda count: league.messages(count, hours=2, changed=2),
}
"""One after the other into one database. The source's clock has moved on each time."""
PROCESSES: Final = 2
"""Workers of ours, as the plain way has two processes that work, and dramatiq; a figure of one of ours is below."""
LATER: Final = 3
"""The later phases take so many times fewer of the matches: their rates settle as soon."""


def run(stage: Stage, scale: Scale) -> Iterator[Row]:
    """A row for each phase, and one for each number of workers."""
    values: dict[tuple[str, str], list[float]] = {}
    cpu: dict[Way, list[dict[str, float]]] = {}
    counts = {OURS: scale.fast, CELERY: scale.slow, AIO_PIKA: 3 * scale.slow, DRAMATIQ: scale.slow}
    for _ in range(scale.repeat):
        for way, count in counts.items():
            with intake(stage, way, workers=_processes(way)) as taking:
                for nth, (phase, messages) in enumerate(PHASES.items()):
                    rate = taking.rate(messages(count // LATER if nth else count))
                    print(f"  {way.name}, {phase}: {rate:,.0f}", file=sys.stderr, flush=True)
                    values.setdefault((phase, way.name), []).append(rate)
                    if nth == 0:
                        cpu.setdefault(way, []).append(taking.cpu)

    def figure(phase: str, way: Way) -> Figure:
        return Figure(way.name, "matches/s", tuple(values[phase, way.name]))

    new = figure("all new", OURS)
    limits = _limits(stage, scale)
    for phase in PHASES:
        ours, plain = figure(phase, OURS), figure(phase, CELERY)
        yield Row(
            "ingest",
            f"queue → PostgreSQL, {phase}",
            ours,
            plain,
            (figure(phase, DRAMATIQ), figure(phase, AIO_PIKA)),
            limits[0] if phase == "all new" else None,
            (_target(ours, plain),),
            more=limits,
        )
    yield _cpu_row(cpu[OURS], cpu[CELERY])
    plain = figure("all new", CELERY)
    for workers, found in _other_numbers(stage, scale).items():
        what = "the same, 1 worker" if workers == 1 else f"the same, {workers} workers"
        yield Row("ingest", what, found, plain, note=f"{found.median / new.median:.2f} × {PROCESSES} workers")


def _cpu_row(ours: list[dict[str, float]], plain: list[dict[str, float]]) -> Row:
    """What a new match costs, and whom: what two cores cannot do any faster."""

    def figure(way: str, turns: list[dict[str, float]]) -> Figure:
        return Figure(way, "µs of CPU", tuple(sum(turn.values()) for turn in turns))

    def of_each(turns: list[dict[str, float]]) -> str:
        return ", ".join(f"{name} {statistics.mean(turn[name] for turn in turns):.0f}" for name in turns[0])

    note = f"{of_each(ours)}; the plain way: {of_each(plain)}"
    return Row("ingest", "a match, all new", figure("ours", ours), figure(CELERY.name, plain), note=note)


def ratio(stage: Stage, scale: Scale) -> float:
    """How many times faster than the plain way, all new."""

    def measure(way: Way, count: int) -> Callable[[], float]:
        def once() -> float:
            with intake(stage, way, workers=_processes(way)) as taking:
                return taking.rate(league.messages(count))

        return once

    found = in_turn(scale.repeat, {"ours": measure(OURS, scale.fast), "plain": measure(CELERY, scale.slow)})
    return Figure("ours", "matches/s", found["ours"]).times_better_than(Figure("plain", "matches/s", found["plain"]))


def _processes(way: Way) -> int:
    """How many are started; each of the others starts its own two, or is one by its nature."""
    return PROCESSES if way is OURS else 1


def _target(ours: Figure, plain: Figure) -> Target:
    return at_least(f"≥ {LEAST:g} ×", ours.times_better_than(plain), LEAST)


def _limits(stage: Stage, scale: Scale) -> tuple[Figure, ...]:
    """The same batches with no broker, and the same messages with no database."""
    count = scale.fast // 2
    messages = stage.lines(league.messages(count))

    def written() -> float:
        with stage.database(stage.migrated) as url:
            said = stage.script("missing-table", "ours.store", messages, count, DATABASE_URL=url)
            return count / float(said["seconds"])

    def consumed() -> float:
        with stage.broker() as url, messages.open("rb") as lines:
            bare.declare(url)
            bodies = (bare.celery_body(line.strip()) for line in lines)
            bare.publish(url, list(bare.frames(bodies, "matches", "matches", bare.celery_headers("none"))))
            return count / float(stage.script("bench", "plain.consume", url, count)["seconds"])

    found = in_turn(1, {"no broker": written, "no database": consumed})
    return tuple(Figure(way, "matches/s", values) for way, values in found.items())


def _other_numbers(stage: Stage, scale: Scale) -> dict[int, Figure]:
    found = {}
    for workers in (1, 4):
        with intake(stage, OURS, workers=workers) as taking:
            rate = taking.rate(league.messages(scale.fast))
        found[workers] = Figure(f"{workers} of ours", "matches/s", (rate,))
    return found
