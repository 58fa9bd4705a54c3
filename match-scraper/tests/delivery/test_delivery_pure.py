"""The rules of sending that need no network: answers of the broker, addresses, frames, waits."""

import json
import random
from typing import Any
from urllib.parse import quote

import amqp
import pytest
from amqp import method_framing
from hypothesis import given
from hypothesis import strategies as st

from match_scraper.delivery import envelope
from match_scraper.delivery.broker_address import BrokerAddress
from match_scraper.delivery.frames import MatchFrames
from match_scraper.delivery.outstanding import NACKED, Outgoing, Outstanding, Settled
from match_scraper.delivery.retries import longest_outage, waits
from match_scraper.errors import UsageProblem
from match_scraper.match_data import MatchData

from .conftest import LEAST, MakeMatch

CARRIED = {"run_id": "a-run", "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
MATCH = MatchData.model_validate(LEAST)


@given(count=st.integers(1, 60), data=st.data())
def test_every_message_is_settled_once_and_as_the_broker_said(count: int, data: st.DataObject) -> None:
    outstanding = Outstanding()
    for number in range(1, count + 1):
        outstanding.published(Outgoing(MATCH, str(number)))
    returned = data.draw(st.sets(st.integers(1, count)))
    for number in returned:
        outstanding.returned(str(number), "unroutable")
    open_tags = list(range(1, count + 1))
    expected: dict[str, str | None] = {}
    told: dict[str, str | None] = {}
    while open_tags:
        tag = data.draw(st.sampled_from(open_tags))
        multiple, nack = data.draw(st.booleans()), data.draw(st.booleans())
        answered = [each for each in open_tags if each <= tag] if multiple else [tag]
        open_tags = [each for each in open_tags if each not in answered]
        answer = outstanding.nacked(tag, multiple) if nack else outstanding.acked(tag, multiple)
        for settled in answer:
            assert settled.outgoing.task_id not in told
            told[settled.outgoing.task_id] = settled.refusal
        for each in answered:
            expected[str(each)] = "unroutable" if each in returned else NACKED if nack else None
        assert [each.task_id for each in outstanding.unanswered()] == [str(each) for each in open_tags]
    assert told == expected
    assert len(outstanding) == 0


def test_tag_zero_with_multiple_means_all() -> None:
    outstanding = Outstanding()
    sent = [Outgoing(MATCH, str(number)) for number in range(3)]
    for outgoing in sent:
        outstanding.published(outgoing)
    assert list(outstanding.acked(0, multiple=True)) == [Settled(outgoing) for outgoing in sent]


def test_an_answer_to_a_message_that_was_answered_settles_nothing() -> None:
    outstanding = Outstanding()
    outstanding.published(Outgoing(MATCH, "1"))
    assert len(list(outstanding.acked(1, multiple=False))) == 1
    assert list(outstanding.acked(1, multiple=False)) == []
    assert list(outstanding.acked(1, multiple=True)) == []


@pytest.mark.parametrize("frame_max", [131_072, 4_096])
@given(notes=st.text(st.characters(exclude_categories=["C"]), max_size=2000))
def test_the_frames_are_those_that_py_amqp_would_write(frame_max: int, notes: str) -> None:
    match = MATCH.model_copy(update={"notes": notes})
    task_id, moment = envelope.new_task_id(), envelope.submitted_at()
    written: list[bytes] = []

    class Wire:
        def write(self, data: bytes) -> None:
            written.append(bytes(data))

    class Opened:
        bytes_sent = 0

    opened: Any = Opened()
    opened.frame_max = frame_max
    message = amqp.Message(
        envelope.body(match),
        content_type="application/json",
        content_encoding="utf-8",
        application_headers=envelope.headers(envelope.TASK, task_id, moment, CARRIED),
        delivery_mode=2,
        priority=0,
        correlation_id=task_id,
        reply_to="",
    )
    method = amqp.serialization.dumps("Bssbb", (0, "matches", "matches", True, False))
    method_framing.frame_writer(opened, Wire())(1, 7, amqp.spec.Basic.Publish, method, message)
    assert MatchFrames(7, frame_max, CARRIED).encode(Outgoing(match, task_id), moment.encode()) == b"".join(written)


def test_the_body_is_a_celery_task_with_one_argument(make_match: MakeMatch) -> None:
    match = make_match(1)
    assert json.loads(envelope.body(match)) == [
        [match.payload()],
        {},
        {"callbacks": None, "errbacks": None, "chain": None, "chord": None},
    ]


printable = st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=20)


@given(user=printable, password=printable, virtual_host=printable, tls=st.booleans(), port=st.integers(1, 65535))
def test_an_address_is_taken_apart_and_its_password_never_shown(
    user: str, password: str, virtual_host: str, tls: bool, port: int
) -> None:
    secret = f"S3CRET{password}"
    scheme = "amqps" if tls else "amqp"
    encoded = [quote(part, safe="") for part in (user, secret, virtual_host)]
    url = f"{scheme}://{encoded[0]}:{encoded[1]}@broker.example:{port}/{encoded[2]}"
    address = BrokerAddress.parse(url)
    assert (address.user, address.password) == (user, secret)
    assert (address.host, address.port, address.virtual_host, address.tls) == (
        "broker.example",
        port,
        virtual_host,
        tls,
    )
    for shown in (repr(address), address.name, address.key, address.who):
        assert "S3CRET" not in shown


@pytest.mark.parametrize(
    ("url", "port", "virtual_host"),
    [
        ("amqp://u:p@host", 5672, "/"),
        ("amqp://u:p@host/", 5672, "/"),
        ("amqp://u:p@host//", 5672, "/"),
        ("amqp://u:p@host/%2F", 5672, "/"),
        ("pyamqp://u:p@host/league", 5672, "league"),
        ("amqps://u:p@host/league", 5671, "league"),
        ("amqp://u:p@[::1]:5673/league", 5673, "league"),
    ],
)
def test_port_and_virtual_host_have_celerys_defaults(url: str, port: int, virtual_host: str) -> None:
    address = BrokerAddress.parse(url)
    assert (address.port, address.virtual_host) == (port, virtual_host)


@pytest.mark.parametrize(
    "url",
    [
        *("", "host:5672", "http://u:S3CRET@host", "amqp://", "amqp://u:S3CRET@host:port/", "amqp://u:S3/CRET@host:1/"),
        # What stands before the / that is not encoded looks like a host and a port.
        *("amqp://u:53/S3CRET@host:1/", "amqp://u:53?S3CRET@host:1/", "amqp://u:53#S3CRET@host:1/"),
        "amqp://u:S3CRET@host/?heartbeat=30",
    ],
)
def test_what_is_no_address_is_refused_without_showing_it(url: str) -> None:
    with pytest.raises(UsageProblem, match="RABBITMQ_URL") as problem:
        BrokerAddress.parse(url)
    assert "S3" not in str(problem.value)


def test_the_same_queue_has_the_same_key_whoever_sends() -> None:
    keys = {BrokerAddress.parse(url).key for url in ("amqp://a:b@Host/", "amqp://c:d@host:5672//")}
    assert keys == {"amqp://host:5672///matches"}
    assert BrokerAddress.parse("amqp://a:b@host/other").key not in keys


@given(attempts=st.integers(1, 12), first=st.floats(0.01, 5), longest=st.floats(5, 60), seed=st.integers())
def test_waits_grow_up_to_the_longest(attempts: int, first: float, longest: float, seed: int) -> None:
    found = list(waits(attempts, first=first, longest=longest, chance=random.Random(seed)))
    assert len(found) == attempts - 1
    for number, wait in enumerate(found):
        most = min(first * 2**number, longest)
        assert 0.75 * most <= wait <= most
    assert longest_outage(attempts, 7, first=first, longest=longest) >= 7 * attempts + sum(found)
