"""The page of a team: where it stands, its record, its matches, and where else to go."""

import re
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine

from messages import bracket, delivery
from missing_table.clock import utc_now
from missing_table.ingest import merging
from missing_table.ingest.pipeline import Ingest
from pages import PLAIN, text_of

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


@pytest.fixture
def season(writer: httpx.Client) -> httpx.Client:
    """Three match days of three teams; Chicago Fire is also known in another age group and in another season."""
    days: list[dict[str, Any]] = [
        {"match_id": "1", "date": "2026-09-05", "score_home": 2, "score_away": 1},
        {"match_id": "2", "date": "2026-09-12", "home_team": "Miami", "score_home": 3, "score_away": 0},
        {"match_id": "3", "date": "2026-09-19", "home_team": "Miami", "away_team": "Chicago Fire"}
        | {"score_home": 1, "score_away": 1},
        {"match_id": "4", "date": "2099-05-09", "match_time": "12:30", "location": "Pier 40"},
        {"match_id": "90", "date": "2026-09-26", "home_team": "Miami", "away_team": "Chicago Fire"},
        {"match_id": "5", "date": "2027-06-08", "status": "postponed"},
        {"match_id": "6", "age_group": "U14"},
        {"match_id": "7", "season": "2025-26", "date": "2025-09-06"},
    ]
    writer.post("/api/matches/submit", json=[PLAIN | {"match_time": None} | day for day in days])
    return writer


def page_of(client: httpx.Client, team: str, age_group: str = "U15") -> str:
    """The address of the page that a table links to."""
    table = client.get("/", params={"age_group": age_group, "season": "2026-27"}).text
    found = re.search(rf'href="(/teams/[^"]*)">{team}</a>', table)
    assert found, table
    return found[1]


def test_the_page_shows_what_the_team_did(season: httpx.Client) -> None:
    page = text_of(season.get(page_of(season, "Chicago Fire")).text)
    for part in (
        "U15 · 2026–27",
        "Homegrown U15 Northeast",
        "2nd of 3",
        "W D",
        "All 2 1-1-0 3:2 +1 4 2.00",
        "Home 1 1-0-0 2:1 +1 3 3.00",
        "Away 1 0-1-0 1:1 0 1 1.00",
        "From place 1 on 5 Sep to place 2 of 3 on 19 Sep; best 1, worst 2.",
        "Sat 12 Sep 2026 2 of 3",
        "19 Sep at Miami D 1–1",
        "5 Sep vs Indiana Fire W 2–1",
        "Coming up 9 May vs Indiana Fire 12:30 Pier 40 Waiting for a result 26 Sep at Miami No score yet",
        "Postponed and cancelled vs Indiana Fire Postponed",
        "Chicago Fire U14",
        "This team in 2025–26",
    ):
        assert part in page, part


def test_another_season_is_another_address(season: httpx.Client) -> None:
    path = page_of(season, "Chicago Fire").partition("?")[0]
    page = text_of(season.get(path, params={"season": "2025-26"}).text)
    assert "Nothing played yet" in page
    assert "6 Sep vs Indiana Fire" in page
    assert "This team in 2026–27" in page
    assert season.get(path, params={"season": "1999-00"}).status_code == 404


def test_a_season_of_another_name_is_not_the_newest(season: httpx.Client) -> None:
    season.post("/api/matches/submit", json=PLAIN | {"match_id": "8", "season": "Showcase", "date": "2026-01-05"})
    path = page_of(season, "Chicago Fire").partition("?")[0]
    found = season.get(f"/api{path}").json()
    assert (found["season"], found["seasons"]) == ("2026-27", ["2026-27", "2025-26", "Showcase"])
    assert b"SUMMARY:Miami 1" in season.get(f"{path}.ics").content


def test_the_calendar_is_offered_at_this_address(season: httpx.Client) -> None:
    path = page_of(season, "Chicago Fire").partition("?")[0]
    page = season.get(path).text
    assert f'href="webcal://{season.base_url.host}:{season.base_url.port}{path}.ics"' in page
    assert f'href="{path}.ics"' in page
    older = season.get(f"{path}?season=2025-26").text
    for address in (f"webcal://{season.base_url.host}:{season.base_url.port}{path}.ics", f"{path}.ics", f"/api{path}"):
        assert f'href="{address}?season=2025-26"' in older
        assert f'href="{address}"' not in older
    assert b"20250906" in season.get(f"{path}.ics?season=2025-26").content


def test_a_new_name_is_said_to_be_new(season: httpx.Client) -> None:
    season.post("/api/matches/submit", json=PLAIN | {"match_id": "9", "home_team": "Chicago Fire Juniors"})
    assert "A new name." in text_of(season.get(page_of(season, "Chicago Fire Juniors")).text)


@pytest.mark.parametrize("name", ["999", "0", "-1", "1e3", "chicago-fire", "9" * 400, "%00", "..%2f..%2fetc", "１"])
def test_an_unknown_team_is_a_page_that_helps(season: httpx.Client, name: str) -> None:
    answer = season.get(f"/teams/{name}")
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html") or "%2f" in name
    if name == "chicago-fire":
        (link, *_) = re.findall(r'<li><a href="(/teams/[0-9]+)">Chicago Fire', answer.text)
        assert season.get(link).status_code == 200


def test_a_team_that_became_another_leads_there(season: httpx.Client, engine: Engine) -> None:
    juniors = {"match_id": None, "date": "2026-10-03", "home_team": "Chicago Fire Juniors", "away_team": "Miami"}
    season.post("/api/matches/submit", json=PLAIN | juniors)
    gone, kept = (int(page_of(season, name).partition("?")[0][7:]) for name in ("Chicago Fire Juniors", "Chicago Fire"))
    merging.make_alias(engine, gone, kept, utc_now(), by="anna")
    answer = season.get(f"/teams/{gone}?season=2026-27")
    assert (answer.status_code, answer.headers["location"]) == (307, f"/teams/{kept}?season=2026-27")
    assert "3 Oct vs Miami" in text_of(season.get(answer.headers["location"]).text)


def test_a_team_that_the_leagues_table_alone_has_is_found_there(client: httpx.Client, ingest: Ingest) -> None:
    ingest.process([delivery(bracket())], utc_now())
    page = text_of(client.get(page_of(client, "FC Westchester")).text)
    for part in ("U15 · 2026–27", "Homegrown U15 Northeast", "Nothing played yet", "Nothing more is scheduled."):
        assert part in page
    answer = client.get("/api/teams/2?season=2025-26")
    assert (answer.status_code, "has no match in 2025-26; it has in: 2026-27" in answer.json()["detail"]) == (404, True)


def test_who_has_not_played_has_no_line_and_no_rate(season: httpx.Client) -> None:
    season.post("/api/matches/submit", json=PLAIN | {"match_id": "8", "date": "2026-10-17", "home_team": "Albion"})
    table = text_of(season.get("/", params={"season": "2026-27", "age_group": "U15"}).text)
    assert re.search(r"\d Albion 0 0-0-0 0:0 0 0 – ", table)
    page = season.get(page_of(season, "Albion")).text
    assert "Nothing played yet" in page
    assert "Position after each match day" not in page


def test_two_squads_of_one_name_are_told_apart(writer: httpx.Client) -> None:
    squads = [{"match_id": str(n), "home_team_id": f"60{n}", "date": f"2026-09-1{n}"} for n in (1, 2)]
    writer.post("/api/matches/submit", json=[PLAIN | squad for squad in squads])
    table = writer.get("/").text
    assert "Chicago Fire (601)" in text_of(table)
    assert "Chicago Fire (602)" in text_of(table)
    assert "Squads of one club share a name here" in table
    (first, *_) = re.findall(r'href="(/teams/[^"]*)">Chicago Fire <small>\(601\)', table)
    assert "One of the club’s U15 squads: number 601" in text_of(writer.get(first).text)
    other = writer.get(page_of(writer, "Indiana Fire")).text
    assert "squads" not in other
