"""Our order beside the official one: what is a difference, and what only looks like one."""

import datetime as dt
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from missing_table.official_order import compare, differences
from missing_table.standings import Row

STATED = dt.datetime(2026, 10, 5, 4, 40, tzinfo=dt.UTC)


def rows(*positions: int) -> list[Row]:
    """Teams 1, 2, 3 … at these positions."""
    zero = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    return [Row(place, f"team {ref}", ref, None, *zero, Fraction(0)) for ref, place in enumerate(positions, 1)]


def verdict(ours: list[Row], official: dict[int, int], newest_result: dt.datetime | None = STATED) -> str:
    return compare(ours, official, stated=STATED, newest_result=newest_result).verdict


def test_the_same_order_agrees() -> None:
    assert verdict(rows(1, 2, 3), {1: 1, 2: 2, 3: 3}) == "agrees"


def test_two_teams_the_other_way_round_are_two_differences() -> None:
    found = compare(rows(1, 2, 3), {1: 1, 2: 3, 3: 2}, stated=STATED, newest_result=None)
    assert found.verdict == "differs"
    assert [(each.team, each.ours, each.official) for each in found.differences] == [("team 2", 2, 3), ("team 3", 3, 2)]


@pytest.mark.parametrize("official", [{1: 1, 2: 2, 3: 3, 4: 4}, {1: 1, 2: 4, 3: 3, 4: 2}, {1: 1, 2: 2, 3: 2, 4: 2}])
def test_a_shared_position_stands_for_every_place_that_its_teams_take(official: dict[int, int]) -> None:
    assert verdict(rows(1, 2, 2, 2), official) == "agrees"


def test_a_team_outside_of_our_shared_position_is_a_difference() -> None:
    assert [each.team_ref for each in differences(rows(1, 2, 2, 4), {1: 1, 2: 2, 3: 4, 4: 3})] == [3, 4]


def test_what_we_separate_and_the_league_does_not_is_a_difference() -> None:
    assert verdict(rows(1, 2), {1: 1, 2: 1}) == "differs"


def test_a_team_that_only_one_table_has_moves_no_other() -> None:
    assert verdict(rows(1, 2, 3, 4), {1: 1, 3: 2, 4: 3, 99: 4}) == "agrees"
    assert verdict(rows(1, 2, 3, 4), {99: 1, 1: 2, 2: 3, 4: 4, 3: 5}) == "differs"


def test_a_result_newer_than_the_official_table_is_no_difference_yet() -> None:
    later = STATED + dt.timedelta(seconds=1)
    assert verdict(rows(1, 2), {1: 2, 2: 1}, later) == "too old"
    assert verdict(rows(1, 2), {1: 1, 2: 2}, later) == "too old"
    assert verdict(rows(1, 2), {1: 2, 2: 1}, STATED) == "differs"


@pytest.mark.parametrize("official", [{}, {1: 1}, {98: 1, 99: 2}])
def test_without_two_positions_there_is_no_order(official: dict[int, int]) -> None:
    assert verdict(rows(1, 2), official) == "no order"


@given(st.lists(st.integers(1, 5), min_size=2, max_size=8), st.randoms())
def test_it_agrees_exactly_where_the_official_order_breaks_our_ties_somehow(keys: list[int], chance: object) -> None:
    """Against another reckoning: any order of the teams that keeps our strict order is allowed, and no other."""
    ours = [1 + sum(other < key for other in keys) for key in keys]
    shuffled = list(range(len(keys)))
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    official = {ref + 1: place for place, ref in enumerate(shuffled, 1)}
    kept = all(
        official[one + 1] < official[other + 1]
        for one in range(len(keys))
        for other in range(len(keys))
        if keys[one] < keys[other]
    )
    assert (verdict(rows(*ours), official) == "agrees") == kept
