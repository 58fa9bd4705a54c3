"""What is measured of the worker, and how it is: alive, and ready to store what comes."""

import time
from collections.abc import Sequence
from typing import Final, get_args

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from missing_table.ingest.merge import Outcome

TICK: Final = 5.0
"""Seconds between two signs of life of the consuming loop."""
SILENT: Final = 120.0
"""Seconds without one after which the loop hangs: longer than any transaction may take."""
_BATCH_BUCKETS: Final = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)
_LAG_BUCKETS: Final = (0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3600, 21600)


class Measures:
    """The measurements of one worker, in a registry of its own. All times are in seconds."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._messages = Counter(
            "missing_table_messages", "Messages processed, by what became of them.", ["outcome"], registry=self.registry
        )
        for outcome in get_args(Outcome):  # each is there from the start: the first one that comes is an increase, too
            self._messages.labels(outcome)
        self._batch = Histogram(
            "missing_table_batch_seconds",
            "Time from a full batch to its commit.",
            buckets=_BATCH_BUCKETS,
            registry=self.registry,
        )
        self._lag = Histogram(
            "missing_table_ingest_lag_seconds",
            "Time from the publishing of a batch's oldest message to its commit.",
            buckets=_LAG_BUCKETS,
            registry=self.registry,
        )
        self._ready = Gauge(
            "missing_table_worker_ready", "1 while the worker takes messages, else 0.", registry=self.registry
        )
        self.ready = False
        """Whether the worker takes messages now."""
        self._ticked: float | None = None

    def stored(self, outcomes: Sequence[str], *, took: float, lag: float | None) -> None:
        """A batch was committed; `lag` is that of its oldest message, where it says when it was published."""
        for outcome in set(outcomes):
            self._messages.labels(outcome).inc(outcomes.count(outcome))
        self._batch.observe(took)
        if lag is not None:
            self._lag.observe(max(lag, 0.0))

    def consuming(self, now: bool) -> None:
        """Whether the worker takes messages."""
        self.ready = now
        self._ready.set(now)

    def tick(self) -> None:
        """The consuming loop came by."""
        self._ticked = time.monotonic()

    def rest(self) -> None:
        """The loop is left on purpose: there is no broker to consume from, and nothing that a restart would mend."""
        self._ticked = None

    @property
    def alive(self) -> bool:
        """Whether the consuming loop goes round, or has been left on purpose."""
        return self._ticked is None or time.monotonic() - self._ticked < SILENT
