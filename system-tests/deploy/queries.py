"""What is asked of Prometheus: the queries of the alert rules and of the dashboard, and the metrics that they name."""

import json
from typing import Any

import promql_parser
import yaml

from deploy.tools import CHART

OF_KUBE_STATE_METRICS = {
    "kube_cronjob_created",
    "kube_cronjob_status_last_schedule_time",
    "kube_cronjob_status_last_successful_time",
}
"""What is measured by kube-state-metrics, and not by us; its documents have the names."""


def alerts() -> list[dict[str, Any]]:
    """The alert rules."""
    groups = yaml.safe_load((CHART / "files/alerts.yaml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def dashboard() -> dict[str, Any]:
    """The Grafana dashboard."""
    found: dict[str, Any] = json.loads((CHART / "files/dashboard.json").read_text())
    return found


def queries() -> dict[str, str]:
    """Every query, by where it stands."""
    found = {f"alert {rule['alert']}": rule["expr"] for rule in alerts()}
    for panel in dashboard()["panels"]:
        for target in panel.get("targets", []):
            found[f"panel {panel['title']} {target['refId']}"] = target["expr"]
    return found


def metrics_of(query: str) -> set[str]:
    """The names of the metrics in a query. Raises ValueError where it is none."""
    return set(_names(promql_parser.parse(query)))


def _names(part: Any) -> list[str]:
    if isinstance(part, promql_parser.VectorSelector):
        return [part.name or ""]
    if isinstance(part, promql_parser.MatrixSelector):
        return [part.vector_selector.name or ""]
    if isinstance(part, promql_parser.BinaryExpr):
        return _names(part.lhs) + _names(part.rhs)
    if isinstance(part, promql_parser.Call):
        return [name for argument in part.args for name in _names(argument)]
    if isinstance(part, promql_parser.AggregateExpr | promql_parser.ParenExpr | promql_parser.UnaryExpr):
        return _names(part.expr)
    assert isinstance(part, promql_parser.NumberLiteral | promql_parser.StringLiteral), f"not known: {part}"
    return []
