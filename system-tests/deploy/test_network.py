"""Who reaches whom on a cluster: the chart's network policies, its Ingress, and the policy of the one CronJob."""

import json
import subprocess
from typing import Any

import pytest

from deploy.manifests import Object, changed, named, of_kind, parsed, pod_of, rendered
from surfaces import ROOT

OPERATORS = "operators.yaml"
EXTERNAL = "external.yaml"
ANYWHERE: Object = {"namespaceSelector": {}}


def rules(objects: list[Object], component: str, direction: str = "egress") -> dict[int, list[Any]]:
    """Whom the policy of a component lets through, by port."""
    policy = named(objects, "NetworkPolicy", f"missing-table-{component}")["spec"]
    found: dict[int, list[Any]] = {}
    for rule in policy[direction]:
        for port in rule["ports"]:
            found.setdefault(port["port"], []).extend(rule["to" if direction == "egress" else "from"])
    return found


def block(address: str) -> Object:
    return {"ipBlock": {"cidr": address}}


def test_a_database_outside_the_cluster_is_reached_on_its_own_port() -> None:
    objects = changed(EXTERNAL, 'database.url="postgresql://u:p%40@10.20.0.3:6432/x"')
    for component in ("api", "worker", "migrate"):
        assert rules(objects, component)[6432] == [block("10.20.0.0/24")], component
        assert 5432 not in rules(objects, component), component
    assert 6432 not in rules(objects, "scraper")


@pytest.mark.parametrize(
    ("address", "ports"),
    [
        ("postgresql://u:p@db.example.org/x", {5432}),
        ("postgresql://u:p:1@[fd00::1]:5433/x?sslmode=require", {5433}),
        ("postgresql://u:p@one:5433,two:5434/x", {5433, 5434}),
        ("postgresql://db:7000?application_name=a:1", {7000}),
    ],
)
def test_the_database_port_is_the_addresses(address: str, ports: set[int]) -> None:
    objects = changed(EXTERNAL, f"database.url={json.dumps(address)}")
    assert set(rules(objects, "migrate")) == {53} | ports


@pytest.mark.parametrize("host", ["db", "db.ns", "db.ns.svc", "db.ns.svc.cluster.local:5433", "pod.db.ns.svc"])
def test_a_service_is_inside_the_cluster(host: str) -> None:
    objects = changed(EXTERNAL, f'database.url="postgresql://u:p.w.x@{host}/x"', "networkPolicy.databaseCIDRs=[]")
    assert [ANYWHERE] in rules(objects, "migrate").values()


def test_an_existing_secret_leaves_the_ports_to_the_values() -> None:
    objects = rendered("existing-secret.yaml")
    assert rules(objects, "worker")[6432] == [block("10.20.0.0/24"), block("fd00:20::/64")]
    assert rules(objects, "worker")[5671] == [ANYWHERE]


def test_a_broker_outside_the_cluster_can_be_reached() -> None:
    objects = changed(
        EXTERNAL, 'rabbitmq.host="10.40.0.9"', "rabbitmq.port=5673", 'networkPolicy.brokerCIDRs=["10.40.0.9/32"]'
    )
    for component in ("api", "worker", "scraper"):
        assert rules(objects, component)[5673] == [block("10.40.0.9/32")], component


def test_measurements_and_traces_go_to_the_ports_of_their_addresses() -> None:
    objects = changed(
        EXTERNAL, 'monitoring.pushgatewayUrl="https://push.monitoring/x"', 'tracing.endpoint="http://c:4319"'
    )
    assert set(rules(objects, "scraper")) == {53, 5672, 443, 4319, 8000}
    assert ANYWHERE in rules(objects, "scraper")[443]


def test_what_the_chart_made_is_inside_the_cluster_whatever_else_is_not() -> None:
    outside = ['networkPolicy.databaseCIDRs=["10.20.0.0/24"]', 'networkPolicy.brokerCIDRs=["10.20.0.0/24"]']
    found = rules(changed(OPERATORS, *outside), "api")
    assert (found[5432], found[5672]) == ([ANYWHERE], [ANYWHERE])


@pytest.mark.parametrize("values", [EXTERNAL, OPERATORS])
def test_a_migration_comes_with_its_own_policy(values: str) -> None:
    """It runs before the rest, when that of the last release may know another database."""
    objects = rendered(values)
    policy, job = (named(objects, kind, "missing-table-migrate") for kind in ("NetworkPolicy", "Job"))
    hook = "helm.sh/hook"
    assert policy["metadata"]["annotations"][hook] == job["metadata"]["annotations"][hook]
    assert int(policy["metadata"]["annotations"][f"{hook}-weight"]) < 0


def test_names_are_asked_of_pods_and_of_a_cache_on_the_node() -> None:
    for component in ("api", "worker", "scraper", "migrate"):
        assert rules(rendered(EXTERNAL), component)[53][:2] == [ANYWHERE, block("169.254.20.10/32")]


def test_a_load_balancer_reaches_the_api_and_nothing_else() -> None:
    objects = rendered(OPERATORS)
    assert rules(objects, "api", "ingress") == {8000: [ANYWHERE, block("35.191.0.0/16"), block("130.211.0.0/22")]}
    assert rules(objects, "worker", "ingress") == {9808: [ANYWHERE]}


def test_more_can_be_let_out() -> None:
    for component in ("api", "worker", "scraper", "migrate"):
        assert rules(rendered(OPERATORS), component)[3128] == [block("10.30.0.5/32")]


def test_the_one_cronjob_may_reach_the_charts_broker() -> None:
    """Its pod bears the labels that the policies of a release missing-table ask for."""
    objects = rendered(OPERATORS)
    allowed = named(objects, "NetworkPolicy", "missing-table-dev-missing-table-broker")["spec"]["ingress"][0]["from"][0]
    manifest = parsed((ROOT / "missing-table/k8s/match-scraper-cronjob.yaml").read_text())
    pod = pod_of(named(manifest, "CronJob", "match-scraper"))
    assert pod is not None
    labels = pod["metadata"]["labels"].items()
    assert allowed["podSelector"]["matchLabels"].items() <= labels
    own = named(objects, "NetworkPolicy", "missing-table-scraper")["spec"]["podSelector"]["matchLabels"]
    assert own.items() <= labels


def _routes() -> set[str]:
    """The paths that missing-table serves, asked of its own Python."""
    script = """
import json
from sqlalchemy import create_engine
from missing_table.api.app import create_app
from missing_table.settings import Settings

def paths(routes):
    for route in routes:
        if inner := getattr(route, "original_router", None):
            yield from paths(inner.routes)
        else:
            yield route.path

print(json.dumps(list(paths(create_app(Settings(), create_engine("sqlite://"), None).routes))))
"""
    python = str(ROOT / "missing-table/.venv/bin/python")
    done = subprocess.run([python, "-c", script], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


def test_the_ingress_leads_to_everything_but_the_measurements() -> None:
    (ingress,) = of_kind(rendered(OPERATORS), "Ingress")
    paths = ingress["spec"]["rules"][0]["http"]["paths"]
    assert {path["path"] for path in paths if path["pathType"] == "Exact"} == {"/"}
    prefixes = {path["path"] for path in paths if path["pathType"] == "Prefix"}
    served = {"/" + route.split("/")[1] for route in _routes()} - {"/"}
    assert {"/api", "/static", "/metrics"} < served
    assert prefixes == served - {"/metrics"}


def test_a_name_with_a_star_is_one() -> None:
    objects = changed(OPERATORS, 'api.ingress.host="*.example.org"')
    (ingress,) = of_kind(objects, "Ingress")
    assert ingress["spec"]["rules"][0]["host"] == "*.example.org"
    assert ingress["spec"]["tls"][0]["hosts"] == ["*.example.org"]


def test_the_api_believes_the_ingress_who_its_clients_are() -> None:
    def believed(objects: list[Object]) -> list[str]:
        pod = pod_of(named(objects, "Deployment", "missing-table-api"))
        assert pod is not None
        environment = pod["spec"]["containers"][0]["env"]
        return [variable["value"] for variable in environment if variable["name"] == "FORWARDED_ALLOW_IPS"]

    assert believed(rendered(OPERATORS)) == ["10.0.0.0/8,203.0.113.7,35.191.0.0/16,130.211.0.0/22"]
    assert believed(rendered(EXTERNAL)) == []
