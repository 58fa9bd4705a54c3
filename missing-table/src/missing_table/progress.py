"""How a table came about: each team's form, the places it gained, and where it stood after each match day. Pure.

A match day is a day on which a result of the bracket that counts was played.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, NamedTuple

from missing_table.rules import Rules
from missing_table.standings import Bracket, Fixture, Row, Side, of_kind, table, that_count, verdict

FORM: Final = 5
"""How many results make a team's form."""
Venue = Literal["home", "away"]


@dataclass(slots=True)
class Record:
    """What a team has done in some matches."""

    played: int = 0
    won: int = 0
    drawn: int = 0
    lost: int = 0
    goals_for: int = 0
    goals_against: int = 0
    points: int = 0

    def add(self, won: int, goals_for: int, goals_against: int, points: int) -> None:
        """One more match; `won` is 1, 0 or -1."""
        self.played += 1
        self.won += won > 0
        self.drawn += won == 0
        self.lost += won < 0
        self.goals_for += goals_for
        self.goals_against += goals_against
        self.points += points

    def __add__(self, other: "Record") -> "Record":
        return Record(
            self.played + other.played,
            self.won + other.won,
            self.drawn + other.drawn,
            self.lost + other.lost,
            self.goals_for + other.goals_for,
            self.goals_against + other.goals_against,
            self.points + other.points,
        )


class Standing(NamedTuple):
    """A team's position after a match day."""

    date: dt.date
    position: int
    of: int


class _Result(NamedTuple):
    """A counted match as one of its teams lived it."""

    date: dt.date
    venue: Venue
    won: int
    goals_for: int
    goals_against: int
    points: int


def form(bracket: Bracket, fixtures: Iterable[Fixture], rules: Rules) -> dict[int, str]:
    """The last results of each team that has any, the newest last: W, D or L each; `fixtures` are in order of time."""
    return {
        ref: "".join("LDW"[result.won + 1] for result in results[-FORM:])
        for ref, results in _results(bracket, fixtures, rules).items()
    }


def records(bracket: Bracket, fixtures: Iterable[Fixture], rules: Rules, team_ref: int) -> dict[Venue, Record]:
    """What a team has done in its bracket, at home and away."""
    split: dict[Venue, Record] = {"home": Record(), "away": Record()}
    for result in _results(bracket, fixtures, rules).get(team_ref, []):
        split[result.venue].add(result.won, result.goals_for, result.goals_against, result.points)
    return split


def movement(
    bracket: Bracket, fixtures: Sequence[Fixture], rules: Rules, rows: Iterable[Row], members: Sequence[Side] = ()
) -> dict[int, int]:
    """The places that each team of `rows` gained on the last match day; empty where there was no other before it.

    A team that has not played yet gains and loses nothing: the others move around it.
    """
    days = match_days(bracket, fixtures, rules)
    if len(days) < 2:
        return {}
    before = {row.team_ref: row.position for row in table(bracket, _played_until(fixtures, days[-2]), rules, members)}
    return {row.team_ref: before[row.team_ref] - row.position for row in rows if row.played}


def positions(
    bracket: Bracket, fixtures: Iterable[Fixture], rules: Rules, members: Sequence[Side] = ()
) -> dict[int, list[Standing]]:
    """Where each team of the table stood after each match day of its bracket."""
    filed = of_kind(fixtures, rules)
    standings: dict[int, list[Standing]] = {}
    for day in match_days(bracket, filed, rules):
        rows = table(bracket, _played_until(filed, day), rules, members)
        for row in rows:
            standings.setdefault(row.team_ref, []).append(Standing(day, row.position, len(rows)))
    return standings


def match_days(bracket: Bracket, fixtures: Iterable[Fixture], rules: Rules) -> list[dt.date]:
    """The days with a result that counts in `bracket`, in order."""
    counted = that_count(fixtures, rules)
    return sorted({fixture.date for fixture in counted if bracket in (fixture.home.bracket, fixture.away.bracket)})


def _results(bracket: Bracket, fixtures: Iterable[Fixture], rules: Rules) -> Mapping[int, list[_Result]]:
    found: dict[int, list[_Result]] = {}
    for fixture in that_count(fixtures, rules):
        assert fixture.score_home is not None
        assert fixture.score_away is not None
        won, _, home_points, away_points = verdict(fixture, rules.points)
        home, away = fixture.score_home, fixture.score_away
        if fixture.home.bracket == bracket:
            result = _Result(fixture.date, "home", won, home, away, home_points)
            found.setdefault(fixture.home.ref, []).append(result)
        if fixture.away.bracket == bracket:
            result = _Result(fixture.date, "away", -won, away, home, away_points)
            found.setdefault(fixture.away.ref, []).append(result)
    return found


def _played_until(fixtures: Iterable[Fixture], day: dt.date) -> list[Fixture]:
    """`fixtures` as they stood in the evening of `day`: what came later had no result yet."""
    return [
        fixture
        if fixture.date <= day or fixture.score_home is None
        else replace(fixture, score_home=None, score_away=None, penalty_home=None, penalty_away=None)
        for fixture in fixtures
    ]
