"""How a table came about, on seasons small enough to reckon by hand."""

import datetime as dt
from dataclasses import replace

from missing_table import progress
from missing_table.rules import FLEX, MLS_NEXT, Rules
from missing_table.standings import Bracket, Fixture, Side, table

U15 = Bracket("2026-27", "Homegrown", "U15", "Northeast")
U16 = Bracket("2026-27", "Homegrown", "U16", "Northeast")
NAMES = {1: "Albion", 2: "Borough", 3: "City", 4: "Dynamo"}


def played(ref: int, day: int, home: int, away: int, score: tuple[int, int] | None, **more: object) -> Fixture:
    sides = [Side(team, NAMES[team], None, U15) for team in (home, away)]
    home_score, away_score = score or (None, None)
    fixture = Fixture(ref, dt.date(2026, 9, day), "League", sides[0], sides[1], home_score, away_score)
    for name, value in more.items():
        object.__setattr__(fixture, name, value)
    return fixture


SEASON = [
    played(1, 5, 1, 2, (1, 0)),
    played(2, 5, 3, 4, (2, 2)),
    played(3, 12, 2, 3, (0, 4)),
    played(4, 12, 4, 1, (3, 0)),
    played(5, 12, 1, 3, (9, 9), match_type="Friendly"),
    played(6, 19, 1, 3, None),
]


def gained(fixtures: list[Fixture], rules: Rules = MLS_NEXT) -> dict[str, int]:
    rows = table(U15, fixtures, rules)
    moved = progress.movement(U15, fixtures, rules, rows)
    return {NAMES[ref]: places for ref, places in moved.items()}


def test_form_is_the_last_five_results_with_the_newest_last() -> None:
    assert progress.form(U15, SEASON, MLS_NEXT) == {1: "WL", 2: "LL", 3: "DW", 4: "DW"}
    week = [played(n, n, 1, 2, (n % 3, 1)) for n in range(1, 8)]
    assert progress.form(U15, week, MLS_NEXT) == {1: "LDWLD", 2: "WDLWD"}


def test_a_shootout_is_a_draw_in_the_form() -> None:
    after = played(1, 5, 1, 2, (1, 1), match_type="Flex", penalty_home=4, penalty_away=2)
    assert progress.form(U15, [after], FLEX) == {1: "D", 2: "D"}


def test_movement_is_reckoned_from_before_the_last_match_day() -> None:
    # after the first day: Albion 1, Dynamo 2 for its goals away, City 3, Borough 4
    assert gained(SEASON) == {"City": 2, "Dynamo": 0, "Albion": -2, "Borough": 0}


def test_there_is_no_movement_before_a_second_match_day() -> None:
    assert gained([]) == {}
    assert gained([*SEASON[:2], SEASON[5]]) == {}


def test_who_has_not_played_does_not_move() -> None:
    to_come = replace(SEASON[5], away=Side(5, "Athletic", None, U15))
    moved = progress.movement(U15, [*SEASON[:4], to_come], MLS_NEXT, table(U15, [*SEASON[:4], to_come], MLS_NEXT))
    assert set(moved) == {1, 2, 3, 4}


def test_positions_end_where_the_table_stands() -> None:
    days = progress.match_days(U15, SEASON, MLS_NEXT)
    assert [day.day for day in days] == [5, 12]
    every = progress.positions(U15, SEASON, MLS_NEXT)
    assert set(every) == {1, 2, 3, 4}
    for row in table(U15, SEASON, MLS_NEXT):
        standings = every[row.team_ref]
        assert [standing.date for standing in standings] == days
        assert standings[-1].position == row.position
        assert {standing.of for standing in standings} == {4}
    assert [standing.position for standing in every[1]] == [1, 3]
    assert progress.positions(U15, [], MLS_NEXT) == {}


def test_home_and_away_are_told_apart() -> None:
    split = progress.records(U15, SEASON, MLS_NEXT, 1)
    assert split["home"] == progress.Record(1, 1, 0, 0, 1, 0, 3)
    assert split["away"] == progress.Record(1, 0, 0, 1, 0, 3, 0)
    assert split["home"] + split["away"] == progress.Record(2, 1, 0, 1, 1, 3, 3)


def test_a_match_across_ages_counts_for_each_side_in_its_own_bracket() -> None:
    across = Fixture(7, dt.date(2026, 9, 26), "League", Side(9, "Elders", None, U16), SEASON[0].home, 0, 1)
    assert progress.form(U15, [*SEASON, across], MLS_NEXT)[1] == "WLW"
    assert 9 not in progress.form(U15, [*SEASON, across], MLS_NEXT)
    assert progress.form(U16, [*SEASON, across], MLS_NEXT) == {9: "L"}
    assert [day.day for day in progress.match_days(U16, [*SEASON, across], MLS_NEXT)] == [26]
