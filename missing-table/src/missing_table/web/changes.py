"""What happened to a match, in words: its history by occasion, and where a source disagrees. Pure."""

import datetime as dt
import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from missing_table.answers import HistoryAnswer, MatchStoryAnswer

TITLES: Final = {
    "age_group": "Age group",
    "away_age_group": "Age group of the visitors",
    "away_division": "Division of the visitors",
    "away_team": "Away team",
    "away_team_id": "The source’s number of the away team",
    "date": "Date",
    "division": "Division",
    "home_team": "Home team",
    "home_team_id": "The source’s number of the home team",
    "league": "League",
    "location": "Venue",
    "match_id": "Match number",
    "match_time": "Kick-off",
    "match_type": "Kind of match",
    "notes": "Notes",
    "penalty_away": "Shootout, away",
    "penalty_home": "Shootout, home",
    "score_away": "Goals, away",
    "score_home": "Goals, home",
    "season": "Season",
    "status": "Status",
    "timezone": "Time zone",
}
_PAIRS: Final = {"score_home": ("score_away", "Result"), "penalty_home": ("penalty_away", "Shootout")}
"""Two fields that are one thing to a reader."""
_SECOND: Final = frozenset(away for away, _ in _PAIRS.values())


@dataclass(frozen=True, slots=True)
class Changed:
    """One thing that changed, from `old` to `new`; None where there was, or is, nothing."""

    title: str
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class Occasion:
    """All that one statement changed."""

    at: dt.datetime
    source: str
    changes: list[Changed]


def occasions(history: Iterable[HistoryAnswer]) -> list[Occasion]:
    """`history` by statement, the newest first."""
    found = itertools.groupby(history, key=lambda entry: (entry.at, entry.source, entry.task_id))
    by_statement = [
        Occasion(at, source, changed((entry.field, entry.old, entry.new) for entry in entries))
        for (at, source, _), entries in found
    ]
    return by_statement[::-1]


def disputed(match: MatchStoryAnswer) -> list[Changed]:
    """What a person said (`old`), and what a source says (`new`); of a score both sides, though one is disputed."""
    given = {found.field: (found.ours, found.theirs) for found in match.disputes}
    for home, (away, _) in _PAIRS.items():
        if (home in given) != (away in given):
            agreed = away if home in given else home
            given[agreed] = (getattr(match, agreed), getattr(match, agreed))
    return changed((field, ours, theirs) for field, (ours, theirs) in given.items())


def changed(fields: Iterable[tuple[str, Any, Any]]) -> list[Changed]:
    """Fields in words; the two sides of a score are one change where both are there."""
    given = {field: (old, new) for field, old, new in fields}
    found: list[Changed] = []
    for field, (old, new) in given.items():
        other, title = _PAIRS.get(field, ("", ""))
        if other in given:
            found.append(Changed(title, *(_score(each) for each in zip((old, new), given[other], strict=True))))
        elif not (field in _SECOND and any(away == field and home in given for home, (away, _) in _PAIRS.items())):
            found.append(Changed(TITLES.get(field, field), _value(old), _value(new)))
    return found


def _score(sides: tuple[Any, Any]) -> str | None:
    return None if None in sides else f"{sides[0]}–{sides[1]}"


def _value(value: Any) -> str | None:
    return None if value is None or value == "" else str(value)
