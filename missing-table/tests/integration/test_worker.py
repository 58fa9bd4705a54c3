"""The worker as a real process on a real RabbitMQ and PostgreSQL, under every row of the table of its promises."""

import gzip
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import amqp
import httpx
import pytest
from private_services.postgresql import PostgreSQL
from private_services.rabbitmq import RabbitMQ
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Engine

from messages import NOW, body, match, observed
from missing_table.errors import DatabaseAway
from missing_table.ingest.envelope import TASK
from missing_table.store import engine as engines
from missing_table.store import schema
from missing_table.worker.topology import DEAD_QUEUE
from stored import count, everything, one, rows
from worker_process import PATIENCE, Producer, Worker, eventually

LOAD = 1_000
"""Matches in the tests that break something meanwhile."""


@pytest.fixture
def database(postgres_url: str) -> Iterator[Engine]:
    """PostgreSQL with its tables."""
    made = engines.create(postgres_url)
    schema.migrate(made)
    yield made
    made.dispose()


@pytest.fixture
def producer(broker_url: str) -> Iterator[Producer]:
    """A producer on the test's own virtual host."""
    made = Producer(broker_url)
    yield made
    made.close()


@pytest.fixture
def start_worker(tmp_path: Path, broker_url: str, postgres_url: str) -> Iterator[Callable[..., Worker]]:
    """Starts workers that end with the test, and waits until they consume."""
    started: list[Worker] = []

    def start(**environment: str) -> Worker:
        urls = {"RABBITMQ_URL": broker_url, "DATABASE_URL": postgres_url, "MISSING_TABLE_EMBEDDED": "0"}
        worker = Worker(tmp_path, {**urls, "MISSING_TABLE_BATCH_SIZE": "100", **environment})
        started.append(worker)
        worker.wait_for("consuming")
        return worker

    yield start
    for worker in started:
        worker.kill()


def numbered(number: int) -> tuple[dict[str, Any], str]:
    """A match and its task id."""
    home, away = number % 37, 37 + number % 41
    payload = match(
        match_id=str(number),
        home_team=f"Team {home}",
        home_team_id=str(home),
        away_team=f"Team {away}",
        away_team_id=str(away),
        score_home=number % 10,
        score_away=number % 7,
    )
    return payload, f"task-{number}"


def assert_each_is_stored_once(engine: Engine, expected: int) -> None:
    """As many rows as matches, each with all that was said, and each message accounted for as `created`."""
    stored = {row[0]: row[1:] for row in rows(engine, "matches", "match_id", "score_home", "score_away", "home_team")}
    assert stored == {str(number): (number % 10, number % 7, f"Team {number % 37}") for number in range(expected)}
    assert count(engine, "matches") == expected
    assert set(rows(engine, "outcomes", "outcome")) == {("created",)}
    assert count(engine, "outcomes") == expected
    assert count(engine, "quarantine") == 0


def all_stored(engine: Engine, expected: int) -> Callable[[], bool]:
    def reached() -> bool:
        try:
            return count(engine, "outcomes") >= expected
        except DatabaseAway:
            return False

    return reached


@pytest.mark.parametrize("kind", [None, "classic", "quorum"])
def test_messages_are_stored_and_acknowledged(
    producer: Producer, start_worker: Callable[..., Worker], database: Engine, kind: str | None
) -> None:
    """Whoever declares the queue, and of whatever type."""
    if kind is not None:
        producer.declare(**{"x-queue-type": kind})
        for number in range(200):
            producer.send(*numbered(number))
    worker = start_worker()
    for number in range(200, 300) if kind else range(300):
        producer.send(*numbered(number))
    eventually(all_stored(database, 300))
    assert worker.terminate() == 0
    assert producer.waiting() == 0
    assert_each_is_stored_once(database, 300)
    assert "Traceback" not in worker.output


def test_a_batch_is_acknowledged_after_the_commit_and_not_before(
    producer: Producer, start_worker: Callable[..., Worker], database: Engine
) -> None:
    """While another transaction holds the teams nothing can be committed: a worker that dies then has lost nothing."""
    worker = start_worker()
    with database.connect() as holder:
        holder.exec_driver_sql("SELECT version FROM team_directory FOR UPDATE")
        for number in range(50):
            producer.send(*numbered(number))

        def worker_waits() -> bool:
            waiting = (
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
            )
            return bool(holder.exec_driver_sql(waiting).scalar_one())

        eventually(worker_waits)
        worker.kill()
        holder.rollback()
    eventually(lambda: producer.waiting() == 50)
    assert count(database, "outcomes") == 0
    start_worker()
    eventually(all_stored(database, 50))
    assert_each_is_stored_once(database, 50)


@pytest.mark.parametrize("kind", ["classic", "quorum"])
def test_a_worker_that_is_killed_again_and_again(
    producer: Producer, start_worker: Callable[..., Worker], database: Engine, kind: str
) -> None:
    producer.declare(**{"x-queue-type": kind})
    producer.send_all(numbered(number) for number in range(LOAD))
    for share in (1, 400, 800):
        worker = start_worker()
        eventually(all_stored(database, share))
        worker.kill()
    start_worker()
    eventually(all_stored(database, LOAD))
    assert_each_is_stored_once(database, LOAD)


def test_a_database_that_stops_and_comes_back(
    producer: Producer, start_worker: Callable[..., Worker], database: Engine, postgresql: PostgreSQL
) -> None:
    worker = start_worker(MISSING_TABLE_WORKER_PORT="0")
    (port,) = (event["port"] for event in worker.events if event["event"] == "port_open")
    sending = threading.Thread(target=producer.send_all, args=([numbered(n) for n in range(LOAD)],))
    sending.start()
    for round_ in (1, 2):
        eventually(all_stored(database, 200 * round_))
        eventually(lambda: asked(port, "/ready") == (200, "ready\n"))
        postgresql.stop("immediate")
        worker.wait_for("database_not_ready", times=round_)
        assert asked(port, "/ready") == (503, "waiting for the broker or the database: see the log\n")
        assert asked(port, "/health") == (200, "alive\n"), "a restart would mend nothing"
        postgresql.start()
        worker.wait_for("consuming", times=round_ + 1)
    sending.join()
    eventually(all_stored(database, LOAD))
    assert_each_is_stored_once(database, LOAD)
    measured = eventually(lambda: found if (found := measures(port))["created"] >= LOAD else None)
    assert measured["batches"] == measured["lags"] > 0
    assert asked(port, "/nothing")[0] == 404
    assert worker.terminate() == 0
    batches = [event for event in worker.events if event["event"] == "batch_stored"]
    assert sum(event["messages"] for event in batches) >= LOAD
    assert {run for event in batches for run in event["run_ids"]} == {"run-of-a-test"}


def test_a_dead_letter_that_comes_while_the_database_is_away_is_none_that_killed_a_worker(
    producer: Producer, start_worker: Callable[..., Worker], database: Engine, postgresql: PostgreSQL
) -> None:
    worker = start_worker()
    postgresql.stop("immediate")
    producer.send(*numbered(0), to=DEAD_QUEUE)
    worker.wait_for("database_away")
    postgresql.start()
    eventually(all_stored(database, 1))
    assert_each_is_stored_once(database, 1)


def test_a_database_that_only_reads_is_asked_without_messages_until_it_writes(
    producer: Producer, start_worker: Callable[..., Worker], database: Engine, rabbitmq: RabbitMQ
) -> None:
    """Each message that comes and goes back counts against the queue's limit."""
    producer.declare(**{"x-queue-type": "quorum", "x-delivery-limit": 2})
    worker = start_worker()
    rabbitmq.settle()
    only_reads(database, "SET default_transaction_read_only = on")
    for number in range(30):
        producer.send(*numbered(number))
    worker.wait_for("database_not_ready", times=4)
    only_reads(database, "RESET default_transaction_read_only")
    eventually(all_stored(database, 30))
    assert_each_is_stored_once(database, 30)
    assert [event["event"] for event in worker.events].count("database_away") == 1


def only_reads(engine: Engine, change: str) -> None:
    """Changes what the database allows, for the connections that there are, too: they have to come anew."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f'ALTER DATABASE "{engine.url.database}" {change}')
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def test_a_worker_without_work_notices_that_the_database_is_away(
    start_worker: Callable[..., Worker],
    postgresql: PostgreSQL,
    database: Engine,  # noqa: ARG001 (its tables)
) -> None:
    worker = start_worker(MISSING_TABLE_WORKER_PORT="0")
    (port,) = (event["port"] for event in worker.events if event["event"] == "port_open")
    assert asked(port, "/ready") == (200, "ready\n")
    assert measures(port)["created"] == 0, "it is there before the first one"
    postgresql.stop("immediate")
    eventually(lambda: asked(port, "/ready")[0] == 503)
    assert measures(port)["ready"] == 0
    postgresql.start()
    eventually(lambda: asked(port, "/ready") == (200, "ready\n"))


def asked(port: int, path: str) -> tuple[int, str]:
    answer = httpx.get(f"http://127.0.0.1:{port}{path}", timeout=PATIENCE)
    return answer.status_code, answer.text


def measures(port: int) -> dict[str, float]:
    """What the worker's port says it measured."""
    samples = {
        (sample.name, sample.labels.get("outcome")): sample.value
        for family in text_string_to_metric_families(asked(port, "/metrics")[1])
        for sample in family.samples
    }
    return {
        "created": samples["missing_table_messages_total", "created"],
        "batches": samples["missing_table_batch_seconds_count", None],
        "lags": samples["missing_table_ingest_lag_seconds_count", None],
        "ready": samples["missing_table_worker_ready", None],
    }


def test_a_database_that_is_not_there_at_first(
    producer: Producer, start_worker: Callable[..., Worker], database: Engine, postgresql: PostgreSQL
) -> None:
    producer.declare()
    producer.send(*numbered(0))
    postgresql.stop("fast")
    starting: list[Worker] = []
    thread = threading.Thread(target=lambda: starting.append(start_worker()))
    thread.start()
    postgresql.start()
    thread.join()
    eventually(all_stored(database, 1))
    assert starting[0].terminate() == 0


@pytest.mark.parametrize("kind", ["classic", "quorum"])
def test_a_broker_that_is_killed_and_comes_back(
    producer: Producer, start_worker: Callable[..., Worker], database: Engine, rabbitmq: RabbitMQ, kind: str
) -> None:
    producer.declare(**{"x-queue-type": kind})
    worker = start_worker()
    rabbitmq.settle()
    sending = threading.Thread(target=producer.send_all, args=([numbered(n) for n in range(LOAD)],))
    sending.start()
    eventually(all_stored(database, 200))
    rabbitmq.kill()
    rabbitmq.start()
    worker.wait_for("consuming", times=2)
    sending.join()
    # a message whose confirm was lost was sent twice, under one task id
    eventually(all_stored(database, LOAD))
    assert_each_is_stored_once(database, LOAD)
    assert worker.terminate() == 0


def test_two_workers_and_the_same_matches(
    producer: Producer, start_worker: Callable[..., Worker], database: Engine
) -> None:
    producer.declare()
    messages = [numbered(number) for number in range(300)]
    producer.send_all((payload, f"{task_id} {copy}") for copy in range(3) for payload, task_id in messages)
    workers = [start_worker(MISSING_TABLE_BATCH_SIZE="20"), start_worker(MISSING_TABLE_BATCH_SIZE="30")]
    eventually(all_stored(database, 900))
    assert [worker.terminate() for worker in workers] == [0, 0]
    outcomes = [row[0] for row in rows(database, "outcomes", "outcome")]
    assert (outcomes.count("created"), outcomes.count("unchanged")) == (300, 600)
    assert count(database, "matches") == 300


def test_sigterm_finishes_the_batch_in_hand(
    producer: Producer, start_worker: Callable[..., Worker], database: Engine
) -> None:
    """What it has not read from its socket yet goes back, and another worker stores it."""
    worker = start_worker(MISSING_TABLE_BATCH_WAIT_MS="10000", LOG_LEVEL="DEBUG")
    producer.send(*numbered(0))
    worker.wait_for("batch_begun")
    for number in range(1, 50):
        producer.send(*numbered(number))
    assert worker.terminate() == 0
    in_hand = count(database, "outcomes")
    assert in_hand >= 1
    assert producer.waiting() == 50 - in_hand
    start_worker()
    eventually(all_stored(database, 50))
    assert_each_is_stored_once(database, 50)


def headers(**changed: Any) -> dict[str, Any]:
    return {"task": TASK, "id": "bad", **changed}


GOOD = body(match(match_id="0"))
MALFORMED: dict[str, tuple[bytes, dict[str, Any]]] = {
    "not JSON": (b"{", {}),
    "empty": (b"", {}),
    "broken UTF-8": (b'"\xff"', {}),
    "NaN": (GOOD.replace(b'"12:00"', b"NaN"), {}),
    "a lone surrogate": (GOOD.replace(b'"12:00"', b'"\\ud800"'), {}),
    "a field is wrong": (body(match(score_home=-1)), {}),
    "too large": (b" " * 300_000, {}),
    "too deep": (b"[" * 100_000, {}),
    "pickle": (b"cposix\nsystem\n(S'false'\ntR.", {"content_type": "application/x-python-serialize"}),
    "YAML": (b"!!python/object/apply:os.system [false]", {"content_type": "application/x-yaml"}),
    "UTF-16": (GOOD.decode().encode("utf-16"), {"content_encoding": "utf-16"}),
    "binary": (GOOD, {"content_encoding": "binary", "content_type": "application/data"}),
    "no headers": (GOOD, {"headers": {}}),
    "another task": (GOOD, {"headers": headers(task="celery.chord_unlock")}),
    "protocol 1": (json.dumps({"task": TASK, "id": "x", "args": [match()], "kwargs": {}}).encode(), {"headers": {}}),
    "gzip": (gzip.compress(GOOD), {"headers": headers(compression="application/x-gzip")}),
    "unknown compression": (GOOD, {"headers": headers(compression="zstd")}),
    "strange headers": (b"{", {"headers": headers(deep={"a": [{"b": [1.5, None, True]}]}, big=2**40)}),
    "no content type": (GOOD, {"content_type": None, "content_encoding": None}),
    "a time before time": (b"{", {"headers": headers(submitted_at="0001-01-01T00:00:00+14:00")}),
}


def test_malformed_messages_are_quarantined_while_the_worker_goes_on(
    producer: Producer, start_worker: Callable[..., Worker], database: Engine
) -> None:
    worker = start_worker()
    for number, (made, properties) in enumerate(MALFORMED.values()):
        producer.send(*numbered(number))
        producer.send_raw(made, **{"headers": headers(), **properties})
    producer.send(*numbered(len(MALFORMED)))
    eventually(lambda: count(database, "matches") == len(MALFORMED) + 1)
    assert worker.terminate() == 0
    assert producer.waiting() == 0
    kept = rows(database, "quarantine", "id", "payload", "reason")
    assert {payload for _, payload, _ in kept} == {made for made, _ in MALFORMED.values()}
    assert sum(row[0] for row in rows(database, "quarantine", "seen")) == len(MALFORMED)
    assert all(reason for *_, reason in kept)
    said = [event for event in worker.events if event["event"] == "message_quarantined"]
    assert {event["quarantine"] for event in said} == {ref for ref, *_ in kept}
    assert "bad" in {event["task_id"] for event in said}
    assert "Traceback" not in worker.output


def test_a_moment_that_no_calendar_has_is_passed_over(
    producer: Producer, start_worker: Callable[..., Worker], database: Engine
) -> None:
    start_worker()
    payload = match(observed_at=None)
    for number, moment in enumerate(["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "never", "", 5]):
        producer.send_raw(body(payload), headers=headers(id=f"t{number}", submitted_at=moment), timestamp=2**63)
    eventually(all_stored(database, 5))
    assert count(database, "matches") == 1


def unreadable(name: str) -> Any:
    """A message whose properties AMQP allows and py-amqp cannot read."""
    message = amqp.basic_message.Message(b"{", content_type="application/json", application_headers=headers())
    plain: bytes = message._serialize_properties()
    if name == "content type":
        broken = plain.replace(b"application/json", b"\xff" * 16)
    elif name == "timestamp":
        entry = b"\x03badV"
        table = amqp.basic_message.Message(b"", application_headers={"bad": None})._serialize_properties()
        assert table.endswith(entry)
        broken = table[:2] + (13).to_bytes(4, "big") + b"\x03badT" + b"\x7f" * 8
    else:
        inner = b""
        for _ in range(3_000):
            inner = b"A" + len(inner).to_bytes(4, "big") + inner
        table = b"\x03bad" + inner
        broken = b"\x20\x00" + len(table).to_bytes(4, "big") + table
    message._serialize_properties = lambda: broken
    return message


def test_properties_that_cannot_be_read_do_not_stop_the_worker(
    producer: Producer, start_worker: Callable[..., Worker], database: Engine
) -> None:
    worker = start_worker()
    names = ("content type", "timestamp", "nesting")
    for number, name in enumerate(names):
        producer.publish(unreadable(name))
        producer.send(*numbered(number))
    eventually(lambda: count(database, "matches") == len(names), 20)
    eventually(lambda: count(database, "quarantine") == 1)
    kept = one(database, "quarantine")
    assert (kept["payload"], kept["seen"]) == (b"{", len(names))
    assert worker.terminate() == 0


def test_it_starts_no_worker_on_tables_that_are_out_of_step(tmp_path: Path, broker_url: str, postgres_url: str) -> None:
    worker = Worker(tmp_path, {"RABBITMQ_URL": broker_url, "DATABASE_URL": postgres_url})
    assert worker.process.wait(60) == 2
    assert "run `missing-table migrate`" in worker.output


def test_statements_in_any_order_through_the_queue(
    producer: Producer, start_worker: Callable[..., Worker], database: Engine
) -> None:
    said = [
        match(observed_at=observed(minute), score_home=minute % 7, score_away=0, location=str(minute))
        for minute in range(60)
    ]
    producer.declare()
    producer.send_all((payload, f"{number} {copy}") for copy in (0, 1) for number, payload in enumerate(said[::-1]))
    workers = [start_worker(MISSING_TABLE_BATCH_SIZE="7"), start_worker(MISSING_TABLE_BATCH_SIZE="7")]
    eventually(all_stored(database, 120))
    (stored,) = everything(database)
    assert (stored["score_home"], stored["location"]) == (59 % 7, "59")
    assert stored["observed_at"] == NOW.replace(hour=0, minute=59)
    assert [worker.terminate() for worker in workers] == [0, 0]
