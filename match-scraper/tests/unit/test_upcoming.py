"""What comes next, and when to look again: by the venue's clock, whatever day it is in UTC."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from match_scraper.cadence import AWAITED, scores_awaited, seconds_of
from match_scraper.match_data import MatchData
from match_scraper.upcoming import kick_off, still_to_come


def match(**fields: Any) -> MatchData:
    least = {"home_team": "A", "away_team": "B", "season": "2026-27", "age_group": "U14", "match_type": "League"}
    return MatchData.model_validate(
        least | {"date": "2026-10-10", "status": "scheduled", "timezone": "America/Los_Angeles"} | fields
    )


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(f"{text}+00:00")


LATE = match(match_time="19:00", match_id="late")
"""In UTC it begins on the next day, at 02:00."""


def test_a_kick_off_is_that_of_the_venue() -> None:
    assert kick_off(LATE) == at("2026-10-11 02:00")
    assert kick_off(match()) is None
    assert kick_off(match(match_time="19:00", timezone=None)) == at("2026-10-10 19:00")


@pytest.mark.parametrize(
    ("now", "comes"), [("2026-10-11 01:59", True), ("2026-10-11 02:00", False), ("2026-10-10 00:00", True)]
)
def test_a_match_comes_until_it_has_begun(now: str, comes: bool) -> None:
    assert (still_to_come([LATE], at(now)) == [LATE]) is comes


@pytest.mark.parametrize(("now", "comes"), [("2026-10-11 06:59", True), ("2026-10-11 07:00", False)])
def test_without_a_kick_off_it_comes_until_its_day_is_over_at_the_venue(now: str, comes: bool) -> None:
    unset = match()
    assert (still_to_come([unset], at(now)) == [unset]) is comes


@pytest.mark.parametrize("status", ["postponed", "tbd", "cancelled"])
def test_what_is_not_scheduled_does_not_come(status: str) -> None:
    assert still_to_come([match(status=status)], at("2026-10-01 00:00")) == []


@given(st.permutations(range(4)))
def test_the_next_one_is_first_and_one_without_a_kick_off_last_on_its_day(order: list[int]) -> None:
    matches = [
        match(match_time="09:00", timezone="America/New_York"),
        match(match_time="09:00"),
        match(),
        match(date="2026-10-11", match_time="08:00"),
    ]
    assert still_to_come([matches[n] for n in order], at("2026-10-01 00:00")) == matches


@pytest.mark.parametrize(
    ("fields", "minutes", "awaited"),
    [
        ({}, -1, 0),
        ({}, 0, 1),
        ({"status": "tbd"}, 100, 1),
        ({}, AWAITED.total_seconds() / 60, 1),
        ({}, AWAITED.total_seconds() / 60 + 1, 0),
        ({"score_home": 1, "score_away": 0, "status": "completed"}, 100, 0),
        ({"status": "postponed"}, 100, 0),
    ],
)
def test_a_score_is_awaited_from_the_kick_off_for_some_hours(
    fields: dict[str, Any], minutes: float, awaited: int
) -> None:
    now = at("2026-10-11 02:00") + dt.timedelta(minutes=minutes)
    assert scores_awaited([match(match_time="19:00", **fields)], now) == awaited


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("15m", 900), ("2h", 7200), ("0.5", 0.5), (" 1.5 H ", 5400)]
)
def test_a_duration_is_written_as_people_do(text: str, seconds: float) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "soon", "0s", "-1m", "8000h", "1d", "1e9"])
def test_what_is_no_duration_is_said_to_be_none(text: str) -> None:
    with pytest.raises(ValueError, match="such as 90s"):
        seconds_of(text)


def test_without_a_zone_a_match_counts_until_its_time_has_passed_everywhere() -> None:
    late = at("2026-10-10 20:59")
    timed, untimed = match(match_time="09:00", timezone=None), match(timezone=None)
    assert still_to_come([timed, untimed], late) == [timed, untimed]
    assert still_to_come([timed, untimed], at("2026-10-10 21:00")) == [untimed]
    assert still_to_come([untimed], at("2026-10-11 11:59")) == [untimed]
    assert still_to_come([untimed], at("2026-10-11 12:00")) == []
