"""Traces, for OpenTelemetry: off unless the environment names a collector, as its own variables have it.

A message that carries a W3C `traceparent` gets a span in its producer's trace, for the time from full batch to commit.
"""

import os
import time
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

import structlog

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

log = structlog.get_logger()

SERVICE: Final = "missing-table"
COLLECTOR: Final = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
"""The variables of which one names a collector; the SDK reads them itself."""
TRACEPARENT: Final = "traceparent"
"""The header; its form is W3C's, https://www.w3.org/TR/trace-context/."""


class Tracing:
    """The spans of this process. Without a collector it does nothing, and costs nothing."""

    def __init__(self, provider: "TracerProvider | None" = None) -> None:
        self._provider = provider

    def spans(self, name: str, of: Iterable[tuple[Mapping[str, Any], Mapping[str, str]]], took: float) -> None:
        """A span for each message that says which trace it belongs to, `took` seconds long and over now.

        Parameters: `of` has, for each message, its headers and the facts that its span is to bear.
        """
        if self._provider is None:
            return
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        tracer = self._provider.get_tracer(SERVICE)
        ended = time.time_ns()
        began = ended - int(took * 1e9)
        for headers, facts in of:
            traceparent = headers.get(TRACEPARENT)
            if isinstance(traceparent, str):
                context = TraceContextTextMapPropagator().extract({TRACEPARENT: traceparent})
                span = tracer.start_span(name, context, attributes=dict(facts), start_time=began)
                span.end(ended)

    def close(self) -> None:
        """Sends what is left to the collector."""
        if self._provider is not None:
            self._provider.shutdown()


def start() -> Tracing:
    """The tracing that the environment asks for. What it asks for and cannot be had is a line in the log."""
    if not any(os.environ.get(name) for name in COLLECTOR) or os.environ.get("OTEL_SDK_DISABLED") == "true":
        return Tracing()
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        log.warning("no_traces", reason=f"{COLLECTOR[0]} is set; to send them, pip install 'missing-table[tracing]'")
        return Tracing()
    provider = TracerProvider(resource=Resource.create({"service.name": os.environ.get("OTEL_SERVICE_NAME", SERVICE)}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return Tracing(provider)
