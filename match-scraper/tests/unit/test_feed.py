"""The feed's documents, cut, bent and renamed in every way: never a crash, and nothing lost uncounted."""

import contextlib
import copy
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from match_scraper.errors import SourceUnreadable
from match_scraper.message import to_message
from match_scraper.sample_site.feeds import HOMEGROWN, bundled
from match_scraper.season import Season
from match_scraper.sources.assist import read_schedule
from match_scraper.sources.base import IncompleteBodyError, Reading, Wanted
from match_scraper.sources.feed import decode_schedule, decode_standings

SCHEDULE = bundled().schedule[HOMEGROWN]
STANDINGS = bundled().standings[HOMEGROWN]
FEW = SCHEDULE | {"events": SCHEDULE["events"][:101]}
"""So many that one unreadable of them is less than one in a hundred; each example reads them all."""
EVERYTHING = Wanted(Season(2026), "Homegrown")
SCHEDULE_BYTES = json.dumps(SCHEDULE).encode()
STANDINGS_BYTES = json.dumps(STANDINGS).encode()

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=4,
)
event_paths = st.sampled_from(
    [(name,) for name in SCHEDULE["events"][0]]
    + [(outer, "name") for outer in ("competition", "home_organisation", "away_organisation", "event_location")]
)


def dumped(value: Any) -> bytes:
    return json.dumps(value).encode()


def read(schedule: bytes, standings: bytes) -> Reading | None:
    """What is read of these documents; None where the source is refused, which is an answer too."""
    try:
        return read_schedule(decode_schedule(schedule), decode_standings(standings), EVERYTHING)
    except (IncompleteBodyError, SourceUnreadable):
        return None


def assert_all_counted(reading: Reading, events: int) -> None:
    assert reading.seen == events
    assert len(reading.matches) + len(reading.unreadable) == events
    for match in reading.matches:
        # What breaks the contract is for the run to report; nothing else may come of it.
        with contextlib.suppress(ValidationError):
            to_message(match)


def test_the_sample_is_read_whole() -> None:
    reading = read(SCHEDULE_BYTES, STANDINGS_BYTES)
    assert reading is not None
    assert_all_counted(reading, len(SCHEDULE["events"]))
    assert reading.unreadable == ()


@settings(max_examples=150)
@given(st.integers(0, len(SCHEDULE_BYTES) - 1))
def test_a_schedule_cut_at_any_byte_is_told_from_a_whole_one(length: int) -> None:
    with pytest.raises(IncompleteBodyError):
        decode_schedule(SCHEDULE_BYTES[:length])


@settings(max_examples=150)
@given(st.integers(0, len(STANDINGS_BYTES) - 1))
def test_standings_cut_at_any_byte_are_told_from_whole_ones(length: int) -> None:
    with pytest.raises(IncompleteBodyError):
        decode_standings(STANDINGS_BYTES[:length])


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(event_paths, json_values, st.booleans())
@example(("start_time",), "0001-01-01T00:00:00Z", False)
@example(("start_time",), "9999-12-31T23:59:59Z", False)
@example(("local_timezone",), "../../etc/passwd", False)
@example(("local_timezone",), "America", False)
@example(("local_timezone",), "\x00", False)
@example(("game_key",), "", False)
@example(("home_score",), -1, False)
def test_a_field_of_one_event_may_be_anything_and_the_event_is_still_counted(
    path: tuple[str, ...], value: Any, missing: bool
) -> None:
    events = FEW["events"]
    event = copy.deepcopy(events[7])
    holder = event
    for name in path[:-1]:
        holder = holder[name]
    if missing:
        del holder[path[-1]]
    else:
        holder[path[-1]] = value
    reading = read(dumped(FEW | {"events": [*events[:7], event, *events[8:]]}), STANDINGS_BYTES)
    assert reading is not None
    assert_all_counted(reading, len(events))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, len(FEW["events"])), json_values)
def test_anything_may_stand_where_an_event_should(place: int, value: Any) -> None:
    events = [*FEW["events"][:place], value, *FEW["events"][place:]]
    reading = read(dumped(FEW | {"events": events}), STANDINGS_BYTES)
    assert reading is not None
    assert_all_counted(reading, len(events))
    assert len(reading.unreadable) == 1


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(["synced_at", "events", "linked_competition_seasons"]), json_values, st.booleans())
def test_the_top_of_a_schedule_may_be_anything_and_nothing_crashes(name: str, value: Any, missing: bool) -> None:
    document = {key: held for key, held in SCHEDULE.items() if key != name}
    read(dumped(document if missing else document | {name: value}), STANDINGS_BYTES)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.sampled_from(
            [
                "competition_season",
                "competition_brackets",
                0,
                1,
                "age_group",
                "name",
                "standings",
                "team",
                "squad_id",
                "key",
            ]
        ),
        min_size=1,
        max_size=6,
    ),
    json_values,
)
def test_anything_may_stand_in_the_standings_and_every_event_is_still_counted(path: list[Any], value: Any) -> None:
    document = copy.deepcopy(STANDINGS)
    holder: Any = document
    for step in path[:-1]:
        try:
            holder = holder[step]
        except (KeyError, IndexError, TypeError):
            return
    try:
        holder[path[-1]] = value
    except (IndexError, TypeError):
        return
    reading = read(SCHEDULE_BYTES, dumped(document))
    if reading is not None:
        assert_all_counted(reading, len(SCHEDULE["events"]))


@given(st.binary(max_size=60))
def test_bytes_that_are_no_document_at_all_are_refused_in_words(body: bytes) -> None:
    for decode in (decode_schedule, decode_standings):
        with pytest.raises((IncompleteBodyError, SourceUnreadable)):
            decode(body)


@pytest.mark.parametrize("made", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59-05:00", "0001-01-01T00:00:00+05:00"])
@pytest.mark.parametrize("events", [FEW["events"], [*FEW["events"], None]], ids=["whole", "event by event"])
def test_a_clock_that_cannot_be_right_is_said_in_words(made: str, events: list[Any]) -> None:
    with pytest.raises(SourceUnreadable, match=f"made at {made[:10]}.*: its clock is wrong"):
        decode_schedule(dumped(FEW | {"synced_at": made, "events": events}))


def test_up_to_one_in_a_hundred_may_be_unreadable_and_no_more() -> None:
    events = SCHEDULE["events"][:100]
    one = decode_schedule(dumped(SCHEDULE | {"events": [*events[:99], {"game_key": "7"}]}))
    assert (one.seen, len(one.events), one.unreadable_keys) == (100, 99, frozenset({"7"}))
    assert one.unreadable[0].where == "match 7"
    assert "start_time" in one.unreadable[0].why
    with pytest.raises(SourceUnreadable, match=r"2 of 100 events cannot be read.*match 7"):
        decode_schedule(dumped(SCHEDULE | {"events": [*events[:98], {"game_key": "7"}, {"game_key": "8"}]}))


@pytest.mark.parametrize("blank", ["", " ", "\u00a0\t"])
@pytest.mark.parametrize("path", [("game_key",), ("home_organisation", "name"), ("away_organisation", "name")])
def test_a_number_or_a_club_that_is_blank_makes_no_match(path: tuple[str, ...], blank: str) -> None:
    events = copy.deepcopy(SCHEDULE["events"][:2])
    holder = events[1]
    for name in path[:-1]:
        holder = holder[name]
    holder[path[-1]] = blank
    found = decode_schedule(dumped(SCHEDULE | {"events": events}))
    (odd,) = found.unreadable
    named = path != ("game_key",)
    assert odd.where == (f"match {events[1]['game_key']}" if named else "event no. 2 of the feed")
    assert ".".join(path) in odd.why
    assert found.unreadable_keys == ({events[1]["game_key"]} if named else set())


def test_one_of_few_may_be_unreadable_and_not_all() -> None:
    few = decode_schedule(dumped(SCHEDULE | {"events": [SCHEDULE["events"][0], {"game_key": "7"}]}))
    assert (few.seen, len(few.unreadable)) == (2, 1)
    with pytest.raises(SourceUnreadable, match="1 of 1 events cannot be read"):
        decode_schedule(dumped(SCHEDULE | {"events": [{"game_key": "7"}]}))


def test_an_unreadable_bracket_of_the_standings_is_a_changed_shape() -> None:
    document = copy.deepcopy(STANDINGS)
    document["competition_season"]["competition_brackets"][0]["age_group"] = None
    with pytest.raises(SourceUnreadable, match=r"1 of . brackets cannot be read"):
        decode_standings(dumped(document))


def test_a_renamed_score_is_a_changed_shape_and_not_a_match_without_one() -> None:
    events = [{("homeScore" if k == "home_score" else k): v for k, v in event.items()} for event in SCHEDULE["events"]]
    with pytest.raises(SourceUnreadable, match="home_score"):
        decode_schedule(dumped(SCHEDULE | {"events": events}))


def test_one_unreadable_row_of_the_standings_costs_only_itself() -> None:
    document = copy.deepcopy(STANDINGS)
    brackets = document["competition_season"]["competition_brackets"]
    brackets[0]["standings"] += [copy.deepcopy(brackets[0]["standings"][0]) for _ in range(100)]
    brackets[0]["standings"][3]["team"] = None
    standings = decode_standings(dumped(document))
    assert [odd.where for odd in standings.unreadable] == ["row 4 of the standings of U14 Northeast"]
    assert len(standings.brackets) == len(brackets)
