"""What a run leaves for Prometheus: a file, or a push."""

import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from match_scraper import measures
from match_scraper.measures import Measured

WELL = Measured("Homegrown U14 Northeast", 1_000.0, 2.5, 0, {"seen": 462, "asked for": 272}, 3_600.0)
BADLY = replace(WELL, ended_at=2_000.0, exit_code=3, matches={"seen": 0}, source_age=None)


def samples(text: str) -> dict[str, float]:
    return {
        sample.name + sample.labels.get("state", ""): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_a_file_holds_the_last_run_and_when_one_last_ended_well(tmp_path: Path) -> None:
    file = tmp_path / "metrics" / "mls_scraper.prom"
    measures.write(WELL, file)
    found = samples(file.read_text())
    assert found["mls_scraper_matchesseen"] == 462
    assert found["mls_scraper_matchesasked_for"] == 272
    assert found["mls_scraper_last_run_exit_code"] == 0
    assert found["mls_scraper_last_success_timestamp_seconds"] == 1_000
    assert found["mls_scraper_source_age_seconds"] == 3_600
    measures.write(BADLY, file)
    found = samples(file.read_text())
    assert found["mls_scraper_last_run_timestamp_seconds"] == 2_000
    assert found["mls_scraper_last_run_exit_code"] == 3
    assert found["mls_scraper_last_success_timestamp_seconds"] == 1_000, "a bad run does not forget the good one"
    assert "mls_scraper_source_age_seconds" not in found, "nothing was read: nothing is said of its age"


@pytest.mark.parametrize("held", [None, b"", b"no metrics { at all", b"\xff\xfe"])
def test_a_file_that_is_none_of_ours_is_replaced(tmp_path: Path, held: bytes | None) -> None:
    file = tmp_path / "mls_scraper.prom"
    if held is not None:
        file.write_bytes(held)
    measures.write(BADLY, file)
    assert "mls_scraper_last_success_timestamp_seconds" not in samples(file.read_text())


@pytest.fixture
def gateway() -> Iterator[tuple[str, list[tuple[str, str, str]]]]:
    """A Pushgateway's address, and what was pushed: method, path, body."""
    pushed: list[tuple[str, str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            pushed.append((self.command, self.path, body.decode()))
            self.send_response(200)
            self.end_headers()

        do_POST = do_PUT  # noqa: N815 (what the base class calls)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", pushed
        server.shutdown()
        thread.join()


def test_a_bad_run_leaves_the_time_of_the_good_one_on_the_gateway(
    gateway: tuple[str, list[tuple[str, str, str]]],
) -> None:
    address, pushed = gateway
    measures.push(WELL, address)
    measures.push(BADLY, address)
    (good, path, text), (bad, _, other) = pushed
    assert (good, bad) == ("PUT", "POST"), "POST replaces only what it names"
    assert path.startswith("/metrics/job/mls-scraper/target")
    assert samples(text)["mls_scraper_last_success_timestamp_seconds"] == 1_000
    assert "mls_scraper_last_success_timestamp_seconds" not in samples(other)


def test_a_gateway_that_is_away_is_an_os_error() -> None:
    with pytest.raises(OSError, match="refused"):
        measures.push(WELL, "http://127.0.0.1:9")


def test_what_is_no_gateway_at_all_is_an_os_error_too() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=answer_nonsense, args=(server,))
        thread.start()
        with pytest.raises(OSError, match="no Pushgateway"):
            measures.push(WELL, f"http://127.0.0.1:{server.getsockname()[1]}")
        thread.join()


def answer_nonsense(server: socket.socket) -> None:
    connection, _ = server.accept()
    with connection, connection.makefile("rb") as asked:
        while asked.readline().strip():
            pass
        connection.sendall(b"hello\r\n")
