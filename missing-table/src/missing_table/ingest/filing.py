"""Where a person files a match: in a bracket that there is, unless he says that it is a new one."""

from collections.abc import Iterator
from typing import Final

from sqlalchemy import Connection

from missing_table.bracket import in_words, nearest_brackets
from missing_table.ingest.envelope import Problem, Refusal
from missing_table.ingest.merge import Match
from missing_table.ingest.stamps import is_by_hand
from missing_table.standings import Bracket
from missing_table.store import read

_AWAY: Final = {"age_group": "away_age_group", "division": "away_division"}
"""The fields that file the away side, where they are not those of the match."""
_REGISTERS: Final = ("league", "filing", "bracket")


class UnknownBrackets(Refusal):
    """A person files a match in a bracket that there is not. Says which is the nearest."""


def check_filed(connection: Connection, match: Match) -> None:
    """Raises `UnknownBrackets` where `match`, as it is to be stored, would make a bracket beside others of its season.

    The first bracket of a season is a slip of nothing.
    """
    known = [bracket for bracket in read.brackets(connection) if bracket.season == match.season]
    problems = list(_problems(match, known)) if known else []
    if problems:
        raise UnknownBrackets.of(problems)


def filed_by_hand(match: Match) -> bool:
    """Whether a person said where `match` is filed, and not its sources alone."""
    return any(is_by_hand(match.stamps.get(register)) for register in _REGISTERS)


def _problems(match: Match, known: list[Bracket]) -> Iterator[Problem]:
    home = Bracket(match.season, match.league, match.age_group, match.division)
    away = home._replace(
        age_group=match.away_age_group or match.age_group, division=match.away_division or match.division
    )
    for bracket in dict.fromkeys((home, away)):
        if bracket in known:
            continue
        nearest = _nearest(known, bracket)
        other = _apart(nearest, bracket)
        field = other[0] if bracket == home else next((_AWAY[name] for name in other if name in _AWAY), other[0])
        asked = f"{bracket.league} {bracket.age_group} {_division(bracket)} in {bracket.season}"
        there_is = " ".join(_division(nearest) if name == "division" else getattr(nearest, name) for name in other)
        yield Problem(field, f"is new: there is no {asked}; the nearest is {there_is}")


def _nearest(known: list[Bracket], bracket: Bracket) -> Bracket:
    """The one of the `known` that is another in the fewest parts, and most like it in those."""
    fewest = min(len(_apart(other, bracket)) for other in known)
    return nearest_brackets([other for other in known if len(_apart(other, bracket)) == fewest], in_words(bracket))[0]


def _apart(one: Bracket, other: Bracket) -> list[str]:
    return [name for name in Bracket._fields if getattr(one, name) != getattr(other, name)]


def _division(bracket: Bracket) -> str:
    return bracket.division or "without a division"
