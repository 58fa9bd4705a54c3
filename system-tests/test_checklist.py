"""The checklists of the plan that this was built from, local testing and edge cases: a test that names each line."""

import json
import subprocess

import httpx

from surfaces import MATCHES, MESSAGES, PATIENCE, ROOT, TABLE, System, eventually
from test_plain_producer import send


def test_local_celery_client_can_connect_to_rabbitmq_locally(servers: System) -> None:
    servers.migrate()
    servers.start_worker()
    send(servers, "declares")
    eventually(lambda: servers.count("outcomes") == 3)


def test_local_message_validation_works(embedded: System) -> None:
    """pydantic refuses a bad match before anything is sent."""
    script = (
        "from pydantic import ValidationError\n"
        "from match_scraper.delivery.queue_client import MatchQueueClient\n"
        "client = MatchQueueClient('amqp://nobody:nothing@127.0.0.1:1//')\n"
        "try:\n    client.submit_match({'home_team': ''})\n"
        "except ValidationError as error:\n    print(error.error_count())\n"
    )
    done = embedded.run(ROOT / "match-scraper/.venv/bin/python", "-c", script)
    assert int(done.stdout) >= 6


def test_local_contract_tests_are_in_both_projects() -> None:
    """Each has them among its own tests, which pass or fail there, with nothing of the other's."""
    for project in ("match-scraper", "missing-table"):
        command = [".venv/bin/python", "-m", "pytest", "-q", "--collect-only", "tests/test_match_contract.py"]
        done = subprocess.run(command, cwd=ROOT / project, capture_output=True, text=True, timeout=100, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        assert done.stdout.count("::test_") > 20


def test_local_tasks_appear_in_the_queue(servers: System, virtual_host: str, rabbitmq: object) -> None:
    servers.migrate()
    servers.start_league()
    worker = servers.start_worker()
    worker.stop()  # it has made the queue; now nobody consumes
    servers.scrape("--use-queue")
    listed = rabbitmq.rabbitmqctl("list_queues", "-p", virtual_host, "name", "messages", "--quiet")  # type: ignore[attr-defined]
    assert ["matches", str(MESSAGES)] in [line.split() for line in listed.splitlines()]


def test_edge_invalid_message_is_rejected_and_kept(system: System) -> None:
    """It goes to quarantine with field and reason, and its neighbours are stored."""
    system.migrate()
    good = {
        "home_team": "A",
        "away_team": "B",
        "date": "2026-09-05",
        "season": "2026-27",
        "age_group": "U14",
        "match_type": "League",
    }
    bad = good | {"score_home": -1, "score_away": 0}
    script = (
        "import json, sys\n"
        "from missing_table.worker.app import process_match_data\n"
        "for match in json.loads(sys.argv[1]):\n    process_match_data.delay(match)\n"
    )
    worker = system.start_worker()
    python = ROOT / "missing-table/.venv/bin/python"
    system.run(python, "-c", script, json.dumps([good, bad, good | {"home_team": "C"}]))
    eventually(lambda: system.count("outcomes") == 3)
    assert system.outcomes() == {"created": 2, "quarantined": 1}
    (held,) = json.loads(system.run(TABLE, "quarantine", "list", "--format", "json").stdout)
    assert held["errors"] == [{"field": "score_home", "problem": "should be greater than or equal to 0"}]
    shown = system.run(TABLE, "quarantine", "show", str(held["id"])).stdout
    assert '"score_home":-1' in shown.replace(" ", "")
    retried = system.run(TABLE, "quarantine", "retry", str(held["id"]), exit_code=4)
    assert "score_home should be greater than or equal to 0" in retried.stdout
    system.run(TABLE, "quarantine", "discard", str(held["id"]))
    assert json.loads(system.run(TABLE, "quarantine", "list", "--format", "json").stdout) == []
    assert worker.running


def test_edge_duplicate_matches_are_handled(system: System) -> None:
    """The same season, submitted twice in full: each match is there once."""
    system.migrate()
    system.start_league()
    system.scrape("--use-queue", exit_code=0 if "RABBITMQ_URL" not in system.environment else 4)
    system.start_worker()
    system.scrape("--use-queue", "--full")
    eventually(lambda: system.count("outcomes") >= MESSAGES and system.count() == MATCHES)
    doubled = system.sql("SELECT match_id FROM matches GROUP BY source, season, match_id HAVING count(*) > 1")
    assert doubled == []


def test_edge_worker_failure_retries_the_task(system: System) -> None:
    """kill -9 in the middle of a backlog: after a restart every match is there, once."""
    system.environment["MISSING_TABLE_BATCH_SIZE"] = "20"
    system.migrate()
    system.start_league()
    first = system.start_worker()
    first.stop()
    system.scrape("--use-queue")
    for stored in (1, 150):
        worker = system.start(TABLE, "worker")
        eventually(lambda: system.count() >= stored)  # noqa: B023 (called at once)
        worker.kill()
        assert system.count() < MATCHES, "it was killed too late to prove anything"
    system.start_worker()
    eventually(lambda: system.count("outcomes") == MESSAGES)
    assert system.count() == MATCHES
    sent = {
        tuple(message.get(field) for field in ("match_id", "date", "score_home", "score_away", "home_team"))
        for message in system.messages()
    }
    stored_rows = system.sql("SELECT match_id, date, score_home, score_away, home_team FROM matches")
    assert {(row[0], str(row[1]), *row[2:]) for row in stored_rows} == sent


def test_edge_queue_survives_an_api_restart(servers: System) -> None:
    """The scraper publishes while the API is killed; what it published is stored."""
    servers.migrate()
    servers.start_league()
    servers.start_worker().stop()
    api = servers.start_api()
    api.kill()
    servers.scrape("--use-queue")
    servers.start_api()
    servers.start_worker()
    eventually(lambda: servers.count("outcomes") == MESSAGES)
    assert servers.outcomes() == {"created": MESSAGES}
    address = servers.environment["MISSING_TABLE_API_BASE_URL"]
    assert httpx.get(f"{address}/health", timeout=PATIENCE).status_code == 200
