"""Alert rules and dashboard: well-formed, in a language that parses, and shipped as they are."""

import json
import re
from typing import Any

import jsonschema
import pytest
import yaml

from deploy.custom_resources import RULES
from deploy.manifests import changed, named, of_kind, rendered
from deploy.queries import OF_KUBE_STATE_METRICS, alerts, dashboard, metrics_of, queries
from deploy.tools import CHART

ASKED_FOR = {
    "NoSuccessfulScrape": "8 * 3600",
    "CronJobNeverSucceeded": "unless on (namespace, cronjob) kube_cronjob_status_last_successful_time",
    "CronJobDoesNotSucceed": "> on (namespace, cronjob) kube_cronjob_status_last_successful_time",
    "MessagesStoredLate": "missing_table_ingest_lag_seconds_bucket",
    "WorkerNotReady": "missing_table_worker_ready",
    "QuarantineGrowing": "missing_table_quarantine_open",
    "PlayedWithoutScore": "missing_table_played_without_score",
    "DeadLetters": "missing_table_dead_letters",
}


def test_rules_are_well_formed() -> None:
    jsonschema.validate(yaml.safe_load((CHART / "files/alerts.yaml").read_text()), RULES)
    names = [rule["alert"] for rule in alerts()]
    assert len(names) == len(set(names))
    for rule in alerts():
        assert rule["labels"]["severity"] in ("critical", "warning"), rule["alert"]
        assert set(rule["annotations"]) == {"summary", "description"}, rule["alert"]


@pytest.mark.parametrize(("name", "part"), ASKED_FOR.items())
def test_what_is_to_be_noticed_is(name: str, part: str) -> None:
    (rule,) = [rule for rule in alerts() if rule["alert"] == name]
    assert part in rule["expr"]


def test_every_query_parses_and_asks_for_something() -> None:
    """`metrics_of` raises for a query that is none."""
    assert all(metrics_of(query) for query in queries().values())


def test_a_wrong_query_is_noticed() -> None:
    with pytest.raises(ValueError, match="parenthesis"):
        metrics_of("sum by (rate(missing_table_messages_total[5m])")


def test_the_dashboard_is_one_that_grafana_takes() -> None:
    board: dict[str, Any] = dashboard()
    assert board["uid"] == "missing-table"
    assert board["schemaVersion"] >= 39
    numbers = [panel["id"] for panel in board["panels"]]
    assert len(numbers) == len(set(numbers))
    covered: set[tuple[int, int]] = set()
    for panel in board["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert max(x for x, _ in cells) < 24, panel["title"]
        assert not cells & covered, panel["title"]
        covered |= cells
        if panel["type"] != "row":
            assert panel["datasource"]["uid"] == "${datasource}", panel["title"]


def test_installations_are_told_apart_by_their_namespace() -> None:
    """In a rule no sum and no maximum is of several of them; in the dashboard one can be chosen."""
    for rule in alerts():
        for aggregated in re.findall(r"\b(?:max|sum|group)\b(?: by \(([^)]*)\))?", rule["expr"]):
            assert "namespace" in aggregated.split(", "), rule["alert"]
        for matched in re.findall(r"\bon \(([^)]*)\)", rule["expr"]):
            assert "namespace" in matched.split(", "), rule["alert"]
    (variable,) = [each for each in dashboard()["templating"]["list"] if each["name"] == "namespace"]
    assert variable["allValue"] == ".*", "where there is no such label, too"
    assert variable["query"] == "label_values(missing_table_live_streams, namespace)"
    for where, query in queries().items():
        if where.startswith("panel"):
            own = re.findall(r"missing_table_\w+(\{[^}]*\})?", query)
            assert all('namespace=~"$namespace"' in selector for selector in own), where


def test_a_cronjob_for_match_days_alone_does_not_alert() -> None:
    """It may wait a week for its next run; and every other CronJob of the chart is one that the rules look at."""
    selectors = re.findall(r"(kube_cronjob_\w+)\{(.*?)\}", " ".join(rule["expr"] for rule in alerts()))
    assert {name for name, _ in selectors} == OF_KUBE_STATE_METRICS - {"kube_cronjob_status_last_successful_time"}
    assert {selector for _, selector in selectors} == {'cronjob=~".*scraper.*", cronjob!~".*-matchday"'}
    for release in ("missing-table", "spring"):
        for job in of_kind(changed("operators.yaml", release=release), "CronJob"):
            assert "scraper" in job["metadata"]["name"]


@pytest.mark.parametrize(
    ("settings", "groups"),
    [
        ([], ["match-scraper", "match-scraper on Kubernetes", "missing-table"]),
        (['monitoring.pushgatewayUrl=""'], ["match-scraper on Kubernetes", "missing-table"]),
        (["scraper.enabled=false"], ["missing-table"]),
    ],
)
def test_what_nobody_measures_is_not_missed(settings: list[str], groups: list[str]) -> None:
    rules = named(changed("operators.yaml", *settings), "PrometheusRule", "missing-table")["spec"]["groups"]
    assert [group["name"] for group in rules] == groups


def test_the_chart_ships_them() -> None:
    objects = rendered("operators.yaml")
    rules = named(objects, "PrometheusRule", "missing-table")["spec"]["groups"]
    assert [rule for group in rules for rule in group["rules"]] == alerts()
    held = named(objects, "ConfigMap", "missing-table-dashboard")["data"]["missing-table.json"]
    assert json.loads(held) == dashboard()
    assert re.search(r"grafana_dashboard: .1.", (CHART / "templates/monitoring.yaml").read_text())
