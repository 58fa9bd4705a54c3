"""The compose file: by the specification's schema, and what no schema can see."""

import json
import os
import re
import subprocess
from typing import Any

import pytest
import yaml
from amqp import Connection
from private_services.rabbitmq import RabbitMQ

from deploy.dockerfile import Dockerfile
from deploy.settings import documented
from deploy.tools import CHART, installed
from surfaces import ROOT

FILE = ROOT / "compose.yaml"
COMPOSE: dict[str, Any] = yaml.safe_load(FILE.read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {"definitions", "migrate", "worker", "api", "scraper"}


def test_it_is_what_the_specification_says() -> None:
    command = [installed("check-jsonschema"), "--builtin-schema", "vendor.compose-spec", str(FILE)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_every_service_waits_for_what_can_come_true() -> None:
    for name, service in SERVICES.items():
        for other, wanted in service.get("depends_on", {}).items():
            awaited = SERVICES[other]
            if wanted["condition"] == "service_completed_successfully":
                assert "restart" not in awaited, f"{name} waits for the end of {other}"
            else:
                assert wanted["condition"] == "service_healthy"
                check = awaited.get("healthcheck")
                assert check is None or "test" in check, f"{name} waits for {other}, which has no health check"
                assert check is not None or Dockerfile.read(ROOT / awaited["build"] / "Dockerfile").health_check


def test_a_worker_is_asked_on_its_own_port() -> None:
    environment = SERVICES["worker"]["environment"]
    assert environment["HEALTH_URL"] == f"http://127.0.0.1:{environment['MISSING_TABLE_WORKER_PORT']}/health"


def test_nothing_but_the_api_is_published_and_that_to_this_machine_only() -> None:
    assert {name for name, service in SERVICES.items() if service.get("ports")} == {"api"}
    assert all(port.startswith("127.0.0.1:") for port in SERVICES["api"]["ports"])


@pytest.mark.parametrize("name", sorted(OURS))
def test_our_containers_can_write_nothing_but_their_volumes(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert (ROOT / service["build"] / "Dockerfile").exists()


@pytest.mark.parametrize("name", sorted(OURS - {"definitions"}))
def test_our_containers_are_given_settings_that_there_are(name: str) -> None:
    project = SERVICES[name]["build"].removeprefix("./")
    image = Dockerfile.read(ROOT / project / "Dockerfile").environment
    given = set(SERVICES[name].get("environment", {})) - set(image)
    assert given <= documented(project)


def test_what_is_used_is_declared_and_what_is_needed_is_in_the_example() -> None:
    for service in SERVICES.values():
        for volume in service.get("volumes", []):
            assert volume.partition(":")[0] in COMPOSE["volumes"]
        for config in service.get("configs", []):
            assert config["source"] in COMPOSE["configs"]
    for config in COMPOSE["configs"].values():
        assert "content" in config or (ROOT / config["file"]).exists()
    needed = set(re.findall(r"\$\{([A-Z_]+):\?", FILE.read_text()))
    example = (ROOT / "deploy/compose.env.example").read_text()
    assert needed <= set(re.findall(r"^([A-Z_]+)=$", example, re.MULTILINE))


def test_a_scrapers_token_may_submit_and_nothing_else() -> None:
    """Without a scope it would be an administrator's."""
    files = [*(ROOT / "deploy").iterdir(), *(CHART / "templates").iterdir(), FILE, ROOT / "docs/operations.md"]
    for file in files:
        for words in re.findall(r"token create --name match-scraper(.*)", file.read_text()):
            assert " --scope submit" in words, file.name


def test_other_peoples_images_have_a_version() -> None:
    for name in SERVICES.keys() - OURS:
        assert re.search(r":\d+(\.\d+)?-", SERVICES[name]["image"])


def test_the_definitions_let_each_user_in_with_the_password_of_its_variable(rabbitmq: RabbitMQ) -> None:
    """What the service `definitions` writes, loaded into a broker."""
    assert SERVICES["definitions"]["entrypoint"][2].partition("&& ")[2].startswith("python -m missing_table.rabbitmq >")
    given = {name: f'it\'s "{number}" ü' for number, name in enumerate(SERVICES["definitions"]["environment"])}
    python = str(ROOT / "missing-table/.venv/bin/python")
    command = [python, "-m", "missing_table.rabbitmq"]
    done = subprocess.run(command, env=os.environ | given, capture_output=True, text=True, check=True)
    rabbitmq.api("POST", "/api/definitions", json.loads(done.stdout))
    for variable, password in given.items():
        assert password not in done.stdout
        user = variable.removeprefix("RABBITMQ_PASSWORD_").lower().replace("_", "-")
        with Connection(f"127.0.0.1:{rabbitmq.port}", userid=user, password=password) as connection:
            assert connection.connected
    with pytest.raises(Exception, match="ACCESS_REFUSED"):
        Connection(f"127.0.0.1:{rabbitmq.port}", userid="celery-producer", password="").connect()
