"""Traces of a run, for OpenTelemetry: off unless the environment names a collector, as its own variables have it.

The span that is open when a match is sent travels with it (W3C `traceparent`), so that what becomes of the match on
the other side belongs to the same trace.
"""

import contextlib
import logging
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

SERVICE: Final = "match-scraper"
COLLECTOR: Final = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
"""The variables of which one names a collector; the SDK reads them itself."""


class Tracing:
    """The spans of this process. Without a collector it does nothing, and costs nothing."""

    def __init__(self, provider: "TracerProvider | None" = None) -> None:
        self._provider = provider

    @contextlib.contextmanager
    def span(self, name: str, **facts: str | int) -> Iterator[None]:
        """A span around what is done within, below the one that is open."""
        if self._provider is None:
            yield
            return
        with self._provider.get_tracer(SERVICE).start_as_current_span(name, attributes=facts):
            yield

    def headers(self) -> dict[str, str]:
        """What a message has to carry to belong to the span that is open."""
        found: dict[str, str] = {}
        if self._provider is not None:
            from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

            TraceContextTextMapPropagator().inject(found)
        return found

    def close(self) -> None:
        """Sends what is left to the collector."""
        if self._provider is not None:
            self._provider.shutdown()


def start() -> tuple[Tracing, str | None]:
    """The tracing that the environment asks for, and a sentence where it cannot be had: a run is worth more."""
    if not any(os.environ.get(name) for name in COLLECTOR) or os.environ.get("OTEL_SDK_DISABLED") == "true":
        return Tracing(), None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        return Tracing(), f"no traces: {COLLECTOR[0]} is set; to send them, pip install 'match-scraper[tracing]'"
    provider = TracerProvider(resource=Resource.create({"service.name": os.environ.get("OTEL_SERVICE_NAME", SERVICE)}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    # Of a collector that is away one line is enough, at the end, and not one for each attempt.
    logging.getLogger(OTLPSpanExporter.__module__).setLevel(logging.ERROR)
    return Tracing(provider), None
