"""What only the whole of a league's matches shows: the day on which put-off matches are parked, and a broken feed.

Pure. One bracket is too small for either; a source that reads only a part asks for the rest of the days in doubt.
"""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable

from match_scraper.errors import ScoresMissing, ScraperError

PLACEHOLDER_WEEKDAYS = (1, 2, 3)
"""Tuesday to Thursday: no ordinary match day."""
PLACEHOLDER_MATCHES = 20
CANARY_MATCHES = 20
CANARY_FROM = dt.timedelta(days=7)
CANARY_TO = dt.timedelta(hours=24)


def placeholder_day(days: Iterable[tuple[dt.date, bool]], observed_at: dt.datetime) -> dt.date | None:
    """The day on which the feed parks matches that were put off, known by its shape; None where there is none.

    Parameters: for each match of one feed its day at the venue, and whether it has a score; `observed_at`, when.
    It is a Tuesday to Thursday that holds at least `PLACEHOLDER_MATCHES` of them, most without a score. A day that came
    within the last week is none: it is a midweek match day whose scores are still to come, and the canary's to judge.
    Of several, one ahead, then the fullest, then the latest.
    """
    parked = placeholder_like(days, observed_at, PLACEHOLDER_MATCHES)
    return max(parked, key=lambda day: (day > observed_at.date(), parked[day], day), default=None)


def placeholder_like(days: Iterable[tuple[dt.date, bool]], observed_at: dt.datetime, least: int) -> dict[dt.date, int]:
    """The days of that shape which hold at least so many, each with how many of its matches have no score."""
    # A day at a venue may begin half a day later than in UTC, so a match of the day before is one of the last week.
    came = (observed_at - CANARY_FROM).date() - dt.timedelta(days=1), observed_at.date()
    held: Counter[dt.date] = Counter()
    unscored: Counter[dt.date] = Counter()
    for day, has_score in days:
        if day.weekday() in PLACEHOLDER_WEEKDAYS and not came[0] <= day <= came[1]:
            held[day] += 1
            unscored[day] += not has_score
    return {day: unscored[day] for day, count in held.items() if count >= least and 2 * unscored[day] > count}


def canary(scored: Collection[bool], observed_at: dt.datetime, league: str) -> tuple[ScraperError, ...]:
    """The problem that the feed is broken, where it is.

    Parameters: for each match between `CANARY_FROM` and `CANARY_TO` before `observed_at`, whether it has a score.
    """
    if len(scored) < CANARY_MATCHES or any(scored):
        return ()
    return (
        ScoresMissing(
            f"{league}: {len(scored)} matches were to be played in the week before {observed_at:%Y-%m-%d %H:%M} UTC "
            "and none of them has a score: the feed is broken, not quiet"
        ),
    )
