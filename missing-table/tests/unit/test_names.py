"""Whose match it is: names and ids to teams."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from missing_table.ingest.names import (
    KEY_LENGTH,
    Bracket,
    Directory,
    Joined,
    Side,
    Team,
    Unknown,
    name_key,
)

BRACKET: Bracket = ("2026-27", "Homegrown", "U14", "Northeast")
NAMES = st.text(max_size=200)


def team(ref: int, name: str, *, age_group: str = "U14", provisional: bool = False, known_by_id: bool = True) -> Team:
    return Team(ref, name, name_key(name), age_group, provisional, known_by_id)


def side(name: str, source_id: str | None = None, *, age_group: str = "U14", source: str = "mls-next") -> Side:
    return Side(name, age_group, source, source_id, BRACKET)


def nobody_asked(bracket: Bracket) -> frozenset[int]:
    raise AssertionError(f"asked who plays in {bracket}")


@pytest.mark.parametrize(
    "written",
    ["Montréal Académie", "MONTRÉAL ACADÉMIE", "  Montreal   Academie ", "montre\u0301al\u00a0academie"],
)
def test_case_accents_and_space_make_no_difference(written: str) -> None:
    assert name_key(written) == "montreal academie"


def test_names_that_differ_otherwise_differ() -> None:
    assert name_key("FC Boston") != name_key("FC Boston 2")
    assert name_key("FC-Boston") != name_key("FC Boston")


def test_a_name_of_combining_characters_alone_keeps_them() -> None:
    assert name_key("\u0301\u0308") == "\u0301\u0308"


@given(NAMES)
def test_a_key_is_stable_and_fits(name: str) -> None:
    assert len(name_key(name)) <= KEY_LENGTH
    assert name_key(f"  {name}\u00a0") == name_key(name)


def test_an_id_goes_before_the_name() -> None:
    directory = Directory(1, [team(1, "A"), team(2, "B")], [("mls-next", "10", 1), ("mls-next", "20", 2)], [])
    assert directory.find(side("B", "10"), nobody_asked) == team(1, "A")


def test_an_id_of_another_source_says_nothing() -> None:
    directory = Directory(1, [team(1, "A")], [("mls-next", "10", 1)], [])
    assert directory.find(side("A", "10", source="modular11"), nobody_asked) == Unknown(provisional=False)


def test_a_name_is_found_within_its_age_group_only() -> None:
    directory = Directory(1, [team(1, "A")], [], [])
    assert directory.find(side("á"), nobody_asked) == team(1, "A")
    assert directory.find(side("A", age_group="U15"), nobody_asked) == Unknown(provisional=True)


def test_an_unknown_id_joins_the_one_team_without_an_id() -> None:
    nameless = team(1, "A", provisional=True, known_by_id=False)
    directory = Directory(1, [nameless, team(2, "A")], [("mls-next", "20", 2)], [])
    assert directory.find(side("A", "10"), nobody_asked) == Joined(nameless)


def test_an_unknown_id_beside_a_team_that_has_one_is_another_squad() -> None:
    directory = Directory(1, [team(1, "A")], [("mls-next", "10", 1)], [])
    assert directory.find(side("A", "11"), nobody_asked) == Unknown(provisional=False)


def test_of_two_squads_with_one_name_the_one_that_plays_here_is_meant() -> None:
    directory = Directory(1, [team(1, "A"), team(2, "A")], [], [])
    asked: list[Bracket] = []

    def playing_in(bracket: Bracket) -> frozenset[int]:
        asked.append(bracket)
        return frozenset({2})

    assert directory.find(side("A"), playing_in) == team(2, "A")
    assert asked == [BRACKET]


@pytest.mark.parametrize("playing", [frozenset[int](), frozenset({1, 2})])
def test_where_neither_or_both_play_here_the_name_is_ambiguous(playing: frozenset[int]) -> None:
    directory = Directory(1, [team(1, "A"), team(2, "A")], [], [])
    assert directory.find(side("A"), lambda _: playing) == Unknown(provisional=True)


def test_an_ambiguous_name_is_always_the_same_provisional_team() -> None:
    unclear = team(3, "A", provisional=True, known_by_id=False)
    directory = Directory(1, [team(1, "A"), team(2, "A"), unclear], [], [])
    assert directory.find(side("A"), lambda _: frozenset({1, 2, 3})) == unclear


def test_an_alias_is_asked_last() -> None:
    directory = Directory(1, [team(1, "A"), team(2, "B")], [], [(name_key("B"), "U14", 1), ("bee", "U14", 2)])
    assert directory.find(side("B"), nobody_asked) == team(2, "B")
    assert directory.find(side("Bée"), nobody_asked) == team(2, "B")
    assert directory.find(side("Bée", age_group="U15"), nobody_asked) == Unknown(provisional=True)


def test_an_unknown_id_joins_a_team_without_an_id_by_its_alias() -> None:
    nameless = team(1, "A", known_by_id=False)
    directory = Directory(1, [nameless], [], [("ay", "U14", 1)])
    assert directory.find(side("Ay", "10"), nobody_asked) == Joined(nameless)


def test_a_team_that_was_added_is_found_by_name_id_and_alias() -> None:
    nameless = team(1, "A", provisional=True, known_by_id=False)
    directory = Directory(1, [nameless], [], [("ay", "U14", 1)])
    joined = team(1, "A")
    directory.add(joined, "mls-next", "10")
    assert directory.find(side("A", "10"), nobody_asked) == joined
    assert directory.find(side("A"), nobody_asked) == joined
    assert directory.find(side("ay"), nobody_asked) == joined
    assert directory.named("A", "U14") == [joined]
