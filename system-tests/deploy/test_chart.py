"""The chart: it renders what the API takes, with nothing of root's, and refuses what would not work, saying why."""

import json
import re
import subprocess
import zoneinfo
from urllib.parse import unquote, urlsplit

import pytest
import yaml
from amqp import Connection
from private_services.rabbitmq import RabbitMQ

from deploy.dockerfile import Dockerfile
from deploy.manifests import (
    VALUES,
    Object,
    changed,
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
OF_OTHERS = {"OTEL_EXPORTER_OTLP_ENDPOINT", "FORWARDED_ALLOW_IPS", "HTTPS_PROXY"}
"""Variables that are no settings of ours: OpenTelemetry's, uvicorn's, everyone's."""


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
        assert re.search(r"(@sha256:[0-9a-f]{64}|:v\d+\.\d+\.\d+)$", container["image"]), name
        assert container["resources"]["limits"]["memory"], name


@pytest.mark.parametrize("values", VALUES)
def test_what_a_pod_refers_to_is_there(values: str) -> None:
    """Keys of Secrets, volumes, ports of probes; settings that its program has."""
    objects = rendered(values)
    secrets = {each["metadata"]["name"]: set(each["stringData"]) for each in of_kind(objects, "Secret")}
    by_others = {"missing-table-database-app": {"uri"}}  # made by CloudNativePG
    if values == "existing-secret.yaml":
        by_others |= {"missing-table-secrets": {"rabbitmq-url", "database-url"}, "broker-authority": {"ca.crt"}}
    claims = {each["metadata"]["name"] for each in of_kind(objects, "PersistentVolumeClaim")}
    for name, template in pods(objects):
        volumes = {volume["name"]: volume for volume in template["spec"].get("volumes", [])}
        for volume in volumes.values():
            claim = volume.get("persistentVolumeClaim")
            assert claim is None or claim["claimName"] in claims, name
            if held := volume.get("secret"):
                assert {item["key"] for item in held["items"]} <= (secrets | by_others)[held["secretName"]], name
        for container in template["spec"]["containers"]:
            assert {mount["name"] for mount in container["volumeMounts"]} == set(volumes), name
            ports = {port["name"] for port in container.get("ports", [])}
            for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
                assert container.get(probe) is None or container[probe]["httpGet"]["port"] in ports, name
            project = "match-scraper" if "match-scraper" in container["image"] else "missing-table"
            for variable in container["env"]:
                setting = variable["name"]
                assert setting in documented(project) | OF_OTHERS, f"{name}: {setting}"
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
        "match-scraper-flex": "15 5-23/6 * * *",
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
        "import json, typing; from match_scraper.settings import Settings; "
        "from match_scraper.sources import base, modular11; "
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
    divisions = [
        f"{division}{pathway}"
        for division in _of_the_scraper("base.HOMEGROWN_DIVISIONS")
        for pathway in ("", *_of_the_scraper("[modular11.PATHWAY]"))
    ]
    changed(EXTERNAL, _targets({"divisions": [*divisions, "mid-atlantic", "all"], "name": "every"}))


TARGET = {"ageGroups": ["U14"], "divisions": ["Northeast"]}


def _targets(*changes: Object) -> str:
    return f"scraper.targets={json.dumps([TARGET | change for change in changes])}"


REFUSED = [
    (('rabbitmq.password=""',), "rabbitmq.password is not set"),
    (('rabbitmq.worker.password=""',), "rabbitmq.worker.password is not set"),
    (('rabbitmq.worker.username=""',), "rabbitmq.worker.password is another than rabbitmq.password"),
    (('rabbitmq.worker.username="match-scraper"',), "rabbitmq.worker.password is another than rabbitmq.password"),
    (('rabbitmq.caSecret="authority"',), "rabbitmq.caSecret is for TLS"),
    (('secrets.keys.database="rabbitmq-url"',), "one key for two things"),
    (('secrets.keys.rabbitmqWorker="api-token"',), "secrets.keys.rabbitmqWorker is api-token, as another key is"),
    (('secrets.keys.database="database url"',), "/secrets/keys/database"),
    (('database.url=""',), "database.url is not set"),
    (("database.cluster.enabled=true",), "both set"),
    (('images.missingTable.tag=""',), "images.missingTable has neither a tag nor a digest: make push writes both"),
    (('images.matchScraper.tag=""',), "images.matchScraper has neither a tag nor a digest"),
    (('images.missingTable.tag="latest"',), "images.missingTable.tag is latest"),
    (('images.matchScraper.tag="latest"',), "or set environment to development"),
    (('scraper.delivery="api"',), "needs secrets.apiToken"),
    (('scraper.delivery="carrier-pigeon"',), "/scraper/delivery"),
    ((_targets({"ageGroups": ["U18"]}),), "value must be one of 'U13', 'U14', 'U15', 'U16', 'U17', 'U19', 'all'"),
    ((_targets({"leagues": ["Premier"]}),), "value must be one of 'Homegrown', 'Academy', 'Flex', 'all'"),
    ((_targets({"divisions": ["Norheast"]}),), "there is no Homegrown division Norheast; there are Northeast"),
    ((_targets({"divisions": ["Central"]}),), "for those of another season name the season"),
    ((_targets({"divisions": ["Northest"], "season": "2026-27"}),), "there is no Homegrown division Northest"),
    ((_targets({"season": "2026-28"}),), "scraper.targets[0].season 2026-28 is no season: its second year is"),
    ((_targets({"season": "2026-26"}),), "such as 2026-27"),
    ((_targets({"ageGroups": ["U15", "U13"], "leagues": ["Flex"]}),), "scraper.targets[0]: Flex has no U13"),
    ((_targets({"divisions": []}),), "/scraper/targets/0/divisions"),
    ((_targets({"agegroups": ["U14"]}),), "agegroups"),
    ((_targets({}, {}),), "is called u14-northeast, as another target is"),
    (
        (_targets({"name": "x"}, {"name": "x-matchday"}),),
        "is called x-matchday, as another target is, or its match days",
    ),
    (
        (_targets({"name": "x-matchday"}, {"name": "x"}),),
        "is called x-matchday, as another target is, or its match days",
    ),
    (
        (_targets({"divisions": ["Southeast (Pro Player Pathway)"]}),),
        "u14-southeast-pro-player-pathway: give it a name",
    ),
    ((_targets({"name": "U14 Northeast"}),), "small letters"),
    (("scraper.targets=[]",), "/scraper/targets"),
    ((_targets({"schedule": "every six hours"}),), "/scraper/targets/0/schedule"),
    ((_targets({"schedule": "61 * * * *"}),), 'scraper.targets[0].schedule "61 * * * *" is not a schedule'),
    ((_targets({"schedule": "0 */6 * * mon"}),), "is not a schedule: five fields"),
    ((_targets({"schedule": "0 */6 * * 7"}),), "day of the week, which is 0 to 6"),
    ((_targets({"schedule": "0 20-2 * * *"}),), "a range goes upwards"),
    ((_targets({"schedule": "0 20-6 * * 5-1"}),), "a range goes upwards"),
    ((_targets({"schedule": "0 */0 * * *"}),), "is not a schedule"),
    ((_targets({"schedule": "0 0 30 2 *"}),), 'schedule "0 0 30 2 *" never comes: none of its months has such a day'),
    ((_targets({"schedule": "0 0 31 2-6/2,9,11 *"}),), "never comes"),
    (('scraper.matchDays.hours="noon"',), "make no schedule"),
    (('scraper.matchDays.hours="20-2"',), 'hours "20-2"'),
    (('scraper.matchDays.hours="12,18"',), 'hours "12,18"'),
    (('scraper.matchDays.daysOfWeek="6,7"',), "Sunday is 0"),
    (('scraper.timeZone="Local"',), "/scraper/timeZone"),
    (('scraper.timeZone="Eastern/New_York"',), "/scraper/timeZone"),
    ((_targets({"schedule": "15 5,17 * * *"}), "monitoring.rules=true"), "leaves 12 hours between two runs"),
    ((_targets({"schedule": "15 20 * * *"}), "monitoring.rules=true"), "leaves 24 hours between two runs"),
    ((_targets({"schedule": "15 */6 * * 6,0"}), "monitoring.rules=true"), "leaves 168 hours between two runs"),
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
    (("api.ingress.enabled=true", 'api.ingress.host="https://x"'), "/api/ingress/host"),
    (("networkPolicy.databaseCIDRs=[]",), "database.url is at 10.20.0.3:5432, outside the cluster"),
    (
        ("networkPolicy.databaseCIDRs=[]", 'database.url="postgresql://u:p@db.example.org/x"'),
        "database.url is at db.example.org, outside the cluster",
    ),
    (('rabbitmq.host="10.20.0.4"',), "rabbitmq.host is at 10.20.0.4, outside the cluster"),
    (('monitoring.pushgatewayUrl="http://push.example.org:9091/x"',), "into networkPolicy.extraEgress"),
    (('tracing.endpoint="http://[fd00::1]:4318"',), "tracing.endpoint is at [fd00::1]:4318, outside"),
    (('networkPolicy.databaseCIDRs=["10.20.0.3"]',), "/networkPolicy/databaseCIDRs/0"),
    (('extraEnv=[{"value": "x"}]',), "/extraEnv/0"),
    (('networkPolicy.broker.namespace="messaging"',), "networkPolicy.broker.labels is not set"),
    (("rabbitmq.cluster.enabled=true", 'rabbitmq.username="admin"'), "rabbitmq.username must be match-scraper"),
    (("rabbitmq.cluster.enabled=true", "rabbitmq.tls=true"), "rabbitmq.cluster listens on port 5672, without TLS"),
    (('secrets.existing="mine"', "rabbitmq.cluster.enabled=true", 'rabbitmq.password=""'), "give both"),
    (('logLevel="LOUD"',), "/logLevel"),
]


@pytest.mark.parametrize(("settings", "reason"), REFUSED, ids=[reason for _, reason in REFUSED])
def test_what_would_not_work_is_refused_with_the_reason(settings: tuple[str, ...], reason: str) -> None:
    said = refusal(EXTERNAL, *settings)
    assert reason in said
    assert "nil pointer" not in said


@pytest.mark.parametrize("release", ["123", "my.rel", "Table", "a" * 25])
def test_a_release_that_could_not_name_its_services_is_refused(release: str) -> None:
    said = refusal(EXTERNAL, release=release)
    assert "at most 24 small letters, digits and hyphens, a letter first" in said or "invalid release name" in said


@pytest.mark.parametrize("release", ["a" * 24, "true", "null"])
def test_names_hold_whatever_the_release_is_called(release: str) -> None:
    """Those that the operators derive more from stay within their limits, and every label is a string."""
    objects = changed(OPERATORS, _targets({"name": "ten-digits"}), release=release)
    assert [error for each in objects if (error := schema_errors(each, versions()[0]))] == []
    longest = {"Cluster": 50, "RabbitmqCluster": 52 - len("-server"), "CronJob": 52, "Service": 63}
    for each in objects:
        assert len(each["metadata"]["name"]) <= longest.get(each["kind"], 253)


def test_an_image_latest_is_for_development_only() -> None:
    """With a digest it may be called whatever it likes: the digest counts."""
    changed(EXTERNAL, 'images.missingTable.tag="latest"', 'environment="development"')
    changed(EXTERNAL, 'images.missingTable.tag="latest"', f'images.missingTable.digest="sha256:{"a" * 64}"')


def test_two_releases_share_a_namespace() -> None:
    mine, others = (
        {(each["kind"], each["metadata"]["name"]) for each in changed(EXTERNAL, release=release)}
        for release in ("missing-table", "spring")
    )
    assert not mine & others
    assert ("CronJob", "match-scraper-u14-northeast") in mine
    assert ("CronJob", "spring-scraper-u14-northeast") in others


def test_a_schedule_may_be_whatever_leaves_no_alert_behind() -> None:
    for schedule in ("15 5-23/6 * * *", "0 */6 * * *", "0,30 * * * *", "5 0,6,12,18-23 * * *", "0 1/5 * * *"):
        changed(EXTERNAL, _targets({"schedule": schedule}), "monitoring.rules=true")
    for schedule in ("15 5,17 * * 1-5", "0 0 29 2 *", "0 0 */15 2 *", "0 0 31 2,3 *", "0 0 30 2 1"):
        changed(EXTERNAL, _targets({"schedule": schedule}))


def test_every_time_zone_is_known() -> None:
    pattern = json.loads((CHART / "values.schema.json").read_text())["properties"]["scraper"]["properties"]["timeZone"]
    zones = {zone for zone in zoneinfo.available_timezones() if "/" in zone} | {"UTC"}
    assert [zone for zone in zones if not re.search(pattern["pattern"], zone)] == []


def test_a_target_of_another_league_or_season_may_have_any_division() -> None:
    changed(
        EXTERNAL,
        _targets(
            {"divisions": ["Sample North"], "leagues": ["Academy"]},
            {"divisions": ["Sample North"], "leagues": ["Homegrown", "Academy"], "name": "mixed"},
            {"divisions": ["Central"], "season": "2025-26", "name": "earlier"},
            {"divisions": ["Central"], "season": "2099-00", "name": "later"},
            {"ageGroups": ["U13"], "leagues": ["Flex", "Homegrown"], "name": "both"},
        ),
    )


def test_the_worker_without_a_user_of_its_own_has_the_scrapers() -> None:
    secret = named(rendered("rollback.yaml"), "Secret", "missing-table-secrets")["stringData"]
    assert secret["rabbitmq-worker-url"] == secret["rabbitmq-url"]


def test_a_broker_whose_definitions_change_is_started_anew() -> None:
    def checksum(*settings: str) -> str:
        cluster = named(changed(OPERATORS, *settings), "RabbitmqCluster", "missing-table-rabbitmq")["spec"]
        template = cluster["override"]["statefulSet"]["spec"]["template"]
        found: str = template["metadata"]["annotations"]["checksum/definitions"]
        return found

    assert checksum() == checksum()
    assert checksum() != checksum('rabbitmq.worker.password="another"')


def test_an_authority_of_ones_own_is_where_the_programs_look() -> None:
    found = dict(containers(rendered("existing-secret.yaml")))
    for name in (
        "Deployment missing-table-api",
        "Deployment missing-table-worker",
        "CronJob match-scraper-u14-northeast",
    ):
        (variable,) = [each for each in found[name]["env"] if each["name"] == "RABBITMQ_CA_FILE"]
        (mount,) = [each for each in found[name]["volumeMounts"] if each["name"] == "rabbitmq-ca"]
        assert variable["value"] == f"{mount['mountPath']}/ca.crt", name


def test_further_variables_are_given_to_every_pod() -> None:
    for name, container in containers(rendered(OPERATORS)):
        assert "HTTPS_PROXY" in {variable["name"] for variable in container["env"]}, name
