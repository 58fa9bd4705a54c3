"""What the Assist documents mean: the placeholder day, the canary, what is listed, whose season it is."""

import copy
import datetime as dt
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from match_scraper.errors import ScoresMissing, SourceUnreadable
from match_scraper.message import to_message
from match_scraper.sample_site.feeds import HOMEGROWN, bundled
from match_scraper.season import Season
from match_scraper.sources.assist import feed_key, read_schedule
from match_scraper.sources.base import Reading, Wanted
from match_scraper.sources.feed import decode_schedule, decode_standings
from match_scraper.sources.whole_feed import placeholder_day

NOW = dt.datetime(2026, 10, 6, 4, 40, tzinfo=dt.UTC)
TUESDAY = dt.date(2027, 6, 8)
SATURDAY = dt.date(2027, 6, 12)
NORTHEAST = Wanted(Season(2026), "Homegrown", divisions=frozenset({"Northeast"}))


def read(document: Any, wanted: Wanted = NORTHEAST) -> Reading:
    standings = json.dumps(bundled().standings[HOMEGROWN]).encode()
    return read_schedule(
        decode_schedule(json.dumps(document).encode()),
        decode_standings(standings),
        wanted,
    )


def schedule() -> Any:
    return bundled().schedule[HOMEGROWN]


def test_the_key_of_a_feed_follows_the_season() -> None:
    assert feed_key("Homegrown", Season(2026)) == "mls-next-league-26-27"
    assert feed_key("Academy", Season(2027)) == "mls-next-2-academy-division-27-28"
    assert feed_key("Flex", Season(2099)) == "mls-next-flex-99-00"


@pytest.mark.parametrize(
    ("matches", "found"),
    [
        ([(TUESDAY, False)] * 20, TUESDAY),
        ([(TUESDAY, False)] * 19, None),
        ([(TUESDAY, False)] * 19 + [(TUESDAY, True)], TUESDAY),
        ([(TUESDAY, False)] * 10 + [(TUESDAY, True)] * 10, None),
        ([(SATURDAY, False)] * 300, None),
        ([(TUESDAY, False)] * 20 + [(TUESDAY + dt.timedelta(days=1), False)] * 21, TUESDAY + dt.timedelta(days=1)),
        ([(TUESDAY, False)] * 20 + [(NOW.date() - dt.timedelta(days=28), False)] * 99, TUESDAY),
    ],
)
def test_the_placeholder_day_is_known_by_its_shape(matches: list[tuple[dt.date, bool]], found: dt.date | None) -> None:
    assert placeholder_day(matches, NOW) == found


@pytest.mark.parametrize(("days_ago", "found"), [(-1, True), (0, False), (7, False), (9, True)])
def test_a_day_that_has_just_come_is_not_the_one_of_put_off_matches(days_ago: int, found: bool) -> None:
    now = dt.datetime.combine(TUESDAY + dt.timedelta(days=days_ago), dt.time(4, 40), dt.UTC)
    assert placeholder_day([(TUESDAY, False)] * 20, now) == (TUESDAY if found else None)


@given(st.lists(st.tuples(st.dates(dt.date(2027, 6, 1), dt.date(2027, 6, 12)), st.booleans()), max_size=120))
def test_the_placeholder_day_is_midweek_and_crowded_in_any_order_of_the_feed(
    matches: list[tuple[dt.date, bool]],
) -> None:
    day = placeholder_day(matches, NOW)
    assert day == placeholder_day(matches[::-1], NOW)
    if day is not None:
        assert day.weekday() in (1, 2, 3)
        assert sum(each == day for each, _ in matches) >= 20


def with_week(scores: int, matches: int = 20, hours_before: float = 48) -> Any:
    """A feed in which only these matches lie in the last week, the first `scores` of them with a score."""
    document = schedule()
    synced_at = dt.datetime.fromisoformat(document["synced_at"])
    for number, event in enumerate(document["events"]):
        near = number < matches
        start = synced_at - dt.timedelta(hours=hours_before) if near else dt.datetime(2026, 8, 2, 15, tzinfo=dt.UTC)
        event["start_time"] = start.strftime("%Y-%m-%dT%H:%M:%SZ")
        event["home_score"] = event["away_score"] = 1 if number < scores or not near else None
    return document


@pytest.mark.parametrize(
    ("document", "sings"),
    [
        (with_week(scores=0), True),
        (with_week(scores=1), False),
        (with_week(scores=0, matches=19), False),
        (with_week(scores=0, hours_before=23.9), False),
        (with_week(scores=0, hours_before=24), True),
        (with_week(scores=0, hours_before=7 * 24), True),
        (with_week(scores=0, hours_before=7 * 24 + 0.1), False),
    ],
)
def test_the_canary_sings_for_twenty_matches_of_the_last_week_without_any_score(document: Any, sings: bool) -> None:
    problems = read(document).problems
    assert [type(problem) for problem in problems] == ([ScoresMissing] if sings else [])


def test_the_canary_sings_for_a_midweek_round_too() -> None:
    document = with_week(scores=0, matches=20)
    document["synced_at"] = "2026-10-09T04:40:03Z"
    for event in document["events"][:20]:
        event["start_time"] = "2026-10-06T19:00:00Z"  # a Tuesday
    reading = read(document)
    assert [type(problem) for problem in reading.problems] == [ScoresMissing]
    assert not any(match.parked for match in reading.matches)


def test_the_same_feed_gives_the_same_messages_whenever_and_in_whatever_order_it_is_read() -> None:
    document = schedule()
    turned = document | {"events": document["events"][::-1]}
    once = {match.match_id: to_message(match) for match in read(document).matches}
    assert once == {match.match_id: to_message(match) for match in read(turned).matches}


def test_every_match_of_the_feed_is_listed_whether_asked_for_and_readable_or_not() -> None:
    document = schedule()
    document["events"][1]["start_time"] = None
    found = read(document)
    assert found.listed == {event["game_key"] for event in document["events"]}
    assert found.in_words()[document["events"][0]["game_key"]] == "FC Westchester v TSF Academy, 2026-09-05"
    assert document["events"][1]["game_key"] not in found.in_words()


def test_a_schedule_of_another_season_is_refused() -> None:
    with pytest.raises(SourceUnreadable, match="no match of that season"):
        read(schedule(), Wanted(Season(2027), "Homegrown"))


def test_standings_without_a_bracket_file_nothing_and_are_refused() -> None:
    standings = decode_standings(b'{"competition_season": {"competition_brackets": []}}')
    with pytest.raises(SourceUnreadable, match="no bracket"):
        read_schedule(decode_schedule(json.dumps(schedule()).encode()), standings, NORTHEAST)


def strangers(matches: int) -> Any:
    """A feed in which the squads of so many matches of U14 Northeast stand in no bracket."""
    document = schedule()
    asked_for = {match.match_id for match in read(document).matches if match.age_group == "U14"}
    meetings = [event for event in document["events"] if event["game_key"] in asked_for]
    for number, event in enumerate(meetings[:matches]):
        event.update(home_squad_id=880_000 + 2 * number, away_squad_id=880_001 + 2 * number)
    return document


@pytest.mark.parametrize(("matches", "many"), [(1, False), (3, False), (4, True), (272, True)])
def test_matches_that_may_have_been_asked_for_are_told_and_many_are_a_problem(matches: int, many: bool) -> None:
    reading = read(strangers(matches))
    (told,) = (*reading.notices, *map(str, reading.problems))
    assert "U14: no squad stands in a bracket" in told
    assert f"which may be one that was asked for, of {matches} match" in told
    assert [type(problem) for problem in reading.problems] == ([SourceUnreadable] if many else [])
    assert len(reading.matches) == 462 - matches


def test_matches_that_cannot_have_been_asked_for_are_not_told() -> None:
    for wanted in (
        Wanted(Season(2026), "Homegrown", frozenset({"U15"}), frozenset({"Northeast"})),
        Wanted(Season(2026), "Homegrown", None, frozenset({"Northeast"}), clubs=("no such club",)),
        Wanted(Season(2026), "Homegrown", None, frozenset({"Northeast"}), first_day=dt.date(2027, 7, 1)),
    ):
        reading = read(strangers(3), wanted)
        assert (reading.notices, reading.problems) == ((), ())


def test_an_event_is_found_by_the_day_at_its_venue_and_not_by_that_of_utc() -> None:
    document = schedule()
    event = document["events"][0]
    event["start_time"] = "2026-09-06T02:30:00Z"
    day = dt.date(2026, 9, 5)
    (match,) = [
        match
        for match in read(document, Wanted(Season(2026), "Homegrown", first_day=day, last_day=day)).matches
        if match.match_id == event["game_key"]
    ]
    assert (match.day, match.match_time) == (day, "22:30")


def test_a_club_is_found_by_a_part_of_its_name_in_any_case() -> None:
    reading = read(schedule(), Wanted(Season(2026), "Homegrown", clubs=("westchester", "no such club")))
    assert reading.matches
    assert all("FC Westchester" in (match.home_team, match.away_team) for match in reading.matches)


def test_a_match_that_stands_twice_in_the_feed_is_said_to() -> None:
    document = schedule()
    document["events"].append(copy.deepcopy(document["events"][0]))
    assert any("more than once in the feed: 1 match: 26090" in notice for notice in read(document).notices)


def test_a_league_match_in_the_flex_feed_is_still_a_homegrown_league_match() -> None:
    document = schedule()
    document["events"][0]["competition"]["name"] = "League"
    wanted = Wanted(Season(2026), "Flex", divisions=frozenset({"Northeast"}))
    match = read(document, wanted).matches[0]
    assert (match.league, match.match_type) == ("Homegrown", "League")
