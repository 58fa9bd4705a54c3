"""From a scraped match to a message: the one function that does it, for every way out.

It judges what a status is, against the source's clock; it does not look at any other.
"""

import datetime as dt

from pydantic import ValidationError

from .bracket_data import BracketData, BracketTeam
from .match_data import MatchData, Status
from .sources.base import OfficialTable, ScrapedMatch

OVER_EVERYWHERE = dt.timedelta(hours=12)
"""Twelve hours after a day or a time has passed in UTC it has passed in every zone where matches are played."""


def to_message(match: ScrapedMatch) -> MatchData:
    """The message for this match.

    A score dated after `observed_at` is left out, as the official table does, unless the match stands on the
    placeholder day, which says nothing about when it was played.

    Raises `pydantic.ValidationError` where the match breaks the contract: an impossible score, one side of a score
    only, a team against itself.
    """
    status = status_of(match)
    played = status == "completed"
    postponed = status == "postponed"
    return MatchData(
        home_team=match.home_team,
        away_team=match.away_team,
        date=match.day,
        season=match.season,
        age_group=match.age_group,
        match_type=match.match_type,
        division=match.division,
        score_home=match.score_home if played else None,
        score_away=match.score_away if played else None,
        status=status,
        match_id=match.match_id,
        location=match.location,
        # A time on the placeholder day was never anybody's kick-off.
        match_time=None if match.parked or postponed else match.match_time,
        timezone=match.timezone,
        league=match.league,
        penalty_home=match.penalty_home if played else None,
        penalty_away=match.penalty_away if played else None,
        home_team_id=match.home_team_id,
        away_team_id=match.away_team_id,
        away_age_group=match.away_age_group,
        away_division=match.away_division,
        source=match.source,
        observed_at=match.observed_at,
    )


def status_of(match: ScrapedMatch) -> Status:
    """What this match is at `observed_at`: completed, postponed, tbd (played, score pending) or scheduled."""
    has_score = match.score_home is not None or match.score_away is not None
    if match.parked:
        return "completed" if has_score else "postponed"
    if has_score:
        return "completed" if _may_have_begun(match) else "scheduled"
    return "tbd" if _has_begun(match) else "scheduled"


def _may_have_begun(match: ScrapedMatch) -> bool:
    if match.start is not None:
        return match.start <= match.observed_at
    return match.day <= match.observed_at.date()


def _has_begun(match: ScrapedMatch) -> bool:
    if match.start is not None:
        return match.start <= match.observed_at
    if match.match_time is not None:
        kick_off = dt.datetime.combine(match.day, dt.time.fromisoformat(match.match_time), dt.UTC)
        return kick_off <= match.observed_at - OVER_EVERYWHERE
    return match.day < (match.observed_at - OVER_EVERYWHERE).date()


def to_bracket_message(table: OfficialTable) -> BracketData:
    """The message for this table. Raises `pydantic.ValidationError` where it breaks the contract."""
    return BracketData(
        season=table.season,
        league=table.league,
        age_group=table.age_group,
        division=table.division,
        source=table.source,
        observed_at=table.observed_at,
        teams=[BracketTeam(team=each.team, team_id=each.team_id, position=each.position) for each in table.places],
    )


def in_words(error: ValidationError) -> str:
    """Which fields of a message are wrong, and why."""
    return "; ".join(
        ": ".join([*(str(part) for part in detail["loc"]), detail["msg"].removeprefix("Value error, ")])
        for detail in error.errors(include_url=False)
    )
