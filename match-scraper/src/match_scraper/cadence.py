"""When to look again: often while scores are awaited, seldom else. Pure."""

import datetime as dt
import re
from collections.abc import Iterable

from .match_data import MatchData
from .upcoming import kick_off

AWAITED = dt.timedelta(hours=5)
"""So long after its kick-off a score is expected at any moment; what comes later comes with the next look."""
_DURATION = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(s|m|h|)\s*", re.IGNORECASE)
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600}


def scores_awaited(matches: Iterable[MatchData], now: dt.datetime) -> int:
    """How many of these are between kick-off and `AWAITED` after it at `now`, UTC, and have no score."""
    awaited = 0
    for match in matches:
        begins = kick_off(match) if match.score_home is None and match.status != "postponed" else None
        awaited += begins is not None and begins <= now <= begins + AWAITED
    return awaited


def seconds_of(text: str) -> float:
    """The seconds of a duration such as 90s, 15m or 2h. Raises `ValueError`, in words, for anything else."""
    match = _DURATION.fullmatch(text)
    seconds = float(match.group(1)) * _SECONDS[match.group(2).lower()] if match else 0
    if not 0 < seconds <= 7 * 24 * 3600:
        raise ValueError(f"“{text}” is not a time such as 90s, 15m or 2h, of a week at most")
    return seconds
