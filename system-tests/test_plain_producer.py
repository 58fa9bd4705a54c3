"""Anyone with Celery can send a match: by task name, with default settings, knowing nothing of this project's code."""

import subprocess
import sys

import pytest
from amqp import Connection

from surfaces import System, eventually

SEND = """
import sys
from celery import Celery

app = Celery("someone-else", broker=sys.argv[1])
options = {"queue": "matches", "routing_key": "matches"}
if sys.argv[2] == "does-not-declare":
    from kombu import Exchange, Queue
    nowhere = Exchange("matches", type="direct", durable=True, no_declare=True)
    app.conf.task_queues = [Queue("matches", nowhere, routing_key="matches", no_declare=True)]
for score in range(3):
    match = {
        "home_team": "Chicago Fire Juniors", "away_team": "Indiana Fire Academy", "date": "2025-10-13",
        "season": "2025-26", "age_group": "U14", "match_type": "League", "division": "Northeast",
        "match_id": f"10{score}", "score_home": score, "score_away": 1, "status": "completed",
    }
    app.send_task("missing_table.tasks.process_match_data", args=[match], **options)
"""


def send(system: System, how: str) -> None:
    """Runs the plain producer in this environment, which has Celery and neither project."""
    subprocess.run(
        [sys.executable, "-c", SEND, system.environment["RABBITMQ_URL"], how],
        check=True,
        timeout=60,
        env={name: value for name, value in system.environment.items() if name != "PYTHONPATH"},
    )


def declare_quorum(url: str) -> None:
    """Declares `matches` as a quorum queue, as the operator of a cluster might have."""
    user, _, rest = url.removeprefix("amqp://").partition("@")
    host, _, virtual_host = rest.partition("/")
    name, _, password = user.partition(":")
    with Connection(host, userid=name, password=password, virtual_host=virtual_host) as connection:
        channel = connection.channel()
        channel.exchange_declare("matches", "direct", durable=True, auto_delete=False)
        channel.queue_declare("matches", durable=True, auto_delete=False, arguments={"x-queue-type": "quorum"})
        channel.queue_bind("matches", "matches", "matches")


@pytest.mark.parametrize("first", ["producer", "worker"])
def test_a_plain_celery_producer_is_stored(servers: System, first: str) -> None:
    """Whichever of the two declares the queue first, the other accepts it."""
    servers.migrate()
    if first == "producer":
        send(servers, "declares")
    servers.start_worker()
    if first == "worker":
        send(servers, "declares")
    eventually(lambda: servers.count("outcomes") == 3)
    assert servers.outcomes() == {"created": 3}
    scores = servers.sql("SELECT match_id, score_home, score_away, status FROM matches ORDER BY match_id")
    assert scores == [("100", 0, 1, "completed"), ("101", 1, 1, "completed"), ("102", 2, 1, "completed")]


def test_a_queue_that_was_declared_as_quorum_is_consumed_as_it_is(servers: System) -> None:
    declare_quorum(servers.environment["RABBITMQ_URL"])
    servers.migrate()
    servers.start_worker()
    send(servers, "does-not-declare")
    eventually(lambda: servers.count("outcomes") == 3)
    assert servers.count() == 3
