"""A team's calendar: what programs that subscribe to it get, read back with the library."""

import datetime as dt
import re
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
import vobject
from icalendar import Calendar

PLAIN: dict[str, Any] = {
    "home_team": "FC Westchester",
    "away_team": "TSF; Academy, Ñandú",
    "home_team_id": "5656",
    "date": "2026-09-05",
    "match_time": "12:00",
    "timezone": "America/New_York",
    "location": "SUNY Purchase, field 1",
    "season": "2026-27",
    "age_group": "U15",
    "match_type": "League",
    "division": "Northeast",
    "match_id": "1",
    "observed_at": "2026-09-01T00:00:00Z",
}
SEASON = [
    PLAIN,
    PLAIN | {"match_id": "2", "date": "2026-09-12", "match_time": None},
    PLAIN | {"match_id": "3", "date": "2026-09-19", "status": "postponed"},
    PLAIN | {"match_id": "4", "date": "2026-09-26", "status": "cancelled"},
    PLAIN | {"match_id": "5", "date": "2026-10-03", "timezone": None},
    PLAIN | {"match_id": "6", "date": "2026-11-07", "score_home": 2, "score_away": 1},
]


def subscribed(writer: httpx.Client, *more: dict[str, Any]) -> httpx.Response:
    assert writer.post("/api/matches/submit", json=[*SEASON, *more]).status_code == 202
    return writer.get(address(writer))


def address(client: httpx.Client) -> str:
    (club,) = client.get("/api/search", params={"q": "westchester"}).json()["items"]
    return f"/teams/{club['teams'][0]['team_ref']}.ics"


def events(answer: httpx.Response) -> list[Any]:
    calendar: Any = Calendar.from_ical(answer.content)
    return sorted(calendar.events, key=lambda event: str(event["uid"]))


def test_it_is_a_calendar_that_reads_back(writer: httpx.Client) -> None:
    answer = subscribed(writer)
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert all(len(line) <= 75 for line in answer.content.split(b"\r\n"))
    calendar: Any = Calendar.from_ical(answer.content)
    assert calendar.to_ical() == answer.content
    vobject.readOne(answer.text).validate(raiseException=True)
    assert calendar["refresh-interval"].dt == dt.timedelta(hours=1)
    assert [str(zone["tzid"]) for zone in calendar.timezones] == ["America/New_York"]
    first, second, third, fourth, fifth, sixth = events(answer)
    assert first["dtstart"].dt == dt.datetime(2026, 9, 5, 12, tzinfo=ZoneInfo("America/New_York"))
    assert str(first["summary"]) == "FC Westchester – TSF; Academy, Ñandú"
    assert str(first["location"]) == "SUNY Purchase, field 1"
    assert str(first["url"]).startswith(str(writer.base_url.join("/matches/")))
    assert second["dtstart"].dt == dt.date(2026, 9, 12)
    assert "duration" not in second
    assert (str(third["status"]), str(third["summary"])[:11]) == ("TENTATIVE", "Postponed: ")
    assert (str(fourth["status"]), str(fourth["summary"])[:11]) == ("CANCELLED", "Cancelled: ")
    assert fifth["dtstart"].dt == dt.datetime(2026, 10, 3, 12)  # by the clock at the venue
    assert str(sixth["summary"]) == "FC Westchester 2–1 TSF; Academy, Ñandú"
    assert len({str(event["uid"]) for event in events(answer)}) == 6


def test_two_reads_differ_in_the_changed_match_alone(writer: httpx.Client) -> None:
    first = subscribed(writer)
    again = writer.get(address(writer))
    assert again.content == first.content
    assert again.headers["etag"] == first.headers["etag"]
    head = writer.head(address(writer))
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", first.headers["etag"])
    had = writer.get(address(writer), headers={"If-None-Match": first.headers["etag"]})
    assert (had.status_code, had.content) == (304, b"")
    changed = subscribed(writer, PLAIN | {"score_home": 3, "score_away": 3, "observed_at": "2026-09-06T00:00:00Z"})
    before, after = events(first), events(changed)
    differing = [(old, new) for old, new in zip(before, after, strict=True) if old.to_ical() != new.to_ical()]
    ((old, new),) = differing
    assert old["uid"] == new["uid"]
    assert str(new["summary"]) == "FC Westchester 3–3 TSF; Academy, Ñandú"
    assert new["sequence"] > old["sequence"]
    assert new["last-modified"].dt >= old["last-modified"].dt
    frames = [answer.content.partition(b"BEGIN:VEVENT")[0] for answer in (first, changed)]
    assert frames[0] == frames[1]


@pytest.mark.parametrize("season", ["0" * 200, "9999-00", "0000-01", "spring"])
@pytest.mark.parametrize("date", ["2026-09-05", "9999-12-31"])
def test_a_season_may_be_called_anything(writer: httpx.Client, season: str, date: str) -> None:
    assert writer.post("/api/matches/submit", json=[PLAIN | {"season": season, "date": date}]).status_code == 202
    assert len(events(writer.get(address(writer), params={"season": season}))) == 1


@pytest.mark.parametrize("season", ["2026-27", "spring"])
def test_a_match_of_long_ago_makes_no_rules_for_all_the_years_since(writer: httpx.Client, season: str) -> None:
    assert (
        writer.post("/api/matches/submit", json=[PLAIN | {"season": season, "date": "0001-01-02"}]).status_code == 202
    )
    answer = writer.get(address(writer), params={"season": season})
    (event,) = events(answer)
    assert event["dtstart"].dt.year == 1
    frame = answer.content.partition(b"BEGIN:VEVENT")[0]
    assert b"BEGIN:VTIMEZONE" in frame
    starts = re.findall(rb"(?:DTSTART|RDATE)[^:]*:([0-9]{4})", answer.content)
    assert min(int(year) for year in starts if year != b"0001") >= 1969


def test_a_team_that_is_not_there_has_no_calendar(client: httpx.Client) -> None:
    answer = client.get("/teams/4711.ics")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
