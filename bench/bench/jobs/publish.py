"""Publish matches with confirms to a durable queue, classic and quorum."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from bench import league
from bench.figures import Figure, Row, at_least
from bench.scale import Scale
from bench.stage import Stage, in_turn
from plain import bare

OURS: Final = "ours"
VALIDATED: Final = "ours, validated before"
CONFIRMED: Final = "send_task, confirmed"
UNSAFE: Final = "send_task without confirms (unsafe)"
EACH: Final = "pika, a connection per message"
GATHERED: Final = "aio-pika, gathered"
BARE: Final = "one encoded message, pipelined"


def run(stage: Stage, scale: Scale) -> Iterator[Row]:
    """A row for each type of queue, and one against a connection per message."""
    messages = stage.lines(league.messages(scale.fast))
    classic = _figures(stage, scale, messages, quorum=False)
    yield _row("publish, classic queue", classic)
    each = Row("publish", "publish, against a connection per message", classic[OURS], classic[EACH])
    yield Row(each.job, each.what, each.ours, each.plain, targets=(at_least("≥ 25 ×", each.ratio, 25),))
    yield _row("publish, quorum queue", _figures(stage, scale, messages, quorum=True))


def ratio(stage: Stage, scale: Scale) -> float:
    """How many times faster than confirmed `send_task`, on a classic queue."""
    messages = stage.lines(league.messages(scale.fast))
    found = _figures(stage, scale, messages, quorum=False, only=(OURS, CONFIRMED))
    return found[OURS].times_better_than(found[CONFIRMED])


def _row(what: str, found: dict[str, Figure]) -> Row:
    ours, plain = found[OURS], found[CONFIRMED]
    return Row(
        "publish",
        what,
        ours,
        plain,
        tuple(found[way] for way in (UNSAFE, GATHERED) if way in found),
        found.get(BARE),
        (at_least("≥ 5 ×", ours.times_better_than(plain), 5),),
        more=tuple(found[way] for way in (VALIDATED,) if way in found),
    )


def _figures(
    stage: Stage, scale: Scale, messages: Path, *, quorum: bool, only: tuple[str, ...] = ()
) -> dict[str, Figure]:
    kind = "quorum" if quorum else "classic"

    def plain(way: str, count: int) -> Callable[[], float]:
        def measure() -> float:
            with stage.broker() as url:
                bare.declare(url, quorum=quorum)
                said = stage.script("bench", "plain.publish", way, url, messages, count, kind)
                return count / float(said["seconds"])

        return measure

    def ours(form: str) -> Callable[[], float]:
        def measure() -> float:
            with stage.broker() as url:
                bare.declare(url, quorum=quorum)
                said = stage.script("match-scraper", "ours.publish", messages, scale.fast, form, RABBITMQ_URL=url)
                return float(said["sent"]) / float(said["seconds"])

        return measure

    ways = {
        OURS: ours("raw"),
        VALIDATED: ours("validated"),
        CONFIRMED: plain("send_task confirmed", scale.slow),
        UNSAFE: plain("send_task unconfirmed", scale.slow),
        GATHERED: plain("aio-pika", scale.slow),
        BARE: plain("bare", scale.fast),
    }
    if quorum:
        del ways[VALIDATED]
    else:
        ways[EACH] = plain("pika each", scale.slow // 3)
    if only:
        ways = {way: ways[way] for way in only}
    repeat = min(2, scale.repeat) if quorum else scale.repeat
    return {way: Figure(way, "matches/s", values) for way, values in in_turn(repeat, ways).items()}
