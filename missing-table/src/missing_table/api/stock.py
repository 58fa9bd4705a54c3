"""Measurements that are looked up when Prometheus asks: what stands in the database, and what waits in the queue."""

import datetime as dt
import threading
import time
from collections.abc import Callable, Iterable
from typing import Final

import structlog
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import Engine, func, select

from missing_table.backlog import Backlog
from missing_table.clock import utc_now
from missing_table.errors import DatabaseAway
from missing_table.store.engine import reading
from missing_table.store.tables import matches, outcomes, quarantine

log = structlog.get_logger()

LASTS: Final = 30.0
"""Seconds for which an answer of the database does."""
SCORES_IN: Final = dt.timedelta(days=2)
"""After its day a match may be without a score for so long; by then most have one."""
GIVEN_UP: Final = dt.timedelta(days=60)
"""A score that has not come by then does not come."""
_HELP: Final = {
    "missing_table_quarantine_open": "Messages in quarantine that nobody has decided about.",
    "missing_table_played_without_score": "Matches of two to sixty days ago, not put off, without a score.",
    "missing_table_last_message_timestamp_seconds": "When a message was last processed, seconds since 1970.",
    "missing_table_queue_depth": "Messages that wait in the queue.",
    "missing_table_dead_letters": "Messages that were delivered too often and wait to be tried alone.",
}


class Stock(Collector):
    """What is not known just now, because database or broker is away, is left out."""

    def __init__(
        self, engine: Engine, backlog: Callable[[], Backlog | None], clock: Callable[[], dt.datetime] = utc_now
    ) -> None:
        self._engine = engine
        self._backlog = backlog
        self._clock = clock
        self._lock = threading.Lock()
        self._stored: dict[str, float] = {}
        self._until = float("-inf")

    def describe(self) -> Iterable[Metric]:
        """The names, without asking anybody."""
        return [GaugeMetricFamily(name, what) for name, what in _HELP.items()]

    def collect(self) -> Iterable[Metric]:
        """The values."""
        found = dict(self._from_database())
        backlog = self._backlog()
        if backlog is not None:
            found |= {"missing_table_queue_depth": backlog.waiting, "missing_table_dead_letters": backlog.dead}
        return [GaugeMetricFamily(name, _HELP[name], value) for name, value in found.items()]

    def _from_database(self) -> dict[str, float]:
        with self._lock:
            if time.monotonic() >= self._until:
                self._stored = self._count()
                self._until = time.monotonic() + LASTS
            return self._stored

    def _count(self) -> dict[str, float]:
        today = self._clock().date()
        unscored = select(func.count()).where(
            matches.c.status.in_(("scheduled", "tbd")),
            matches.c.date.between(today - GIVEN_UP, today - SCORES_IN),
        )
        in_quarantine = select(func.count()).select_from(quarantine).where(quarantine.c.state == "open")
        try:
            with reading(self._engine) as connection:
                last = connection.scalar(select(func.max(outcomes.c.at)))
                found: dict[str, float] = {
                    "missing_table_quarantine_open": connection.scalar(in_quarantine) or 0,
                    "missing_table_played_without_score": connection.scalar(unscored) or 0,
                }
        except DatabaseAway as away:
            log.warning("stock_unknown", reason=str(away))
            return {}
        if last is not None:
            found["missing_table_last_message_timestamp_seconds"] = last.timestamp()
        return found
