"""Sending over HTTP to a real server that answers as missing-table does, or as everything else on the way might."""

import datetime as dt
import json
import logging
import socket
import threading
from collections.abc import Callable, Iterator
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from match_scraper.delivery.api_client import MissingTableClient
from match_scraper.errors import NotDelivered

from .conftest import MakeMatch, Told

Answer = tuple[int, dict[str, str], bytes]
Respond = Callable[[list[dict[str, Any]]], Answer | None]


def as_json(status: int, body: object, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return status, {"Content-Type": "application/json"} | named, json.dumps(body).encode()


def accept(matches: list[dict[str, Any]]) -> Answer:
    return as_json(202, {"task_ids": [f"task-{match['match_id']}" for match in matches]})


def page(status: int) -> Respond:
    return lambda _: (status, {"Content-Type": "text/html"}, b"<html><body>Welcome to nginx!</body></html>")


class Api:
    """A server that accepts; `next` holds what it does before that, one for each request. None: hangs up."""

    def __init__(self) -> None:
        self.next: list[Respond] = []
        self.always: Respond = accept
        self.requests: list[tuple[str, dict[str, str], list[dict[str, Any]]]] = []
        api = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                matches = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                api.requests.append((self.path, dict(self.headers.items()), matches))
                answer = (api.next.pop(0) if api.next else api.always)(matches)
                if answer is None:
                    self.close_connection = True
                    return
                status, headers, body = answer
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Not into the test's output."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    @property
    def sizes(self) -> list[int]:
        return [len(matches) for _, _, matches in self.requests]


@pytest.fixture
def api() -> Iterator[Api]:
    api = Api()
    thread = threading.Thread(target=api.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield api
    api.server.shutdown()
    thread.join()
    api.server.server_close()


@pytest.fixture
def slept() -> list[float]:
    return []


@pytest.fixture
def client(api: Api, slept: list[float]) -> Iterator[MissingTableClient]:
    client = MissingTableClient(
        api.url + "/",
        "S3CRET",
        chunk=10,
        timeout=5,
        sleep=slept.append,
        now=lambda: dt.datetime(2026, 10, 5, 12, tzinfo=dt.UTC),
    )
    yield client
    client.close()


def test_matches_are_posted_in_chunks_and_each_gets_its_task_id(
    client: MissingTableClient, api: Api, make_match: MakeMatch, told: Told
) -> None:
    client.send((make_match(number) for number in range(25)), **told.callbacks)
    assert api.sizes == [10, 10, 5]
    path, headers, matches = api.requests[0]
    assert path == "/api/matches/submit"
    assert headers["Authorization"] == "Bearer S3CRET"
    assert matches[0] == make_match(0).payload()
    assert [(match.match_id, task_id) for match, task_id in told.confirmed] == [
        (str(number), f"task-{number}") for number in range(25)
    ]
    assert told.refused == []


def test_nothing_to_send_asks_nothing(client: MissingTableClient, api: Api, told: Told) -> None:
    client.send([], **told.callbacks)
    assert api.requests == []


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_an_api_that_is_busy_is_asked_again(
    client: MissingTableClient, api: Api, make_match: MakeMatch, told: Told, slept: list[float], status: int
) -> None:
    api.next = [page(status), page(status)]
    client.send([make_match(1)], **told.callbacks)
    assert told.numbers == [1]
    assert len(slept) == 2
    assert slept[0] < slept[1]


def test_a_connection_that_breaks_is_made_again_and_a_second_time_does_no_harm(
    client: MissingTableClient, api: Api, make_match: MakeMatch, told: Told
) -> None:
    api.next = [lambda _: None]
    client.send([make_match(1), make_match(2)], **told.callbacks)
    assert told.numbers == [1, 2]
    assert api.sizes == [2, 2]


def test_an_api_that_stays_away_is_given_up_on(
    client: MissingTableClient, api: Api, make_match: MakeMatch, told: Told, slept: list[float]
) -> None:
    api.next = [accept]
    api.always = page(503)
    with pytest.raises(NotDelivered, match=r"is away for the moment \(503\) \(tried 4 times\)"):
        client.send((make_match(number) for number in range(25)), **told.callbacks)
    assert told.numbers == list(range(10))
    assert told.refused == []
    assert len(slept) == 3


def test_an_api_that_is_down_is_said(make_match: MakeMatch, told: Told, slept: list[float]) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        client = MissingTableClient(f"http://127.0.0.1:{nobody.getsockname()[1]}", None, sleep=slept.append)
        with pytest.raises(NotDelivered, match=r"the API at http://127.0.0.1:\d+ cannot be reached.*tried 4 times"):
            client.send([make_match(1)], **told.callbacks)
        client.close()


def test_an_api_that_never_answers_is_said(make_match: MakeMatch, told: Told, slept: list[float]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        url = f"http://127.0.0.1:{mute.getsockname()[1]}"
        client = MissingTableClient(url, None, timeout=0.1, attempts=2, sleep=slept.append)
        with pytest.raises(NotDelivered, match="did not answer in time"):
            client.send([make_match(1)], **told.callbacks)
        client.close()


@pytest.mark.parametrize(
    "asked", ["17", format_datetime(dt.datetime(2026, 10, 5, 12, 0, 17, tzinfo=dt.UTC), usegmt=True)]
)
def test_a_wait_that_the_api_asks_for_is_kept(
    client: MissingTableClient, api: Api, make_match: MakeMatch, told: Told, slept: list[float], asked: str
) -> None:
    api.next = [lambda _: as_json(429, {}, Retry_After=asked)]
    client.send([make_match(1)], **told.callbacks)
    assert slept == [17.0]
    assert told.numbers == [1]


def test_a_wait_that_is_too_long_is_said(
    client: MissingTableClient, api: Api, make_match: MakeMatch, told: Told, slept: list[float]
) -> None:
    api.next = [lambda _: as_json(503, {}, Retry_After="3600")]
    with pytest.raises(NotDelivered, match="come back in 3600 seconds"):
        client.send([make_match(1)], **told.callbacks)
    assert slept == []


def test_a_wait_in_no_known_form_is_ours_to_choose(
    client: MissingTableClient, api: Api, make_match: MakeMatch, told: Told, slept: list[float]
) -> None:
    api.next = [lambda _: as_json(503, {}, Retry_After="soon")]
    client.send([make_match(1)], **told.callbacks)
    assert len(slept) == 1
    assert told.numbers == [1]


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, "missing-table token create"),
        (403, "does not let it submit"),
        (404, "MISSING_TABLE_API_BASE_URL"),
        (405, "MISSING_TABLE_API_BASE_URL"),
        (500, "fault of its own"),
        (200, "an answer that missing-table does not give"),
        (400, "an answer that missing-table does not give"),
        (202, "not with one task id for each of the 1 matches"),
    ],
)
def test_an_answer_that_leaves_nothing_to_try_is_said_at_once(
    client: MissingTableClient,
    api: Api,
    make_match: MakeMatch,
    told: Told,
    slept: list[float],
    caplog: pytest.LogCaptureFixture,
    status: int,
    words: str,
) -> None:
    caplog.set_level(logging.DEBUG)
    api.always = page(status)
    with pytest.raises(NotDelivered, match=words) as problem:
        client.send([make_match(1)], **told.callbacks)
    assert (told.confirmed, told.refused, slept, len(api.requests)) == ([], [], [], 1)
    for shown in (str(problem.value), repr(client), client.name, client.key, caplog.text):
        assert "S3CRET" not in shown


def test_a_redirect_does_not_carry_the_token_away(
    client: MissingTableClient, api: Api, make_match: MakeMatch, told: Told
) -> None:
    api.always = lambda _: (308, {"Location": "https://elsewhere.example/"}, b"")
    with pytest.raises(NotDelivered, match=r"redirects to https://elsewhere\.example/"):
        client.send([make_match(1)], **told.callbacks)
    assert len(api.requests) == 1


@pytest.mark.parametrize(
    "body",
    [{"task_ids": ["one"]}, {"task_ids": ["a", "b", "c"]}, {"task_ids": [1, 2]}, {"task_ids": None}, ["a", "b"], "ok"],
)
def test_a_202_without_a_task_id_for_each_is_not_trusted(
    client: MissingTableClient, api: Api, make_match: MakeMatch, told: Told, body: object
) -> None:
    api.always = lambda _: as_json(202, body)
    with pytest.raises(NotDelivered, match="task id for each of the 2 matches"):
        client.send([make_match(1), make_match(2)], **told.callbacks)
    assert told.confirmed == []


def bad(number: int, fault: Callable[[int], object]) -> Respond:
    """Takes nothing as long as match `number` is among them."""

    def respond(matches: list[dict[str, Any]]) -> Answer:
        at = [index for index, match in enumerate(matches) if match["match_id"] == str(number)]
        return as_json(422, fault(at[0])) if at else accept(matches)

    return respond


@pytest.mark.parametrize(
    "fault",
    [
        lambda index: {"detail": [{"loc": ["body", index, "score_home"], "msg": "too many goals", "type": "x"}]},
        lambda index: {"detail": "score_home: too many goals", "index": index},
        lambda index: {"detail": [{"index": index, "msg": "score_home: too many goals"}]},
    ],
)
def test_one_bad_match_is_refused_with_its_reason_and_the_others_are_sent(
    client: MissingTableClient, api: Api, make_match: MakeMatch, told: Told, fault: Callable[[int], object]
) -> None:
    api.always = bad(3, fault)
    client.send((make_match(number) for number in range(10)), **told.callbacks)
    assert told.numbers == [0, 1, 2, 4, 5, 6, 7, 8, 9]
    assert [(match.match_id, reason) for match, reason in told.refused] == [("3", "score_home: too many goals")]
    assert api.sizes == [10, 9]


def test_all_faults_that_are_named_are_refused_together(
    client: MissingTableClient, api: Api, make_match: MakeMatch, told: Told
) -> None:
    faults = [{"loc": ["body", index, "notes"], "msg": f"wrong {index}"} for index in (1, 4, 4)]
    api.next = [lambda _: as_json(422, {"detail": faults})]
    client.send((make_match(number) for number in range(6)), **told.callbacks)
    assert told.numbers == [0, 2, 3, 5]
    assert [reason for _, reason in told.refused] == ["notes: wrong 1", "notes: wrong 4; notes: wrong 4"]


@pytest.mark.parametrize("body", [{"detail": "no"}, {"detail": [{"loc": ["body", 99], "msg": "no"}]}, [], "no"])
def test_a_refusal_that_does_not_say_which_is_narrowed_down(
    client: MissingTableClient, api: Api, make_match: MakeMatch, told: Told, body: object
) -> None:
    api.always = bad(6, lambda _: body)
    client.send((make_match(number) for number in range(10)), **told.callbacks)
    assert told.numbers == [0, 1, 2, 3, 4, 5, 7, 8, 9]
    assert [match.match_id for match, _ in told.refused] == ["6"]


def test_too_much_at_a_time_is_halved(client: MissingTableClient, api: Api, make_match: MakeMatch, told: Told) -> None:
    api.always = lambda matches: accept(matches) if len(matches) <= 3 else as_json(413, {"detail": "too large"})
    client.send((make_match(number) for number in range(10)), **told.callbacks)
    assert told.numbers == list(range(10))
    assert max(size for size in api.sizes if size <= 3) == 3


def test_one_match_that_is_too_large_is_refused(
    client: MissingTableClient, api: Api, make_match: MakeMatch, told: Told
) -> None:
    api.always = lambda matches: (
        as_json(413, {}) if any(match["match_id"] == "2" for match in matches) else accept(matches)
    )
    client.send((make_match(number) for number in range(4)), **told.callbacks)
    assert told.numbers == [0, 1, 3]
    assert [(match.match_id, reason) for match, reason in told.refused] == [("2", "it is too large")]


def test_user_and_password_in_the_address_are_not_shown() -> None:
    client = MissingTableClient("http://someone:S3CRET@127.0.0.1:1/", "T0KEN")
    client.close()
    assert "S3CRET" not in client.name + client.key + repr(client)
    assert client.key == "http://127.0.0.1:1"
