"""The league table: matches in, table out. Pure.

A bracket's teams are those with a match filed in it, played or not, and those that it is said to have. A match that
crosses brackets counts for each team in its own bracket's table only. Rates are compared as exact fractions: 1/3 of a
point is never 0.333.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from missing_table.ingest.names import name_key
from missing_table.rules import Criterion, HeadToHead, Measure, Points, Rules, rules_for


class Bracket(NamedTuple):
    """The teams that one table orders."""

    season: str
    league: str
    age_group: str
    division: str | None


@dataclass(frozen=True, slots=True)
class Side:
    """One team in one match, and the bracket it plays it in."""

    ref: int
    name: str
    team_id: str | None
    """The source's id of the squad."""
    bracket: Bracket


@dataclass(frozen=True, slots=True)
class Fixture:
    """A match as a table sees it; played once it has a score. A forfeit counts by the score it is stored with."""

    ref: int
    date: dt.date
    match_type: str
    home: Side
    away: Side
    score_home: int | None = None
    score_away: int | None = None
    penalty_home: int | None = None
    penalty_away: int | None = None
    separate: bool = False
    """A person decided that it is not another one over again."""


@dataclass(frozen=True, slots=True)
class Row:
    """One team's line. `drawn` includes what a shootout decided: the score was level."""

    position: int
    """Teams that no criterion separates share it."""
    team: str
    team_ref: int
    team_id: str | None
    played: int
    won: int
    drawn: int
    lost: int
    shootouts_won: int
    shootouts_lost: int
    goals_for: int
    goals_against: int
    goal_difference: int
    points: int
    points_per_match: Fraction


class _Record:
    """What a team has done so far in the matches that count."""

    def __init__(self, side: Side, since: dt.date) -> None:
        self.side = side
        self.since = since
        self.points = self.won = self.drawn = self.lost = self.shootouts_won = self.shootouts_lost = 0
        self.home_played = self.home_goals_for = self.home_goals_against = 0
        self.away_played = self.away_goals_for = self.away_goals_against = 0

    @property
    def played(self) -> int:
        return self.home_played + self.away_played

    @property
    def goals_for(self) -> int:
        return self.home_goals_for + self.away_goals_for

    @property
    def goals_against(self) -> int:
        return self.home_goals_against + self.away_goals_against

    @property
    def goal_difference(self) -> int:
        return self.goals_for - self.goals_against

    @property
    def home_goal_difference(self) -> int:
        return self.home_goals_for - self.home_goals_against

    @property
    def away_goal_difference(self) -> int:
        return self.away_goals_for - self.away_goals_against

    def known_by(self, side: Side, on: dt.date) -> None:
        """The name and id of the latest match stand, and an id before none."""
        if (side.team_id is not None, on) >= (self.side.team_id is not None, self.since):
            self.side, self.since = side, on

    def add(self, won: int, shootout: int, points: int) -> None:
        """`won` and `shootout` are 1, 0 or -1: what the score and the penalties came to for this team."""
        self.won += won > 0
        self.drawn += won == 0
        self.lost += won < 0
        self.shootouts_won += shootout > 0
        self.shootouts_lost += shootout < 0
        self.points += points

    def value(self, measure: Measure) -> Fraction:
        """What `measure` says of this record; 0 where there is no match to divide by."""
        count: int = getattr(self, measure.of)
        matches: int = getattr(self, measure.per) if measure.per is not None else 1
        return Fraction(count, matches) if matches else Fraction(0)


def table(
    bracket: Bracket, fixtures: Iterable[Fixture], rules: Rules | None = None, members: Iterable[Side] = ()
) -> list[Row]:
    """The table of `bracket`, best team first, by `rules` (those of its league, unless given).

    `members` are teams that stand in it even without a match: an official table has them.

    `fixtures` may hold matches of other brackets and of other kinds: they are passed over, and so is a possible
    duplicate of a match that counts already.
    """
    rules = rules or rules_for(bracket.league)
    filed = of_kind(fixtures, rules)
    counting = that_count(filed, rules)
    records: dict[int, _Record] = {side.ref: _Record(side, dt.date.min) for side in members}
    for fixture in filed:
        for side in (fixture.home, fixture.away):
            if side.bracket == bracket:
                records.setdefault(side.ref, _Record(side, fixture.date)).known_by(side, fixture.date)
    for fixture in counting:
        _count(records, bracket, fixture, rules.points)
    rows: list[Row] = []
    for level in _ordered(bracket, list(records.values()), counting, rules):
        position = len(rows) + 1
        rows += [_row(position, record) for record in sorted(level, key=_by_name)]
    return rows


def of_kind(fixtures: Iterable[Fixture], rules: Rules) -> list[Fixture]:
    """Those of `fixtures` whose kind of match the table is about, played or not."""
    kind = rules.match_type.casefold()
    return [fixture for fixture in fixtures if fixture.match_type.casefold() == kind]


def that_count(fixtures: Iterable[Fixture], rules: Rules) -> list[Fixture]:
    """The results among `fixtures` that count for a table, in the order given."""
    filed = of_kind(fixtures, rules)
    doubled = possible_duplicates(filed)
    return [fixture for fixture in filed if fixture.score_home is not None and fixture.ref not in doubled]


def possible_duplicates(fixtures: Iterable[Fixture]) -> dict[int, int]:
    """Which match may be another one over again: the refs of those left out of the table → the ref that counts.

    Two numbers for one pair of teams on one day, at one age and of one kind, are most likely one match that was
    entered twice, so of those with a score only the one that was stored first counts until a person decides.
    Matches without a score are let be: postponed ones are parked on one day, home and away alike.
    """
    first: dict[tuple[str, str, str, str, dt.date, frozenset[int]], int] = {}
    doubled: dict[int, int] = {}
    for fixture in sorted(fixtures, key=lambda fixture: fixture.ref):
        if fixture.score_home is not None and not fixture.separate:
            season, league, age_group, _ = fixture.home.bracket
            teams = frozenset((fixture.home.ref, fixture.away.ref))
            key = (season, league, age_group, fixture.match_type.casefold(), fixture.date, teams)
            counts = first.setdefault(key, fixture.ref)
            if counts != fixture.ref:
                doubled[fixture.ref] = counts
    return doubled


def verdict(fixture: Fixture, points: Points) -> tuple[int, int, int, int]:
    """Of a played match: who won it (1 home, 0 level, -1 away), who the shootout, and the points of home and away."""
    ahead = _sign(fixture.score_home, fixture.score_away)
    if ahead:
        return (ahead, 0, points.win, points.loss) if ahead > 0 else (ahead, 0, points.loss, points.win)
    shootout = _sign(fixture.penalty_home, fixture.penalty_away)
    if not shootout or points.shootout_win is None or points.shootout_loss is None:
        return 0, 0, points.draw, points.draw
    worth = (points.shootout_win, points.shootout_loss)
    return (0, shootout, *worth) if shootout > 0 else (0, shootout, *worth[::-1])


def _sign(home: int | None, away: int | None) -> int:
    if home is None or away is None:
        return 0
    return (home > away) - (home < away)


def _count(records: dict[int, _Record], bracket: Bracket, fixture: Fixture, points: Points) -> None:
    assert fixture.score_home is not None
    assert fixture.score_away is not None
    won, shootout, home_points, away_points = verdict(fixture, points)
    if fixture.home.bracket == bracket:
        home = records[fixture.home.ref]
        home.home_played += 1
        home.home_goals_for += fixture.score_home
        home.home_goals_against += fixture.score_away
        home.add(won, shootout, home_points)
    if fixture.away.bracket == bracket:
        away = records[fixture.away.ref]
        away.away_played += 1
        away.away_goals_for += fixture.score_away
        away.away_goals_against += fixture.score_home
        away.add(-won, -shootout, away_points)


def _ordered(
    bracket: Bracket, records: list[_Record], counting: Sequence[Fixture], rules: Rules
) -> list[list[_Record]]:
    """The records in order, those that nothing separates in one list: each criterion splits what is level before it.

    Head-to-head stands where it stands among the criteria, so a tie of three or more that passed it over never
    comes back to it, even once later criteria leave two.
    """
    groups = [records] if records else []
    for criterion in rules.criteria:
        groups = [part for group in groups for part in _split(bracket, group, criterion, counting, rules.points)]
    return groups


def _split(
    bracket: Bracket, level: list[_Record], criterion: Criterion, counting: Sequence[Fixture], points: Points
) -> list[list[_Record]]:
    if len(level) == 1:
        return [level]
    parts: dict[Fraction, list[_Record]] = {}
    if isinstance(criterion, HeadToHead):
        if criterion.only_two and len(level) != 2:
            return [level]
        taken = dict.fromkeys((record.side.ref for record in level), 0)
        for fixture in counting:
            if (
                fixture.home.ref in taken
                and fixture.away.ref in taken
                and fixture.home.bracket == fixture.away.bracket == bracket
            ):
                _, _, home_points, away_points = verdict(fixture, points)
                taken[fixture.home.ref] += home_points
                taken[fixture.away.ref] += away_points
        for record in level:
            parts.setdefault(Fraction(taken[record.side.ref]), []).append(record)
    else:
        for record in level:
            parts.setdefault(record.value(criterion), []).append(record)
    return [parts[value] for value in sorted(parts, reverse=True)]


def _by_name(record: _Record) -> tuple[str, str, int]:
    return name_key(record.side.name), record.side.name, record.side.ref


def _row(position: int, record: _Record) -> Row:
    return Row(
        position=position,
        team=record.side.name,
        team_ref=record.side.ref,
        team_id=record.side.team_id,
        played=record.played,
        won=record.won,
        drawn=record.drawn,
        lost=record.lost,
        shootouts_won=record.shootouts_won,
        shootouts_lost=record.shootouts_lost,
        goals_for=record.goals_for,
        goals_against=record.goals_against,
        goal_difference=record.goal_difference,
        points=record.points,
        points_per_match=Fraction(record.points, record.played) if record.played else Fraction(0),
    )
