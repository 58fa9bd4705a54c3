"""What a scraped match becomes: the status by the source's clock, and nothing that breaks the contract."""

import datetime as dt

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from match_scraper.message import status_of, to_message
from match_scraper.sources.base import ScrapedMatch

NOW = dt.datetime(2026, 10, 5, 4, 40, 3, tzinfo=dt.UTC)
MOMENT = "2026-10-05T04:40:03Z"
SECOND = dt.timedelta(seconds=1)

PLAYED = ScrapedMatch(
    match_id="26090",
    season="2026-27",
    league="Homegrown",
    match_type="League",
    age_group="U14",
    division="Northeast",
    home_team="FC Westchester",
    away_team="TSF Academy",
    home_team_id="5656",
    away_team_id="6103",
    day=dt.date(2026, 9, 5),
    start=dt.datetime(2026, 9, 5, 16, tzinfo=dt.UTC),
    match_time="12:00",
    timezone="America/New_York",
    location="SUNY Purchase - Baseball Turf",
    score_home=4,
    score_away=1,
    penalty_home=None,
    penalty_away=None,
    parked=False,
    observed_at=NOW,
)
UNSCORED = msgspec.structs.replace(PLAYED, score_home=None, score_away=None)


def test_a_played_match_says_all_that_the_source_says() -> None:
    assert to_message(PLAYED).payload() == {
        "home_team": "FC Westchester",
        "away_team": "TSF Academy",
        "date": "2026-09-05",
        "season": "2026-27",
        "age_group": "U14",
        "match_type": "League",
        "division": "Northeast",
        "score_home": 4,
        "score_away": 1,
        "status": "completed",
        "match_id": "26090",
        "location": "SUNY Purchase - Baseball Turf",
        "match_time": "12:00",
        "timezone": "America/New_York",
        "league": "Homegrown",
        "home_team_id": "5656",
        "away_team_id": "6103",
        "source": "mls-next",
        "observed_at": MOMENT,
    }


def test_a_moment_goes_out_in_utc_whatever_the_zone_that_it_came_in() -> None:
    elsewhere = NOW.astimezone(dt.timezone(dt.timedelta(hours=5, minutes=30)))
    assert to_message(msgspec.structs.replace(PLAYED, observed_at=elsewhere)).payload()["observed_at"] == MOMENT


@pytest.mark.parametrize(("after_kick_off", "status"), [(-SECOND, "scheduled"), (0 * SECOND, "tbd"), (SECOND, "tbd")])
def test_without_a_score_a_match_is_tbd_from_its_kick_off_on(after_kick_off: dt.timedelta, status: str) -> None:
    assert status_of(msgspec.structs.replace(UNSCORED, start=NOW - after_kick_off)) == status


@pytest.mark.parametrize(("after_kick_off", "status"), [(-SECOND, "scheduled"), (0 * SECOND, "completed")])
def test_a_score_counts_only_once_the_match_can_have_begun(after_kick_off: dt.timedelta, status: str) -> None:
    match = msgspec.structs.replace(PLAYED, start=NOW - after_kick_off, penalty_home=4, penalty_away=3)
    message = to_message(match)
    assert message.status == status
    assert (message.score_home is not None) == (message.penalty_home is not None) == (status == "completed")


@pytest.mark.parametrize(
    ("day", "status"), [("2026-10-03", "tbd"), ("2026-10-04", "scheduled"), ("2026-10-05", "scheduled")]
)
def test_without_a_kick_off_a_match_is_tbd_once_its_day_is_over_everywhere(day: str, status: str) -> None:
    match = msgspec.structs.replace(UNSCORED, start=None, match_time=None, day=dt.date.fromisoformat(day))
    assert status_of(match) == status


@pytest.mark.parametrize(("day", "status"), [("2026-10-05", "completed"), ("2026-10-06", "scheduled")])
def test_without_a_kick_off_a_score_counts_from_its_day_on(day: str, status: str) -> None:
    assert status_of(msgspec.structs.replace(PLAYED, start=None, day=dt.date.fromisoformat(day))) == status


def test_a_parked_match_is_postponed_and_shows_no_kick_off() -> None:
    ahead = NOW + dt.timedelta(days=200)
    message = to_message(msgspec.structs.replace(UNSCORED, parked=True, start=ahead))
    assert (message.status, message.match_time) == ("postponed", None)


def test_a_score_on_the_placeholder_day_is_a_result_though_the_day_is_still_to_come() -> None:
    ahead = NOW + dt.timedelta(days=200)
    message = to_message(msgspec.structs.replace(PLAYED, parked=True, start=ahead))
    assert (message.status, message.score_home, message.score_away) == ("completed", 4, 1)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"score_away": None}, "a score has both sides"),
        ({"score_home": 121}, "score_home"),
        ({"score_home": -1}, "score_home"),
        ({"away_team_id": "5656"}, "both '5656'"),
        ({"home_team": ""}, "home_team"),
        ({"location": "Field\x007"}, "location"),
        ({"match_id": "7" * 201}, "match_id"),
    ],
)
def test_what_breaks_the_contract_is_refused_and_named(change: dict[str, object], field: str) -> None:
    with pytest.raises(ValidationError, match=field):
        to_message(msgspec.structs.replace(PLAYED, **change))


def test_two_squads_of_one_club_may_meet_because_their_ids_differ() -> None:
    message = to_message(msgspec.structs.replace(PLAYED, away_team="FC Westchester"))
    assert (message.home_team_id, message.away_team_id) == ("5656", "6103")


@given(
    st.builds(
        msgspec.structs.replace,
        st.just(PLAYED),
        score_home=st.none() | st.integers(0, 12),
        score_away=st.none() | st.integers(0, 12),
        start=st.none() | st.datetimes(dt.datetime(2026, 8, 1), dt.datetime(2027, 7, 1), timezones=st.just(dt.UTC)),
        day=st.dates(dt.date(2026, 8, 1), dt.date(2027, 7, 1)),
        parked=st.booleans(),
    )
)
def test_a_message_has_a_score_exactly_when_it_is_completed(match: ScrapedMatch) -> None:
    try:
        message = to_message(match)
    except ValidationError:
        assert (match.score_home is None) != (match.score_away is None)
        return
    assert (message.score_home is not None) == (message.status == "completed")
    assert message.observed_at == NOW
