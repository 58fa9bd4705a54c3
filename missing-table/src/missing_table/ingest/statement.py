"""From a message to what it states: normalised values per register, and the contradictions that no row can hold.

Pure: the moment of arrival and the default league come in as arguments.
"""

import datetime as dt
import re
from typing import Any, Final

from missing_table.ingest.merge import Statement
from missing_table.ingest.names import name_key
from missing_table.ingest.stamps import HAND, PLACEHOLDER, SOURCE, stamp
from missing_table.match_data import MatchData

DEFAULT_SOURCE: Final = "mls-next"
TOO_FAR_AHEAD: Final = dt.timedelta(hours=1)
_PARKED: Final = frozenset({"postponed", "cancelled"})
_YEARS = re.compile(r"(?:20)?([0-9]{2})\s*[-/–]\s*(?:20)?([0-9]{2})")
_SEASON = re.compile("20[0-9]{2}-[0-9]{2}")
_AGE_GROUP = re.compile(r"[uU][\s-]?([0-9]{1,2})")


class Contradiction(Exception):
    """A message that keeps to the contract field by field, and still cannot be stored. Says which field, and why."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
        self.field = field
        self.problem = problem


def season_label(text: str) -> str:
    """2026-27 for 2026-2027, 2026/27, 2026–27 and 26-27; anything else as it is."""
    found = _YEARS.fullmatch(text)
    if found and (int(found[1]) + 1) % 100 == int(found[2]):
        return f"20{found[1]}-{found[2]}"
    return text


def is_season(label: str) -> bool:
    """Whether it is a season as leagues have it, such as 2026-27."""
    return _SEASON.fullmatch(label) is not None


def season_order(label: str) -> tuple[bool, str]:
    """What seasons are sorted by, so that one with any other name is never newer than one such as 2026-27."""
    return is_season(label), label


def age_group_label(text: str) -> str:
    """U14 for u14, U-14 and U 14; anything else as it is."""
    found = _AGE_GROUP.fullmatch(text)
    return f"U{found[1]}" if found else text


def bare(text: str | None) -> str | None:
    """`text` without the white space around it; None where nothing is left: an empty field is absent."""
    return (text.strip() or None) if text is not None else None


def required(field: str, text: str) -> str:
    """`text` without the white space around it. Raises `Contradiction` where nothing is left."""
    stripped = bare(text)
    if stripped is None:
        raise Contradiction(field, "is only white space")
    return stripped


def state(
    message: MatchData, *, arrived: dt.datetime, now: dt.datetime, default_league: str, by_hand: bool = False
) -> Statement:
    """What `message` states. The teams are not looked up yet: their references are 0.

    `arrived` (aware) stands in where the message does not say when it was current; `now` (aware) judges whether
    what it says can be. Raises `Contradiction`.
    """
    observed = message.observed_at or arrived
    if observed > now + TOO_FAR_AHEAD:
        raise Contradiction("observed_at", f"{observed.isoformat()} is more than an hour in the future")
    source = bare(message.source) or DEFAULT_SOURCE
    home_team, away_team = required("home_team", message.home_team), required("away_team", message.away_team)
    home_id, away_id = bare(message.home_team_id), bare(message.away_team_id)
    age_group = age_group_label(required("age_group", message.age_group))
    away_age_group = bare(message.away_age_group)
    if away_age_group is not None:
        away_age_group = age_group_label(away_age_group)
    _check_two_teams(home_team, away_team, home_id, away_id, same_age=away_age_group in (None, age_group))
    for a, b in (("score_home", "score_away"), ("penalty_home", "penalty_away")):
        if (getattr(message, a) is None) != (getattr(message, b) is None):
            given, missing = (a, b) if getattr(message, b) is None else (b, a)
            raise Contradiction(missing, f"is missing, although {given} is there: a score has both sides")
    if message.penalty_home is not None and message.score_home is None:
        raise Contradiction("penalty_home", "is a shootout without a score")

    registers: dict[str, tuple[Any, ...]] = {
        "sides": (home_team, away_team, home_id, away_id, 0, 0),
        "schedule": (message.date, bare(message.match_time), bare(message.timezone), bare(message.location)),
        "league": (bare(message.league) or default_league,),
        "filing": (age_group, required("match_type", message.match_type)),
    }
    division = bare(message.division)
    if division is not None:
        registers["bracket"] = (
            division,
            away_age_group if away_age_group != age_group else None,
            bare(message.away_division) if bare(message.away_division) != division else None,
        )
    elif away_age_group is not None or bare(message.away_division) is not None:
        registers["bracket"] = (None, away_age_group, bare(message.away_division))
    if message.score_home is not None:
        registers["result"] = (
            message.score_home,
            message.score_away,
            message.penalty_home,
            message.penalty_away,
            message.status == "forfeit",
            f"{name_key(home_team)}#{home_id or ''}",
            0,
        )
    if message.status in ("completed", "forfeit"):
        if message.score_home is None:
            registers["status"] = ("tbd",)
    elif message.status is not None or (message.score_home is None and not by_hand):
        registers["status"] = (message.status or "scheduled",)
    if bare(message.notes) is not None:
        registers["notes"] = (bare(message.notes),)

    said = stamp(HAND if by_hand else SOURCE, observed)
    stamps = dict.fromkeys(registers, said)
    if bare(message.league) is None:
        stamps["league"] = stamp(PLACEHOLDER, observed)
    if message.status in _PARKED and not by_hand:
        stamps["schedule"] = stamp(PLACEHOLDER, observed)
    return Statement(
        source=source,
        season=season_label(required("season", message.season)),
        match_id=bare(message.match_id),
        registers=registers,
        stamps=stamps,
    )


def _check_two_teams(home: str, away: str, home_id: str | None, away_id: str | None, *, same_age: bool) -> None:
    if home_id is not None and away_id is not None:
        if home_id == away_id:
            raise Contradiction("away_team_id", f"is {away_id}, and so is home_team_id: a team cannot meet itself")
    elif same_age and name_key(home) == name_key(away):
        raise Contradiction("away_team", f"is {away!r}, and so is home_team: a team cannot meet itself")
