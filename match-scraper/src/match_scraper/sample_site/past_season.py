"""Season 2025-26 as modular11 would list it. All of it is invented: clubs, pairings and scores.

It is small: three brackets of Homegrown and one of the Academy, each a single round robin on Saturdays, all played.
"""

import datetime as dt
from collections.abc import Iterator

from .filler import CLUBS, FillerBracket, FillerMatch, one_round

_FIRST_SATURDAY = dt.date(2025, 9, 6)
_FIRST_MATCH = 80_000
_ROUNDS = CLUBS - 1

HOMEGROWN_BRACKETS = (
    FillerBracket("U14", "Northeast", "America/New_York", 80_000),
    FillerBracket("U15", "Northeast", "America/New_York", 80_100),
    FillerBracket("U14", "Central", "America/Chicago", 80_200),
)
ACADEMY_BRACKETS = (FillerBracket("U14", "Sample North", "America/New_York", 80_300),)


def matches(brackets: tuple[FillerBracket, ...]) -> Iterator[FillerMatch]:
    """Every match of these brackets."""
    for bracket in brackets:
        number = _FIRST_MATCH + 10 * (bracket.first_squad - _FIRST_MATCH)
        for turn in range(_ROUNDS):
            kick_off = dt.datetime.combine(_FIRST_SATURDAY + dt.timedelta(weeks=turn), dt.time(18), dt.UTC)
            for home, away in one_round(bracket, turn):
                score = ((number * 5 + turn) % 4, (number * 3 + turn) % 5)
                yield FillerMatch(number, bracket, kick_off, home, away, score)
                number += 1
