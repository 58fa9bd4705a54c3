"""The broker's side: dead letters are tried once more, rights are the least, and what is wrong is said in words."""

import json
from typing import Any

import pytest
from amqp import Connection, Message
from private_services.rabbitmq import RabbitMQ

from surfaces import MATCHES, MESSAGES, ROOT, TABLE, System, eventually

TASK = "missing_table.tasks.process_match_data"
DEFINITIONS: dict[str, Any] = json.loads((ROOT / "rabbitmq/definitions.json").read_text())


def match(number: int) -> dict[str, Any]:
    return {
        "home_team": "Valeo Futbol Club",
        "away_team": "NEFC",
        "date": "2026-09-05",
        "season": "2026-27",
        "age_group": "U14",
        "match_type": "League",
        "match_id": str(number),
    }


def connect(url: str) -> Connection:
    user, _, rest = url.removeprefix("amqp://").rpartition("@")
    host, _, virtual_host = rest.partition("/")
    name, _, password = user.partition(":")
    return Connection(host, userid=name, password=password, virtual_host=virtual_host)


def publish(channel: Any, number: int, exchange: str = "matches") -> None:
    body = json.dumps([[match(number)], {}, {}])
    headers = {"task": TASK, "id": f"task-{number}", "lang": "py"}
    message = Message(body, content_type="application/json", content_encoding="utf-8", application_headers=headers)
    channel.basic_publish(message, exchange=exchange, routing_key="matches")


def give_up_on(url: str, queue: str, times: int) -> None:
    """Takes what is in `queue` and dies with it, so many times."""
    for _ in range(times):
        with connect(url) as connection:
            channel = connection.channel()
            eventually(lambda: channel.basic_get(queue))  # noqa: B023 (called at once)


def waiting(url: str, queue: str) -> int:
    with connect(url) as connection:
        return int(connection.channel().queue_declare(queue, passive=True).message_count)


def test_what_was_delivered_too_often_is_stored_all_the_same(
    servers: System, rabbitmq: RabbitMQ, virtual_host: str
) -> None:
    """A quorum queue with the shipped policy: after too many deaths it is dead-lettered, tried alone, and stored."""
    url = servers.environment["RABBITMQ_URL"]
    servers.migrate()
    with connect(url) as connection:
        channel = connection.channel()
        channel.exchange_declare("matches", "direct", durable=True, auto_delete=False)
        channel.queue_declare("matches", durable=True, auto_delete=False, arguments={"x-queue-type": "quorum"})
        channel.queue_bind("matches", "matches", "matches")
    servers.start_worker().stop()
    policy = DEFINITIONS["policies"][0]["definition"] | {"delivery-limit": 2}
    body = {"pattern": "^matches$", "definition": policy, "apply-to": "queues"}
    rabbitmq.api("PUT", f"/api/policies/{virtual_host}/matches", body)
    with connect(url) as connection:
        publish(connection.channel(), 1)
    give_up_on(url, "matches", times=3)
    eventually(lambda: waiting(url, "matches.dead") == 1)
    servers.start_worker()
    eventually(lambda: servers.count("outcomes") == 1)
    assert servers.outcomes() == {"created": 1}
    eventually(lambda: waiting(url, "matches.dead") == 0)


def test_what_kills_its_worker_even_alone_is_quarantined(servers: System) -> None:
    url = servers.environment["RABBITMQ_URL"]
    servers.migrate()
    servers.start_worker().stop()
    with connect(url) as connection:
        publish(connection.channel(), 1, exchange="matches.dlx")
    give_up_on(url, "matches.dead", times=1)
    servers.start_worker()
    eventually(lambda: servers.count("outcomes") == 1)
    (held,) = json.loads(servers.run(TABLE, "quarantine", "list", "--format", "json").stdout)
    assert "died while it processed it alone" in held["reason"]
    servers.run(TABLE, "quarantine", "retry", str(held["id"]))
    assert servers.outcomes() == {"created": 1}


@pytest.fixture
def least_rights(servers: System, rabbitmq: RabbitMQ, virtual_host: str) -> System:
    """Each side as the user that the shipped definitions have for it."""
    servers.environment["ADMIN_URL"] = servers.environment["RABBITMQ_URL"]
    for each in DEFINITIONS["permissions"]:
        rights = {right: each[right] for right in ("configure", "write", "read")}
        url = rabbitmq.add_user(virtual_host, f"{each['user']}-{virtual_host}", "pass-word", **rights)
        servers.environment[f"URL_OF_{each['user']}"] = url
    servers.environment["RABBITMQ_URL"] = servers.environment["URL_OF_missing-table"]
    return servers


def test_the_shipped_rights_are_enough(least_rights: System) -> None:
    system = least_rights
    system.migrate()
    system.start_league()
    worker = system.start_worker()
    system.scrape("--use-queue", RABBITMQ_URL=system.environment["URL_OF_match-scraper"])
    eventually(lambda: system.count("outcomes") == MESSAGES)
    assert system.count() == MATCHES
    assert worker.stop() == 0


def test_a_missing_right_is_named_without_the_password(
    least_rights: System, rabbitmq: RabbitMQ, virtual_host: str
) -> None:
    system = least_rights
    system.migrate()
    url = rabbitmq.add_user(
        virtual_host, f"reader-{virtual_host}", "open-sesame", configure="^$", write="^$", read=".*"
    )
    done = system.run(TABLE, "worker", exit_code=2, RABBITMQ_URL=url)
    assert "lacks a right: configure on exchange matches" in done.stderr
    assert f"reader-{virtual_host}" in done.stderr
    assert "open-sesame" not in done.stderr


def test_a_wrong_password_is_said(servers: System, rabbitmq: RabbitMQ, virtual_host: str) -> None:
    servers.migrate()
    url = rabbitmq.url_for(virtual_host, user="private", password="open-sesame")
    done = servers.run(TABLE, "worker", exit_code=2, RABBITMQ_URL=url)
    assert "wrong password" in done.stderr
    assert "open-sesame" not in done.stderr


def test_an_exchange_of_another_kind_is_said(servers: System) -> None:
    servers.migrate()
    with connect(servers.environment["RABBITMQ_URL"]) as connection:
        connection.channel().exchange_declare("matches", "fanout", durable=True, auto_delete=False)
    done = servers.run(TABLE, "worker", exit_code=2)
    assert "exchange matches exists with other settings" in done.stderr
    assert "without losing messages" in done.stderr


def test_broker_check_says_what_differs(servers: System, rabbitmq: RabbitMQ, virtual_host: str) -> None:
    address = rabbitmq.management_url.removeprefix("http://")
    management = f"http://{rabbitmq.user}:{rabbitmq.password}@{address}"
    servers.environment["RABBITMQ_MANAGEMENT_URL"] = management
    empty = servers.run(TABLE, "broker", "check", exit_code=2).stdout
    assert "exchange matches is missing" in empty
    assert "no policy for ^matches$" in empty
    servers.migrate()
    servers.start_worker().stop()
    for policy in DEFINITIONS["policies"]:
        body = {each: policy[each] for each in ("pattern", "apply-to")}
        body["definition"] = policy["definition"] | {"delivery-limit": 3}
        rabbitmq.api("PUT", f"/api/policies/{virtual_host}/{policy['name']}", body)
    for each in DEFINITIONS["permissions"]:
        rights = {right: each[right] for right in ("configure", "write", "read")}
        rabbitmq.add_user(virtual_host, each["user"], "pass-word", **rights)
    other = servers.run(TABLE, "broker", "check", exit_code=2).stdout
    assert other.splitlines() == [
        "- policy matches: delivery-limit is 3, not 20",
        "- policy matches.dead: delivery-limit is 3, not 1000000",
    ]
    for policy in DEFINITIONS["policies"]:
        body = {each: policy[each] for each in ("pattern", "apply-to", "definition")}
        rabbitmq.api("PUT", f"/api/policies/{virtual_host}/{policy['name']}", body)
    assert "as rabbitmq/definitions.json has it" in servers.run(TABLE, "broker", "check").stdout


def test_the_shipped_definitions_load_into_a_broker(rabbitmq: RabbitMQ) -> None:
    """As they are, users without passwords among them."""
    rabbitmq.api("POST", "/api/definitions", DEFINITIONS)
    rabbitmq.api("POST", "/api/definitions", DEFINITIONS)
