"""One match from the scraper's run to the commit: one trace, and one run id in the log lines of both sides."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from surfaces import MESSAGES, System, eventually


class Collector:
    """What an OpenTelemetry collector would take, over HTTP."""

    def __init__(self) -> None:
        self.spans: list[tuple[str, Span]] = []
        """Each with the name of its service."""
        taken = self.spans

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                request = ExportTraceServiceRequest()
                request.ParseFromString(self.rfile.read(int(self.headers["Content-Length"])))
                for resource in request.resource_spans:
                    facts = {fact.key: fact.value.string_value for fact in resource.resource.attributes}
                    for scope in resource.scope_spans:
                        taken.extend((facts["service.name"], span) for span in scope.spans)
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class's name)
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        self.address = f"http://127.0.0.1:{self._server.server_port}"

    def named(self, name: str) -> list[tuple[str, Span]]:
        return [(service, span) for service, span in self.spans if span.name == name]

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def collector() -> Iterator[Collector]:
    """A collector that ends with the test."""
    made = Collector()
    yield made
    made.stop()


def events(output: str) -> list[dict[str, Any]]:
    """The log lines in what a command said."""
    return [json.loads(line) for line in output.splitlines() if line.startswith("{")]


@pytest.mark.parametrize("way", ["--use-queue", "--no-use-queue"])
def test_one_match_is_one_trace_and_one_run(servers: System, collector: Collector, way: str) -> None:
    servers.environment |= {
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.address,
        "OTEL_BSP_SCHEDULE_DELAY": "100",
        "LOG_LEVEL": "INFO",
    }
    servers.migrate()
    servers.start_league()
    worker = servers.start_worker()
    api = servers.start_api()
    scraped = servers.scrape(way)
    eventually(lambda: servers.count("outcomes") == MESSAGES)
    assert worker.stop() == 0

    ((service, root),) = collector.named("scrape")
    assert service == "match-scraper"
    (run_id,) = (fact.value.string_value for fact in root.attributes if fact.key == "run_id")
    for name in ("read", "send"):
        ((_, span),) = collector.named(name)
        assert (span.trace_id, span.parent_span_id) == (root.trace_id, root.span_id)

    stored = collector.named("store match")
    assert {service for service, _ in stored} == {"missing-table"}
    assert {span.trace_id for _, span in stored} == {root.trace_id}
    assert {span.parent_span_id for _, span in stored} == {root.span_id}
    facts = [{fact.key: fact.value.string_value for fact in span.attributes} for _, span in stored]
    kept = servers.sql("SELECT task_id, outcome FROM outcomes")
    assert sorted((fact["task_id"], fact["outcome"]) for fact in facts) == sorted(kept)

    said = events(scraped.stderr)
    assert {"document_fetched", "run_ended"} <= {event["event"] for event in said}
    assert {event["run_id"] for event in said} == {run_id}
    batches = [event for event in events(worker.output) if event["event"] == "batch_stored"]
    assert sum(event["messages"] for event in batches) == MESSAGES
    assert {run for event in batches for run in event["run_ids"]} == {run_id}
    submitted = [event for event in events(api.output) if event["event"] == "submitted"]
    if way == "--use-queue":
        assert submitted == []
    else:
        assert sum(event["messages"] for event in submitted) == MESSAGES
        assert {event["run_id"] for event in submitted} == {run_id}
        assert {task for event in submitted for task in event["task_ids"]} <= {task for task, _ in kept}


def test_a_collector_that_is_away_holds_up_nobody(embedded: System) -> None:
    embedded.environment |= {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9", "OTEL_EXPORTER_OTLP_TIMEOUT": "1"}
    embedded.migrate()
    embedded.start_league()
    worker = embedded.start_worker()
    embedded.scrape("--use-queue")
    eventually(lambda: embedded.count("outcomes") == MESSAGES)
    assert worker.stop() == 0
