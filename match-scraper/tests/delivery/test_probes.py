"""What doctor finds out about broker and API; and that it leaves nothing there."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from match_scraper.delivery.api_probe import SUBMIT, probe_api
from match_scraper.delivery.broker_address import BrokerAddress
from match_scraper.delivery.broker_probe import probe_broker
from match_scraper.finding import Finding
from match_scraper.match_data import CONTRACT, MatchData

from .conftest import Broker


def states(findings: Iterator[Finding]) -> dict[str, str]:
    return {finding.what: str(finding.state) for finding in findings}


def probed(url: str, timeout: float = 5) -> list[Finding]:
    return list(probe_broker(BrokerAddress.parse(url), timeout=timeout))


def test_a_broker_that_is_ready_has_everything_and_gets_no_message(broker: Broker) -> None:
    broker.declare()
    found = probed(broker.url)
    assert states(iter(found)) == {"broker": "ok", "exchange": "ok", "queue": "note", "rights": "ok"}
    assert "no worker takes them: start `missing-table worker`" in found[2].said
    assert broker.count() == 0
    with broker.connect() as connection:
        connection.channel().basic_consume("matches")
        assert states(iter(probed(broker.url)))["queue"] == "ok"


def test_what_is_missing_is_named_and_not_made(broker: Broker) -> None:
    (connected, exchange) = probed(broker.url)
    assert (connected.state, exchange.state, exchange.exit_code) == ("ok", "wrong", 4)
    assert "has no exchange 'matches'; missing-table's worker makes both" in exchange.said
    broker.declare_exchange()
    found = {finding.what: finding for finding in probed(broker.url)}
    assert (found["exchange"].state, found["queue"].state, found["rights"].state) == ("ok", "wrong", "ok")
    assert "there is no queue 'matches'" in found["queue"].said


def test_a_missing_right_shows_before_anything_is_sent(broker: Broker) -> None:
    broker.declare()
    reader = broker.node.add_user(broker.virtual_host, "doctor-reader", "S3CRET", configure="^$", write="^$", read=".*")
    found = {finding.what: finding for finding in probed(reader)}
    assert found["rights"].state == "wrong"
    assert "user 'doctor-reader' has no write right on exchange 'matches'" in found["rights"].said
    scraper = broker.node.add_user(
        broker.virtual_host, "doctor-scraper", "p", configure="^$", write="^matches$", read="^$"
    )
    assert states(iter(probed(scraper))) == {"broker": "ok", "exchange": "ok", "queue": "note", "rights": "ok"}
    (refused,) = probed(reader.replace("S3CRET", "hunter2"))
    assert refused.said.endswith("wrong name or password: put it right in RABBITMQ_URL, or on the broker")
    assert "hunter2" not in refused.said


def test_a_broker_that_is_away_is_one_line(unused_port: int) -> None:
    (finding,) = probed(f"amqp://me:hunter2@127.0.0.1:{unused_port}/")
    assert (finding.state, finding.exit_code) == ("wrong", 4)
    assert "cannot be reached" in finding.said
    assert "hunter2" not in finding.said


@pytest.fixture
def unused_port() -> int:
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        return int(server.server_address[1])


Answers = dict[str, tuple[int, Any]]
SCHEMA = {"oneOf": [{"properties": dict.fromkeys(MatchData.model_fields)}]}


def openapi(schema: Any) -> Any:
    return {"paths": {SUBMIT: {"post": {"requestBody": {"content": {"application/json": {"schema": schema}}}}}}}


WELL: Answers = {
    "/ready": (200, {"status": "ready"}),
    SUBMIT: (422, {"detail": "home_team: Field required"}),
    "/openapi.json": (200, openapi(SCHEMA)),
}


class _Server(ThreadingHTTPServer):
    """Answers each path as it is told to, and keeps what came."""

    answers: Answers
    posted: list[tuple[str | None, bytes]]


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        status, body = self.server.answers.get(self.path, (404, {}))
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.posted.append((self.headers["Authorization"], body))
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Not into the test's output."""


Probe = Callable[..., dict[str, Finding]]


@pytest.fixture
def server() -> Iterator[_Server]:
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.posted = []
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def probe(server: _Server) -> Probe:
    def run(answers: Answers, token: str | None = "mt_sesame") -> dict[str, Finding]:
        server.answers = answers
        found = probe_api(f"http://127.0.0.1:{server.server_address[1]}", token, timeout=5)
        return {finding.what: finding for finding in found}

    return run


def test_an_api_that_is_well_is_asked_with_a_body_that_is_no_match(probe: Probe, server: _Server) -> None:
    assert states(iter(probe(WELL).values())) == {"API": "ok", "token": "ok", "contract": "ok"}
    assert server.posted == [("Bearer mt_sesame", b"{}")]


@pytest.mark.parametrize(
    ("answers", "token", "what", "said"),
    [
        ({"/ready": (503, {"detail": "the database is away"})}, "t", "API", "not ready: the database is away"),
        ({"/ready": (404, {})}, "t", "API", "is not missing-table's"),
        (
            {},
            None,
            "token",
            "MISSING_TABLE_API_TOKEN is not set: make one there with `missing-table token create --name match-"
            "scraper --scope submit`",
        ),
        ({SUBMIT: (401, {})}, "t", "token", "does not know it: make one"),
        ({SUBMIT: (403, {})}, "t", "token", "may not submit matches"),
        ({SUBMIT: (200, {})}, "t", "token", "answered 200"),
    ],
)
def test_what_is_wrong_is_said_with_what_to_do(
    probe: Probe, answers: Answers, token: str | None, what: str, said: str
) -> None:
    finding = probe(WELL | answers, token)[what]
    assert (finding.state, finding.exit_code) == ("wrong", 4)
    assert said in finding.said


def test_an_older_contract_is_told_by_the_fields_that_it_lacks(probe: Probe) -> None:
    older = {"oneOf": [{"properties": dict.fromkeys(set(MatchData.model_fields) - {"penalty_home", "source"})}]}
    finding = probe(WELL | {"/openapi.json": (200, openapi(older))})["contract"]
    assert finding.state == "note"
    assert "leaves out penalty_home, source" in finding.said
    unreadable: list[Any] = [{}, [], openapi({}), "text"]
    for unknown in unreadable:
        assert "does not say" in probe(WELL | {"/openapi.json": (200, unknown)})["contract"].said


@pytest.mark.parametrize(
    ("version", "state", "said"),
    [
        (CONTRACT, "ok", f"speaks version {CONTRACT}"),
        (f"{CONTRACT.partition('.')[0]}.99", "ok", f"; {CONTRACT} is sent"),
        ("99.0", "wrong", "bring both up to date"),
        ("1.0", "note", "leaves out source"),
        ("new", "note", "leaves out source"),
        (None, "note", "leaves out source"),
    ],
)
def test_the_version_that_the_api_names_counts(probe: Probe, version: str | None, state: str, said: str) -> None:
    older = {"oneOf": [{"properties": dict.fromkeys(set(MatchData.model_fields) - {"source"})}]}
    description = openapi(older) | {"info": {"x-contract": {"match": version}}}
    finding = probe(WELL | {"/openapi.json": (200, description)})["contract"]
    assert finding.state == state
    assert said in finding.said


def test_an_api_that_is_away_is_one_line(unused_port: int) -> None:
    (finding,) = probe_api(f"http://me:hunter2@127.0.0.1:{unused_port}", None, timeout=5)
    assert "cannot be reached" in finding.said
    assert "`missing-table up`" in finding.said
    assert "hunter2" not in finding.said
