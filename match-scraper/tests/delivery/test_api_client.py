"""Sending over HTTP to a real server that answers as missing-table does, or as everything else on the way might."""

import datetime as dt
import logging
import socket
from collections.abc import Callable, Iterator
from email.utils import format_datetime
from typing import Any

import pytest

from match_scraper.delivery.api_client import MissingTableClient
from match_scraper.errors import NotDelivered

from .api_server import Answer, Api, Respond, accept, as_json
from .conftest import MakeMatch, Told


def page(status: int) -> Respond:
    return lambda _: (status, {"Content-Type": "text/html"}, b"<html><body>Welcome to nginx!</body></html>")


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
    "asked", [lambda: "17", lambda: format_datetime(dt.datetime.now(dt.UTC) + dt.timedelta(seconds=18), usegmt=True)]
)
def test_a_wait_that_the_api_asks_for_is_kept(
    client: MissingTableClient,
    api: Api,
    make_match: MakeMatch,
    told: Told,
    slept: list[float],
    asked: Callable[[], str],
) -> None:
    # A time counts from the answer's own Date, which says whole seconds.
    api.next = [lambda _: as_json(429, {}, Retry_After=asked())]
    client.send([make_match(1)], **told.callbacks)
    assert slept in ([17.0], [18.0])
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
        (401, "missing-table token create --name match-scraper --scope submit`"),
        (403, "does not let it submit .* `missing-table token create --name match-scraper --scope submit`"),
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


def refusal(*errors: tuple[int, str, str]) -> dict[str, object]:
    """What missing-table says about an array with these faults."""
    index, field, problem = errors[0]
    return {
        "type": "about:blank",
        "title": "Unprocessable Content",
        "status": 422,
        "detail": f"item {index}: {field} {problem}; nothing was taken",
        "index": index,
        "field": field,
        "errors": [{"index": index, "field": field, "problem": problem} for index, field, problem in errors],
    }


def test_one_bad_match_is_refused_with_its_reason_and_the_others_are_sent(
    client: MissingTableClient, api: Api, make_match: MakeMatch, told: Told
) -> None:
    api.always = bad(3, lambda index: refusal((index, "score_home", "must be at most 99")))
    client.send((make_match(number) for number in range(10)), **told.callbacks)
    assert told.numbers == [0, 1, 2, 4, 5, 6, 7, 8, 9]
    assert [(match.match_id, reason) for match, reason in told.refused] == [("3", "score_home: must be at most 99")]
    assert api.sizes == [10, 9]


def test_all_faults_that_are_named_are_refused_in_one_round(
    client: MissingTableClient, api: Api, make_match: MakeMatch, told: Told
) -> None:
    faults = [(1, "notes", "is too long"), (4, "date", "is no date"), (4, "season", "is no season")]
    api.next = [lambda _: as_json(422, refusal(*faults))]
    client.send((make_match(number) for number in range(6)), **told.callbacks)
    assert told.numbers == [0, 2, 3, 5]
    assert [reason for _, reason in told.refused] == ["notes: is too long", "date: is no date; season: is no season"]
    assert api.sizes == [6, 4]


@pytest.mark.parametrize(
    "body", [{"detail": "no"}, refusal((99, "date", "no")), {"errors": ["no"]}, {"errors": "no"}, [], "no"]
)
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
