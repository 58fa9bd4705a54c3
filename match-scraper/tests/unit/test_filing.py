"""Which bracket a match belongs to."""

import datetime as dt

import pytest

from match_scraper.sources.feed import CompetitionBracket, Event, Named, Standing, Team
from match_scraper.sources.filing import Filing, Placement, age_group_in

NORTHEAST = "Northeast"
FRONTIER = "Frontier"
PATHWAY = "Southeast (Pro Player Pathway)"


def bracket(age_group: str, division: str, *squads: int) -> CompetitionBracket:
    return CompetitionBracket(division, Named(age_group), [Standing(Team(squad)) for squad in squads])


def event(home: int, away: int, squad_name: str | None = None) -> Event:
    start = dt.datetime(2026, 9, 5, 16, tzinfo=dt.UTC)
    return Event("1", start, home, away, Named("A"), Named("B"), None, None, None, squad_name, squad_name)


def test_a_match_belongs_to_the_bracket_of_both_sides() -> None:
    filing = Filing([bracket("U14", NORTHEAST, 1, 2), bracket("U15", NORTHEAST, 3, 4)], [])
    assert filing.place(event(3, 4), pathway=False) == Placement("U15", NORTHEAST)


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("pathway", [True, False])
def test_a_squad_in_two_brackets_plays_in_the_one_that_holds_its_opponent(order: int, pathway: bool) -> None:
    brackets = [bracket("U17", FRONTIER, 5804, 1), bracket("U17", PATHWAY, 5804, 2)][::order]
    filing = Filing(brackets, [])
    assert filing.place(event(5804, 1), pathway=pathway) == Placement("U17", FRONTIER)
    assert filing.place(event(2, 5804), pathway=pathway) == Placement("U17", PATHWAY)


@pytest.mark.parametrize("order", [1, -1])
def test_where_two_brackets_hold_both_sides_the_competition_decides(order: int) -> None:
    filing = Filing([bracket("U17", FRONTIER, 1, 2), bracket("U17", PATHWAY, 1, 2)][::order], [])
    assert filing.place(event(1, 2), pathway=False) == Placement("U17", FRONTIER)
    assert filing.place(event(1, 2), pathway=True) == Placement("U17", PATHWAY)


def test_a_squad_missing_from_the_standings_is_taken_into_its_opponents_bracket() -> None:
    events = [event(9, 1), event(2, 9), event(9, 3)]
    filing = Filing([bracket("U14", NORTHEAST, 1, 2, 4), bracket("U15", FRONTIER, 3)], events)
    assert filing.place(events[0], pathway=False) == Placement("U14", NORTHEAST)
    assert filing.missing == {9: (0,)}
    # It belongs with most of its opponents, so the odd one out is a match across brackets.
    assert filing.place(events[2], pathway=False) == Placement("U14", NORTHEAST, "U15", FRONTIER)


def test_two_squads_missing_from_the_standings_are_placed_by_those_they_have_met() -> None:
    events = [event(9, 8), event(8, 1)]
    filing = Filing([bracket("U14", NORTHEAST, 1, 2)], events)
    assert filing.place(events[0], pathway=False) == Placement("U14", NORTHEAST)


def test_squads_that_nobody_knows_are_filed_by_their_own_name_without_a_division() -> None:
    filing = Filing([bracket("U14", NORTHEAST, 1)], [event(8, 9, "U16")])
    assert filing.place(event(8, 9, "U16"), pathway=False) == Placement("U16", None)
    assert filing.missing == {8: (), 9: ()}


def test_matches_of_squads_that_nobody_knows_are_each_filed_by_their_own_names() -> None:
    filing = Filing([], [])
    assert filing.place(event(8, 9, "U16"), pathway=False) == Placement("U16", None)
    assert filing.place(event(8, 9, "U17"), pathway=False) == Placement("U17", None)


def test_squads_that_nobody_knows_and_no_name_places_have_no_place() -> None:
    assert Filing([], [event(8, 9)]).place(event(8, 9), pathway=False) is None


def test_a_match_across_age_groups_is_filed_at_home_and_names_the_guests_bracket() -> None:
    filing = Filing([bracket("U17", NORTHEAST, 1), bracket("U16", NORTHEAST, 2), bracket("U16", FRONTIER, 3)], [])
    assert filing.place(event(1, 2), pathway=False) == Placement("U17", NORTHEAST, "U16", None)
    assert filing.place(event(2, 1), pathway=False) == Placement("U16", NORTHEAST, "U17", None)
    assert filing.place(event(1, 3), pathway=False) == Placement("U17", NORTHEAST, "U16", FRONTIER)


def test_a_squad_in_two_brackets_meets_a_stranger_in_the_bracket_of_the_competition() -> None:
    filing = Filing([bracket("U17", PATHWAY, 1), bracket("U17", FRONTIER, 1), bracket("U17", NORTHEAST, 2)], [])
    assert filing.place(event(1, 2), pathway=False) == Placement("U17", FRONTIER, None, NORTHEAST)
    assert filing.place(event(1, 2), pathway=True) == Placement("U17", PATHWAY, None, NORTHEAST)


@pytest.mark.parametrize(
    ("name", "age_group"), [("U14", "U14"), ("U14 Blue", "U14"), ("U9", None), ("", None), (None, None)]
)
def test_an_age_group_is_found_in_a_squads_name(name: str | None, age_group: str | None) -> None:
    assert age_group_in(name) == age_group
