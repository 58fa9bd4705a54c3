"""The page of a match: when and where, its result, and what happened to it."""

import re
from typing import Any

import httpx
import pytest

from pages import PLAIN, text_of

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
NUMBERED = PLAIN | {"match_id": "26001"}


def store(writer: httpx.Client, *messages: dict[str, Any]) -> str:
    """Stores them one after the other; returns the address of the first match's page."""
    for message in messages:
        assert writer.post("/api/matches/submit", json=message).status_code == 202
    return f"/matches/{writer.get('/api/matches').json()['items'][0]['id']}"


def test_kick_off_is_told_at_the_venue_and_in_utc(writer: httpx.Client) -> None:
    page = writer.get(
        store(writer, NUMBERED | {"match_time": "12:30", "timezone": "America/Chicago", "location": "Pier 40"})
    )
    words = text_of(page.text)
    assert "Saturday, 5 September 2026" in words
    assert "12:30 at the venue" in words
    assert (
        '<time datetime="2026-09-05T17:30:00Z" data-local="yours" data-day="2026-09-05">17:30 UTC</time>' in page.text
    )
    assert "Pier 40" in words
    assert re.search(r'<a class="home" href="/teams/[0-9]+\?season=2026-27">', page.text)


def test_the_day_in_utc_is_told_where_it_is_another_than_at_the_venue(writer: httpx.Client) -> None:
    page = writer.get(store(writer, NUMBERED | {"match_time": "20:00", "timezone": "America/Los_Angeles"}))
    assert "20:00 at the venue Sun 6 Sep, 03:00 UTC" in text_of(page.text)


@pytest.mark.parametrize(("date", "zone"), [("0001-01-01", "Asia/Tokyo"), ("9999-12-31", "America/Los_Angeles")])
def test_a_kick_off_on_the_last_day_of_all_is_told_at_the_venue_alone(
    writer: httpx.Client, date: str, zone: str
) -> None:
    at = {"date": date, "match_time": "00:00" if zone == "Asia/Tokyo" else "23:59", "timezone": zone}
    page = writer.get(store(writer, NUMBERED | at))
    assert page.status_code == 200
    assert "at the venue" in page.text
    assert "data-day" not in page.text


def test_a_venue_without_a_known_zone_has_its_own_time_alone(writer: httpx.Client) -> None:
    page = writer.get(store(writer, NUMBERED | {"match_time": "12:30"})).text
    assert "12:30 at the venue" in page
    assert "data-local=" not in page.partition("<dl")[2].partition("</dl>")[0]


def test_every_change_is_told_with_its_source(writer: httpx.Client) -> None:
    path = store(
        writer,
        NUMBERED | {"match_time": "12:30"},
        NUMBERED | {"match_time": "14:00", "observed_at": "2026-09-06T05:00:00Z"},
        NUMBERED | {"match_time": "14:00", "score_home": 2, "score_away": 1, "observed_at": "2026-09-06T06:00:00Z"},
    )
    words = text_of(writer.get(path).text)
    assert "Chicago Fire 2–1 Indiana Fire" in words
    assert re.search(r"mls-next Status: scheduled → completed Result: 2–1 .* mls-next Kick-off: 12:30 → 14:00", words)


def test_a_shootout_is_told_beside_the_score(writer: httpx.Client) -> None:
    flex = {"league": "Flex", "match_type": "Flex", "penalty_home": 4, "penalty_away": 2}
    words = text_of(writer.get(store(writer, NUMBERED | {"score_home": 1, "score_away": 1} | flex)).text)
    assert "1–1" in words
    assert "4–2 on penalties" in words


def test_a_kind_that_counts_in_no_table_is_said_to_be_none(writer: httpx.Client) -> None:
    slip = {name: value for name, value in PLAIN.items() if name != "observed_at"} | {"match_type": "Leage"}
    writer.post("/api/matches", json=slip)
    assert "Kind of match Leage: not in the table, where League counts" in text_of(writer.get("/matches/1").text)
    writer.patch("/api/matches/1?new_brackets=true", json={"league": "Flex", "match_type": "League"})
    assert "Kind of match League: not in the table, where Flex counts" in text_of(writer.get("/matches/1").text)
    writer.patch("/api/matches/1", json={"match_type": "flex"})
    assert "not in the table" not in writer.get("/matches/1").text


def test_what_a_person_entered_stands_and_the_dispute_is_shown(writer: httpx.Client) -> None:
    path = store(writer, NUMBERED)
    assert writer.post("/api/matches", json=NUMBERED | {"score_home": 2, "score_away": 1}).status_code == 200
    store(writer, NUMBERED | {"score_home": 3, "score_away": 1, "observed_at": "2026-09-06T06:00:00Z"})
    words = text_of(writer.get(path).text)
    assert "Chicago Fire 2–1 Indiana Fire" in words
    assert "Disputed: result. 3–1 in the source; 2–1 was entered by hand and stands." in words


def test_a_possible_duplicate_names_the_other(writer: httpx.Client) -> None:
    first = store(
        writer,
        NUMBERED | {"score_home": 2, "score_away": 1},
        PLAIN | {"match_id": "26002", "score_home": 2, "score_away": 1},
    )
    pages = [writer.get(f"/matches/{item['id']}") for item in writer.get("/api/matches").json()["items"]]
    (warned,) = (page.text for page in pages if "Perhaps entered twice" in page.text)
    assert f'href="{first}"' in warned


def test_the_sources_number_leads_to_the_match(writer: httpx.Client) -> None:
    path = store(writer, NUMBERED)
    assert "Match number 26001" in text_of(writer.get(path).text)
    page = writer.get("/matches/26001")
    assert page.status_code == 404
    assert "There is no match 26001: 26001 is the source’s number of match 1." in text_of(page.text)
    assert f'href="{path}"' in page.text
    said = "is the source's number of match 1 (Chicago Fire – Indiana Fire on 2026-09-05), at /api/matches/1"
    for answer in (writer.get("/api/matches/26001"), writer.patch("/api/matches/26001", json={"notes": "windy"})):
        assert answer.status_code == 404
        assert answer.json()["detail"] == f"there is no match 26001: 26001 {said}"
        assert [near["id"] for near in answer.json()["nearest"]] == [1]


def test_a_match_without_a_number_has_no_line_for_one(writer: httpx.Client) -> None:
    assert "Match number" not in writer.get(store(writer, PLAIN)).text


@pytest.mark.parametrize("name", ["999", "0", "-1", "x", "9" * 400, "%00"])
def test_an_unknown_match_is_a_page_that_helps(writer: httpx.Client, name: str) -> None:
    store(writer, NUMBERED)
    answer = writer.get(f"/matches/{name}")
    assert answer.status_code == 404
    assert "Not found" in answer.text
    assert 'role="search"' in answer.text
