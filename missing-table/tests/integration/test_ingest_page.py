"""The maintainer's pages and their JSON: what waits is shown, decided with one button, and never markup."""

import dataclasses
import datetime as dt
import html
import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import Engine

from messages import NOW, delivery, match, observed
from missing_table.api.app import create_app
from missing_table.api.in_request import InRequest
from missing_table.clock import utc_now
from missing_table.ingest.pipeline import Ingest
from missing_table.match_data import MatchData
from missing_table.overview import runs_by_pause, shown
from missing_table.settings import Settings
from missing_table.store import outcomes, tokens
from missing_table.store.attention import Minute
from missing_table.store.engine import reading
from pages import text_of
from stored import count, one, rows

SCORE = {"score_home": 3, "score_away": 1}
NASTY = '"><script>alert(1)</script>'


@pytest.fixture
def signed_in(client: httpx.Client, engine: Engine) -> httpx.Client:
    client.post("/sign-in", data={"token": tokens.create(engine, "anna", utc_now())})
    return client


@pytest.fixture
def waiting(ingest: Ingest) -> None:
    """One of everything that waits for a decision."""
    ingest.enter(MatchData.model_validate(match(observed_at=None, score_home=2, score_away=2)), now=NOW, by="coach")
    payloads = [
        match(observed_at=observed(600), score_home=4, score_away=1),
        match(match_id="2", observed_at=observed(600), **SCORE),
        match(match_id="3", home_team="Westchester", home_team_id=None, date="2026-10-20", **SCORE),
        match(match_id="4", date="2026-11-01", observed_at="2026-09-01T00:00:00Z"),
    ]
    for payload in payloads:
        ingest.process([delivery(payload)], utc_now())
    ingest.process([delivery(match(home_team=NASTY, score_home=1))], utc_now())


def press(client: httpx.Client, do: str, number: int = 0) -> httpx.Response:
    """Presses one of the buttons with this name on the ingest page, as a browser would."""
    page = client.get("/ingest").text
    forms = re.findall(r'<form class="decision".*?</form>', page, re.DOTALL)
    form = [found for found in forms if f'value="{do}"' in found][number]
    data = dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', form)) | {"do": do}
    return client.post("/ingest", data=data)


def done(answer: httpx.Response, do: str) -> None:
    assert (answer.status_code, answer.headers.get("location")) == (303, f"/ingest?done={do}"), answer.text


@pytest.mark.usefixtures("waiting")
def test_each_thing_that_waits_is_decided_with_one_button(signed_in: httpx.Client, engine: Engine) -> None:
    page = signed_in.get("/ingest").text
    for part in ("Quarantine", "score_away", "Westchester", "It is FC Westchester", "One match", "Perhaps vanished"):
        assert part in page
    done(press(signed_in, "same"), "same")
    done(press(signed_in, "take"), "take")
    done(press(signed_in, "alias"), "alias")
    done(press(signed_in, "unmerge"), "unmerge")
    done(press(signed_in, "confirm"), "confirm")
    done(press(signed_in, "cancel"), "cancel")
    assert press(signed_in, "retry").status_code == 409
    done(press(signed_in, "discard"), "discard")
    page = signed_in.get("/ingest").text
    for part in ("Nothing is in quarantine", "Every team is known", "No two matches", "still state every match"):
        assert part in page
    assert {row[0] for row in rows(engine, "history", "source")} >= {"anna"}
    assert dict(rows(engine, "matches", "match_id", "status"))["4"] == "cancelled"


@pytest.mark.usefixtures("waiting")
def test_what_waits_is_counted_in_words_and_each_verdict_is_explained(signed_in: httpx.Client, ingest: Ingest) -> None:
    page = text_of(signed_in.get("/ingest").text)
    for part in (
        "1 message in quarantine",
        "1 team known",
        "1 dispute ",
        "1 possible duplicate ",
        "1 match that perhaps",
    ):
        assert part in page
    for verdict in (
        "Keep ours: it stands until",
        "Take theirs: it stands as if",
        "Follow the source: nothing is pinned",
    ):
        assert verdict in page
    done(press(signed_in, "take"), "take")
    assert "Follow the source:" not in signed_in.get("/ingest").text
    ingest.process([delivery(match(away_team=NASTY, score_home=1))], utc_now())
    assert "2 messages in quarantine" in text_of(signed_in.get("/ingest").text)


def test_a_change_leads_to_its_match_and_to_its_correction(signed_in: httpx.Client, ingest: Ingest) -> None:
    ingest.process([delivery(match())], utc_now())
    ingest.process([delivery(match(observed_at=observed(600), **SCORE))], utc_now())
    changes = signed_in.get("/ingest").text.partition('aria-labelledby="changes"')[2]
    assert '<a href="/matches/1">' in changes
    assert '<a href="/enter?match=1">Correct' in changes
    assert '<a href="/enter?match=1">Correct this match</a>' in signed_in.get("/matches/1").text
    signed_in.cookies.clear()
    assert "Correct" not in signed_in.get("/matches/1").text


@pytest.mark.usefixtures("waiting")
def test_the_json_says_the_same(client: httpx.Client, engine: Engine) -> None:
    headers = {"Authorization": f"Bearer {tokens.create(engine, 'anna', utc_now())}"}
    found = client.get("/api/ingest", headers=headers).json()
    assert found["quarantine_open"] == 1
    assert [team["name"] for team in found["provisional"]] == ["Westchester"]
    assert found["provisional"][0]["nearest"][0]["name"] == "FC Westchester"
    assert {each["register"] for each in found["disputes"]} == {"result"}
    assert len(found["duplicates"]) == len(found["vanished"]) == 1
    assert found["outcomes"] == {"created": 3, "quarantined": 1, "unchanged": 1}
    assert found["runs"][0]["messages"] == 5
    assert found["lag_seconds"] is None or found["lag_seconds"] >= 0
    submit = {"Authorization": f"Bearer {tokens.create(engine, 'scraper', utc_now(), scope='submit')}"}
    assert client.get("/api/ingest", headers=submit).status_code == 403
    assert client.get("/api/ingest").status_code == 401


@pytest.mark.usefixtures("waiting")
def test_each_decision_can_be_made_over_the_api(client: httpx.Client, engine: Engine) -> None:
    client.headers["Authorization"] = f"Bearer {tokens.create(engine, 'anna', utc_now())}"
    found = client.get("/api/ingest").json()
    (dispute,), (twin,), (gone,) = found["disputes"], found["duplicates"], found["vanished"]
    team, held = found["provisional"][0], found["quarantine"][0]
    near = team["nearest"][0]["id"]

    def post(path: str, **body: Any) -> int:
        return client.post(f"/api{path}", json=body or None).status_code

    assert post(f"/matches/{dispute['match']['id']}/dispute", register="result", verdict="unpin") == 200
    assert post(f"/matches/{twin['match']['id']}/duplicate", verdict="same") == 422
    assert post(f"/matches/{twin['match']['id']}/duplicate", verdict="separate") == 200
    assert post(f"/matches/{gone['match']['id']}/vanished", verdict="keep") == 200
    assert post(f"/teams/{team['id']}/alias", team=near) == 200
    assert post(f"/teams/{team['id']}/unmerge") == 200
    assert post(f"/teams/{team['id']}/unmerge") == 404
    assert post(f"/teams/{team['id']}/confirm") == 200
    assert post(f"/teams/{team['id']}/alias", team=near) == 409
    assert client.post(f"/api/quarantine/{held['id']}/retry").json()["outcome"] == "quarantined"
    assert post(f"/quarantine/{held['id']}/discard") == 204
    assert post("/quarantine/99/discard") == 404
    left = client.get("/api/ingest").json()
    assert [left[kind] for kind in ("quarantine", "provisional", "disputes", "duplicates", "vanished")] == [[]] * 5


def name_it(client: httpx.Client, team: str) -> httpx.Response:
    """Types `team` for the first provisional team on the ingest page, and sends that."""
    (form, *_) = re.findall(r'<form class="decision named".*?</form>', client.get("/ingest").text, re.DOTALL)
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', form))
    return client.post("/ingest", data=hidden | {"team": team, "do": "alias"})


def test_a_new_name_may_be_any_team_by_name_or_number(signed_in: httpx.Client, ingest: Ingest, engine: Engine) -> None:
    two_squads = [match(match_id=str(n), away_team="NEFC", away_team_id=str(n), date=f"2026-10-0{n}") for n in (1, 2)]
    someone = {"away_team": "Someone", "away_team_id": "77"}
    named = match(match_id="3", home_team="Quite Another", home_team_id=None, **someone)
    ingest.process([delivery(payload) for payload in (match(), *two_squads, named)], utc_now())
    teams = dict(rows(engine, "teams", "name", "id"))
    gone = teams["Quite Another"]
    for team, status, why in (
        ("tsf academie", 404, "no U14 team is called tsf academie; the nearest are TSF Academy ("),
        ("NEFC", 409, "several U14 teams are called NEFC: give the number of one of them"),
        ("99999", 404, "no team 99999"),
        ("9" * 5000, 404, "is called 999"),
        (" ", 422, "names no team"),
        (str(gone), 409, "cannot be an alias of itself"),
    ):
        refused = name_it(signed_in, team)
        assert (refused.status_code, why.lower() in html.unescape(refused.text).lower()) == (status, True), team
    done(name_it(signed_in, " tsf ACADEMY "), "alias")
    done(press(signed_in, "unmerge"), "unmerge")
    done(name_it(signed_in, str(teams["TSF Academy"])), "alias")
    assert rows(engine, "team_merges", "gone_ref", "kept_ref") == [(gone, teams["TSF Academy"])] * 2


def test_what_is_beyond_a_page_is_counted_and_on_the_next(
    signed_in: httpx.Client, ingest: Ingest, engine: Engine
) -> None:
    names = [match(match_id=str(n), home_team=f"New {n:03}", home_team_id=None) for n in range(102)]
    ingest.process([delivery(payload) for payload in (*names, *({"wrong": n} for n in range(103)))], utc_now())
    first, second = signed_in.get("/ingest").text, signed_in.get("/ingest?page=2").text
    assert "102 teams known by a name alone" in text_of(first)
    assert "103 messages in quarantine" in text_of(second)
    assert "1 to 100 of 102 Those after" in text_of(first)
    assert "101 to 103 of 103 Those before" in text_of(second)
    assert ("New 099" in first, "New 100" in first, "New 100" in second) == (True, False, True)
    assert "Every team is known" not in signed_in.get("/ingest?page=3").text
    assert signed_in.get(f"/ingest?page={'9' * 18}").status_code == 200

    headers = {"Authorization": f"Bearer {tokens.create(engine, 'program', utc_now())}"}
    pages = [signed_in.get("/api/ingest", params={"page": page}, headers=headers).json() for page in (1, 2, 3)]
    assert [(len(page["quarantine"]), len(page["provisional"])) for page in pages] == [(100, 100), (3, 2), (0, 0)]
    assert {(page["totals"]["quarantine"], page["totals"]["provisional"]) for page in pages} == {(103, 102)}
    assert len({held["id"] for page in pages for held in page["quarantine"]}) == 103
    assert signed_in.get("/api/ingest?page=0", headers=headers).status_code == 422


def test_a_name_is_never_markup(signed_in: httpx.Client, ingest: Ingest) -> None:
    payloads = [match(home_team=NASTY, home_team_id=None), match(home_team=NASTY, score_home=1), {NASTY: NASTY}]
    ingest.process([delivery(payload) for payload in payloads], utc_now())
    ingest.process([delivery(match(home_team=NASTY, location=NASTY, observed_at=observed(600)))], utc_now())
    page = signed_in.get("/ingest", params={"done": NASTY}).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page
    assert "<script>alert" not in signed_in.get("/enter", params={"match": "1"}).text


def test_a_payload_is_shown_as_text_that_does_no_harm() -> None:
    assert shown(b"a\x1b[31m\xff\n") == "a\\x1b[31m\\xff\n"
    assert len(shown(b"x" * 1_000_000)) <= 4_001
    assert "\u202e" not in shown("\u202e".encode())


def test_runs_are_told_apart_by_silence() -> None:
    at = NOW.replace(second=0)
    minutes = [Minute(at.replace(minute=minute), "created", False, 10) for minute in (1, 2, 5, 30)]
    of_a_run = Minute(at.replace(minute=12), "created", True, 90)
    found = runs_by_pause([*minutes, of_a_run, Minute(at.replace(minute=5), "stale", False, 5)])
    assert [(run.messages, run.outcomes) for run in found] == [(35, {"created": 30, "stale": 5}), (10, {"created": 10})]
    assert found[0].per_minute == 7.0


def test_a_run_that_has_a_name_is_one_run_whatever_comes_between(
    client: httpx.Client, engine: Engine, ingest: Ingest
) -> None:
    def sent(run_id: str | None, at: dt.datetime, **fields: Any) -> str:
        made = delivery(match(**fields))
        headers = {**made.headers, **({} if run_id is None else {"run_id": run_id})}
        (done,) = ingest.process([dataclasses.replace(made, headers=headers)], at)
        return done.task_id or ""

    now = utc_now()
    early, late = now - dt.timedelta(hours=49), now - dt.timedelta(hours=2)
    task = sent("morning", early, match_id="1")
    sent("evening", late, match_id="2")
    sent(None, late + dt.timedelta(minutes=1), match_id="3")
    sent("morning", late + dt.timedelta(minutes=30), match_id="1")
    sent("morning", late + dt.timedelta(minutes=30), match_id="4", score_home=1)
    headers = {"Authorization": f"Bearer {tokens.create(engine, 'anna', now)}"}
    runs = client.get("/api/ingest", headers=headers).json()["runs"]
    assert [(run["run_id"], run["messages"]) for run in runs] == [("morning", 3), (None, 1), ("evening", 1)]
    assert runs[0]["outcomes"] == {"created": 1, "quarantined": 1, "unchanged": 1}
    assert runs[0]["per_minute"] == 0.0
    assert dt.datetime.fromisoformat(runs[0]["began"]) == early
    assert dt.datetime.fromisoformat(runs[0]["ended"]) == late + dt.timedelta(minutes=30)
    assert client.get(f"/api/matches/task/{task}").json()["run_id"] == "morning"
    with reading(engine) as connection:
        assert len(outcomes.listed(connection, run_id="morning", limit=10)) == 3


FORM = {
    "season": "2026-27",
    "league": "",
    "age_group": "U14",
    "division": "Northeast",
    "match_type": "League",
    "date": "2026-09-05",
    "home_team": "FC Westchester",
    "away_team": "TSF Academy",
    "score_home": "2",
    "score_away": "1",
    "status": "",
    "new_teams": "yes",
}


def send(client: httpx.Client, address: str = "/enter", **fields: str) -> httpx.Response:
    """Fills in the form at `address` and sends it, as a browser would."""
    page = client.get(address).text
    form = page.partition('<form class="entry"')[2].partition("</form>")[0]
    given = dict(re.findall(r'<input[^>]* name="([^"]*)"[^>]* value="([^"]*)"', form))
    return client.post("/enter", data=given | fields)


def test_a_match_is_entered_on_a_page(signed_in: httpx.Client, engine: Engine) -> None:
    answer = send(signed_in, **FORM)
    stored = one(engine, "matches")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/matches/{stored['id']}")
    assert (stored["score_home"], stored["league"], stored["status"]) == (2, "Homegrown", "completed")
    assert signed_in.get(answer.headers["location"]).status_code == 200


@pytest.mark.parametrize(("league", "kind"), [("Homegrown", "League"), ("Flex", "Flex")])
def test_the_form_begins_with_the_kind_that_counts(
    engine: Engine, settings: Settings, serving: Callable[[FastAPI], httpx.Client], league: str, kind: str
) -> None:
    ingest = Ingest(engine, default_league=league, message_limit=100_000)
    client = serving(create_app(settings.model_copy(update={"default_league": league}), engine, InRequest(ingest)))
    client.post("/sign-in", data={"token": tokens.create(engine, "anna", NOW)})
    page = client.get("/enter").text
    assert f'name="match_type" type="text" value="{kind}"' in page
    assert "League counts for the table; in league Flex, Flex does" in page


def test_a_match_is_corrected_on_a_page_and_only_the_correction_is_pinned(
    signed_in: httpx.Client, ingest: Ingest
) -> None:
    ingest.process([delivery(match(observed_at=observed(600), score_home=4, score_away=1))], NOW)
    assert 'value="SUNY Purchase"' in signed_in.get("/enter?match=1").text
    assert send(signed_in, "/enter?match=1", score_home="5").status_code == 303
    story = signed_in.get("/api/matches/1").json()
    assert (story["score_home"], story["pinned"], story["match_id"]) == (5, ["result"], "26090")
    assert [(e["field"], e["source"]) for e in story["history"]] == [("score_home", "anna")]


def test_another_name_is_another_team(signed_in: httpx.Client, ingest: Ingest, engine: Engine) -> None:
    ingest.process([delivery(match(observed_at=observed(600)))], NOW)
    assert send(signed_in, "/enter?match=1", home_team="Met Oval", new_teams="yes").status_code == 303
    assert one(engine, "matches")["home_team"] == "Met Oval"
    assert ("Met Oval",) in rows(engine, "teams", "name")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"date": "yesterday"}, "date"),
        ({"date": ""}, "date"),
        ({"score_home": "many"}, "score_home"),
        ({"score_home": "100"}, "score_home"),
        ({"score_away": ""}, "score_away"),
        ({"match_time": "25:00"}, "match_time"),
        ({"home_team": ""}, "home_team"),
        ({"away_team": "fc westchester"}, "away_team"),
        ({"status": "won"}, "status"),
        ({"season": "x" * 5000}, "season"),
        ({"location": "a\x00b"}, "location"),
    ],
)
def test_what_is_wrong_is_said_next_to_its_field(
    signed_in: httpx.Client, engine: Engine, wrong: dict[str, str], field: str
) -> None:
    answer = send(signed_in, **(FORM | wrong))
    assert answer.status_code == 422
    assert f'id="{field}-wrong"' in answer.text
    assert re.search(rf'id="{field}"[^>]*aria-invalid="true" aria-describedby="{field}-wrong"', answer.text)
    assert count(engine, "matches") == 0
    if wrong.get("home_team") != "":
        assert 'value="FC Westchester"' in answer.text


def test_a_match_that_is_not_there_cannot_be_corrected(signed_in: httpx.Client) -> None:
    for name in ("99", "../etc/passwd", "x" * 5000, "", "-1"):
        assert signed_in.get("/enter", params={"match": name}).status_code == 404
