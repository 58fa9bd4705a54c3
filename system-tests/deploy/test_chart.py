"""The chart: it renders what the API takes, with nothing of root's, and refuses what would not work, saying why."""

import json
import re
import subprocess
from urllib.parse import unquote, urlsplit

import pytest
import yaml
from amqp import Connection
from private_services.rabbitmq import RabbitMQ

from deploy.dockerfile import Dockerfile
from deploy.manifests import (
    VALUES,
    Object,
    containers,
    named,
    of_kind,
    pods,
    refusal,
    rendered,
    schema_errors,
    versions,
)
from deploy.settings import documented
from deploy.tools import CHART, helm
from surfaces import ROOT

OPERATORS = "operators.yaml"
EXTERNAL = "external.yaml"


@pytest.mark.parametrize("values", VALUES)
def test_helm_lint(values: str) -> None:
    done = helm("lint", "--strict", str(CHART), "--values", str(CHART / "ci" / values))
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("values", VALUES)
def test_every_object_is_what_the_api_takes(values: str) -> None:
    objects = rendered(values)
    wrong = [error for version in versions() for each in objects if (error := schema_errors(each, version))]
    assert wrong == []
    names = [(each["kind"], each["metadata"]["namespace"], each["metadata"]["name"]) for each in objects]
    assert len(names) == len(set(names))


def test_a_wrong_object_is_noticed() -> None:
    """The test above would prove nothing if everything passed."""
    (job,) = [each for each in rendered(EXTERNAL) if each["kind"] == "Job"]
    spoiled = json.loads(json.dumps(job))
    spoiled["spec"]["template"]["spec"]["containers"][0]["readinesProbe"] = {}
    assert all("readinesProbe" in (schema_errors(spoiled, version) or "") for version in versions())
    scaled = json.loads(json.dumps(named(rendered(OPERATORS), "ScaledObject", "missing-table-worker")))
    scaled["spec"]["maxReplicas"] = 3
    assert "maxReplicas" in (schema_errors(scaled, versions()[0]) or "")


@pytest.mark.parametrize("values", VALUES)
def test_no_pod_is_root_or_can_write_to_its_image(values: str) -> None:
    objects = rendered(values)
    user = Dockerfile.read(ROOT / "missing-table/Dockerfile").user
    assert user == Dockerfile.read(ROOT / "match-scraper/Dockerfile").user
    for name, template in pods(objects):
        spec = template["spec"]
        assert spec["securityContext"]["runAsNonRoot"] is True, name
        assert spec["securityContext"]["runAsUser"] == user, name
        assert spec["automountServiceAccountToken"] is False, name
    for name, container in containers(objects):
        context = container["securityContext"]
        assert context["readOnlyRootFilesystem"] is True, name
        assert context["allowPrivilegeEscalation"] is False, name
        assert context["capabilities"] == {"drop": ["ALL"]}, name
        assert re.search(r"(@sha256:[0-9a-f]{64}|:\d+\.\d+\.\d+)$", container["image"]), name
        assert container["resources"]["limits"]["memory"], name


@pytest.mark.parametrize("values", VALUES)
def test_what_a_pod_refers_to_is_there(values: str) -> None:
    """Keys of Secrets, volumes, ports of probes; settings that its program has."""
    objects = rendered(values)
    secrets = {each["metadata"]["name"]: set(each["stringData"]) for each in of_kind(objects, "Secret")}
    by_others = {"missing-table-database-app": {"uri"}}  # made by CloudNativePG
    if values == "existing-secret.yaml":
        by_others["missing-table-secrets"] = {"rabbitmq-url", "database-url"}
    claims = {each["metadata"]["name"] for each in of_kind(objects, "PersistentVolumeClaim")}
    for name, template in pods(objects):
        volumes = {volume["name"]: volume for volume in template["spec"].get("volumes", [])}
        for volume in volumes.values():
            claim = volume.get("persistentVolumeClaim")
            assert claim is None or claim["claimName"] in claims, name
        for container in template["spec"]["containers"]:
            assert {mount["name"] for mount in container["volumeMounts"]} == set(volumes), name
            ports = {port["name"] for port in container.get("ports", [])}
            for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
                assert container.get(probe) is None or container[probe]["httpGet"]["port"] in ports, name
            project = "match-scraper" if "match-scraper" in container["image"] else "missing-table"
            for variable in container["env"]:
                setting = variable["name"]
                assert setting.startswith("OTEL_") or setting in documented(project), f"{name}: {setting}"
                if reference := variable.get("valueFrom", {}).get("secretKeyRef"):
                    keys = (secrets | by_others)[reference["name"]]
                    assert reference["key"] in keys, f"{name}: {reference}"


@pytest.mark.parametrize("values", VALUES)
def test_what_selects_pods_finds_them(values: str) -> None:
    objects = rendered(values)
    labels = [template["metadata"]["labels"] for _, template in pods(objects)]

    def selected(wanted: dict[str, str]) -> bool:
        return any(wanted.items() <= found.items() for found in labels)

    for each in of_kind(objects, "Service"):
        assert selected(each["spec"]["selector"]), each["metadata"]["name"]
    for each in of_kind(objects, "PodDisruptionBudget") + of_kind(objects, "Deployment"):
        selector = each["spec"]["selector"]["matchLabels"]
        assert selected(selector), each["metadata"]["name"]
    services = [each["metadata"]["labels"] for each in of_kind(objects, "Service")]
    for each in of_kind(objects, "ServiceMonitor"):
        wanted = each["spec"]["selector"]["matchLabels"]
        assert any(wanted.items() <= found.items() for found in services), each["metadata"]["name"]
    if values != "rollback.yaml":
        covered = [each["spec"]["podSelector"]["matchLabels"] for each in of_kind(objects, "NetworkPolicy")]
        for found in labels:
            assert any(wanted.items() <= found.items() for wanted in covered), found


def test_user_and_password_are_encoded_into_the_address() -> None:
    values = yaml.safe_load((CHART / "ci" / EXTERNAL).read_text())
    secret = named(rendered(EXTERNAL), "Secret", "missing-table-secrets")["stringData"]
    address = urlsplit(secret["rabbitmq-url"])
    assert (address.scheme, address.hostname, address.port, address.path) == (
        "amqp",
        "messaging-rabbitmq.messaging",
        5672,
        "//",
    )
    assert address.username == "match-scraper"
    assert unquote(address.password or "") == values["rabbitmq"]["password"]
    worker = urlsplit(secret["rabbitmq-worker-url"])
    assert (worker.username, worker.password) == ("missing-table", "another")
    other = named(rendered("rollback.yaml"), "Secret", "missing-table-secrets")["stringData"]
    assert other["rabbitmq-url"] == "amqps://match-scraper:secret@messaging-rabbitmq.messaging:5671/match%20results"


def test_the_brokers_users_get_the_passwords_of_the_addresses(rabbitmq: RabbitMQ) -> None:
    """What the chart makes of rabbitmq/definitions.json is loaded into a broker, which then lets both in."""
    objects = rendered(OPERATORS)
    definitions = named(objects, "Secret", "missing-table-rabbitmq-definitions")["stringData"]["definitions.json"]
    rabbitmq.api("POST", "/api/definitions", json.loads(definitions))
    secret = named(objects, "Secret", "missing-table-secrets")["stringData"]
    for key in ("rabbitmq-url", "rabbitmq-worker-url"):
        user, password = urlsplit(secret[key]).username, unquote(urlsplit(secret[key]).password or "")
        with Connection(f"127.0.0.1:{rabbitmq.port}", userid=user, password=password) as connection:
            assert connection.connected, key
    shipped = json.loads((ROOT / "rabbitmq/definitions.json").read_text())
    for section in ("permissions", "exchanges", "queues", "bindings", "policies"):
        assert json.loads(definitions)[section] == shipped[section]
    cluster = named(objects, "RabbitmqCluster", "missing-table-rabbitmq")["spec"]
    assert "default_queue_type = quorum" in cluster["rabbitmq"]["additionalConfig"]
    assert "load_definitions = /etc/missing-table/definitions.json" in cluster["rabbitmq"]["additionalConfig"]


def test_scrapes_are_spread_in_time_and_closer_on_match_days() -> None:
    jobs = {each["metadata"]["name"]: each["spec"] for each in of_kind(rendered(OPERATORS), "CronJob")}
    assert {name: spec["schedule"] for name, spec in jobs.items()} == {
        "match-scraper-northeast": "0 */6 * * *",
        "match-scraper-northeast-matchday": "30 12-23/2 * * 6,0",
        "match-scraper-u14-mid-atlantic-southeast": "7 */6 * * *",
        "match-scraper-u14-mid-atlantic-southeast-matchday": "37 12-23/2 * * 6,0",
        "match-scraper-u15-all-academy": "14 */6 * * *",
        "match-scraper-flex": "15 5,17 * * *",
        "match-scraper-flex-matchday": "51 12-23/2 * * 6,0",
    }
    for name, spec in jobs.items():
        assert len(name) <= 52, "a CronJob adds eleven characters to its name"
        job = spec["jobTemplate"]["spec"]
        assert spec["concurrencyPolicy"] == "Forbid"
        assert job["activeDeadlineSeconds"] < 6 * 3600
        assert job["template"]["spec"]["restartPolicy"] == "Never"
    assert of_kind(rendered("existing-secret.yaml"), "CronJob")[0]["spec"]["schedule"] == "0 * * * *"


@pytest.mark.parametrize(
    ("values", "asked"),
    [(EXTERNAL, ["--use-queue"]), ("rollback.yaml", [])],
)
def test_one_value_is_the_rollback_to_http(values: str, asked: list[str]) -> None:
    job = of_kind(rendered(values), "CronJob")[0]
    (container,) = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    assert container["args"] == ["scrape", "--league=Homegrown", *asked]
    given = {variable["name"] for variable in container["env"]}
    assert ("RABBITMQ_URL" in given) == (values == EXTERNAL)
    assert ("MISSING_TABLE_API_TOKEN" in given) == (values != EXTERNAL)


def _of_the_scraper(expression: str) -> set[str]:
    """Names that the scraper knows, asked of its own Python."""
    script = (
        "import json, typing; from match_scraper.sources import base; from match_scraper.settings import Settings; "
        f"print(json.dumps(list({expression})))"
    )
    python = str(ROOT / "match-scraper/.venv/bin/python")
    done = subprocess.run([python, "-c", script], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


def test_the_schema_knows_the_targets_that_the_scraper_knows() -> None:
    scraper = json.loads((CHART / "values.schema.json").read_text())["properties"]["scraper"]["properties"]
    target = scraper["targets"]["items"]["properties"]
    assert set(target["ageGroups"]["items"]["enum"]) == _of_the_scraper("base.AGE_GROUPS") | {"all"}
    assert set(target["leagues"]["items"]["enum"]) == _of_the_scraper("base.LEAGUES") | {"all"}
    sources = _of_the_scraper("typing.get_args(Settings.model_fields['source'].annotation)")
    assert set(scraper["source"]["enum"]) == sources
    for division in _of_the_scraper("base.HOMEGROWN_DIVISIONS"):
        assert f'"{division}"' in (CHART / "templates/_checks.tpl").read_text()


TARGET = {"ageGroups": ["U14"], "divisions": ["Northeast"]}


def _targets(*changes: Object) -> str:
    return f"scraper.targets={json.dumps([TARGET | change for change in changes])}"


REFUSED = [
    (('rabbitmq.password=""',), "rabbitmq.password is not set"),
    (('rabbitmq.worker.password=""',), "rabbitmq.worker.password is not set"),
    (('database.url=""',), "database.url is not set"),
    (("database.cluster.enabled=true",), "both set"),
    (('environment="production"', 'images.missingTable.tag="latest"'), "images.missingTable.tag is latest"),
    (('environment="production"', 'images.matchScraper.tag="latest"'), "images.matchScraper.tag is latest"),
    (('scraper.delivery="api"',), "needs secrets.apiToken"),
    (('scraper.delivery="carrier-pigeon"',), "/scraper/delivery"),
    ((_targets({"ageGroups": ["U18"]}),), "value must be one of 'U13', 'U14', 'U15', 'U16', 'U17', 'U19', 'all'"),
    ((_targets({"leagues": ["Premier"]}),), "value must be one of 'Homegrown', 'Academy', 'Flex', 'all'"),
    ((_targets({"divisions": ["Norheast"]}),), "there is no Homegrown division Norheast; there are Northeast"),
    ((_targets({"divisions": []}),), "/scraper/targets/0/divisions"),
    ((_targets({"agegroups": ["U14"]}),), "agegroups"),
    ((_targets({}, {}),), "is called u14-northeast, as another target is"),
    ((_targets({"name": "U14 Northeast"}),), "small letters"),
    (("scraper.targets=[]",), "/scraper/targets"),
    ((_targets({"schedule": "every six hours"}),), "/scraper/targets/0/schedule"),
    ((_targets({"schedule": "61 * * * *"}),), 'scraper.targets[0].schedule "61 * * * *" is not a schedule'),
    ((_targets({"schedule": "0 */6 * * mon"}),), "is not a schedule: five fields"),
    (('scraper.matchDays.hours="noon"',), "make no schedule"),
    (("scraper.deadlineSeconds=null",), "deadlineSeconds"),
    (("scraper.deadlineSeconds=0",), "/scraper/deadlineSeconds"),
    (("scraper.deadlineSeconds=21600",), "is not less than the 6 hours between two runs"),
    (("scraper.everyHours=8",), "/scraper/everyHours"),
    (("api.replicas=0",), "/api/replicas"),
    (('database.url="sqlite:///missing-table.db"',), "/database/url"),
    (('rabbitmq.host="amqp://broker:5672"',), "/rabbitmq/host"),
    (("worker.replica=3",), "replica"),
    (('images.missingTable.digest="sha256:abc"',), "/images/missingTable/digest"),
    (("worker.autoscaling.enabled=true", "worker.autoscaling.min=9"), "worker.autoscaling.min is more than"),
    (("api.ingress.enabled=true",), "api.ingress.host is not set"),
    (('networkPolicy.broker.namespace="messaging"',), "networkPolicy.broker.labels is not set"),
    (("rabbitmq.cluster.enabled=true", 'rabbitmq.username="admin"'), "rabbitmq.username must be match-scraper"),
    (('secrets.existing="mine"', "rabbitmq.cluster.enabled=true", 'rabbitmq.password=""'), "give both"),
    (('logLevel="LOUD"',), "/logLevel"),
]


@pytest.mark.parametrize(("settings", "reason"), REFUSED, ids=[reason for _, reason in REFUSED])
def test_what_would_not_work_is_refused_with_the_reason(settings: tuple[str, ...], reason: str) -> None:
    said = refusal(EXTERNAL, *settings)
    assert reason in said
    assert "nil pointer" not in said
