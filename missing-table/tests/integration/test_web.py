"""The page of a bracket, and what holds for every page: what a reader finds there, and what nobody can put there."""

import datetime as dt
import html
import re
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import Engine

from missing_table.api.app import create_app
from missing_table.api.in_request import InRequest
from missing_table.ingest.pipeline import Ingest
from missing_table.settings import Settings
from missing_table.store import engine as engines
from missing_table.store.engine import reading
from missing_table.store.read import newest_season
from pages import PLAIN, text_of


def test_an_empty_database_says_what_to_do_next(client: httpx.Client) -> None:
    answer = client.get("/")
    assert answer.status_code == 200
    assert "No matches yet" in answer.text
    assert "mls-scraper scrape" in answer.text


def test_the_page_shows_table_matches_and_rules(writer: httpx.Client) -> None:
    writer.post(
        "/api/matches/submit",
        json=[
            PLAIN | {"match_id": "1", "score_home": 2, "score_away": 1},
            PLAIN | {"match_id": "2", "date": "2099-09-13", "match_time": "12:30", "location": "Pier 40"},
            PLAIN | {"match_id": "3", "date": "2027-06-08", "status": "postponed"},
        ],
    )
    answer = writer.get("/")
    page = text_of(answer.text)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    for part in (
        "U15 Northeast",
        "1 Chicago Fire 1 1-0-0 2:1 +1 3 3.00 W",
        "2 Indiana Fire 1 0-0-1 1:2 −1 0 0.00 L",
        "Official rules",
        "points per match",
        "Sat 5 Sep 2026",
        "2–1",
        "Sun 13 Sep 2099",
        "12:30",
        "Pier 40",
        "Postponed",
        "As of Sun 6 Sep 2026, 04:40 UTC",
    ):
        assert part in page
    assert writer.head("/").status_code == 200


def test_u14_is_said_not_to_be_official(writer: httpx.Client) -> None:
    writer.post("/api/matches/submit", json=PLAIN | {"age_group": "U14"})
    page = text_of(writer.get("/?age_group=U14").text)
    assert "Not official" in page
    assert "Quality of Play" in page


def test_the_switcher_keeps_its_place_in_the_address(writer: httpx.Client) -> None:
    florida = {"division": "Florida", "home_team": "Miami", "age_group": "U16"}
    writer.post("/api/matches/submit", json=[PLAIN, PLAIN | florida])
    page = writer.get(
        "/", params={"season": "2026-27", "league": "Homegrown", "age_group": "U16", "division": "Florida"}
    )
    assert "Miami" in page.text
    assert '<option value="Florida" selected>' in page.text
    assert '<option value="U15">' in page.text
    first = writer.get("/?season=&league=&age_group=&division=")
    assert first.status_code == 200
    assert "Chicago Fire" in first.text


def test_another_league_is_shown_where_the_default_one_has_nothing(writer: httpx.Client) -> None:
    writer.post("/api/matches/submit", json=PLAIN | {"league": "Sunday League", "division": None})
    page = text_of(writer.get("/").text)
    assert "Sunday League · 2026–27" in page
    assert "the rules of this league are not known here" in page


def test_a_season_of_another_name_takes_over_no_page(writer: httpx.Client, engine: Engine) -> None:
    writer.post("/api/matches/submit", json=[PLAIN, PLAIN | {"season": "banana", "age_group": "U19"}])
    for address in ("/", "/?season=&league=", "/?age_group=U15", "/teams/1"):
        page = text_of(writer.get(address).text)
        assert "2026–27" in page
        assert "U19 · banana" not in page
    assert writer.get("/api/table?age_group=U15&division=Northeast").json()["season"] == "2026-27"
    with reading(engine) as connection:
        assert newest_season(connection, "Homegrown") == "2026-27"
    writer.post("/api/matches/submit", json=PLAIN | {"season": "spring", "league": "Sunday League"})
    assert "spring" in writer.get("/?league=Sunday+League").text


def test_the_switch_leads_to_the_nearest_that_there_is(writer: httpx.Client) -> None:
    writer.post(
        "/api/matches/submit",
        json=[PLAIN, PLAIN | {"league": "Flex", "match_type": "Flex", "division": None, "home_team": "Miami"}],
    )
    chosen = {"season": "2026-27", "league": "Flex", "age_group": "U15", "division": "Northeast"}
    answer = writer.get("/switch", params=chosen)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/?season=2026-27&league=Flex&age_group=U15&division="
    assert "Miami" in writer.get(answer.headers["location"]).text


def test_the_switch_without_any_match_leads_home(client: httpx.Client) -> None:
    assert client.get("/switch?league=Flex").headers["location"] == "/"


def test_old_news_is_said_to_be_old(writer: httpx.Client) -> None:
    now = dt.datetime.now(dt.UTC)
    for age, warned in ((1, False), (47, False), (49, True)):
        observed = now - dt.timedelta(hours=age)
        news = {"match_id": f"{age}", "division": f"old by {age}", "observed_at": f"{observed:%Y-%m-%dT%H:%M:%SZ}"}
        writer.post("/api/matches/submit", json=PLAIN | news | {"date": f"{now.date()}"})
        page = text_of(writer.get("/", params={"age_group": "U15", "division": f"old by {age}"}).text)
        assert ("This may be out of date" in page) is warned
        assert {1: "1 hour ago", 47: "1 day ago", 49: "2 days ago"}[age] in page


def test_what_a_person_enters_makes_old_news_no_newer(writer: httpx.Client) -> None:
    now = dt.datetime.now(dt.UTC)
    observed = now - dt.timedelta(weeks=8)
    days = {"1": observed - dt.timedelta(days=9), "2": observed + dt.timedelta(days=5), "3": now}
    stated = PLAIN | {"observed_at": f"{observed:%Y-%m-%dT%H:%M:%SZ}"}
    matches = [stated | {"match_id": number, "date": f"{day:%Y-%m-%d}"} for number, day in days.items()]
    writer.post("/api/matches/submit", json=[matches[0] | {"score_home": 4, "score_away": 1}, *matches[1:]])
    writer.patch("/api/matches/1", json={"score_home": 5})
    entered = {name: value for name, value in PLAIN.items() if name != "observed_at"}
    writer.post("/api/matches", json=entered | {"date": f"{days['1']:%Y-%m-%d}", "away_team": "Miami"})
    for address in ("/?age_group=U15&division=Northeast", "/teams/1"):
        page = text_of(writer.get(address).text)
        assert "8 weeks ago" in page
        assert "This may be out of date" in page
        results, _, waiting = page.partition("Waiting for a result")
        assert results.count("No score yet") == 1  # of the match that was entered
        assert waiting.count("No score yet") == 1  # of the one that is over since the source spoke
    assert writer.get("/api/matches/2").json()["by_source"] is True
    assert writer.get("/api/matches/4").json()["by_source"] is False


def test_where_only_people_state_matches_the_past_ends_with_what_they_entered_last(writer: httpx.Client) -> None:
    entered = {name: value for name, value in PLAIN.items() if name != "observed_at"}
    writer.post("/api/matches", json=entered | {"date": "2020-09-05"})
    page = text_of(writer.get("/?age_group=U15&division=Northeast").text)
    assert "No score yet" in page
    assert "As of" not in page
    assert writer.get("/api/table?age_group=U15&division=Northeast").json()["observed_at"] is None


def test_a_page_that_is_held_grows_old_and_learns_of_other_brackets(
    writer: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    observed = dt.datetime(2026, 9, 6, 4, 40, 3, tzinfo=dt.UTC)

    def shown(minutes: int) -> str:
        monkeypatch.setattr("missing_table.web.bracket_page.utc_now", lambda: observed + dt.timedelta(minutes=minutes))
        return writer.get("/?age_group=U15&division=Northeast").text

    writer.post("/api/matches/submit", json=PLAIN)
    shown(2)
    assert "2 minutes ago" in text_of(shown(2))
    assert "3 minutes ago" in text_of(shown(3))
    assert "This may be out of date" in text_of(shown(60 * 49))
    assert 'value="Florida"' not in shown(60 * 49)
    writer.post("/api/matches/submit", json=PLAIN | {"division": "Florida", "date": "2026-12-05"})
    assert 'value="Florida"' in shown(60 * 49)


@pytest.mark.parametrize("address", ["/?age_group=U15&division=Northeast", "/api/table?age_group=U15"])
def test_what_is_held_compressed_is_the_same_to_who_takes_it_plain(writer: httpx.Client, address: str) -> None:
    writer.post("/api/matches/submit", json=PLAIN)
    for _ in ("made now", "held"):
        small = writer.get(address)
        plain = writer.get(address, headers={"Accept-Encoding": "identity"})
        assert small.headers["content-encoding"] == "gzip"
        assert "Accept-Encoding" in small.headers["vary"].split(", ")
        assert "content-encoding" not in plain.headers
        assert small.text == plain.text
        assert small.headers["content-type"] == plain.headers["content-type"]
        had = writer.get(address, headers={"If-None-Match": small.headers["etag"]})
        assert (had.status_code, had.content, had.headers.get("content-encoding")) == (304, b"", None)


def test_an_unknown_bracket_leads_to_the_nearest(writer: httpx.Client) -> None:
    writer.post("/api/matches/submit", json=PLAIN)
    answer = writer.get("/?age_group=U15&division=Nrtheast")
    assert answer.status_code == 404
    assert "There is no Homegrown U15 Nrtheast." in text_of(answer.text)
    for part in ("2026-27", "Homegrown", "U15"):
        assert f'<option value="{part}" selected>' in answer.text
    (link,) = re.findall(r'<a href="(/\?[^"]*)"', answer.text)
    assert writer.get(link.replace("&amp;", "&")).status_code == 200


def test_a_long_season_is_cut_to_the_days_around(writer: httpx.Client) -> None:
    days = [PLAIN | {"match_id": str(n), "date": f"2099-09-{n:02}", "home_team": f"T{n}"} for n in range(10, 20)]
    writer.post("/api/matches/submit", json=days)
    page = writer.get("/").text
    assert "10 Sep" in page
    assert "19 Sep" not in page
    (link,) = re.findall(r'<p class="more"><a href="([^"]*)"', page)
    assert "19 Sep" in writer.get(link.replace("&amp;", "&")).text


@pytest.mark.parametrize("field", ["home_team", "division", "location", "league", "age_group", "season"])
def test_a_name_is_text_and_never_markup(writer: httpx.Client, field: str) -> None:
    writer.post("/api/matches/submit", json=PLAIN | {field: '"><script>alert(1)</script>', "date": "2026-09-20"})
    page = writer.get("/").text
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    asked = writer.get("/", params={"age_group": "<script>", "division": "\x00\x1b" + "x" * 10_000})
    assert asked.status_code == 404
    assert "<script>" not in asked.text


def test_nothing_comes_from_elsewhere_and_nothing_is_inline(writer: httpx.Client) -> None:
    writer.post("/api/matches/submit", json=PLAIN | {"score_home": 2, "score_away": 1})
    for path in (
        "/",
        "/teams/1",
        "/matches/1",
        "/search?q=fire",
        "/docs",
        "/?age_group=U99",
        "/teams/99",
        "/teams/fire",
    ):
        answer = writer.get(path)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe-inline" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert not re.findall(r"""(?:href|src|action)=["']?(?:https?:)?//""", answer.text)
        assert "style=" not in answer.text
        assert "<style" not in answer.text
        assert not re.findall(r"<script(?! src=)| on[a-z]+=", answer.text)
        for asset in re.findall(r'(?:href|src)="(/static/[^"]*)"', answer.text):
            served = writer.get(asset)
            assert served.status_code == 200
            assert "immutable" in served.headers["cache-control"]


def test_the_table_is_a_link_away_in_both_forms(writer: httpx.Client) -> None:
    writer.post("/api/matches/submit", json=PLAIN | {"score_home": 2, "score_away": 1})
    links = re.findall(r'<a href="(/api/table[^"]*)"', writer.get("/").text)
    kinds = [writer.get(html.unescape(link)).headers["content-type"].partition(";")[0] for link in links]
    assert kinds == ["application/json", "text/csv"]


def test_a_file_is_kept_for_good_only_by_the_version_of_its_content(client: httpx.Client) -> None:
    assert "cache-control" not in client.get("/static/style.css").headers
    assert "cache-control" not in client.get("/static/style.css?v=0123456789").headers


def test_only_what_is_static_is_served_from_there(client: httpx.Client) -> None:
    for path in ("/static/", "/static/..%2fpages.py", "/static/%2e%2e/pages.py", "/static/none.css"):
        assert client.get(path).status_code == 404


def test_an_address_that_leads_nowhere_is_a_page_to_a_browser_and_a_problem_to_a_program(client: httpx.Client) -> None:
    page = client.get("/nowhere", headers={"Accept": "text/html,*/*;q=0.8"})
    assert page.status_code == 404
    assert 'role="search"' in page.text
    for path, accept in (("/nowhere", "*/*"), ("/api/nowhere", "text/html")):
        problem = client.get(path, headers={"Accept": accept})
        assert problem.status_code == 404
        assert problem.headers["content-type"] == "application/problem+json"


def test_the_leagues_own_order_stands_beside_ours(writer: httpx.Client) -> None:
    sides = {"home_team_id": "1", "away_team_id": "2", "score_home": 2, "score_away": 1}
    writer.post("/api/matches/submit", json=PLAIN | sides | {"match_id": "1"})
    teams = [{"team_id": "1", "team": "Chicago Fire"}, {"team_id": "2", "team": "Indiana Fire"}]
    where = {name: PLAIN[name] for name in ("season", "age_group", "division")} | {"league": "Homegrown"}
    for minute, order, told in (
        ("05", (1, 2), "has the same order."),
        ("06", (2, 1), "has another order"),
    ):
        ranked = [team | {"position": place} for team, place in zip(teams, order, strict=True)]
        message = where | {"source": "mls-next", "observed_at": f"2026-09-06T05:{minute}:00Z", "teams": ranked}
        assert writer.post("/api/brackets/submit", json=message).status_code == 202
        assert told in text_of(writer.get("/").text)
    assert "Chicago Fire : 1st here, 2nd there" in text_of(writer.get("/").text)


def test_the_description_of_the_api_is_a_page(client: httpx.Client) -> None:
    page = text_of(client.get("/docs").text)
    for part in ("/api/table", "POST /api/matches/submit", "home_team", "rows[].points_per_match", "token", "413"):
        assert part in page


def test_a_database_that_is_away_is_a_friendly_page(settings: Settings, serving: Any) -> None:
    engine: Engine = engines.create("postgresql://nobody:hidden@127.0.0.1:9/none")
    app: FastAPI = create_app(
        settings, engine, InRequest(Ingest(engine, default_league="Homegrown", message_limit=100_000))
    )
    answer = serving(app).get("/")
    assert answer.status_code == 503
    assert "Back in a moment" in answer.text
    assert "hidden" not in answer.text
