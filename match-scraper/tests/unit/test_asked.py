"""What a person asks for: what is known, what is near, what cannot be."""

import datetime as dt
from collections.abc import Sequence

import pytest

from match_scraper.asked import Asked, frame_of, nearest_first, pairs_without_bracket, unknown, wanted_of
from match_scraper.errors import UsageProblem
from match_scraper.season import Season
from match_scraper.sources.base import AGE_GROUPS, Bracket

TODAY = dt.date(2026, 10, 5)
BRACKETS: dict[str, Sequence[Bracket]] = {
    "Homegrown": [Bracket("U14", "Northeast"), Bracket("U17", "Southeast (Pro Player Pathway)")]
}


def ask(**changes: object) -> Asked:
    return Asked(**({"age_groups": ("U14",), "divisions": ("Northeast",)} | changes))  # type: ignore[arg-type]


def test_the_season_is_that_of_today_unless_it_or_a_day_is_named() -> None:
    assert frame_of(ask(), TODAY).season == Season(2026)
    assert frame_of(ask(), dt.date(2029, 3, 1)).season == Season(2028)
    assert frame_of(ask(season="2027/28"), TODAY).season == Season(2027)
    assert frame_of(ask(first_day="2025-09-01"), TODAY).season == Season(2025)
    assert frame_of(ask(last_day="2025-09-01"), TODAY).season == Season(2025)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"age_groups": ()}, "--age-group U14.*AGE_GROUP"),
        ({"divisions": ()}, "--division Northeast.*DIVISION"),
        (
            {"leagues": ("Homegrwn",)},
            "Unknown league “Homegrwn”. Did you mean Homegrown[?] Known are Academy, Flex, Homegrown[.]",
        ),
        ({"season": "2026-28"}, "Unknown season: .*28 does not follow 2026; today's is 2026-27"),
        ({"first_day": "05.09.2026"}, "Unknown date “05.09.2026” for --from; a date is YYYY-MM-DD"),
        ({"first_day": "2026-10-02", "last_day": "2026-10-01"}, "--from 2026-10-02 is after --to 2026-10-01"),
        ({"season": "2026-27", "first_day": "2027-09-01"}, "outside season 2026-27, .* 2026-08-01 to 2027-07-15"),
        ({"season": "2026-27", "last_day": "2026-07-01"}, "outside season 2026-27"),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_read(changes: dict[str, object], words: str) -> None:
    with pytest.raises(UsageProblem, match=words):
        frame_of(ask(**changes), TODAY)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"age_groups": ("U18",)}, "Unknown age group “U18”. Known are U13, U14, U15, U16, U17, U19[.]"),
        ({"divisions": ("Nrotheast",)}, "Unknown division “Nrotheast”. Did you mean Northeast[?] Known are Florida, "),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest_and_the_known_ones(
    changes: dict[str, object], words: str
) -> None:
    asked = ask(**changes)
    with pytest.raises(UsageProblem, match=words):
        wanted_of(asked, frame_of(asked, TODAY), BRACKETS)


def test_names_are_known_in_any_case_and_spacing() -> None:
    asked = ask(age_groups=("u14", "U14 ", "14"), divisions=(" nORTHEAST",), leagues=("homegrown",))
    (wanted,) = wanted_of(asked, frame_of(asked, TODAY), BRACKETS)
    assert (wanted.age_groups, wanted.divisions) == (frozenset({"U14"}), frozenset({"Northeast"}))


def test_all_means_no_filter() -> None:
    asked = ask(age_groups=("ALL",), divisions=("all",))
    (wanted,) = wanted_of(asked, frame_of(asked, TODAY), BRACKETS)
    assert (wanted.age_groups, wanted.divisions) == (None, None)
    assert frame_of(ask(leagues=("all",)), TODAY).leagues == ("Homegrown", "Academy", "Flex")


def test_an_unknown_age_group_is_a_usage_problem_even_where_nothing_could_be_read() -> None:
    asked = ask(age_groups=("U41",))
    with pytest.raises(UsageProblem):
        wanted_of(asked, frame_of(asked, TODAY), {})


def test_a_league_that_could_not_be_read_is_not_asked_for_matches() -> None:
    asked = ask(leagues=("Homegrown", "Flex"), divisions=("Anything",))
    assert [each.league for each in wanted_of(asked, frame_of(asked, TODAY), BRACKETS)] == ["Homegrown"]


def test_what_is_known_of_the_leagues_that_could_be_read_is_known_though_another_could_not() -> None:
    asked = ask(leagues=("Homegrown", "Academy"), divisions=("northeast", "FLORIDA", "Somewhere"))
    (wanted,) = wanted_of(asked, frame_of(asked, TODAY), BRACKETS)
    assert wanted.divisions == frozenset({"Northeast", "Florida", "Somewhere"})
    assert "Homegrown 2026-27 has no U14 in Somewhere" in pairs_without_bracket([wanted], BRACKETS)[1]


def test_known_names_that_do_not_occur_together_are_a_line_and_no_error() -> None:
    asked = ask(age_groups=("U14", "U17"), divisions=("Northeast", "Florida"))
    wanted = wanted_of(asked, frame_of(asked, TODAY), BRACKETS)
    assert pairs_without_bracket(wanted, BRACKETS) == [
        "Homegrown 2026-27 has no U14 in Florida; it has U14 in Northeast",
        "Homegrown 2026-27 has no U17 in Florida; it has U17 in Southeast (Pro Player Pathway)",
        "Homegrown 2026-27 has no U17 in Northeast; it has U17 in Southeast (Pro Player Pathway)",
    ]


def test_where_it_is_played_instead_begins_with_what_was_perhaps_meant() -> None:
    held = [
        Bracket("U14", name) for name in ("Florida", "Frontier", "Mid-America", "Mid-Atlantic", "Northeast", "West")
    ]
    asked = ask(divisions=("Northwest",))
    (told,) = pairs_without_bracket(wanted_of(asked, frame_of(asked, TODAY), {"Homegrown": held}), {"Homegrown": held})
    assert told.startswith("Homegrown 2026-27 has no U14 in Northwest; it has U14 in West, Northeast, ")
    assert told.count(",") == 4


@pytest.mark.parametrize(
    ("typed", "meant"), [("U41", " Did you mean U14?"), ("U18", ""), ("u 14", " Did you mean U14?")]
)
def test_a_name_is_offered_only_where_one_or_two_are_nearer_than_all_others(typed: str, meant: str) -> None:
    known = " Known are U13, U14, U15, U16, U17, U19."
    assert str(unknown("age group", typed, AGE_GROUPS[::-1])).partition(".")[2] == meant + known
    assert str(unknown("age group", typed, [])).partition(".")[2] == " Known are ."


def test_the_nearest_name_comes_first_and_none_is_left_out() -> None:
    known = ["Florida", "Northwest", "Northeast", "Frontier"]
    assert nearest_first("north east", known)[0] == "Northeast"
    assert sorted(nearest_first("x", known)) == sorted(known)
