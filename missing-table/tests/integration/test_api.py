"""The HTTP API: what each address answers, on both databases."""

import datetime as dt
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from jsonschema import Draft202012Validator, FormatChecker
from sqlalchemy import Engine

from missing_table import bracket_data, match_data
from missing_table.api.app import create_app
from missing_table.api.in_request import InRequest
from missing_table.ingest.envelope import Message
from missing_table.ingest.pipeline import Entered, Ingest
from missing_table.match_data import MatchData
from missing_table.settings import Settings
from missing_table.store import engine as engines
from missing_table.store import tokens

Serving = Callable[[FastAPI], httpx.Client]

PLAIN: dict[str, Any] = {
    "home_team": "Chicago Fire",
    "away_team": "Indiana Fire",
    "date": "2026-09-05",
    "season": "2026-27",
    "age_group": "U15",
    "match_type": "League",
    "division": "Northeast",
    "match_id": "26096",
    "observed_at": "2026-09-06T00:00:00Z",
}


def problem(response: Any, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    found: dict[str, Any] = response.json()
    assert found["status"] == status
    assert found["detail"]
    assert "Traceback" not in response.text
    return found


def test_a_submitted_match_gets_a_task_and_the_task_an_outcome(writer: httpx.Client) -> None:
    answer = writer.post("/api/matches/submit", json=PLAIN | {"score_home": 2, "score_away": 1})
    assert answer.status_code == 202
    (task_id,) = answer.json()["task_ids"]
    outcome = writer.get(f"/api/matches/task/{task_id}").json()
    assert outcome["outcome"] == "created"
    match = writer.get(f"/api/matches/{outcome['match']}").json()
    assert match["home_team"] == "Chicago Fire"
    assert match["date"] == "2026-09-05"
    assert match["status"] == "completed"
    assert match["observed_at"] == "2026-09-06T00:00:00Z"
    assert match["history"] == []
    assert match["pinned"] == []
    assert match["disputes"] == []


def test_a_changed_score_is_in_the_history(writer: httpx.Client) -> None:
    writer.post("/api/matches/submit", json=PLAIN | {"score_home": 2, "score_away": 1})
    later = PLAIN | {"score_home": 3, "score_away": 1, "observed_at": "2026-09-07T00:00:00Z"}
    (task_id,) = writer.post("/api/matches/submit", json=[later]).json()["task_ids"]
    (item,) = writer.get("/api/matches").json()["items"]
    (entry,) = writer.get(f"/api/matches/{item['id']}").json()["history"]
    assert dt.datetime.fromisoformat(entry.pop("at")).tzinfo is not None
    assert entry == {"field": "score_home", "old": 2, "new": 3, "source": "mls-next", "task_id": task_id}


def test_one_bad_item_and_nothing_is_taken(writer: httpx.Client) -> None:
    wrong = PLAIN | {"match_id": "2", "date": "05/09/2026"}
    found = problem(writer.post("/api/matches/submit", json=[PLAIN, wrong, {}]), 422)
    assert found["index"] == 1
    assert found["field"] == "date"
    assert found["detail"].startswith("item 1: date must be a date")
    assert {error["index"] for error in found["errors"]} == {1, 2}
    assert writer.get("/api/matches").json() == {"items": [], "next": None}
    assert writer.post("/api/matches/submit", json=[]).json() == {"task_ids": []}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"", "body"),
        (b"{", "body"),
        (b"\xff", "body"),
        (b'{"a": NaN}', "body"),
        (b"[" * 100_000, "body"),
        (b"7", "match"),
        (b"null", "match"),
        (b"{}", "home_team"),
        (b'[["a"]]', "match"),
    ],
)
def test_a_wrong_body_is_named(writer: httpx.Client, body: bytes, field: str) -> None:
    assert problem(writer.post("/api/matches/submit", content=body), 422)["field"] == field


def test_a_contradiction_that_is_submitted_goes_to_quarantine_with_its_reason(writer: httpx.Client) -> None:
    answer = writer.post("/api/matches/submit", json=PLAIN | {"score_home": 2})
    (task_id,) = answer.json()["task_ids"]
    outcome = writer.get(f"/api/matches/task/{task_id}").json()
    assert outcome["outcome"] == "quarantined"
    assert outcome["match"] is None
    assert "score_away" in outcome["reason"]


def test_a_direct_entry_answers_with_its_outcome_and_is_pinned(writer: httpx.Client) -> None:
    answer = writer.post("/api/matches", json=PLAIN | {"score_home": 2, "score_away": 1})
    assert answer.status_code == 201
    ref = answer.json()["id"]
    assert answer.headers["location"] == f"/api/matches/{ref}"
    assert answer.json()["outcome"] == "created"
    source = PLAIN | {"score_home": 0, "score_away": 0, "observed_at": "2026-09-09T00:00:00Z"}
    writer.post("/api/matches/submit", json=source)
    match = writer.get(f"/api/matches/{ref}").json()
    assert (match["score_home"], match["score_away"]) == (2, 1)
    assert "result" in match["pinned"]
    assert {"field": "score_home", "ours": 2, "theirs": 0} in match["disputes"]
    again = writer.post("/api/matches", json=PLAIN | {"score_home": 4, "score_away": 1, "observed_at": None})
    assert again.status_code == 200
    assert again.json()["outcome"] == "updated"
    assert {"field": "score_home", "old": 2, "new": 4} in again.json()["changes"]
    assert writer.get(f"/api/matches/{ref}").json()["history"][-1]["source"] == "match-scraper"


def test_a_contradiction_that_is_entered_is_refused(writer: httpx.Client) -> None:
    found = problem(writer.post("/api/matches", json=PLAIN | {"score_home": 2}), 422)
    assert found["field"] == "score_away"
    problem(writer.post("/api/matches", json=[PLAIN]), 422)


@pytest.mark.parametrize("path", ["/api/matches/submit", "/api/matches"])
@pytest.mark.parametrize("header", [None, "Bearer mt_wrong", "Bearer", "Basic bXRfYTpi", "Bearer é"])
def test_nobody_writes_without_a_token(client: httpx.Client, path: str, header: str | None) -> None:
    headers = [(b"Authorization", header.encode())] if header else []
    answer = client.post(path, json=PLAIN, headers=headers)
    scope = "admin" if path == "/api/matches" else "submit"
    assert f"`missing-table token create --name NAME --scope {scope}`" in problem(answer, 401)["detail"]
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert client.get("/api/matches").json()["items"] == []


def test_a_revoked_token_writes_no_more(writer: httpx.Client, engine: Engine) -> None:
    assert writer.post("/api/matches/submit", json=PLAIN).status_code == 202
    tokens.revoke(engine, "match-scraper", dt.datetime.now(dt.UTC))
    problem(writer.post("/api/matches/submit", json=PLAIN), 401)


def test_a_token_that_may_submit_corrects_nothing(client: httpx.Client, engine: Engine) -> None:
    now = dt.datetime.now(dt.UTC)
    client.headers["Authorization"] = f"Bearer {tokens.create(engine, 'scraper', now, scope='submit')}"
    assert client.post("/api/matches/submit", json=PLAIN).status_code == 202
    answer = client.post("/api/matches", json=PLAIN | {"score_home": 9, "score_away": 9})
    assert "may only submit" in problem(answer, 403)["detail"]
    assert 'error="insufficient_scope"' in answer.headers["www-authenticate"]
    assert client.get("/api/matches").json()["items"][0]["score_home"] is None


def test_an_expired_token_is_refused_with_a_sentence_of_its_own(client: httpx.Client, engine: Engine) -> None:
    past = dt.datetime.now(dt.UTC) - dt.timedelta(minutes=1)
    client.headers["Authorization"] = f"Bearer {tokens.create(engine, 'guest', past, expires_at=past)}"
    assert "expired" in problem(client.post("/api/matches/submit", json=PLAIN), 401)["detail"]


@pytest.mark.parametrize("path", ["matches/submit", "matches", "brackets/submit", "teams/1/alias", "matches/1/dispute"])
def test_a_body_that_says_it_is_something_else_than_json_is_refused(writer: httpx.Client, path: str) -> None:
    content = b"home_team=Chicago+Fire"
    for kind in ("application/x-www-form-urlencoded", "text/plain; charset=utf-8", "multipart/form-data", "json"):
        answer = writer.post(f"/api/{path}", content=content, headers={"Content-Type": kind})
        assert problem(answer, 415)["detail"].endswith("send application/json")
    assert writer.get("/api/matches").json()["items"] == []


def test_a_body_that_does_not_say_what_it_is_may_be_json(writer: httpx.Client) -> None:
    body = json.dumps(PLAIN).encode()
    assert writer.post("/api/matches/submit", content=body).status_code == 202
    kinds = ("application/json; charset=utf-8", "APPLICATION/JSON", "application/vnd.match+json")
    for kind in kinds:
        assert writer.post("/api/matches", content=body, headers={"Content-Type": kind}).status_code == 200, kind
    problem(writer.post("/api/teams/4711/alias", content=b'{"team": 1}'), 404)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    problem(writer.post("/api/teams/4711/confirm", headers=form), 404)


@pytest.mark.parametrize("size", [1001, 2001, 50_000])
@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("path", ["matches/submit", "teams/1/alias"])
def test_too_large_a_body_is_refused(
    engine: Engine, settings: Settings, serving: Serving, size: int, path: str, *, chunked: bool
) -> None:
    small = settings.model_copy(update={"request_limit": 1000})
    ingest = Ingest(engine, default_league="Homegrown", message_limit=100_000)
    token = tokens.create(engine, "t", dt.datetime.now(dt.UTC))
    client = serving(create_app(small, engine, InRequest(ingest)))
    body = b" " * size
    content = iter([body[:500], body[500:]]) if chunked else body
    answer = client.post(f"/api/{path}", content=content, headers={"Authorization": f"Bearer {token}"})
    assert "1,000 bytes" in problem(answer, 413)["detail"]


def test_the_table_has_every_column(writer: httpx.Client) -> None:
    writer.post("/api/matches/submit", json=PLAIN | {"score_home": 2, "score_away": 1, "home_team_id": "17"})
    table = writer.get("/api/table", params={"age_group": "u15", "division": "northeast"}).json()
    assert (table["season"], table["league"], table["age_group"], table["division"]) == (
        "2026-27",
        "Homegrown",
        "U15",
        "Northeast",
    )
    assert table["official"] is True
    assert table["rules"] == "mls-next"
    (match,) = writer.get("/api/matches").json()["items"]
    assert table["rows"][0] == {
        "position": 1,
        "team": "Chicago Fire",
        "team_ref": match["home_ref"],
        "team_id": "17",
        "played": 1,
        "won": 1,
        "drawn": 0,
        "lost": 0,
        "shootouts_won": 0,
        "shootouts_lost": 0,
        "goals_for": 2,
        "goals_against": 1,
        "goal_difference": 1,
        "points": 3,
        "points_per_match": 3.0,
        "form": "W",
        "movement": None,
        "official_position": None,
    }


def test_u14_says_that_it_is_not_official(writer: httpx.Client) -> None:
    writer.post("/api/matches/submit", json=PLAIN | {"age_group": "U14"})
    table = writer.get("/api/table?age_group=U14").json()
    assert table["official"] is False
    assert "Quality of Play" in table["note"]


def test_an_unknown_bracket_is_answered_with_the_nearest(writer: httpx.Client) -> None:
    assert "no match is stored yet" in problem(writer.get("/api/table?age_group=U15"), 404)["detail"]
    writer.post("/api/matches/submit", json=[PLAIN, PLAIN | {"match_id": "2", "division": "Florida"}])
    found = problem(writer.get("/api/table?age_group=U15&division=Norteast"), 404)
    assert found["nearest"][0]["division"] == "Northeast"
    unclear = problem(writer.get("/api/table?age_group=U15"), 409)
    assert [choice["division"] for choice in unclear["choices"]] == ["Florida", "Northeast"]


def test_brackets_are_listed_with_their_rules(writer: httpx.Client) -> None:
    writer.post("/api/matches/submit", json=[PLAIN, PLAIN | {"match_id": "2", "league": "Flex", "age_group": "U17"}])
    items = writer.get("/api/brackets").json()["items"]
    assert [(item["league"], item["age_group"], item["rules"], item["official"]) for item in items] == [
        ("Flex", "U17", "mls-next-flex", True),
        ("Homegrown", "U15", "mls-next", True),
    ]


def test_matches_come_in_pages(writer: httpx.Client) -> None:
    writer.post(
        "/api/matches/submit",
        json=[PLAIN | {"match_id": str(n), "date": f"2026-09-{n:02}", "home_team": f"T{n}"} for n in range(1, 8)],
    )
    seen: list[str] = []
    cursor: str | None = None
    for _ in range(4):
        page = writer.get("/api/matches", params={"limit": 3} | ({"cursor": cursor} if cursor else {})).json()
        seen += [item["match_id"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == [str(n) for n in range(1, 8)]
    days = writer.get("/api/matches?from=2026-09-02&to=2026-09-03&season=26-27&status=scheduled").json()
    assert [item["match_id"] for item in days["items"]] == ["2", "3"]


@pytest.mark.parametrize("path", ["/api/table", "/api/matches"])
def test_what_is_chosen_by_accept_says_so_to_who_keeps_it(writer: httpx.Client, path: str) -> None:
    writer.post("/api/matches/submit", json=PLAIN)
    for accept, status in (("application/json", 200), ("text/csv", 200), ("image/png", 406)):
        answer = writer.get(path, headers={"Accept": accept})
        assert (answer.status_code, "Accept" in answer.headers["vary"].split(", ")) == (status, True)
    had = writer.get(path, headers={"If-None-Match": writer.get(path).headers["etag"]})
    assert (had.status_code, "Accept" in had.headers["vary"].split(", ")) == (304, True)


def test_a_bracket_is_named_without_regard_to_case_and_accents(writer: httpx.Client) -> None:
    spelled = [PLAIN | {"match_id": "1"}, PLAIN | {"match_id": "2", "division": "NORTHEAST", "date": "2026-09-12"}]
    away = {"age_group": "U16", "away_age_group": "U15", "division": "Québec", "away_division": "Northeast"}
    writer.post("/api/matches/submit", json=[*spelled, PLAIN | {"match_id": "3"} | away])

    def found(query: str) -> list[str]:
        return [item["match_id"] for item in writer.get(f"/api/matches?{query}").json()["items"]]

    assert found("season=2026-2027&league=homegrown&age_group=u15&division=northeast") == ["1", "2", "3"]
    assert found("age_group=u16&division=quebec") == ["3"]
    assert found("division=north") == found("league=Sunday") == found("season=2025-26") == []


def test_a_match_has_one_name_for_each_team_wherever_it_is_read(writer: httpx.Client) -> None:
    first, later = PLAIN | {"match_id": "1", "home_team_id": "9"}, {"match_id": "2", "date": "2026-09-12"}
    writer.post("/api/matches/submit", json=first)
    writer.post("/api/matches/submit", json=first | later | {"home_team": "CF Chicago"})
    items = writer.get("/api/matches").json()["items"]
    assert [item["home_team"] for item in items] == ["Chicago Fire", "Chicago Fire"]
    number = items[1]["id"]
    assert writer.get(f"/api/matches/{number}").json()["home_team"] == "Chicago Fire"
    assert "CF Chicago" not in writer.get("/api/matches?format=csv").text
    assert "CF Chicago" not in writer.get(f"/matches/{number}").text.partition("What changed")[0]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("from=yesterday", "from"),
        ("limit=0", "limit"),
        ("limit=501", "limit"),
        ("from=0", "from"),
        ("to=1788566400", "to"),
        ("cursor=%20", "cursor"),
        ("sort=score", "sort"),
        ("status=lost", "status"),
        (f"season={'x' * 201}", "season"),
        ("season=foo", "season"),
        ("season=2026", "season"),
        ("from=2026-10-10&to=2026-10-01", "from"),
        ("team=a%00b", "team"),
    ],
)
def test_a_wrong_parameter_is_named(client: httpx.Client, query: str, field: str) -> None:
    assert problem(client.get(f"/api/matches?{query}"), 422)["field"] == field


def test_a_question_that_some_match_could_fit_is_answered(writer: httpx.Client) -> None:
    writer.post("/api/matches/submit", json=PLAIN | {"season": "Spring"})
    for query, fitting in (
        ("season=spring", 1),
        ("season=", 1),
        ("season=2031/32", 0),
        ("from=2026-09-05&to=2026-09-05", 1),
        ("from=2026-09-06", 0),
    ):
        answer = writer.get(f"/api/matches?{query}")
        assert (answer.status_code, len(answer.json()["items"])) == (200, fitting), query
    why = problem(writer.get("/api/matches?season=summer"), 422)["detail"]
    assert why == "season: is 'summer', and no season is called that: write it as 2026-27"
    why = problem(writer.get("/api/matches?from=2026-10-10&to=2026-10-01"), 422)["detail"]
    assert why == "from: is 2026-10-10, after `to`, which is 2026-10-01: give the earlier day first"


@pytest.mark.parametrize(
    "path", ["/api/matches/0", "/api/matches/x", f"/api/matches/{2**63}", "/api/matches/task/a%00"]
)
def test_at_a_wrong_path_is_nothing(client: httpx.Client, path: str) -> None:
    problem(client.get(path), 404)


def test_what_is_not_there(client: httpx.Client) -> None:
    assert problem(client.get("/api/matches/task/4711"), 404)["detail"] == "4711: not processed yet, or never sent"
    assert problem(client.get("/api/matches/4711"), 404)["detail"] == "there is no match 4711"
    problem(client.get("/api/nothing"), 404)
    answer = client.put("/api/matches")
    assert problem(answer, 405)["detail"] == "this address does not take PUT; it takes GET, POST"
    assert answer.headers["allow"] == "GET, POST"
    assert client.get("/api/matches/submit").headers["allow"] == "POST"
    assert client.post("/static/page.js").headers["allow"] == "GET"


def test_health_readiness_and_measurements(client: httpx.Client) -> None:
    assert client.get("/health").json() == {"status": "alive"}
    assert client.get("/ready").json() == {"status": "ready"}
    client.get("/api/matches/77")
    client.get("/no/such/page")
    lines = client.get("/metrics").text
    assert 'missing_table_http_requests_total{method="GET",route="/api/matches/{id}",status="404"} 1.0' in lines
    assert 'missing_table_http_requests_total{method="GET",route="other",status="404"} 1.0' in lines
    assert 'missing_table_http_request_seconds_count{method="GET",route="/health"} 1.0' in lines


def test_a_database_without_tables_is_not_ready(settings: Settings, serving: Serving) -> None:
    engine = engines.create(f"sqlite:///{settings.home / 'empty.db'}")
    ingest = Ingest(engine, default_league="Homegrown", message_limit=100_000)
    client = serving(create_app(settings, engine, InRequest(ingest)))
    answer = client.get("/ready")
    assert "missing-table migrate" in problem(answer, 503)["detail"]
    assert "retry-after" in answer.headers
    assert client.get("/health").status_code == 200
    engine.dispose()


def test_a_database_that_is_away_is_one_sentence(settings: Settings, serving: Serving) -> None:
    engine = engines.create("postgresql://nobody:hidden@127.0.0.1:9/none")
    ingest = Ingest(engine, default_league="Homegrown", message_limit=100_000)
    client = serving(create_app(settings, engine, InRequest(ingest)))
    for path in ("/ready", "/api/table", "/api/brackets", "/api/matches", "/api/matches/1"):
        answer = client.get(path)
        problem(answer, 503)
        assert "hidden" not in answer.text
    headers = {"Authorization": "Bearer mt_something"}
    problem(client.post("/api/matches/submit", json=PLAIN, headers=headers), 503)


def test_a_bug_is_said_without_its_traceback(engine: Engine, settings: Settings, serving: Serving) -> None:
    class Broken:
        def submit(self, messages: Sequence[Message], carried: Mapping[str, str]) -> list[str]:
            raise RuntimeError(f"secret {messages} {carried}")

        def enter(self, message: MatchData, *, by: str, new_teams: bool = True, new_brackets: bool = True) -> Entered:
            raise RuntimeError(f"secret {message} {by} {new_teams} {new_brackets}")

    token = tokens.create(engine, "t", dt.datetime.now(dt.UTC))
    client = serving(create_app(settings, engine, Broken()))
    answer = client.post("/api/matches/submit", json=PLAIN, headers={"Authorization": f"Bearer {token}"})
    problem(answer, 500)
    assert "secret" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_the_description_names_every_route(client: httpx.Client) -> None:
    description = client.get("/openapi.json").json()
    assert set(description["paths"]) == {
        "/api/table",
        "/api/brackets",
        "/api/brackets/submit",
        "/api/matches",
        "/api/matches/{id}",
        "/api/matches/task/{task_id}",
        "/api/matches/submit",
        "/api/teams/{id}",
        "/teams/{id}.ics",
        "/api/search",
        "/api/live",
        "/api/ingest",
        "/api/quarantine/{id}/retry",
        "/api/quarantine/{id}/discard",
        "/api/teams/{id}/alias",
        "/api/teams/{id}/confirm",
        "/api/teams/{id}/unmerge",
        "/api/matches/{id}/dispute",
        "/api/matches/{id}/duplicate",
        "/api/matches/{id}/vanished",
        "/health",
        "/ready",
        "/metrics",
    }
    submit = description["paths"]["/api/matches/submit"]["post"]
    assert submit["security"]
    assert "home_team" in str(submit["requestBody"])


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_the_description_has_an_example_of_everything(client: httpx.Client) -> None:
    description = client.get("/openapi.json").json()
    assert description["info"]["x-contract"] == {"match": match_data.CONTRACT, "bracket": bracket_data.CONTRACT}
    operations = [each for path in description["paths"].values() for each in path.values()]
    for operation in operations:
        name = operation["operationId"]
        parameters = operation.get("parameters", [])
        shown = [(each["schema"], each["example"]) for each in parameters if "example" in each]
        shown += [(each["schema"], one) for each in parameters for one in each["schema"].get("examples", [])]
        assert len(shown) == len(parameters), name
        answers = operation["responses"]
        assert any(status.startswith("2") and ("content" in answers[status] or status == "204") for status in answers)
        forms = [form for answer in answers.values() for form in answer.get("content", {}).values()]
        shown += [(form["schema"], form["example"]) for form in forms]
        for schema, example in shown:
            whole = schema | {"components": description["components"]}
            Draft202012Validator(whole, format_checker=FormatChecker()).validate(example)


def test_what_did_not_change_is_not_sent_again(writer: httpx.Client) -> None:
    writer.post("/api/matches/submit", json=PLAIN)
    for path in ("/api/table?age_group=U15", "/api/brackets", "/api/matches", "/api/matches/1", "/api/search?q=fire"):
        first = writer.get(path)
        again = writer.get(path, headers={"If-None-Match": f'"other", W/{first.headers["etag"]}'})
        assert (again.status_code, again.content) == (304, b""), path
        assert again.headers["etag"] == first.headers["etag"]
    had = writer.get("/api/table?age_group=U15").headers["etag"]
    writer.post("/api/matches/submit", json=PLAIN | {"score_home": 2, "score_away": 1})
    changed = writer.get("/api/table?age_group=U15", headers={"If-None-Match": had})
    assert changed.status_code == 200
    assert changed.json()["rows"][0]["points"] == 3


def test_every_page_of_every_order_holds_every_match_once(writer: httpx.Client) -> None:
    days = [3, 1, 3, 2, 5, 1, 3]
    writer.post(
        "/api/matches/submit",
        json=[
            PLAIN | {"match_id": str(n), "date": f"2026-09-0{day}", "home_team": f"T{n}"} for n, day in enumerate(days)
        ],
    )
    for sort in ("id", "-id", "date", "-date", "updated", "-updated"):
        seen: list[dict[str, Any]] = []
        address = f"/api/matches?limit=2&sort={sort}"
        while address:
            page = writer.get(address)
            seen += page.json()["items"]
            assert (page.json()["next"] is None) == ("next" not in page.links)
            address = page.links.get("next", {}).get("url", "")
        assert len({match["id"] for match in seen}) == len(seen) == len(days)
        key = {"id": "id", "date": "date", "updated": "updated_at"}[sort.removeprefix("-")]
        assert [match[key] for match in seen] == sorted((m[key] for m in seen), reverse=sort.startswith("-"))


def test_a_table_and_a_list_come_as_csv(writer: httpx.Client) -> None:
    writer.post("/api/matches/submit", json=PLAIN | {"home_team": "=cmd", "score_home": 2, "score_away": 1})
    for path in ("/api/table?age_group=U15&format=csv", "/api/matches?format=csv"):
        answer = writer.get(path)
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        assert "'=cmd" in answer.text
        assert answer.text == writer.get(path.replace("format=csv", ""), headers={"Accept": "text/csv"}).text
    assert "application/json" in problem(writer.get("/api/brackets", headers={"Accept": "text/csv"}), 406)["detail"]


def test_other_sites_may_read_and_not_write(client: httpx.Client) -> None:
    origin = {"Origin": "https://elsewhere.example"}
    assert client.get("/api/brackets", headers=origin).headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-origin" not in client.post("/api/matches", json=PLAIN, headers=origin).headers
    asked = client.options("/api/matches", headers=origin | {"Access-Control-Request-Method": "POST"})
    assert asked.headers["access-control-allow-methods"] == "GET, HEAD"
    assert "access-control-allow-credentials" not in asked.headers


def test_too_many_requests_are_refused_for_a_while(engine: Engine, settings: Settings, serving: Serving) -> None:
    ingest = Ingest(engine, default_league="Homegrown", message_limit=100_000)
    slow = settings.model_copy(update={"reads_per_second": 0.4})
    client = serving(create_app(slow, engine, InRequest(ingest)))
    assert [client.get("/api/brackets").status_code for _ in range(2)] == [200, 200]
    refused = client.get("/api/brackets")
    problem(refused, 429)
    assert 1 <= int(refused.headers["retry-after"]) <= 3
    assert refused.headers["x-content-type-options"] == "nosniff"
    assert client.get("/health").status_code == 200
    assert client.post("/api/matches", json=PLAIN).status_code == 401


def test_a_match_that_is_not_there_may_be_one_by_the_sources_number(writer: httpx.Client) -> None:
    writer.post("/api/matches/submit", json=PLAIN)
    found = problem(writer.get("/api/matches/26096"), 404)
    assert [match["match_id"] for match in found["nearest"]] == ["26096"]
