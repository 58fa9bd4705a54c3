"""How old what a page shows is, and whether that is too old. Pure: the moment of the request comes in."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from missing_table.answers import MatchAnswer

LATE_RESULTS: Final = dt.timedelta(days=7)
"""After the last match: as long as this, news is still expected."""


@dataclass(frozen=True, slots=True)
class Freshness:
    """When a source spoke last, how long ago that is in words, whether it should have spoken since, and whether there
    is news to come at all. Where no source ever spoke, nobody knows when.
    """

    observed_at: dt.datetime | None
    age: str
    stale: bool
    goes_on: bool


def freshness(
    matches: Sequence[MatchAnswer], observed_at: dt.datetime | None, now: dt.datetime, limit: dt.timedelta
) -> Freshness:
    """How old what is shown of `matches` is.

    Old data is too old only while the season of these matches goes on: nobody waits for news of last year's.
    """
    going = goes_on(max((match.date for match in matches), default=dt.date.min), now)
    if observed_at is None:
        return Freshness(None, "", stale=False, goes_on=going)
    age = max(now - observed_at, dt.timedelta(0))
    return Freshness(observed_at, in_words(age), stale=going and age > limit, goes_on=going)


def goes_on(last: dt.date, now: dt.datetime) -> bool:
    """Whether news is still expected where the last match is on the day `last`."""
    return now.date() - last <= LATE_RESULTS


def in_words(age: dt.timedelta) -> str:
    """3 hours."""
    minutes = int(age.total_seconds() // 60)
    for size, unit in ((60 * 24 * 7, "week"), (60 * 24, "day"), (60, "hour"), (1, "minute")):
        number = minutes // size
        if number > 1 or (number == 1 and unit != "week"):
            return f"{number} {unit}{'' if number == 1 else 's'}"
    return "less than a minute"
