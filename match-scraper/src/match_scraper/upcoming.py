"""Which of the matches are still to come. Pure: the time comes in as an argument.

Two clocks: what has been played is what the source says; what comes next is for whoever asks, now. So a schedule that
was made last week still shows the next match first, and a match that was put off is in nobody's next days.
"""

import datetime as dt
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from .match_data import MatchData
from .message import OVER_EVERYWHERE


def kick_off(match: MatchData) -> dt.datetime | None:
    """When it begins, UTC; None where that is not set. Without a zone its clock is taken for UTC's."""
    if match.match_time is None:
        return None
    local = dt.datetime.combine(match.date, dt.time.fromisoformat(match.match_time), zone_of(match))
    return local.astimezone(dt.UTC)


def zone_of(match: MatchData) -> ZoneInfo:
    return ZoneInfo(match.timezone or "UTC")


def still_to_come(matches: Iterable[MatchData], now: dt.datetime) -> list[MatchData]:
    """The scheduled matches that have not begun at `now`, UTC; the next one first.

    One without a kick-off counts until its day at the venue is over, and stands last on it; one without a zone counts
    until its time has passed everywhere.
    """
    return sorted(
        (match for match in matches if match.status == "scheduled" and not _has_begun(match, now)),
        key=lambda match: (match.date, match.match_time is None, kick_off(match) or now, match.match_id or ""),
    )


def _has_begun(match: MatchData, now: dt.datetime) -> bool:
    if match.timezone is None:
        now -= OVER_EVERYWHERE
    begins = kick_off(match)
    if begins is None:
        return match.date < now.astimezone(zone_of(match)).date()
    return begins <= now
