"""What a message states: normalised values per register, their weight, and what no row can hold."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messages import NOW, bare, match
from missing_table.ingest.merge import Statement
from missing_table.ingest.statement import Contradiction, age_group_label, season_label, state
from missing_table.match_data import MatchData

SAID = "1 2026-10-05T04:40:03.000000Z"
"""The stamp of a source's plain match."""
PARKED = "0 2026-10-05T04:40:03.000000Z"


def stated(payload: dict[str, Any], *, by_hand: bool = False, league: str = "Homegrown") -> Statement:
    return state(MatchData.model_validate(payload), arrived=NOW, now=NOW, default_league=league, by_hand=by_hand)


def test_a_full_message_states_each_register_once() -> None:
    found = stated(match(score_home=4, score_away=1, status="completed", notes="windy"))
    assert found.registers == {
        "sides": ("FC Westchester", "TSF Academy", "5656", "6103", 0, 0),
        "schedule": (dt.date(2026, 9, 5), "12:00", "America/New_York", "SUNY Purchase"),
        "league": ("Homegrown",),
        "filing": ("U14", "League"),
        "bracket": ("Northeast", None, None),
        "result": (4, 1, None, None, False, "fc westchester#5656", 0),
        "notes": ("windy",),
    }
    assert found.stamps == dict.fromkeys(found.registers, SAID)
    assert (found.source, found.season, found.match_id) == ("mls-next", "2026-27", "26090")


def test_a_plain_message_states_what_it_must_and_its_arrival_stands_in() -> None:
    found = stated(bare())
    assert set(found.registers) == {"sides", "schedule", "league", "filing", "status"}
    assert found.registers["status"] == ("scheduled",)
    assert found.stamps["sides"] == "1 2026-10-05T12:00:00.000000Z"
    assert found.match_id is None


@pytest.mark.parametrize(
    "label", ["2026-27", "2026-2027", "2026/27", "2026/2027", "26-27", "26/27", "2026–27", "26 - 27"]
)
def test_a_season_has_one_label(label: str) -> None:
    assert season_label(label) == "2026-27"
    assert stated(match(season=label)).season == "2026-27"


@pytest.mark.parametrize("label", ["2026", "2026-28", "2027-26", "spring 2026", "126-27", "2026-2127"])
def test_what_is_no_pair_of_years_stays(label: str) -> None:
    assert season_label(label) == label


def test_the_century_ends_within_a_season() -> None:
    assert season_label("2099-2000") == "2099-00"


@pytest.mark.parametrize(
    ("label", "age_group"), [("u14", "U14"), ("U 14", "U14"), ("U-14", "U14"), ("U9", "U9"), ("Adults", "Adults")]
)
def test_an_age_group_has_one_label(label: str, age_group: str) -> None:
    assert age_group_label(label) == age_group


@pytest.mark.parametrize(
    ("status", "score", "status_stated", "result_stated"),
    [
        (None, False, ("scheduled",), False),
        (None, True, None, True),
        ("scheduled", False, ("scheduled",), False),
        ("scheduled", True, ("scheduled",), True),
        ("tbd", False, ("tbd",), False),
        ("tbd", True, ("tbd",), True),
        ("postponed", False, ("postponed",), False),
        ("cancelled", True, ("cancelled",), True),
        ("completed", False, ("tbd",), False),
        ("completed", True, None, True),
        ("forfeit", False, ("tbd",), False),
        ("forfeit", True, None, True),
    ],
)
def test_status_and_score(
    status: str | None, score: bool, status_stated: tuple[str] | None, result_stated: bool
) -> None:
    goals = {"score_home": 3, "score_away": 0} if score else {}
    found = stated(match(status=status, **goals))
    assert found.registers.get("status") == status_stated
    assert ("result" in found.registers) == result_stated
    if result_stated:
        assert found.registers["result"][4] == (status == "forfeit")


@pytest.mark.parametrize("status", ["postponed", "cancelled"])
def test_the_date_of_a_match_that_was_put_off_gives_way_to_any_other(status: str) -> None:
    found = stated(match(status=status))
    assert found.stamps["schedule"] == PARKED
    assert found.stamps["status"] == SAID
    assert stated(match(status=status), by_hand=True).stamps["schedule"] == "2 2026-10-05T04:40:03.000000Z"


def test_a_league_that_was_only_assumed_gives_way_to_any_other() -> None:
    found = stated(match(league=None), league="Academy")
    assert found.registers["league"] == ("Academy",)
    assert found.stamps["league"] == PARKED
    assert stated(match(league=None), by_hand=True).stamps["league"] == PARKED


def test_the_away_side_of_another_bracket() -> None:
    found = stated(match(away_age_group="u15", away_division="Mid-Atlantic"))
    assert found.registers["bracket"] == ("Northeast", "U15", "Mid-Atlantic")
    same = stated(match(away_age_group="U 14", away_division="Northeast"))
    assert same.registers["bracket"] == ("Northeast", None, None)
    without = stated(match(division=None, away_division="Mid-Atlantic"))
    assert without.registers["bracket"] == (None, None, "Mid-Atlantic")
    assert "bracket" not in stated(match(division=None)).registers


OPTIONAL_TEXTS = [
    "match_id",
    "location",
    "notes",
    "timezone",
    "league",
    "division",
    "home_team_id",
    "away_team_id",
    "away_age_group",
    "away_division",
    "source",
]


@pytest.mark.parametrize("field", OPTIONAL_TEXTS)
@pytest.mark.parametrize("empty", ["", " ", "\u00a0\u3000"])
def test_an_empty_optional_field_is_absent(field: str, empty: str) -> None:
    assert stated(match(**{field: empty})) == stated(match(**{field: None}))


@pytest.mark.parametrize("field", ["home_team", "away_team", "season", "age_group", "match_type"])
def test_a_required_field_of_white_space_is_a_contradiction(field: str) -> None:
    with pytest.raises(Contradiction, match=f"^{field}: is only white space$") as raised:
        stated(match(**{field: " \u00a0"}))
    assert raised.value.field == field


@pytest.mark.parametrize(
    ("fields", "field", "problem"),
    [
        ({"score_home": 1}, "score_away", "a score has both sides"),
        ({"score_away": 1}, "score_home", "a score has both sides"),
        ({"score_home": 1, "score_away": 1, "penalty_home": 4}, "penalty_away", "a score has both sides"),
        ({"penalty_home": 4, "penalty_away": 3}, "penalty_home", "a shootout without a score"),
        ({"away_team_id": "5656"}, "away_team_id", "a team cannot meet itself"),
        ({"away_team": " fc  WESTCHESTER", "away_team_id": None}, "away_team", "a team cannot meet itself"),
        ({"observed_at": "2026-10-05T13:00:01Z"}, "observed_at", "more than an hour in the future"),
    ],
)
def test_contradictions(fields: dict[str, Any], field: str, problem: str) -> None:
    with pytest.raises(Contradiction, match=problem) as raised:
        stated(match(**fields))
    assert raised.value.field == field


def test_what_looks_like_a_contradiction_and_is_none() -> None:
    stated(match(observed_at="2026-10-05T13:00:00Z"))
    stated(match(away_team="FC Westchester"))  # two squads of one club: their ids differ
    stated(match(away_team="FC Westchester", away_team_id=None, away_age_group="U15"))


@given(
    st.one_of(st.none(), st.integers(0, 99)),
    st.one_of(st.none(), st.integers(0, 99)),
    st.sampled_from([None, "scheduled", "tbd", "completed", "postponed", "cancelled", "forfeit"]),
)
def test_a_score_is_stated_whole_or_not_at_all(home: int | None, away: int | None, status: str | None) -> None:
    try:
        found = stated(match(score_home=home, score_away=away, status=status))
    except Contradiction:
        assert (home is None) != (away is None)
    else:
        assert found.registers.get("result", (home, away))[:2] == (home, away)
        assert ("result" in found.registers) == (home is not None)
        assert set(found.registers) == set(found.stamps)


def test_a_person_who_says_no_status_states_none() -> None:
    assert "status" not in stated(match(), by_hand=True).registers
    assert stated(match(status="scheduled"), by_hand=True).registers["status"] == ("scheduled",)
