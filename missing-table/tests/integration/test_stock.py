"""What Prometheus finds out about database and queue."""

import datetime as dt
import select
import socket
import socketserver
import threading
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from prometheus_client.registry import Collector
from sqlalchemy import Engine

from messages import NOW, delivery, match
from missing_table.api.stock import Stock
from missing_table.backlog import LOOK_FOR, Backlog, Watched, look
from missing_table.ingest.envelope import QUEUE
from missing_table.ingest.pipeline import Ingest
from missing_table.settings import Settings, load_settings
from missing_table.store import engine as engines
from missing_table.worker.spool import SpoolFolder
from worker_process import Producer, spooled


def samples(collector: Collector) -> dict[str, float]:
    return {sample.name: sample.value for family in collector.collect() for sample in family.samples}


def test_what_stands_in_the_database(engine: Engine, ingest: Ingest) -> None:
    played = {"home_team": "A", "away_team": "B", "home_team_id": "1", "away_team_id": "2"}
    said = [
        match(match_id="1", date="2026-10-02", **played),  # no score three days later
        match(match_id="2", date="2026-10-02", status="completed", score_home=1, score_away=0, **played),
        match(match_id="3", date="2026-10-02", status="postponed", **played),
        match(match_id="4", date="2026-10-04", **played),  # it may still come
        match(match_id="5", date="2026-07-01", **played),  # it does not come any more
        {"no": "match"},
    ]
    ingest.process([delivery(each) for each in said], NOW)
    stock = Stock(engine, lambda: Backlog(7, 2), clock=lambda: NOW)
    assert samples(stock) == {
        "missing_table_quarantine_open": 1,
        "missing_table_played_without_score": 1,
        "missing_table_last_message_timestamp_seconds": NOW.timestamp(),
        "missing_table_queue_depth": 7,
        "missing_table_dead_letters": 2,
    }


def test_what_nobody_knows_is_left_out() -> None:
    away = engines.create("postgresql://nobody@127.0.0.1:9/nothing")
    assert samples(Stock(away, lambda: None)) == {}


def test_an_answer_does_for_a_while() -> None:
    asked: list[float] = []
    now = 0.0

    def ask() -> Backlog:
        asked.append(now)
        return Backlog(len(asked), 0)

    watched = Watched(ask, clock=lambda: now)
    assert [watched.now(), watched.now()] == [Backlog(1, 0), Backlog(1, 0)]
    now = 11.0
    assert watched.now() == Backlog(2, 0)


def test_the_backlog_of_a_broker(broker_url: str, tmp_path: Path) -> None:
    settings = load_settings(rabbitmq_url=broker_url, home=tmp_path)
    assert look(settings) is None, "there is no queue"
    producer = Producer(broker_url)
    producer.declare()
    for number in range(3):
        producer.send(match(match_id=str(number)), f"task-{number}")
    assert look(settings) is None, "the worker has not made the queue of dead letters yet"
    producer.declare_dead()
    assert look(settings) == Backlog(3, 0)
    producer.close()


def test_a_broker_that_stops_answering_is_not_waited_for(broker_url: str, tmp_path: Path) -> None:
    broker = urlsplit(broker_url)
    declaring = b"\x00\x32\x00\x0a"  # AMQP 0-9-1: queue.declare

    class UntilItIsAsked(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with socket.create_connection((str(broker.hostname), broker.port or 5672)) as upstream:
                while True:
                    for ready in select.select([self.request, upstream], [], [])[0]:
                        received = ready.recv(65536)
                        if not received:
                            return
                        if declaring not in received:
                            (upstream if ready is self.request else self.request).sendall(received)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), UntilItIsAsked) as silent:
        silent.daemon_threads, silent.block_on_close = True, False
        threading.Thread(target=silent.serve_forever).start()
        address = broker_url.replace(f":{broker.port}/", f":{silent.server_address[1]}/")
        asking = threading.Thread(target=look, args=[load_settings(rabbitmq_url=address, home=tmp_path)], daemon=True)
        asking.start()
        asking.join(timeout=5 * LOOK_FOR)
        silent.shutdown()
        assert not asking.is_alive()


def test_the_backlog_of_the_embedded_folder(settings: Settings) -> None:
    assert look(settings) is None
    folder = SpoolFolder(settings.home, QUEUE)
    folder.make()
    for number in range(2):
        (folder.root / "queue" / f"{number}.json").write_text(spooled(match(), f"task-{number}"))
    assert look(settings) == Backlog(2, 0)


@pytest.mark.parametrize("address", ["amqp://127.0.0.1:9//", "amqp://guest:secret@127.0.0.1:9//"])
def test_a_broker_that_is_away_is_no_error(address: str, tmp_path: Path) -> None:
    began = dt.datetime.now(dt.UTC)
    assert look(load_settings(rabbitmq_url=address, home=tmp_path)) is None
    assert dt.datetime.now(dt.UTC) - began < dt.timedelta(seconds=30)
