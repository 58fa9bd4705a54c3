"""Where our order of a bracket is not the league's own, looked up when Prometheus asks."""

from collections.abc import Iterable

import structlog
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import Engine

from missing_table.errors import DatabaseAway
from missing_table.store import official
from missing_table.store.engine import reading

log = structlog.get_logger()


class OrderGauge(Collector):
    """A sample for each bracket that has been compared; none while the database is away."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def describe(self) -> Iterable[Metric]:
        """The name, without asking anybody."""
        return [_gauge()]

    def collect(self) -> Iterable[Metric]:
        """What was found last."""
        gauge = _gauge()
        try:
            with reading(self._engine) as connection:
                verdicts = official.verdicts(connection)
        except DatabaseAway as away:
            log.warning("official_orders_unknown", reason=str(away))
            return
        for bracket, agrees in verdicts:
            gauge.add_metric([part or "" for part in bracket], 0.0 if agrees else 1.0)
        yield gauge


def _gauge() -> GaugeMetricFamily:
    return GaugeMetricFamily(
        "missing_table_official_order_differs",
        "1 where our order of a bracket is not the league's own, 0 where it is.",
        labels=["season", "league", "age_group", "division"],
    )
