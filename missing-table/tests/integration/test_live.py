"""News of a bracket as it comes: what any process commits is an event within a moment, on both databases."""

import datetime as dt
import html
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from private_services.postgresql import PostgreSQL
from private_services.program import Program
from sqlalchemy import Engine, event

from missing_table.api import live, watching
from missing_table.api.app import create_app
from missing_table.api.in_request import InRequest
from missing_table.ingest.pipeline import Ingest
from missing_table.match_data import MatchData
from missing_table.settings import Settings
from missing_table.store import engine as engines
from pages import PLAIN
from worker_process import PATIENCE, eventually

HERE = {"season": "2026-27", "league": "Homegrown", "age_group": "U15", "division": "Northeast"}
ELSEWHERE = HERE | {"division": "Florida"}
PROMISED = 2.0
"""Seconds from a commit to its event, at most."""
Enter = Callable[..., None]
Serving = Callable[[FastAPI], httpx.Client]


@pytest.fixture
def enter(ingest: Ingest) -> Enter:
    """Stores a match, given by what differs from a plain one, as another process would."""

    def enter(**fields: Any) -> None:
        message = MatchData.model_validate(PLAIN | {"match_id": "1"} | fields)
        ingest.enter(message, now=dt.datetime.now(dt.UTC), by="test")

    return enter


class Stream:
    """A stream that is open: what it says first, and its events, one after another."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._lines = response.iter_lines()
        self.first = self.block()

    def block(self) -> dict[str, str]:
        """The next lines up to an empty one, by field; a comment's field is empty."""
        found: dict[str, str] = {}
        for line in self._lines:
            if not line:
                return found
            name, _, value = line.partition(":")
            found[name] = value.removeprefix(" ")
        raise EOFError


@contextmanager
def opened(client: httpx.Client, asked: dict[str, str] = HERE, **headers: str) -> Iterator[Stream]:
    """A stream with these headers."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with client.stream("GET", "/api/live", params=asked, headers=named, timeout=PATIENCE) as response:
        assert response.status_code == 200
        stream = Stream(response)  # which has to be held: what is forgotten is closed
        yield stream


def streams(client: httpx.Client) -> float:
    """How many are open, by the measurement."""
    (line,) = [line for line in client.get("/metrics").text.splitlines() if line.startswith("missing_table_live_str")]
    return float(line.split()[1])


def test_what_another_process_commits_is_an_event_in_time(client: httpx.Client, enter: Enter) -> None:
    enter()
    with opened(client) as stream:
        headers = stream.response.headers
        assert headers["content-type"].startswith("text/event-stream")
        assert (headers["cache-control"], headers["x-accel-buffering"]) == ("no-store", "no")
        assert "content-encoding" not in headers
        assert stream.first["retry"] == str(live.RETRY)
        seen = [stream.first["id"]]
        waited = []
        for score in range(3):
            enter(score_home=score, score_away=0)
            committed = time.monotonic()
            told = stream.block()
            waited.append(time.monotonic() - committed)
            assert told["event"] == "changed"
            assert HERE.items() <= httpx.Response(200, content=told["data"]).json().items()
            seen.append(told["id"])
        assert len(set(seen)) == 4
        assert sorted(waited)[1] < PROMISED, "the middle one: a machine that stalls is no late event"


def test_two_applications_tell_the_same_and_nothing_of_other_brackets(
    engine: Engine, settings: Settings, serving: Serving, client: httpx.Client, enter: Enter
) -> None:
    enter()
    enter(match_id="2", division="Florida")
    other = engines.create(engine.url.render_as_string(hide_password=False))
    second = serving(create_app(settings, other, InRequest(Ingest.of(settings, other))))
    with opened(client) as here, opened(second) as there, opened(second, ELSEWHERE) as elsewhere:
        enter(score_home=2, score_away=1)
        assert here.block() == there.block()
        enter(match_id="2", division="Florida", score_home=0, score_away=0)
        assert '"division":"Florida"' in elsewhere.block()["data"]
        enter(score_home=3, score_away=1)
        assert here.block() == there.block()  # the next of theirs: nothing of Florida came between
    other.dispose()


def test_one_look_serves_all_who_watch(engine: Engine, client: httpx.Client, enter: Enter) -> None:
    enter()
    looks: list[float] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        looks.extend([time.monotonic()] if "team_directory" in statement else [])

    with opened(client) as first, opened(client) as second, opened(client) as third:
        event.listen(engine, "before_cursor_execute", note)
        eventually(lambda: len(looks) == 3)
        enter(score_home=1, score_away=1)
        assert first.block() == second.block() == third.block()
    event.remove(engine, "before_cursor_execute", note)
    assert looks[2] - looks[0] > 1.5 * watching.PERIOD


def test_who_comes_back_is_told_what_he_missed(client: httpx.Client, enter: Enter) -> None:
    enter()
    with opened(client) as stream:
        old = stream.first["id"]
    enter(score_home=1, score_away=0)
    for asked, headers in ((HERE, {"Last_Event_ID": old}), (HERE | {"seen": old}, {})):
        with opened(client, asked, **headers) as stream:
            assert "id" not in stream.first
            told = stream.block()
            assert told["event"] == "changed"
    with opened(client, HERE | {"seen": old}, Last_Event_ID=told["id"]) as stream:
        assert stream.first["id"] == told["id"]
        enter(score_home=2, score_away=0)
        assert stream.block()["id"] not in (old, told["id"])


def test_who_leaves_gives_his_place_back_and_nobody_looks_any_more(
    engine: Engine, client: httpx.Client, enter: Enter
) -> None:
    enter()
    looked = [0.0]

    def note(*_: Any) -> None:
        looked[0] = time.monotonic()

    with opened(client), opened(client):
        assert streams(client) == 2
        event.listen(engine, "before_cursor_execute", note)
        eventually(lambda: looked[0] > 0)
    eventually(lambda: time.monotonic() - looked[0] > 3 * watching.PERIOD)
    event.remove(engine, "before_cursor_execute", note)
    assert streams(client) == 0


def test_beyond_the_limit_one_is_asked_to_wait(
    engine: Engine, settings: Settings, serving: Serving, enter: Enter
) -> None:
    enter()
    few = settings.model_copy(update={"live_streams": 2})
    client = serving(create_app(few, engine, InRequest(Ingest.of(few, engine))))
    with opened(client), opened(client):
        refused = client.get("/api/live", params=HERE)
        assert refused.status_code == 503
        assert refused.headers["retry-after"] == live.NO_ROOM
        assert "too many streams" in refused.json()["detail"]
    eventually(lambda: streams(client) == 0)
    with opened(client):
        assert streams(client) == 1


def test_one_address_takes_no_more_than_its_share(
    engine: Engine, settings: Settings, serving: Serving, enter: Enter
) -> None:
    enter()
    shared = settings.model_copy(update={"live_streams": 3, "live_streams_each": 2})
    app = create_app(shared, engine, InRequest(Ingest.of(shared, engine)))
    greedy = serving(app)
    with httpx.Client(
        base_url=greedy.base_url, transport=httpx.HTTPTransport(local_address="127.0.0.2"), timeout=PATIENCE
    ) as other:
        with opened(greedy), opened(greedy):
            refused = greedy.get("/api/live", params=HERE)
            assert refused.status_code == 429
            assert refused.headers["retry-after"] == live.NO_ROOM
            assert "from your address" in refused.json()["detail"]
            with opened(other):
                assert streams(greedy) == 3
        eventually(lambda: streams(greedy) == 0)
        with opened(greedy), opened(greedy):
            assert streams(greedy) == 2


def test_a_long_stream_is_no_slow_request_and_says_that_it_is_there(
    client: httpx.Client, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "HEARTBEAT", 0.3)
    enter()
    began = time.monotonic()
    with opened(client) as stream:
        for _ in range(3):
            assert stream.block() == {"": "still here"}
        begun_within = time.monotonic() - began - 2 * 0.3  # three heartbeats came after it
    eventually(lambda: streams(client) == 0)
    measured = dict(line.rsplit(" ", 1) for line in client.get("/metrics").text.splitlines() if "/api/live" in line)
    assert measured['missing_table_http_requests_total{method="GET",route="/api/live",status="200"}'] == "1.0"
    assert float(measured['missing_table_http_request_seconds_sum{method="GET",route="/api/live"}']) < begun_within


def test_what_is_not_there_is_a_problem_and_no_stream(client: httpx.Client, enter: Enter) -> None:
    enter()
    enter(match_id="2", division="Florida")
    for asked, status in (
        (HERE | {"division": "Nowhere"}, 404),
        ({"age_group": "U15"}, 409),
        (HERE | {"seen": "a\nb"}, 422),
        (HERE | {"seen": "a" * 201}, 422),
    ):
        refused = client.get("/api/live", params=asked)
        assert (refused.status_code, refused.json()["status"]) == (status, status)
    assert client.head("/api/live", params=HERE).headers["content-type"].startswith("text/event-stream")
    eventually(lambda: streams(client) == 0)


def test_the_pages_of_a_season_that_goes_on_name_their_streams(client: httpx.Client, enter: Enter) -> None:
    today = str(dt.datetime.now(dt.UTC).date())
    enter(date=today)
    enter(match_id="2", division="Florida", date="2020-09-05", season="2020-21")
    for path in ("/?season=2026-27&division=Northeast", "/matches/1", "/teams/1?season=2026-27"):
        (address,) = re.findall(r'type="text/event-stream" title="\w+" href="([^"]*)"', client.get(path).text)
        asked = dict(httpx.URL(html.unescape(address)).params)
        seen = asked["seen"]
        assert asked == HERE | {"seen": seen}
        with opened(client, asked) as stream:
            assert stream.first["id"] == seen
    for path in ("/?season=2020-21&division=Florida", "/matches/2", "/teams/1?season=2020-21"):
        page = client.get(path)
        assert page.status_code == 200
        assert "event-stream" not in page.text
        assert "live.js" not in page.text


def test_a_stream_outlives_the_database(
    postgresql: PostgreSQL, postgres_database: str, settings: Settings, serving: Serving
) -> None:
    engine = engines.create(postgres_database)
    ingest = Ingest.of(settings, engine)
    client = serving(create_app(settings, engine, InRequest(ingest)))

    def enter(score: int) -> None:
        message = MatchData.model_validate(PLAIN | {"match_id": "1", "score_home": score, "score_away": 0})
        ingest.enter(message, now=dt.datetime.now(dt.UTC), by="test")

    enter(0)
    with opened(client) as stream:
        postgresql.stop()
        eventually(lambda: client.get("/ready").status_code == 503)
        assert client.get("/api/live", params=HERE).status_code == 503
        postgresql.start()
        eventually(lambda: client.get("/ready").status_code == 200)
        enter(1)
        assert stream.block()["event"] == "changed"
    engine.dispose()


def test_a_process_that_is_told_to_leave_does_not_wait_for_its_streams(
    sqlite_file: str, tmp_path: Path, settings: Settings
) -> None:
    engine = engines.create(sqlite_file)
    message = MatchData.model_validate(PLAIN | {"match_id": "1"})
    Ingest.of(settings, engine).enter(message, now=dt.datetime.now(dt.UTC), by="test")
    engine.dispose()
    program = "from missing_table.api import server; from missing_table.settings import load_settings\n"
    program += "server.GRACE = 10 * 60; server.serve(load_settings(), '127.0.0.1', 0)"
    environment = os.environ | {"MISSING_TABLE_HOME": str(tmp_path), "DATABASE_URL": sqlite_file, "RABBITMQ_URL": ""}
    with Program([sys.executable, "-c", program], env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        address = process.stderr.readline().removeprefix("API and pages on ").strip()
        with httpx.Client(base_url=address, timeout=PATIENCE) as client, opened(client) as stream:
            process.send_signal(signal.SIGTERM)
            with pytest.raises(EOFError):
                stream.block()
            assert process.wait(timeout=PATIENCE) == 0
        assert process.stderr.read() == ""
