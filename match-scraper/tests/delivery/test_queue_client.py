"""Sending to a real RabbitMQ: what is confirmed is in the queue, and what went wrong is said in words."""

import contextlib
import json
import logging
import os
import select
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import amqp
import pytest
from private_services import RabbitMQ
from private_services.program import Program
from pydantic import ValidationError

from match_scraper.delivery.queue_client import MatchQueueClient
from match_scraper.errors import NotDelivered, UsageProblem
from match_scraper.match_data import MatchData
from match_scraper.settings import Settings

from .conftest import Broker, MakeMatch, Told


def wait_for(condition: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.02)


def never(seconds: float) -> None:
    raise AssertionError(f"waited {seconds} seconds to try again what cannot get better")


@pytest.fixture
def client(broker: Broker) -> Iterator[MatchQueueClient]:
    broker.declare()
    client = MatchQueueClient(broker.url)
    yield client
    client.close()


def numbers_in(messages: list[amqp.Message]) -> list[int]:
    return [int(json.loads(message.body)[0][0]["match_id"]) for message in messages]


def test_a_submitted_match_waits_in_the_queue_as_a_celery_task(
    client: MatchQueueClient, broker: Broker, make_match: MakeMatch
) -> None:
    match = make_match(26090)
    task_id = client.submit_match(match)
    [message] = broker.take()
    assert json.loads(message.body) == [
        [match.payload()],
        {},
        {"callbacks": None, "errbacks": None, "chain": None, "chord": None},
    ]
    assert message.headers["task"] == "missing_table.tasks.process_match_data"
    assert message.headers["id"] == message.headers["root_id"] == task_id
    properties = message.properties
    assert properties["correlation_id"] == task_id
    assert properties["delivery_mode"] == 2
    assert (properties["content_type"], properties["content_encoding"]) == ("application/json", "utf-8")
    # Our clock must not decide anything; the match says itself when it was observed.
    assert "timestamp" not in properties


PLAIN_WORKER = """
from celery import Celery
from kombu import Exchange, Queue

app = Celery(broker={url!r})
app.conf.task_queues = [Queue("matches", Exchange("matches"), routing_key="matches")]


@app.task(name="missing_table.tasks.process_match_data")
def process(match):
    print("took " + match["match_id"])
"""


def test_a_celery_worker_like_any_other_runs_it(
    client: MatchQueueClient, broker: Broker, make_match: MakeMatch, tmp_path: Path
) -> None:
    (tmp_path / "plain.py").write_text(PLAIN_WORKER.format(url=broker.url))
    client.submit_matches_batch([make_match(7), make_match(8)])
    command = [sys.executable, "-m", "celery", "-A", "plain", "worker", "-Q", "matches", "-P", "solo", "-E"]
    said = tmp_path / "said"
    with said.open("w") as output, Program(command, cwd=tmp_path, stdout=output, stderr=output) as worker:
        wait_for(lambda: worker.poll() is not None or said.read_text().count("took") == 2)
        worker.terminate()
    assert "took 7" in said.read_text()
    assert "took 8" in said.read_text()
    assert "Traceback" not in said.read_text()
    assert broker.count() == 0


def test_fields_are_enough_and_a_batch_keeps_its_order(
    client: MatchQueueClient, broker: Broker, make_match: MakeMatch
) -> None:
    task_ids = client.submit_matches_batch([make_match(1).payload(), make_match(2), make_match(3).payload()])
    messages = broker.take()
    assert [message.headers["id"] for message in messages] == task_ids
    assert numbers_in(messages) == [1, 2, 3]


def test_a_match_that_breaks_the_contract_is_refused_before_anything_is_sent(
    client: MatchQueueClient, broker: Broker, make_match: MakeMatch
) -> None:
    wrong = make_match(2).payload() | {"score_home": -1}
    with pytest.raises(ValidationError, match="score_home"):
        client.submit_match(wrong)
    with pytest.raises(ValidationError, match="score_home"):
        client.submit_matches_batch([make_match(1), wrong])
    assert broker.count() == 0


def test_the_broker_comes_from_the_environment_and_from_nowhere_else(
    broker: Broker, make_match: MakeMatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    broker.declare()
    monkeypatch.setenv("RABBITMQ_URL", broker.url)
    client = MatchQueueClient()
    client.submit_match(make_match(1))
    client.close()
    assert broker.count() == 1
    monkeypatch.delenv("RABBITMQ_URL")
    with pytest.raises(UsageProblem, match="RABBITMQ_URL"):
        MatchQueueClient()


@pytest.mark.parametrize("queue_type", ["classic", "quorum"])
def test_each_of_many_is_confirmed_and_in_the_queue_once(
    broker: Broker, make_match: MakeMatch, told: Told, queue_type: str
) -> None:
    broker.declare(x_queue_type=queue_type)
    matches = [make_match(number) for number in range(1200)]
    client = MatchQueueClient(broker.url, window=100)
    client.send(iter(matches), **told.callbacks)
    client.close()
    assert told.refused == []
    assert sorted(told.numbers) == list(range(1200))
    messages = broker.take()
    assert numbers_in(messages) == list(range(1200))
    task_ids = {match.match_id: task_id for match, task_id in told.confirmed}
    assert {json.loads(m.body)[0][0]["match_id"]: m.headers["id"] for m in messages} == task_ids


def test_only_a_window_is_on_its_way_and_in_memory(broker: Broker, make_match: MakeMatch, told: Told) -> None:
    broker.declare()
    most = 0

    def watched() -> Iterator[MatchData]:
        nonlocal most
        for number in range(2000):
            most = max(most, number - len(told.confirmed))
            yield make_match(number)

    client = MatchQueueClient(broker.url, window=64)
    client.send(watched(), **told.callbacks)
    client.close()
    assert len(told.confirmed) == 2000
    assert 16 < most < 64


def test_a_plain_celery_worker_understands_the_messages(
    client: MatchQueueClient, broker: Broker, make_match: MakeMatch, tmp_path: Path
) -> None:
    (tmp_path / "plain.py").write_text(
        "import json, os, pathlib\n"
        "from celery import Celery\n"
        "from kombu import Exchange, Queue\n"
        "app = Celery(broker=os.environ['BROKER'])\n"
        "app.conf.task_queues = [Queue('matches', Exchange('matches'), 'matches')]\n"
        "@app.task(name='missing_table.tasks.process_match_data', bind=True)\n"
        "def process(self, match):\n"
        "    with pathlib.Path('seen').open('a') as seen:\n"
        "        print(json.dumps([self.request.id, match]), file=seen)\n"
    )
    matches = [make_match(number) for number in range(5)]
    task_ids = client.submit_matches_batch(matches)
    with (tmp_path / "log").open("w") as log:
        worker = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "plain", "worker", "-P", "solo", "--without-gossip", "-l", "INFO"],
            cwd=tmp_path,
            env=os.environ | {"BROKER": broker.url},
            stdout=log,
            stderr=log,
        )
    try:
        seen = tmp_path / "seen"
        wait_for(lambda: seen.exists() and len(seen.read_text().splitlines()) == 5)
    finally:
        worker.kill()
        worker.wait()
    lines = [json.loads(line) for line in seen.read_text().splitlines()]
    assert lines == [[task_id, match.payload()] for task_id, match in zip(task_ids, matches, strict=True)]


def test_no_exchange_is_said_at_once_and_nothing_counts_as_sent(
    broker: Broker, make_match: MakeMatch, told: Told
) -> None:
    client = MatchQueueClient(broker.url, sleep=never)
    with pytest.raises(NotDelivered, match=r"has no exchange 'matches'.*worker") as problem:
        client.send((make_match(number) for number in range(5000)), **told.callbacks)
    assert (told.confirmed, told.refused) == ([], [])
    assert problem.value.exit_code == 4


def test_no_queue_is_said_for_each_match(broker: Broker, make_match: MakeMatch, told: Told) -> None:
    broker.declare_exchange()
    client = MatchQueueClient(broker.url)
    client.send((make_match(number) for number in range(300)), **told.callbacks)
    assert told.confirmed == []
    assert [match.match_id for match, _ in told.refused] == [str(number) for number in range(300)]
    assert all("no queue for routing key 'matches'" in reason for _, reason in told.refused)
    with pytest.raises(NotDelivered, match=r"1 of 1 matches were not taken: exchange 'matches' has no queue"):
        client.submit_match(make_match(1))
    client.close()


def test_a_queue_that_loses_its_binding_midway_refuses_only_what_came_after(
    broker: Broker, make_match: MakeMatch, told: Told
) -> None:
    broker.declare()

    def unbinding() -> Iterator[MatchData]:
        for number in range(1000):
            if number == 500:
                with broker.connect() as connection:
                    connection.channel().queue_unbind("matches", "matches", "matches")
            yield make_match(number)

    client = MatchQueueClient(broker.url, window=40)
    client.send(unbinding(), **told.callbacks)
    client.close()
    assert len(told.confirmed) >= 460
    assert len(told.refused) >= 490
    assert len(told.confirmed) + len(told.refused) == 1000
    assert sorted(numbers_in(broker.take())) == sorted(told.numbers)


def test_a_full_queue_that_rejects_is_a_refusal(broker: Broker, make_match: MakeMatch, told: Told) -> None:
    broker.declare(x_max_length=5, x_overflow="reject-publish")
    client = MatchQueueClient(broker.url)
    client.send((make_match(number) for number in range(50)), **told.callbacks)
    client.close()
    assert len(told.confirmed) + len(told.refused) == 50
    assert broker.count() == len(told.confirmed) < 50
    assert all("nack" in reason for _, reason in told.refused)


def test_a_wrong_password_names_the_user_and_not_the_password(
    broker: Broker, make_match: MakeMatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    broker.declare()
    url = broker.node.url_for(broker.virtual_host, "private", "S3CRET")
    client = MatchQueueClient(url, sleep=never)
    with pytest.raises(NotDelivered, match="refused user 'private': wrong name or password") as problem:
        client.submit_match(make_match(1))
    for shown in (str(problem.value), repr(problem.value), repr(client), client.name, client.key, caplog.text):
        assert "S3CRET" not in shown


def test_least_rights_are_enough_as_nothing_is_declared(broker: Broker, make_match: MakeMatch) -> None:
    broker.declare()
    url = broker.node.add_user(broker.virtual_host, "scraper", "p", configure="^$", write="^matches$", read="^$")
    client = MatchQueueClient(url)
    client.submit_match(make_match(1))
    client.close()
    assert broker.count() == 1


def test_a_missing_right_names_user_and_exchange(broker: Broker, make_match: MakeMatch, told: Told) -> None:
    broker.declare()
    url = broker.node.add_user(broker.virtual_host, "reader", "S3CRET", configure="^$", write="^$", read=".*")
    client = MatchQueueClient(url, sleep=never)
    with pytest.raises(NotDelivered, match="user 'reader' has no write right on exchange 'matches'"):
        client.send((make_match(number) for number in range(2000)), **told.callbacks)
    assert told.confirmed == []


def test_a_virtual_host_that_is_not_there_or_not_ours_is_said(broker: Broker, make_match: MakeMatch) -> None:
    absent = MatchQueueClient(broker.node.url_for("nowhere"), sleep=never)
    with pytest.raises(NotDelivered, match="virtual host nowhere: there is no such virtual host"):
        absent.submit_match(make_match(1))
    broker.node.add_user(broker.virtual_host, "guest-of-another", "p")
    foreign = MatchQueueClient(broker.node.url_for("/", "guest-of-another", "p"), sleep=never)
    with pytest.raises(NotDelivered, match="no right to use this virtual host"):
        foreign.submit_match(make_match(1))


def test_a_broker_that_is_down_is_tried_a_few_times(make_match: MakeMatch, told: Told) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        slept: list[float] = []
        client = MatchQueueClient(f"amqp://u:S3CRET@127.0.0.1:{nobody.getsockname()[1]}/", sleep=slept.append)
        with pytest.raises(NotDelivered, match=r"cannot be reached: .*refused \(tried 4 times\)") as problem:
            client.send([make_match(1)], **told.callbacks)
    assert len(slept) == 3
    assert slept[0] < slept[1] < slept[2]
    assert (told.confirmed, told.refused) == ([], [])
    assert "S3CRET" not in str(problem.value)


def test_a_host_that_takes_connections_and_says_nothing_is_given_up_on(make_match: MakeMatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        client = MatchQueueClient(
            f"amqp://u:p@127.0.0.1:{mute.getsockname()[1]}/", timeout=0.1, attempts=2, first_wait=0.01
        )
        with pytest.raises(NotDelivered, match="did not answer in time"):
            client.submit_match(make_match(1))


def test_a_broker_that_is_down_is_given_up_on_within_the_time_that_is_promised(make_match: MakeMatch) -> None:
    slept: list[float] = []
    with socket.socket() as full:
        # Its waiting room holds one connection, so that the next ones are never answered.
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        with socket.create_connection(full.getsockname()):
            client = MatchQueueClient(
                f"amqp://u:p@127.0.0.1:{full.getsockname()[1]}/", timeout=0.1, attempts=4, sleep=slept.append
            )
            began = time.monotonic()
            with pytest.raises(NotDelivered, match=r"did not answer in time \(tried 4 times\)"):
                client.submit_match(make_match(1))
            took = time.monotonic() - began + sum(slept)
    assert client.patience == pytest.approx(4 * 0.1 + 1 + 2 + 4)
    # Each wait may be a quarter shorter. A second for the machine, not for the formula.
    assert 4 * 0.1 + 0.75 * 7 <= took <= client.patience + 1


def test_the_time_that_the_readme_promises_is_that_of_the_default_settings() -> None:
    settings = Settings()
    client = MatchQueueClient(
        "amqp://u:p@127.0.0.1/", timeout=settings.send_timeout_seconds, attempts=settings.send_attempts
    )
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    assert f"after at most {client.patience:g} seconds" in readme
    assert client.patience == 47


def test_a_broker_that_comes_and_goes_does_not_hold_a_run_for_ever(
    broker: Broker, make_match: MakeMatch, told: Told
) -> None:
    broker.declare()
    with socket.create_server(("127.0.0.1", 0)) as front:
        stop = threading.Event()

        def flap() -> None:
            """Each connection lasts until the broker has confirmed something on it."""
            while not stop.is_set():
                outside, _ = front.accept()
                with outside, socket.create_connection(("127.0.0.1", broker.node.port)) as inside:
                    open_ = True
                    while open_:
                        for source, to in ((outside, inside), (inside, outside)):
                            source.settimeout(0.02)
                            try:
                                data = source.recv(1 << 16)
                            except TimeoutError:
                                continue
                            to.sendall(data)
                            # A frame of basic.ack: class 60, method 80.
                            open_ = open_ and bool(data) and not (source is inside and b"\x00\x3c\x00\x50" in data)

        thread = threading.Thread(target=flap)
        thread.start()
        slept: list[float] = []
        url = broker.url.replace(f":{broker.node.port}", f":{front.getsockname()[1]}")
        client = MatchQueueClient(url, window=4, reconnects=5, sleep=slept.append)
        try:
            with pytest.raises(NotDelivered, match=r"connected again 5 times"):
                client.send((make_match(number) for number in range(5000)), **told.callbacks)
        finally:
            stop.set()
            with contextlib.suppress(OSError):
                socket.create_connection(front.getsockname()).close()
            thread.join()
    # Progress began the waits anew each time, and yet it ended.
    assert len(slept) == 5
    assert max(slept) <= 1
    assert 0 < len(told.confirmed) < 100
    assert set(told.numbers) <= set(numbers_in(broker.take()))


def test_a_host_that_speaks_no_amqp_is_said(make_match: MakeMatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(100)
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        client = MatchQueueClient(f"amqp://u:p@127.0.0.1:{server.getsockname()[1]}/", attempts=1, timeout=5)
        with pytest.raises(NotDelivered, match=f"broker at 127.0.0.1:{server.getsockname()[1]}"):
            client.submit_match(make_match(1))
        thread.join()


@pytest.mark.parametrize("queue_type", ["classic", "quorum"])
def test_a_broker_killed_midway_loses_nothing_and_the_rest_follows(
    broker: Broker, make_match: MakeMatch, told: Told, queue_type: str
) -> None:
    broker.declare(x_queue_type=queue_type)
    matches = [make_match(number) for number in range(1600)]

    def killing() -> Iterator[MatchData]:
        for number, match in enumerate(matches):
            if number == 800:
                broker.node.kill()
            yield match

    client = MatchQueueClient(broker.url, window=200, sleep=lambda _: broker.node.start())
    client.send(killing(), **told.callbacks)
    client.close()
    assert told.refused == []
    # Each is confirmed once, though some were sent twice.
    assert sorted(told.numbers) == list(range(1600))
    messages = broker.take()
    waiting = {(json.loads(message.body)[0][0]["match_id"], message.headers["id"]) for message in messages}
    # What was sent again kept its task id, so no match is there under two.
    assert waiting == {(match.match_id, task_id) for match, task_id in told.confirmed}


def test_a_broker_that_stays_down_leaves_the_rest_unsent(broker: Broker, make_match: MakeMatch, told: Told) -> None:
    broker.declare()

    def killing() -> Iterator[MatchData]:
        for number in range(1600):
            if number == 800:
                broker.node.kill()
            yield make_match(number)

    client = MatchQueueClient(broker.url, window=200, attempts=3, first_wait=0.01)
    with pytest.raises(NotDelivered, match=r"tried 3 times"):
        client.send(killing(), **told.callbacks)
    broker.node.start()
    assert 500 < len(told.confirmed) < 1600
    assert told.refused == []
    assert set(told.numbers) <= set(numbers_in(broker.take()))


def test_a_broker_that_freezes_is_connected_to_again(broker: Broker, make_match: MakeMatch, told: Told) -> None:
    broker.declare()

    def freezing() -> Iterator[MatchData]:
        for number in range(2000):
            if number == 1000:
                broker.node.pause()
            yield make_match(number)

    client = MatchQueueClient(broker.url, window=200, timeout=1, sleep=lambda _: broker.node.resume())
    client.send(freezing(), **told.callbacks)
    client.close()
    assert sorted(told.numbers) == list(range(2000))
    assert set(told.numbers) == set(numbers_in(broker.take()))


def test_a_connection_that_was_cut_between_two_sends_is_made_again(
    client: MatchQueueClient, broker: Broker, make_match: MakeMatch
) -> None:
    client.submit_match(make_match(1))
    broker.node.rabbitmqctl("close_all_connections", "-p", broker.virtual_host, "test")
    client.submit_match(make_match(2))
    assert numbers_in(broker.take()) == [1, 2]


def test_a_heartbeat_that_came_between_two_sends_holds_up_nothing(broker: Broker, make_match: MakeMatch) -> None:
    broker.declare()
    client = MatchQueueClient(broker.url, heartbeat=2, timeout=1, sleep=never)
    client.submit_match(make_match(1))
    assert client._publishing is not None
    select.select([client._publishing._connection.sock], [], [])  # the broker's heartbeat is what comes next
    client.submit_match(make_match(2))
    client.close()
    assert numbers_in(broker.take()) == [1, 2]


@pytest.fixture
def alarm(broker: Broker) -> Iterator[None]:
    """The broker's memory counts as full, so it takes no messages."""
    broker.node.rabbitmqctl("set_vm_memory_high_watermark", "0.00001")
    yield
    broker.node.rabbitmqctl("set_vm_memory_high_watermark", "0.6")


@pytest.mark.usefixtures("alarm")
def test_a_blocked_broker_is_waited_for_and_then_said(broker: Broker, make_match: MakeMatch, told: Told) -> None:
    broker.declare()
    blocked = MatchQueueClient(broker.url, blocked_timeout=0.5, sleep=never)
    with pytest.raises(NotDelivered, match=r"takes nothing for 0.5 seconds now \(connection.blocked\): its memory"):
        blocked.send((make_match(number) for number in range(20_000)), **told.callbacks)
    assert told.confirmed == []


@pytest.mark.usefixtures("alarm")
def test_a_broker_that_is_blocked_for_a_while_gets_all(broker: Broker, make_match: MakeMatch, told: Told) -> None:
    broker.declare()

    def relieve() -> None:
        wait_for(lambda: "blocked" in broker.node.rabbitmqctl("list_connections", "state"))
        broker.node.rabbitmqctl("set_vm_memory_high_watermark", "0.6")

    relief = threading.Thread(target=relieve)
    relief.start()
    # The time-out of one step is far shorter than the block, and must not end it.
    patient = MatchQueueClient(broker.url, timeout=0.5, sleep=never)
    patient.send((make_match(number) for number in range(5000)), **told.callbacks)
    relief.join()
    patient.close()
    assert len(told.confirmed) == broker.count() == 5000


def test_the_connection_has_a_name_that_the_management_page_shows(
    client: MatchQueueClient, broker: Broker, make_match: MakeMatch
) -> None:
    client.submit_match(make_match(1))
    assert f"match-scraper match-scraper-{os.getpid()}@" in broker.node.rabbitmqctl(
        "list_connections", "client_properties"
    )


def test_a_source_that_breaks_off_is_not_taken_for_a_broken_connection(
    client: MatchQueueClient, broker: Broker, make_match: MakeMatch, told: Told
) -> None:
    def breaking() -> Iterator[MatchData]:
        yield from (make_match(number) for number in range(150))
        raise ConnectionResetError("the league's site")

    with pytest.raises(ConnectionResetError, match="the league's site"):
        client.send(breaking(), **told.callbacks)
    assert told.numbers == list(range(150))
    assert broker.count() == 150


def test_a_callback_that_fails_is_the_callers_affair_and_the_next_send_works(
    client: MatchQueueClient, broker: Broker, make_match: MakeMatch, told: Told
) -> None:
    def full(*_: object) -> None:
        raise OSError("ledger")

    with pytest.raises(OSError, match="ledger"):
        client.send([make_match(1)], confirmed=full, refused=full)
    client.send([make_match(2)], **told.callbacks)
    assert told.numbers == [2]
    assert broker.count() == 2


def test_an_interrupted_run_leaves_no_answers_behind(
    client: MatchQueueClient, make_match: MakeMatch, told: Told
) -> None:
    def interrupted() -> Iterator[MatchData]:
        yield from (make_match(number) for number in range(450))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        client.send(interrupted(), **told.callbacks)
    before = len(told.confirmed)
    client.send([make_match(1000)], **told.callbacks)
    assert told.numbers[before:] == [1000]


def test_nothing_to_send_is_fine(rabbitmq: RabbitMQ, told: Told) -> None:
    client = MatchQueueClient(rabbitmq.url)
    client.send([], **told.callbacks)
    client.close()
    client.close()
    assert (told.confirmed, told.refused) == ([], [])
