"""Matches that never were, around the real ones in the sample.

Some rules look at a whole feed: the placeholder day of postponed matches needs twenty, and so does the check that
scores still come in. One bracket alone is too small for them, so other divisions are filled with invented clubs.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

CLUBS = 16
_FIRST_SQUAD = 90_000
_PLAYED = (dt.date(2026, 9, 12), dt.date(2026, 9, 26), dt.date(2026, 10, 3))
_AHEAD = (dt.date(2026, 10, 17), dt.date(2027, 3, 20))
PLACEHOLDER = dt.date(2027, 6, 8)
_PARKED = 20


@dataclass(frozen=True, slots=True)
class FillerBracket:
    """An invented bracket; in Homegrown under a real division's name, so that it can be asked for."""

    age_group: str
    division: str
    zone: str
    first_squad: int

    @property
    def teams(self) -> dict[int, str]:
        """Squad id to club name."""
        return {self.first_squad + n: f"Sample Rovers {n + 1:02}" for n in range(CLUBS)}


@dataclass(frozen=True, slots=True)
class FillerMatch:
    """One invented match; `start` is UTC."""

    number: int
    bracket: FillerBracket
    start: dt.datetime
    home: int
    away: int
    score: tuple[int, int] | None


HOMEGROWN_BRACKETS = (
    FillerBracket("U14", "Florida", "America/New_York", _FIRST_SQUAD),
    FillerBracket("U16", "Southeast", "America/Chicago", _FIRST_SQUAD + 100),
)
ACADEMY_BRACKETS = (
    FillerBracket("U14", "Sample North", "America/New_York", _FIRST_SQUAD + 400),
    FillerBracket("U15", "Sample South", "America/Chicago", _FIRST_SQUAD + 500),
)
"""The Academy's own divisions are not among the sample's facts, so these are invented down to their names."""


def matches(brackets: tuple[FillerBracket, ...]) -> Iterator[FillerMatch]:
    """Three rounds played, two to come, and twenty matches parked on the placeholder day."""
    number = brackets[0].first_squad
    for bracket in brackets:
        for turn, day in enumerate((*_PLAYED, *_AHEAD)):
            for home, away in one_round(bracket, turn):
                played = day in _PLAYED
                score = ((number * 7 + turn) % 5, (number * 3 + turn) % 4) if played else None
                yield FillerMatch(number, bracket, _afternoon(day), home, away, score)
                number += 1
        first_free = len(_PLAYED) + len(_AHEAD)
        put_off = [*one_round(bracket, first_free), *one_round(bracket, first_free + 1)]
        for home, away in put_off[: _PARKED // len(brackets)]:
            yield FillerMatch(number, bracket, _afternoon(PLACEHOLDER), home, away, None)
            number += 1


def one_round(bracket: FillerBracket, turn: int) -> list[tuple[int, int]]:
    """One round of a round robin: each squad once, and no pairing twice over the rounds."""
    squads = list(bracket.teams)
    fixed, rest = squads[0], squads[1:]
    order = [fixed, *rest[turn % len(rest) :], *rest[: turn % len(rest)]]
    return [(order[n], order[-1 - n]) for n in range(len(order) // 2)]


def _afternoon(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(19), dt.UTC)
