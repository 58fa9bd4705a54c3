"""Read a season's feed: from bytes to validated messages, time and peak memory."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from bench import league
from bench.figures import Figure, Row, at_most
from bench.scale import Scale
from bench.stage import Failed, Stage

LONGEST: Final = 0.30
"""Seconds for the 13,705 events of the largest league's season."""
LARGE: Final = 100_000


def run(stage: Stage, scale: Scale) -> Iterator[Row]:
    """A row for time and one for memory, for a season and for a feed as large as they come."""
    for events in (league.ACADEMY.matches, LARGE):
        yield from _rows(stage, scale.repeat, events)


def seconds(stage: Stage, scale: Scale) -> float:
    """For the 13,705 events of a season."""
    folder = _documents(stage, league.ACADEMY.matches)
    return Figure("ours", "s", tuple(float(_ours(stage, folder)["seconds"]) for _ in range(scale.repeat))).median


def _rows(stage: Stage, repeat: int, events: int) -> Iterator[Row]:
    folder = _documents(stage, events)
    of = league.ACADEMY
    ways: dict[str, Callable[[], dict[str, Any]]] = {
        "ours": lambda: _ours(stage, folder),
        "json + pydantic": lambda: stage.script("bench", "plain.feed", folder, of.key, of.name),
        "decoding alone": lambda: _ours(stage, folder, "decode"),
    }
    found: dict[str, list[dict[str, Any]]] = {way: [] for way in ways}
    for _ in range(repeat):
        for way, measure in ways.items():
            said = measure()
            if said["messages"] != events:
                raise Failed(f"{way} read {said['messages']} of {events} events")
            found[way].append(said)

    def figure(way: str, what: str, unit: str) -> Figure:
        return Figure(way, unit, tuple(float(said[what]) for said in found[way]))

    for what, unit, title in (("seconds", "s", "read a feed"), ("megabytes", "MB", "memory for it")):
        ours, plain, limit = (figure(way, what, unit) for way in ways)
        season = what == "seconds" and events == of.matches
        targets = (at_most(f"≤ {LONGEST:.2f} s", ours.median, LONGEST),) if season else ()
        yield Row("feed", f"{title}, {events:,} events", ours, plain, limit=limit, targets=targets)


def _ours(stage: Stage, folder: Path, how_far: str = "whole") -> dict[str, Any]:
    return stage.script("match-scraper", "ours.feed", folder, league.ACADEMY.name, how_far)


def _documents(stage: Stage, events: int) -> Path:
    folder = stage.folder / f"feed-{events}"
    if not folder.exists():
        league.write_documents(folder, (league.ACADEMY,), count=events)
    return folder
