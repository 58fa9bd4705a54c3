"""Each field of both documents, missing, null and of every other type: no match is lost without being counted.

What may stand in a field is generated from the documents themselves, so that a field that the league adds to the sample
is tried as well. A change is made to one event or row, which must cost at most that one; and to all of them, which is a
changed shape, and must be noticed where the field is needed.
"""

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from match_scraper.errors import ScraperError, SourceUnreadable
from match_scraper.message import to_message
from match_scraper.sample_site.feeds import HOMEGROWN, bundled
from match_scraper.season import Season
from match_scraper.sources.assist import read_schedule
from match_scraper.sources.base import IncompleteBodyError, Reading, Wanted
from match_scraper.sources.feed import decode_schedule, decode_standings

Path = tuple[str | int, ...]
T = TypeVar("T")
GONE = object()
VALUES = [
    None,
    True,
    -1,
    0,
    7,
    2**63,
    1.5,
    "",
    " ",
    "7",
    "text",
    "2026-09-05",
    [],
    [None],
    {},
    {"name": None},
    {"id": 1},
]
"""One or two of every type that JSON has, and what looks nearly right."""

SCHEDULE = bundled().schedule[HOMEGROWN]
STANDINGS = bundled().standings[HOMEGROWN]
FEW = 101
"""So many events are enough: one unreadable of them is less than one in a hundred."""
SMALL = SCHEDULE | {"events": SCHEDULE["events"][:FEW]}
EVERYTHING = Wanted(Season(2026), "Homegrown")
NEEDED = {
    ("game_key",),
    ("start_time",),
    ("home_squad_id",),
    ("away_squad_id",),
    ("home_organisation",),
    ("away_organisation",),
    ("home_organisation", "name"),
    ("away_organisation", "name"),
    ("home_score",),
    ("away_score",),
    ("event_location",),
    ("event_location", "name"),
}
"""Without these an event is no match."""
_standings = decode_standings(json.dumps(STANDINGS).encode())


def paths_of(value: Any, path: Path = ()) -> Iterator[Path]:
    """Every place in a document."""
    if isinstance(value, dict):
        for name, held in value.items():
            yield (*path, name)
            yield from paths_of(held, (*path, name))
    elif isinstance(value, list) and value:
        yield (*path, 0)
        yield from paths_of(value[0], (*path, 0))


EVENT_PATHS = list(paths_of(SCHEDULE["events"][0]))
BRACKET = STANDINGS["competition_season"]["competition_brackets"][1]
BRACKET = BRACKET | {"standings": BRACKET["standings"][:3]}
MANY = BRACKET | {"name": "Many", "standings": [{"team": {"squad_id": squad}} for squad in range(1, 101)]}
BRACKET_PATHS = [path for path in paths_of(BRACKET) if "tiebreaker_values" not in path or "points" in path]
"""One of the official numbers stands for all, which are alike."""


def changed(document: Any, path: Path, value: Any) -> Any:
    """The document with this in that place, or with nothing there."""
    made = copy.deepcopy(document)
    holder = made
    for step in path[:-1]:
        holder = holder[step]
    if value is GONE:
        del holder[path[-1]]
    else:
        holder[path[-1]] = value
    return made


def read(events: list[Any], standings: Any = _standings) -> Reading:
    body = json.dumps(SMALL | {"events": events}).encode()
    return read_schedule(decode_schedule(body), standings, EVERYTHING)


def or_refused(decode: Callable[[bytes], T], document: Any) -> tuple[T | None, str]:
    """What is decoded, or the words in which it is refused; nothing else may come of it."""
    try:
        return decode(json.dumps(document).encode()), ""
    except SourceUnreadable as refused:
        return None, str(refused)


def read_or_refused(events: list[Any], standings: Any = _standings) -> tuple[Reading | None, str]:
    try:
        return read(events, standings), ""
    except SourceUnreadable as refused:
        return None, str(refused)


def with_bracket(bracket: Any) -> Any:
    """The standings with this as their second bracket, and so many rows that one is less than one in a hundred."""
    brackets = STANDINGS["competition_season"]["competition_brackets"]
    return {
        "competition_season": STANDINGS["competition_season"] | {"competition_brackets": [brackets[0], bracket, MANY]}
    }


def account(reading: Reading) -> tuple[int, int, int]:
    """How many messages there are, how many matches break the contract, and how many are unreadable."""
    messages = broken = 0
    for match in reading.matches:
        try:
            to_message(match)
            messages += 1
        except ValidationError:
            broken += 1
    assert messages + broken + len(reading.unreadable) == reading.seen
    return messages, broken, len(reading.unreadable)


@pytest.mark.parametrize("path", EVENT_PATHS, ids=lambda path: ".".join(map(str, path)))
def test_one_event_with_another_value_costs_at_most_itself(path: Path) -> None:
    events = SMALL["events"]
    for value in (GONE, *VALUES):
        reading = read([*events[:7], changed(events[7], path, value), *events[8:]])
        messages, broken, unreadable = account(reading)
        assert reading.seen == FEW
        assert messages >= FEW - 1, value
        lost = broken + unreadable
        if value is GONE:
            assert lost == (path in NEEDED)
        if unreadable:
            assert reading.unreadable[0].why


@pytest.mark.parametrize("path", sorted(NEEDED), ids=".".join)
@pytest.mark.parametrize("change", ["gone", "renamed", "wrong type"])
def test_what_is_needed_and_changes_in_every_event_is_a_changed_shape(path: Path, change: str) -> None:
    def bent(event: Any) -> Any:
        if change == "wrong type":
            return changed(event, path, {"value": 1})
        gone = changed(event, path, GONE)
        return gone if change == "gone" else changed(gone, (*path[:-1], f"new_{path[-1]}"), 1)

    with pytest.raises(SourceUnreadable, match=r"101 of 101 events cannot be read"):
        read([bent(event) for event in SMALL["events"]])


@pytest.mark.parametrize(
    "path", [path for path in EVENT_PATHS if path not in NEEDED], ids=lambda path: ".".join(map(str, path))
)
def test_what_is_not_needed_may_go_or_be_null_in_every_event_and_no_match_is_lost(path: Path) -> None:
    for value in (GONE, None):
        messages, *lost = account(read([changed(event, path, value) for event in SMALL["events"]]))
        assert (messages, lost) == (FEW, [0, 0])


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, FEW - 1), st.sampled_from(EVENT_PATHS), st.sampled_from([GONE, *VALUES])),
        max_size=4,
    )
)
def test_several_changes_at_once_are_counted_or_refused(changes: list[tuple[int, Path, Any]]) -> None:
    events = list(SMALL["events"])
    for place, path, value in changes:
        try:
            events[place] = changed(events[place], path, value)
        except (KeyError, TypeError, IndexError):
            continue  # an earlier change has taken the place away
    touched = len({place for place, _, _ in changes})
    reading, refusal = read_or_refused(events)
    if reading is None:
        assert "events cannot be read" in refusal
        assert touched > 1
        return
    messages, _, _ = account(reading)
    assert reading.seen == FEW
    assert messages >= FEW - touched


@pytest.mark.parametrize("path", BRACKET_PATHS, ids=lambda path: ".".join(map(str, path)))
def test_one_bracket_with_another_value_loses_no_match(path: Path) -> None:
    for value in (GONE, *VALUES):
        standings, refusal = or_refused(decode_standings, with_bracket(changed(BRACKET, path, value)))
        if standings is not None:
            reading, refusal = read_or_refused(SMALL["events"], standings)
            if reading is not None:
                account(reading)
                assert reading.seen == FEW
                continue
        assert "cannot be read" in refusal or "changed shape" in refusal


@pytest.mark.parametrize(
    "path",
    [path for path in paths_of(STANDINGS) if len(path) < 3 or path[1] != "competition_brackets"],
    ids=lambda path: ".".join(map(str, path)),
)
def test_the_top_of_the_standings_may_be_anything_and_is_read_or_refused_in_words(path: Path) -> None:
    for value in (GONE, *VALUES):
        standings, refusal = or_refused(decode_standings, changed(STANDINGS, path, value))
        assert standings is not None or refusal


@pytest.mark.parametrize("name", sorted(SMALL))
def test_the_top_of_the_schedule_may_be_anything_and_is_read_or_refused_in_words(name: str) -> None:
    for value in (GONE, *VALUES):
        schedule, refusal = or_refused(decode_schedule, changed(SMALL, (name,), value))
        assert schedule is not None or refusal


@pytest.mark.parametrize("document", [None, True, 7, "text", [], {}, [SMALL], {"data": SMALL}, SMALL["events"][0]])
def test_a_document_of_another_kind_is_refused_in_words(document: Any) -> None:
    for decode in (decode_schedule, decode_standings):
        with pytest.raises(SourceUnreadable):
            decode(json.dumps(document).encode())


def test_the_documents_are_not_taken_for_each_other() -> None:
    with pytest.raises(SourceUnreadable):
        decode_schedule(json.dumps(STANDINGS).encode())
    with pytest.raises(SourceUnreadable):
        decode_standings(json.dumps(SMALL).encode())


_CUT = [
    (decode_schedule, json.dumps(SMALL | {"events": SMALL["events"][:3]}, ensure_ascii=False).encode()),
    (decode_standings, json.dumps(STANDINGS | {"competition_season": {"competition_brackets": [BRACKET]}}).encode()),
]


@pytest.mark.parametrize(("decode", "body"), _CUT, ids=["schedule", "standings"])
def test_a_document_cut_off_at_any_byte_is_incomplete(decode: Callable[[bytes], Any], body: bytes) -> None:
    decode(body)
    for length in range(len(body)):
        with pytest.raises(IncompleteBodyError):
            decode(body[:length])


@settings(max_examples=100, deadline=None)
@given(st.integers(0, len(_CUT[0][1]) - 1), st.binary(min_size=1, max_size=3))
def test_bytes_that_are_swapped_for_others_give_a_reading_or_a_refusal(place: int, others: bytes) -> None:
    body = _CUT[0][1]
    try:
        schedule = decode_schedule(body[:place] + others + body[place + len(others) :])
        account(read_schedule(schedule, _standings, EVERYTHING))
    except (IncompleteBodyError, ScraperError):
        return
