"""What goes wrong is said in one sentence, with the exit code that stands for it, and nothing is lost."""

import json

import httpx
import pytest

from surfaces import MATCHES, SCRAPER, TABLE, System

SECRET = "open-sesame"


def test_a_typo_is_met_with_what_was_meant(embedded: System) -> None:
    embedded.start_league()
    for options, meant in (
        (("-a", "U41", "-d", "Northeast"), "U14"),
        (("-a", "U14", "-d", "Norheast"), "Northeast"),
        (("-a", "U14", "-d", "Northeast", "--league", "Homegrwn"), "Homegrown"),
    ):
        done = embedded.run(SCRAPER, "scrape", *options, "--season", "2026-27", "--dry-run", exit_code=2)
        assert meant in done.stderr, done.stderr


def test_a_source_that_is_away_is_exit_3(embedded: System, unused_port: int) -> None:
    done = embedded.scrape("--dry-run", exit_code=3, MLS_ASSIST_URL=f"http://127.0.0.1:{unused_port}")
    assert str(unused_port) in done.stderr


def test_a_broker_that_is_away_is_exit_4_and_a_later_run_sends_all(servers: System, unused_port: int) -> None:
    servers.migrate()
    servers.start_league()
    away = f"amqp://scraper:{SECRET}@127.0.0.1:{unused_port}//"
    done = servers.scrape("--use-queue", exit_code=4, RABBITMQ_URL=away, MLS_SCRAPER_SEND_ATTEMPTS="1")
    assert f"unsent {MATCHES}" in done.stderr + done.stdout
    assert SECRET not in done.stderr + done.stdout
    servers.start_worker()
    done = servers.scrape("--use-queue")
    assert f"confirmed {MATCHES}" in done.stderr + done.stdout


def test_a_broker_without_the_queue_is_exit_4(servers: System) -> None:
    servers.start_league()
    done = servers.scrape("--use-queue", exit_code=4)
    assert "matches" in done.stderr
    assert "exchange" in done.stderr or "queue" in done.stderr


def test_an_embedded_folder_that_nobody_made_is_exit_2(embedded: System) -> None:
    embedded.start_league()
    done = embedded.scrape("--use-queue", exit_code=2)
    assert "RABBITMQ_URL" in done.stderr
    assert "missing-table migrate" in done.stderr


def test_where_the_embedded_default_is_refused_a_missing_variable_is_said(embedded: System) -> None:
    embedded.environment["MISSING_TABLE_EMBEDDED"] = "0"
    embedded.start_league()
    assert "RABBITMQ_URL" in embedded.scrape("--use-queue", exit_code=2).stderr
    assert "DATABASE_URL" in embedded.run(TABLE, "migrate", exit_code=2).stderr
    assert "RABBITMQ_URL" in embedded.run(TABLE, "worker", exit_code=2).stderr


@pytest.mark.parametrize("token", ["mt_wrong", None])
def test_a_wrong_token_is_401_and_exit_4(embedded: System, token: str | None) -> None:
    embedded.migrate()
    embedded.start_league()
    embedded.start_api()
    address = embedded.environment["MISSING_TABLE_API_BASE_URL"]
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = httpx.post(f"{address}/api/matches/submit", json=[], headers=headers)
    assert answer.status_code == 401
    assert answer.headers["content-type"].startswith("application/problem+json")
    embedded.environment["MISSING_TABLE_API_TOKEN"] = token or ""
    done = embedded.scrape(exit_code=4)
    assert "MISSING_TABLE_API_TOKEN" in done.stderr
    assert embedded.count() == 0


def test_what_is_too_large_or_wrong_is_refused_by_the_api(embedded: System) -> None:
    embedded.migrate()
    embedded.start_api(MISSING_TABLE_REQUEST_LIMIT="2000")
    address = embedded.environment["MISSING_TABLE_API_BASE_URL"]
    headers = {"Authorization": f"Bearer {embedded.environment['MISSING_TABLE_API_TOKEN']}"}
    good = {
        "home_team": "A",
        "away_team": "B",
        "date": "2026-09-05",
        "season": "2026-27",
        "age_group": "U14",
        "match_type": "League",
    }
    large = httpx.post(f"{address}/api/matches/submit", json=[good] * 100, headers=headers)
    assert large.status_code == 413
    wrong = httpx.post(f"{address}/api/matches/submit", json=[good, good | {"date": "yesterday"}], headers=headers)
    assert wrong.status_code == 422
    assert "1" in wrong.json()["detail"]
    assert "date" in wrong.json()["detail"]
    assert embedded.count() == 0


def test_a_database_of_another_version_is_said(system: System) -> None:
    done = (
        system.run(TABLE, "outcomes", exit_code=2)
        if "DATABASE_URL" in system.environment
        else system.run(TABLE, "table", exit_code=2)
    )
    assert "missing-table migrate" in done.stderr
    system.migrate()
    assert json.loads(system.run(TABLE, "outcomes", "--format", "json").stdout) == []


def test_a_database_that_is_away_is_exit_4(embedded: System, unused_port: int) -> None:
    url = f"postgresql://me:{SECRET}@127.0.0.1:{unused_port}/missing_table"
    done = embedded.run(TABLE, "outcomes", exit_code=4, DATABASE_URL=url)
    assert SECRET not in done.stderr
