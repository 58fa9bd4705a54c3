"""Signing in, and forms: what lets somebody act, and every way in which nobody else does."""

import datetime as dt
import re
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, exc, update

from messages import delivery
from missing_table.clock import utc_now
from missing_table.ingest import merging
from missing_table.ingest.pipeline import Ingest
from missing_table.store import quarantine, sessions, tokens
from missing_table.store.engine import reading, writing
from missing_table.store.tables import sessions as table
from missing_table.store.tables import tokens as token_table
from stored import count, rows


def token_of(page: httpx.Response, number: int = 0) -> str:
    """The token of one of the forms on a page."""
    return str(re.findall(r'name="form_token" value="([^"]*)"', page.text)[number])


@pytest.fixture
def admin(engine: Engine) -> str:
    return tokens.create(engine, "anna", utc_now(), scope="admin")


@pytest.fixture
def signed_in(client: httpx.Client, admin: str) -> httpx.Client:
    """A browser of somebody who signed in."""
    assert client.post("/sign-in", data={"token": admin}).status_code == 303
    return client


@pytest.fixture
def held(engine: Engine) -> int:
    """A message in quarantine."""
    Ingest(engine, default_league="Homegrown", message_limit=100_000).process([delivery(body=b"junk")], utc_now())
    return 1


def state(engine: Engine) -> str:
    with reading(engine) as connection:
        (found,) = quarantine.listed(connection, state=None)
    return found.state


def discard(client: httpx.Client, form_token: str | None, **headers: str) -> httpx.Response:
    data = {"do": "discard", "id": "1"} | ({"form_token": form_token} if form_token is not None else {})
    return client.post("/ingest", data=data, headers=headers)


@pytest.mark.usefixtures("held")
def test_who_is_signed_in_acts_and_out_again_does_not(signed_in: httpx.Client, engine: Engine) -> None:
    page = signed_in.get("/ingest")
    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store"
    done = discard(signed_in, token_of(page), origin=str(signed_in.base_url), **{"sec-fetch-site": "same-origin"})
    assert (done.status_code, done.headers["location"]) == (303, "/ingest?done=discard")
    assert state(engine) == "discarded"
    again = signed_in.get("/ingest?done=discard")
    assert "The message was given up." in again.text
    out = signed_in.post("/sign-out", data={"form_token": token_of(again, -1)})
    assert (out.status_code, out.headers["location"]) == (303, "/")
    assert count(engine, "sessions") == 0
    assert count(engine, "sent_forms") == 0
    assert signed_in.get("/ingest").headers["location"] == "/sign-in?next=/ingest"


def test_the_cookie_is_for_this_site_alone_and_only_its_hash_is_kept(
    client: httpx.Client, engine: Engine, admin: str
) -> None:
    answer = client.post("/sign-in", data={"token": admin})
    cookie = answer.headers["set-cookie"]
    for part in ("HttpOnly", "SameSite=lax", "Path=/", "Max-Age=43200"):
        assert part in cookie
    (secret,) = re.findall(r"missing-table-session=([^;]+)", cookie)
    assert secret not in str(rows(engine, "sessions"))
    # behind a proxy that ends TLS
    behind = client.post("/sign-in", data={"token": admin}, headers={"X-Forwarded-Proto": "https"})
    assert behind.headers["set-cookie"].startswith("__Host-missing-table=")
    assert "Secure" in behind.headers["set-cookie"]
    assert "Domain" not in behind.headers["set-cookie"]


@pytest.mark.parametrize("path", ["/ingest", "/enter"])
def test_a_stranger_is_led_to_the_sign_in(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/sign-in?next={path}")
    assert client.post(path, data={"do": "discard", "id": "1"}).status_code == 303
    client.cookies.set("missing-table-session", "x" * 43)
    assert client.get(path).status_code == 303


def test_the_maintainers_pages_are_found_from_each_public_one(client: httpx.Client, admin: str) -> None:
    link = '<a href="/ingest">Sign in</a>'
    for path in ("/", "/search?q=fire", "/docs", "/teams/1", "/matches/1"):
        assert link in client.get(path).text
    assert link not in client.get("/sign-in").text
    client.post("/sign-in", data={"token": admin})
    for path in ("/ingest", "/enter"):
        page = client.get(path).text
        assert link not in page
        for part in ('<a href="/ingest">Ingest</a>', '<a href="/enter">Enter a match</a>', "<button>Sign out</button>"):
            assert part in page


def test_who_was_about_to_correct_a_match_is_led_back_to_it(client: httpx.Client, admin: str) -> None:
    location = client.get("/enter?match=5").headers["location"]
    assert location == "/sign-in?next=/enter%3Fmatch%3D5"
    assert 'name="next" value="/enter?match=5"' in client.get(location).text
    assert client.post("/sign-in", data={"token": admin, "next": "/enter?match=5"}).headers["location"] == (
        "/enter?match=5"
    )


@pytest.mark.parametrize(
    ("onward", "leads"),
    [
        ("/enter", "/enter"),
        ("/enter?match=5", "/enter?match=5"),
        ("/enter?match=5&next=//evil.example", "/ingest"),
        ("/enter?match=5\n", "/ingest"),
        ("/enter?match=//evil.example", "/ingest"),
        ("/enter?match=", "/ingest"),
        ("//evil.example/enter?match=5", "/ingest"),
        ("https://evil.example/", "/ingest"),
        ("//evil.example", "/ingest"),
        ("/\\evil.example", "/ingest"),
        ("/ingest@evil.example", "/ingest"),
        ("javascript:alert(1)", "/ingest"),
        ("/enter\r\nSet-Cookie: a=b", "/ingest"),
    ],
)
def test_signing_in_leads_nowhere_else(client: httpx.Client, admin: str, onward: str, leads: str) -> None:
    assert f'name="next" value="{leads}"' in client.get("/sign-in", params={"next": onward}).text
    assert client.post("/sign-in", data={"token": admin, "next": onward}).headers["location"] == leads


def test_each_token_that_lets_nobody_in_says_why(client: httpx.Client, engine: Engine) -> None:
    now = utc_now()
    revoked = tokens.create(engine, "gone", now)
    tokens.revoke(engine, "gone", now)
    refused = {
        "mt_wrong": "not known",
        "": "not known",
        "mt_" + "x" * 5000: "not known",
        tokens.create(engine, "old", now, expires_at=now - dt.timedelta(days=1)): "expired on",
        tokens.create(engine, "scraper", now, scope="submit"): "may only submit",
        revoked: "was revoked",
    }
    for text, why in refused.items():
        answer = client.post("/sign-in", data={"token": text})
        assert answer.status_code == 403
        assert why in answer.text
        assert "set-cookie" not in answer.headers
        assert not text or text not in answer.text
    assert count(engine, "sessions") == 0


def test_guessing_is_slowed_down(client: httpx.Client, admin: str) -> None:
    answers = [client.post("/sign-in", data={"token": "mt_guess"}).status_code for _ in range(11)]
    assert answers == [403] * 10 + [429]
    refused = client.post("/sign-in", data={"token": admin})
    assert (refused.status_code, 0 < int(refused.headers["retry-after"]) <= 60) == (429, True)


@pytest.mark.parametrize("end", ["revoked", "expired", "session over"])
@pytest.mark.usefixtures("held")
def test_a_session_ends_with_its_token_or_its_time(signed_in: httpx.Client, engine: Engine, end: str) -> None:
    form_token = token_of(signed_in.get("/ingest"))
    past = utc_now() - dt.timedelta(seconds=1)
    if end == "revoked":
        tokens.revoke(engine, "anna", utc_now())
    else:
        with writing(engine) as connection:
            expires = update(table if end == "session over" else token_table).values(expires_at=past)
            connection.execute(expires)
    assert signed_in.get("/ingest").status_code == 303
    assert discard(signed_in, form_token).status_code == 303
    assert state(engine) == "open"


@pytest.mark.usefixtures("held")
def test_a_form_is_taken_once(signed_in: httpx.Client) -> None:
    form_token = token_of(signed_in.get("/ingest"))
    assert discard(signed_in, form_token).status_code == 303
    again = discard(signed_in, form_token)
    assert again.status_code == 409
    assert "sent before" in again.text


@pytest.mark.parametrize("form_token", [None, "", "x", "x.y", "é.\u2028", "a" * 5000])
@pytest.mark.usefixtures("held")
def test_a_form_without_its_own_token_is_refused(
    signed_in: httpx.Client, engine: Engine, form_token: str | None
) -> None:
    answer = discard(signed_in, form_token)
    assert answer.status_code == 403
    assert "not of your session" in answer.text
    assert state(engine) == "open"


@pytest.mark.usefixtures("held")
def test_a_token_of_another_session_is_refused(signed_in: httpx.Client, engine: Engine, admin: str) -> None:
    theirs = token_of(signed_in.get("/ingest"))
    signed_in.cookies.clear()
    signed_in.post("/sign-in", data={"token": admin})
    assert discard(signed_in, theirs).status_code == 403
    assert state(engine) == "open"


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://["},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
@pytest.mark.usefixtures("held")
def test_a_form_from_another_site_is_refused(
    signed_in: httpx.Client, engine: Engine, admin: str, headers: dict[str, str]
) -> None:
    answer = discard(signed_in, token_of(signed_in.get("/ingest")), **headers)
    assert answer.status_code == 403
    assert "another site" in answer.text
    assert state(engine) == "open"
    assert signed_in.post("/sign-in", data={"token": admin}, headers=headers).status_code == 403


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"a=" + b"x" * 70_000, "application/x-www-form-urlencoded", 413),
        (b"&".join(b"a=1" for _ in range(200)), "application/x-www-form-urlencoded", 400),
        (b"a=%ff", "application/x-www-form-urlencoded", 400),
        (b"\xff", "application/x-www-form-urlencoded", 400),
        (b"{}", "application/json", 415),
        (b"", "", 415),
    ],
)
def test_what_is_no_form_of_ours_is_refused(signed_in: httpx.Client, body: bytes, kind: str, status: int) -> None:
    assert signed_in.post("/ingest", content=body, headers={"content-type": kind}).status_code == status


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"do": "format"}, 422),
        ({}, 422),
        ({"do": "discard"}, 422),
        ({"do": "discard", "id": "../1"}, 422),
        ({"do": "discard", "id": "9" * 30}, 422),
        ({"do": "discard", "id": "99"}, 404),
        ({"do": "retry", "id": "99"}, 404),
        ({"do": "confirm", "id": "99"}, 404),
        ({"do": "unmerge", "id": "99"}, 404),
        ({"do": "keep", "id": "99", "register": "x" * 1000}, 404),
        ({"do": "same", "id": "98", "of": "99"}, 404),
        ({"do": "cancel", "id": "99"}, 404),
        ({"do": "retry", "id": "1"}, 409),
    ],
)
@pytest.mark.usefixtures("held")
def test_what_cannot_be_done_is_a_page_that_says_so(
    signed_in: httpx.Client, fields: dict[str, Any], status: int
) -> None:
    form_token = token_of(signed_in.get("/ingest"))
    answer = signed_in.post("/ingest", data=fields | {"form_token": form_token})
    assert answer.status_code == status, answer.text
    assert "Not done" in answer.text


def refusing(engine: Engine, _ref: int) -> None:
    with writing(engine) as connection:
        connection.exec_driver_sql("INSERT INTO team_ids (source, source_id, team_ref) VALUES ('a', 'b', 999)")


def without_a_connection(_engine: Engine, _ref: int) -> None:
    raise exc.TimeoutError("QueuePool limit of size 10 overflow 10 reached")


@pytest.mark.parametrize(
    ("confirm", "status", "heading", "told"),
    [
        (refusing, 500, "Not done", "database refused this, so nothing was done"),
        (without_a_connection, 503, "Back in a moment", "database cannot be used just now"),
    ],
)
def test_an_error_of_the_database_is_a_page_and_an_outage_only_where_it_is_one(
    signed_in: httpx.Client,
    admin: str,
    monkeypatch: pytest.MonkeyPatch,
    confirm: Any,
    status: int,
    heading: str,
    told: str,
) -> None:
    monkeypatch.setattr(merging, "confirm", confirm)
    form_token = token_of(signed_in.get("/ingest"))
    shown = signed_in.post("/ingest", data={"do": "confirm", "id": "1", "form_token": form_token})
    assert (shown.status_code, shown.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert heading in shown.text
    assert told in shown.text
    answer = signed_in.post("/api/teams/1/confirm", headers={"Authorization": f"Bearer {admin}"})
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert told in answer.json()["detail"]
    assert ("retry-after" in answer.headers) == (status == 503)


def test_only_what_is_over_is_forgotten(engine: Engine) -> None:
    now = utc_now()
    token = tokens.verify(engine, tokens.create(engine, "anna", now), now)
    early, late = sessions.begin(engine, token, now - sessions.LASTS), sessions.begin(engine, token, now)
    assert sessions.find(engine, early, now) is None
    assert sessions.find(engine, late, now) is not None
    assert count(engine, "sessions") == 1
