"""A bracket's matches by day: what was played, what comes next, and what waits for a new date. Pure.

What was played is judged by the moment of the data, not by this machine's clock: what a source has not said yet has
not happened yet. But what is over by the clock is not to come either: it waits for the source's word.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from missing_table.answers import MatchAnswer
from missing_table.web.rendering import day_is_over

SHOWN: Final = 3
"""Days on each side that are shown at first."""
PARKED: Final = frozenset({"postponed", "cancelled"})
"""What waits for a new date, or for none."""


@dataclass(frozen=True, slots=True)
class Day:
    """The matches of one day, by kick-off."""

    date: dt.date
    matches: list[MatchAnswer]


@dataclass(frozen=True, slots=True)
class MatchDays:
    """`played` and `waiting` have the latest day first, `to_come` the next one; `parked` was postponed or cancelled."""

    played: list[Day]
    waiting: list[Day]
    """Over since the moment of the data."""
    to_come: list[Day]
    parked: list[MatchAnswer]
    more: bool
    """Whether there are days that are not shown."""


def match_days(matches: Sequence[MatchAnswer], as_of: dt.datetime, now: dt.datetime, *, every: bool) -> MatchDays:
    """`matches` by day; `as_of` is the moment of the data. Without `every`, the days around both moments only."""
    open_ones = [match for match in matches if match.status not in PARKED]
    played = _days(match for match in open_ones if is_over(match, as_of))[::-1]
    open_ones = [match for match in open_ones if not is_over(match, as_of)]
    waiting = _days(match for match in open_ones if day_is_over(match, now))[::-1]
    to_come = _days(match for match in open_ones if not day_is_over(match, now))
    shown = None if every else SHOWN
    return MatchDays(
        played[:shown],
        waiting[:shown],
        to_come[:shown],
        [match for match in matches if match.status in PARKED],
        more=not every and max(len(days) for days in (played, waiting, to_come)) > SHOWN,
    )


def is_over(match: MatchAnswer, as_of: dt.datetime) -> bool:
    """Whether `match`, which was not put off, was played: it has a score or waits for one, or its day is over."""
    return match.score_home is not None or match.status == "tbd" or day_is_over(match, as_of)


def _days(matches: Iterable[MatchAnswer]) -> list[Day]:
    by_date: dict[dt.date, list[MatchAnswer]] = {}
    for match in matches:
        by_date.setdefault(match.date, []).append(match)
    return [
        Day(date, sorted(by_date[date], key=lambda match: (match.match_time or "~", match.home_team)))
        for date in sorted(by_date)
    ]
