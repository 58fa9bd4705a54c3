"""A team's matches from its own point of view: whom it met, where, and how that went. Pure."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from missing_table.answers import MatchAnswer
from missing_table.rules import rules_for
from missing_table.web.match_days import PARKED, is_over
from missing_table.web.rendering import day_is_over


@dataclass(frozen=True, slots=True)
class TeamMatch:
    """One match; the team's own goals come first in its score."""

    id: int
    date: dt.date
    opponent: str
    at_home: bool
    letter: str
    """W, D or L; empty where there is no score."""
    score: str
    time: str
    """What stands in the place of a score; empty where not even the kick-off is set."""
    notes: list[str]


@dataclass(frozen=True, slots=True)
class TeamMatches:
    """`played` and `waiting` have the latest first, `to_come` the next one; `parked` was postponed or cancelled."""

    played: list[TeamMatch]
    waiting: list[TeamMatch]
    to_come: list[TeamMatch]
    parked: list[TeamMatch]


def team_match(match: MatchAnswer, team_ref: int, as_of: dt.datetime) -> TeamMatch:
    """`match` as the team `team_ref` sees it; `as_of` is the moment of the data."""
    at_home = match.home_ref == team_ref
    ours, theirs = _sides(match.score_home, match.score_away, at_home)
    kicks, their_kicks = _sides(match.penalty_home, match.penalty_away, at_home)
    letter, score = "", ""
    if ours is not None and theirs is not None:
        letter = "W" if ours > theirs else "L" if ours < theirs else "D"
        score = f"{ours}–{theirs}"
    notes: list[str] = []
    if kicks is not None:
        notes.append(f"{kicks}–{their_kicks} on penalties")
    if match.status == "forfeit":
        notes.append("Forfeit")
    if match.match_type.casefold() != rules_for(match.league).match_type.casefold():
        notes.append(f"{match.match_type}, not in the table")
    if match.possible_duplicate_of is not None:
        notes.append("Perhaps entered twice, counted once")
    if match.location is not None and not letter:
        notes.append(match.location)
    return TeamMatch(
        id=match.id,
        date=match.date,
        opponent=match.away_team if at_home else match.home_team,
        at_home=at_home,
        letter=letter,
        score=score,
        time=_instead_of_a_score(match, as_of),
        notes=notes,
    )


def team_matches(matches: Iterable[MatchAnswer], team_ref: int, as_of: dt.datetime, now: dt.datetime) -> TeamMatches:
    """`matches`, in order of date, as the team `team_ref` sees them: parted as `match_days` does it."""
    found = TeamMatches([], [], [], [])
    for match in matches:
        if match.status in PARKED:
            found.parked.append(team_match(match, team_ref, as_of))
        elif is_over(match, as_of):
            found.played.insert(0, team_match(match, team_ref, as_of))
        elif day_is_over(match, now):
            found.waiting.insert(0, team_match(match, team_ref, now))
        else:
            found.to_come.append(team_match(match, team_ref, as_of))
    return found


def _sides(home: int | None, away: int | None, at_home: bool) -> tuple[int | None, int | None]:
    return (home, away) if at_home else (away, home)


def _instead_of_a_score(match: MatchAnswer, as_of: dt.datetime) -> str:
    if match.status in PARKED:
        return match.status.capitalize()
    if match.status == "tbd" or day_is_over(match, as_of):
        return "No score yet"
    return match.match_time or ""
