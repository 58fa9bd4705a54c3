"""The table against a second reckoning that shares nothing with it: every pair of teams compared outright.

Here a team's position is one more than the number of teams that are ahead of it, and each figure is counted anew
from the list of matches.
"""

import datetime as dt
import itertools
import random
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from missing_table.standings import Bracket, Fixture, Row, Side, table

LEAGUES = ("Homegrown", "Academy", "Flex", "Elsewhere")
AGES = ("U15", "U16")


@st.composite
def seasons(draw: st.DrawFn, league: str) -> tuple[Bracket, list[Fixture]]:
    """Few teams, few goals and few days, so that ties, returns and duplicates are common."""
    here = Bracket("2026-27", league, "U15", "Northeast")
    counts = "Flex" if league == "Flex" else "League"
    teams = draw(st.integers(2, 6))
    goals = st.integers(0, draw(st.integers(0, 3)))
    fixtures: list[Fixture] = []
    for number in range(draw(st.integers(0, 16))):
        home, away = draw(st.permutations(range(1, teams + 1)))[:2]
        elsewhere = st.sampled_from([here] * 8 + [here._replace(age_group="U16"), here._replace(division=None)])
        scores = draw(st.one_of(st.none(), st.tuples(goals, goals), st.tuples(goals, goals), st.tuples(goals, goals)))
        shootout = draw(st.one_of(st.none(), st.tuples(st.integers(0, 5), st.integers(0, 5)))) if scores else None
        fixtures.append(
            Fixture(
                number,
                dt.date(2026, 9, 1) + dt.timedelta(days=draw(st.integers(0, 60))),
                draw(st.sampled_from([counts] * 8 + ["Friendly", "Flex", "League"])),
                Side(home, f"team {home}", str(home), draw(elsewhere)),
                Side(away, f"team {away}", str(away), draw(elsewhere)),
                *(scores or (None, None)),
                *(shootout or (None, None)),
            )
        )
    return here, fixtures


class Reckoning:
    """One bracket, counted by brute force."""

    def __init__(self, here: Bracket, fixtures: list[Fixture]) -> None:
        self._figures: dict[int, dict[str, Fraction]] = {}
        self.here = here
        self.flex = here.league == "Flex"
        kind = [m for m in fixtures if m.match_type == ("Flex" if self.flex else "League")]
        self.teams = {s.ref for m in kind for s in (m.home, m.away) if s.bracket == here}
        self.played = [m for m in kind if m.score_home is not None and not self._again(m, kind)]

    @staticmethod
    def _again(match: Fixture, kind: list[Fixture]) -> bool:
        return any(
            other.ref < match.ref
            and other.score_home is not None
            and other.date == match.date
            and {other.home.ref, other.away.ref} == {match.home.ref, match.away.ref}
            and other.home.bracket[:3] == match.home.bracket[:3]
            for other in kind
        )

    def sides(self, team: int, opponents: set[int] | None = None) -> list[tuple[str, int, int, int]]:
        """Per match of the team: where, goals for, goals against, points."""
        found = []
        for m in self.played:
            for where, own, other in (("home", m.home, m.away), ("away", m.away, m.home)):
                if own.ref != team or own.bracket != self.here:
                    continue
                if opponents is not None and (other.ref not in opponents or other.bracket != self.here):
                    continue
                mine, theirs = (m.score_home, m.score_away) if where == "home" else (m.score_away, m.score_home)
                pens, against = (
                    (m.penalty_home, m.penalty_away) if where == "home" else (m.penalty_away, m.penalty_home)
                )
                assert mine is not None
                assert theirs is not None
                if mine > theirs:
                    points = 3
                elif mine < theirs:
                    points = 0
                elif self.flex and pens is not None and against is not None and pens > against:
                    points = 2
                else:
                    points = 1
                found.append((where, mine, theirs, points))
        return found

    def figures(self, team: int) -> dict[str, Fraction]:
        if team in self._figures:
            return self._figures[team]
        sides = self.sides(team)
        rates: dict[str, Fraction] = {}
        for where in ("home", "away", "all"):
            some = [side for side in sides if where in ("all", side[0])]
            n = max(1, len(some))
            rates |= {
                f"{where} gd": Fraction(sum(gf - ga for _, gf, ga, _ in some), n),
                f"{where} gf": Fraction(sum(gf for _, gf, _, _ in some), n),
                f"{where} wins": Fraction(sum(gf > ga for _, gf, ga, _ in some), n),
                f"{where} points": Fraction(sum(points for *_, points in some), n),
            }
        self._figures[team] = rates
        return rates

    def ahead(self, one: int, other: int) -> bool:
        a, b = self.figures(one), self.figures(other)
        if self.here.league == "Elsewhere":

            def totals(team: int) -> tuple[int, int, int]:
                s = self.sides(team)
                return sum(p for *_, p in s), sum(f - g for _, f, g, _ in s), sum(f for _, f, _, _ in s)

            if totals(one) != totals(other):
                return totals(one) > totals(other)
            level = {team for team in self.teams if totals(team) == totals(one)}
            return sum(p for *_, p in self.sides(one, level)) > sum(p for *_, p in self.sides(other, level))
        if a["all points"] != b["all points"]:
            return a["all points"] > b["all points"]
        if self.flex:
            return a["all gd"] > b["all gd"]
        level = {team for team in self.teams if self.figures(team)["all points"] == a["all points"]}
        if len(level) == 2:
            mine = sum(p for *_, p in self.sides(one, {other}))
            theirs = sum(p for *_, p in self.sides(other, {one}))
            if mine != theirs:
                return mine > theirs
        for figure in ("all wins", "all gd", "all gf", "away gd", "away gf", "home gd", "home gf"):
            if a[figure] != b[figure]:
                return a[figure] > b[figure]
        return False

    def position(self, team: int) -> int:
        return 1 + sum(self.ahead(other, team) for other in self.teams if other != team)


@pytest.mark.parametrize("league", LEAGUES)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_the_table_is_what_brute_force_makes_it(league: str, data: st.DataObject) -> None:
    here, fixtures = data.draw(seasons(league))
    members = data.draw(st.sets(st.integers(1, 9), max_size=4), label="teams of the official table")
    assert_as_reckoned(here, fixtures, members)


SEASONS = 1_000
"""Per league, on top of what Hypothesis looks for: whole rounds of matches, as many as there are in a season."""


@pytest.mark.parametrize("league", LEAGUES)
def test_a_thousand_whole_seasons_are_what_brute_force_makes_them(league: str) -> None:
    chance = random.Random(league)
    for _ in range(SEASONS):
        here, fixtures = whole_season(chance, league)
        assert_as_reckoned(here, fixtures, {chance.randint(1, 9) for _ in range(chance.randint(0, 2))})


def whole_season(chance: random.Random, league: str) -> tuple[Bracket, list[Fixture]]:
    """Everybody against everybody, up to some day: forfeits, guests of another age, shootouts, scores to come."""
    here = Bracket("2026-27", league, "U15", "Northeast")
    guests = here._replace(age_group="U16")
    teams = chance.randint(2, 6)
    outside = {team for team in range(1, teams + 1) if chance.random() < 0.15}
    most = chance.choice([1, 2, 2, 4])
    fixtures: list[Fixture] = []
    for home, away in itertools.permutations(range(1, teams + 1), 2):
        if chance.random() < 0.4:
            continue  # not to be played, or missing from the feed
        scores: tuple[int | None, int | None] = (chance.randint(0, most), chance.randint(0, most))
        if chance.random() < 0.1:
            scores = chance.choice([(3, 0), (0, 3)])  # a forfeit
        if chance.random() < 0.2:
            scores = (None, None)  # not yet; or dated after the feed, and sent as scheduled
        level = scores[0] is not None and scores[0] == scores[1]
        pens = (chance.randint(0, 5), chance.randint(0, 5)) if level else (None, None)
        fixtures.append(
            Fixture(
                len(fixtures),
                dt.date(2026, 9, 1) + dt.timedelta(days=chance.randint(0, 60)),
                "Flex" if league == "Flex" else "League",
                Side(home, f"team {home}", str(home), guests if home in outside else here),
                Side(away, f"team {away}", str(away), guests if away in outside else here),
                *scores,
                *pens,
            )
        )
    return here, fixtures


def assert_as_reckoned(here: Bracket, fixtures: list[Fixture], members: set[int]) -> None:
    """The table with the teams `members` of the official one is that of the second reckoning, figure by figure."""
    reckoning = Reckoning(here, fixtures)
    reckoning.teams |= members
    rows = table(here, fixtures, members=[Side(ref, f"team {ref}", str(ref), here) for ref in members])
    assert {row.team_ref for row in rows} == reckoning.teams
    for row in rows:
        sides = reckoning.sides(row.team_ref)
        assert row.position == reckoning.position(row.team_ref)
        assert row.played == row.won + row.drawn + row.lost == len(sides)
        assert row.goals_for == sum(gf for _, gf, _, _ in sides)
        assert row.goals_against == sum(ga for _, _, ga, _ in sides)
        assert row.goal_difference == row.goals_for - row.goals_against
        assert row.points == sum(points for *_, points in sides)
        assert row.won == sum(gf > ga for _, gf, ga, _ in sides)
        assert row.points_per_match == reckoning.figures(row.team_ref)["all points"]


@pytest.mark.parametrize("league", LEAGUES)
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_the_order_of_the_matches_does_not_matter(league: str, data: st.DataObject) -> None:
    here, fixtures = data.draw(seasons(league))
    assert _lines(table(here, data.draw(st.permutations(fixtures)))) == _lines(table(here, fixtures))


def _lines(rows: list[Row]) -> list[tuple[int, str, int, Fraction]]:
    return [(row.position, row.team, row.points, row.points_per_match) for row in rows]
