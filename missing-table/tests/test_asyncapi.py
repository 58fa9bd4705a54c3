"""The AsyncAPI document says what the code does: same names, same forms, and its examples are stored."""

import json
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from celery import Celery
from jsonschema import Draft7Validator, FormatChecker
from kombu import Connection, Consumer
from referencing import Registry
from referencing.jsonschema import DRAFT7, DRAFT202012

from missing_table.api.handover import ToSpool
from missing_table.home import initialise
from missing_table.ingest.envelope import (
    ARGUMENT,
    BRACKET_ARGUMENT,
    BRACKET_TASK,
    QUEUE,
    SUBMITTED_AT,
    TASK,
    TASK_ID_LENGTH,
    Delivery,
    open_envelope,
)
from missing_table.match_data import MatchData
from missing_table.settings import MARKER
from missing_table.worker.app import configuration
from missing_table.worker.spool import SpoolFolder, Transport
from missing_table.worker.topology import DEAD_EXCHANGE, DEAD_QUEUE
from worker_process import PATIENCE

DOCS = Path(__file__).parents[1] / "docs" / "08-integrations"
DOCUMENT: dict[str, Any] = yaml.safe_load((DOCS / "asyncapi.yaml").read_text(encoding="utf-8"))
CONTRACT: dict[str, Any] = json.loads((DOCS / "match-message-schema.json").read_text(encoding="utf-8"))
BRACKETS: dict[str, Any] = json.loads((DOCS / "bracket-message-schema.json").read_text(encoding="utf-8"))
CHANNELS, COMPONENTS = DOCUMENT["channels"], DOCUMENT["components"]
HOME = DOCS.as_uri() + "/"
REGISTRY: Registry[Any] = Registry().with_resources(
    [
        (HOME + "asyncapi.yaml", DRAFT7.create_resource(DOCUMENT)),
        (HOME + "match-message-schema.json", DRAFT202012.create_resource(CONTRACT)),
        (HOME + "bracket-message-schema.json", DRAFT202012.create_resource(BRACKETS)),
    ]
)
"""AsyncAPI's own schemas are of draft 7; the contract is of draft 2020-12, and says so."""


def check(value: Any, schema: str) -> None:
    """Raises where one of the document's schemas does not allow `value`."""
    reference = {"$ref": f"{HOME}asyncapi.yaml#/components/schemas/{schema}"}
    Draft7Validator(reference, registry=REGISTRY, format_checker=FormatChecker()).validate(value)


def references(node: Any) -> Iterator[str]:
    children = node.values() if isinstance(node, Mapping) else node if isinstance(node, list) else ()
    for child in children:
        yield from references(child)
    if isinstance(node, Mapping) and "$ref" in node:
        yield node["$ref"]


def test_every_reference_leads_somewhere() -> None:
    resolver = REGISTRY.resolver(HOME + "asyncapi.yaml")
    found = set(references(DOCUMENT))
    assert {"match-message-schema.json", "bracket-message-schema.json"} <= found
    for reference in found:
        assert resolver.lookup(reference).contents


def test_its_version_is_the_contracts() -> None:
    assert DOCUMENT["asyncapi"] == "3.0.0"
    assert DOCUMENT["info"]["version"].removesuffix(".0") == CONTRACT["$id"].rpartition(":")[2]


def test_exchange_queue_and_routing_key_are_those_of_the_worker() -> None:
    (queue,) = configuration()["task_queues"]
    exchange = CHANNELS["matches"]["bindings"]["amqp"]["exchange"]
    assert exchange == {
        "name": queue.exchange.name,
        "type": queue.exchange.type,
        "durable": queue.exchange.durable,
        "autoDelete": queue.exchange.auto_delete,
    }
    assert CHANNELS["matchesQueue"]["bindings"]["amqp"]["queue"] == {
        "name": queue.name,
        "durable": queue.durable,
        "exclusive": queue.exclusive,
        "autoDelete": queue.auto_delete,
    }
    assert CHANNELS["matches"]["address"] == queue.routing_key == QUEUE


def test_the_dead_letters_go_where_the_broker_sends_them() -> None:
    assert CHANNELS["deadLettersExchange"]["bindings"]["amqp"]["exchange"]["name"] == DEAD_EXCHANGE
    assert CHANNELS["deadLettersQueue"]["bindings"]["amqp"]["queue"]["name"] == DEAD_QUEUE
    assert CHANNELS["deadLettersExchange"]["address"] == QUEUE
    assert CHANNELS["deadLettersQueue"]["address"] == DEAD_QUEUE


def test_task_headers_and_argument_are_those_of_the_worker() -> None:
    headers = COMPONENTS["schemas"]["Headers"]
    tasks = [COMPONENTS["messages"][message]["name"] for message in ("match", "bracket")]
    assert tasks == headers["properties"]["task"]["enum"] == [TASK, BRACKET_TASK]
    assert headers["properties"]["id"]["maxLength"] == TASK_ID_LENGTH
    assert SUBMITTED_AT in headers["properties"]
    for body, argument in (("Body", ARGUMENT), ("BracketBody", BRACKET_ARGUMENT)):
        assert argument in COMPONENTS["schemas"][body]["oneOf"][1]["items"][1]["properties"]


def test_a_plain_celery_message_is_as_described() -> None:
    message = Celery(set_as_current=False).amqp.as_task_v2("an-id", TASK, args=[CONTRACT["examples"][0]])
    check(json.loads(json.dumps(message.headers)), "Headers")
    check(json.loads(json.dumps(message.body)), "Body")


@pytest.mark.parametrize(
    "body",
    [[[], {}, {}], [[{}], {}, {}], [[], {"match": CONTRACT["examples"][0]}, {}], [[CONTRACT["examples"][0]], {}]],
)
def test_a_body_without_a_match_is_not(body: Any) -> None:
    assert not Draft7Validator({"$ref": f"{HOME}asyncapi.yaml#/components/schemas/Body"}, registry=REGISTRY).is_valid(
        body
    )


@pytest.mark.parametrize(("message", "body"), [("match", "Body"), ("bracket", "BracketBody")])
def test_the_examples_of_a_message_are_read(message: str, body: str) -> None:
    (example,) = COMPONENTS["messages"][message]["examples"]
    assert example["headers"]["task"] == COMPONENTS["messages"][message]["name"]
    check(example["headers"], "Headers")
    check(example["payload"], body)
    read = open_envelope(Delivery(json.dumps(example["payload"]).encode(), headers=example["headers"]), limit=100_000)
    assert read.model_dump(mode="json", exclude_none=True) == example["payload"][0][0]


# The embedded folder.


def test_the_marker_is_as_described(tmp_path: Path) -> None:
    initialise(tmp_path, QUEUE)
    marker = DOCUMENT["servers"]["folder"]["x-marker"]
    assert marker["name"] == MARKER
    check(json.loads((tmp_path / marker["name"]).read_bytes()), "Marker")


def test_the_marker_tells_a_folder_from_another_one_in_its_place_and_stays_what_it_is(tmp_path: Path) -> None:
    marker = tmp_path / "home" / MARKER
    initialise(marker.parent, QUEUE)
    first = marker.read_bytes()
    initialise(marker.parent, QUEUE)
    assert marker.read_bytes() == first
    shutil.rmtree(marker.parent)
    initialise(marker.parent, QUEUE)
    assert json.loads(marker.read_bytes())["id"] != json.loads(first)["id"]


def spool(home: Path) -> Path:
    return home.joinpath(*CHANNELS["spool"]["address"].split("/"))


def test_the_folders_have_the_names_described(tmp_path: Path) -> None:
    folder = SpoolFolder(tmp_path, QUEUE)
    folder.make()
    with folder.lock():
        assert {found.name for found in spool(tmp_path).iterdir()} == set(CHANNELS["spool"]["x-folders"].values())


def test_a_file_is_where_and_as_described(tmp_path: Path) -> None:
    folders = CHANNELS["spool"]["x-folders"]
    folder = SpoolFolder(tmp_path, QUEUE)
    folder.make()
    ToSpool(tmp_path, otherwise=None).submit([MatchData.model_validate(CONTRACT["examples"][0])], {})  # type: ignore[arg-type]
    (file,) = (spool(tmp_path) / folders["waiting"]).iterdir()
    assert re.search(CHANNELS["spool"]["x-file-name"], file.name)
    written = json.loads(file.read_bytes())
    check(written, "File")
    assert file.name == written["properties"]["delivery_tag"] + ".json"
    name, _ = folder.lease()
    assert [found.name for found in (spool(tmp_path) / folders["leased"]).iterdir()] == [file.name] == [f"{name}.json"]
    assert not list((spool(tmp_path) / folders["unfinished"]).iterdir())


def test_the_example_of_a_file_is_read(tmp_path: Path) -> None:
    (example,) = COMPONENTS["messages"]["file"]["examples"]
    check(example["payload"], "File")
    SpoolFolder(tmp_path, QUEUE).make()
    name = "01790000000000000000-000001-6b1f0b9e-7f0e-4d59-8f3f-0f3d6e6ff9a4.json"
    assert re.search(CHANNELS["spool"]["x-file-name"], name)
    (spool(tmp_path) / "queue" / name).write_text(json.dumps(example["payload"]), encoding="utf-8")
    received: list[Any] = []
    with Connection(transport=Transport, transport_options={"home": str(tmp_path)}) as connection:
        channel = connection.channel()
        channel.auto_decode = False
        with Consumer(channel, queues=list(configuration()["task_queues"]), on_message=received.append):
            connection.drain_events(timeout=PATIENCE)
        (message,) = received
        delivery = Delivery(message.body, message.content_type, message.content_encoding, message.headers)
        message.ack()
    read = open_envelope(delivery, limit=100_000)
    assert isinstance(read, MatchData)
    assert read.home_team == "FC Westchester"
    assert not list((spool(tmp_path) / "inflight").iterdir())
