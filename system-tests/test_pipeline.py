"""The main job: the league's site, the scraper, the queue, the worker, the database, the table."""

import csv
import json
import shutil
from functools import partial
from pathlib import Path

import httpx
from private_services.postgresql import PostgreSQL

from surfaces import CELERY, MATCHES, MESSAGES, PATIENCE, ROOT, SCRAPER, U15, System, eventually

STATED = (
    *(
        "match_id",
        "source",
        "season",
        "league",
        "age_group",
        "division",
        "match_type",
        "away_age_group",
        "away_division",
    ),
    *("date", "match_time", "timezone", "location", "home_team", "away_team", "home_team_id", "away_team_id"),
    *(
        "score_home",
        "score_away",
        "penalty_home",
        "penalty_away",
        "status",
        "notes",
        "observed_at",
        "stamps",
        "beneath",
    ),
)
"""What a row says, but for numbers and moments of this database."""
OFFICIAL = json.loads((ROOT / "missing-table/tests/data/brackets.json").read_text())


def official_order() -> list[str]:
    bracket = next(found for found in OFFICIAL if found["age"] == "U15")
    return [bracket["teams"][squad] for squad in sorted(bracket["pos"], key=lambda squad: bracket["pos"][squad])]


def test_a_season_arrives_once_and_comes_out_as_the_official_table(system: System) -> None:
    system.migrate()
    system.start_league()
    system.start_worker()
    system.scrape("--use-queue")
    eventually(lambda: system.count("outcomes") == MESSAGES)
    assert system.outcomes() == {"created": MESSAGES}
    assert system.count() == MATCHES
    rows = system.table()
    assert [row["team"] for row in rows] == official_order()
    assert {"position", "team", "team_id", "played", "won", "drawn", "lost", "goals_for", "goals_against"} <= set(
        rows[0]
    )
    assert {"goal_difference", "points", "points_per_match"} <= set(rows[0])
    assert [row["official_position"] for row in rows] == list(range(1, 21))
    sent = {(message["match_id"], message["home_team"], message["away_team"]) for message in system.messages()}
    assert {tuple(row) for row in system.sql("SELECT match_id, home_team, away_team FROM matches")} == sent


def test_the_second_run_changes_nothing_and_a_changed_score_is_one_update_with_its_history(system: System) -> None:
    feed = system.folder / "feed"
    system.run(SCRAPER, "sample-site", "--export", feed)
    system.start_league("--data", feed)
    system.migrate()
    system.start_worker()
    api = system.start_api()
    system.scrape("--use-queue")
    eventually(lambda: system.count("outcomes") == MESSAGES)
    before = system.sql("SELECT * FROM matches ORDER BY id")
    assert api.stop() == 0

    system.scrape("--use-queue", "--full")
    eventually(lambda: system.count("outcomes") == 2 * MESSAGES)
    assert system.outcomes() == {"created": MESSAGES, "unchanged": MESSAGES}
    assert system.sql("SELECT * FROM matches ORDER BY id") == before

    game_key = change_a_score(feed, home=7)
    system.scrape("--use-queue")
    # the match, and after it the official table of its bracket, which says the same again
    eventually(lambda: system.count("outcomes") == 2 * MESSAGES + 2)
    assert system.outcomes() == {"created": MESSAGES, "unchanged": MESSAGES + 1, "updated": 1}
    assert system.count() == MATCHES
    ((ref, score_home),) = system.sql(f"SELECT id, score_home FROM matches WHERE match_id = '{game_key}'")
    assert score_home == 7
    system.start_api()
    (change,) = system.get(f"/api/matches/{ref}")["history"]
    assert (change["field"], change["old"], change["new"]) == ("score_home", 4, 7)
    assert change["source"] == "mls-next"
    assert system.get(f"/api/matches/task/{change['task_id']}")["outcome"] == "updated"


def test_a_folder_that_was_made_anew_gets_all_again(embedded: System) -> None:
    embedded.migrate()
    embedded.start_league()
    embedded.scrape("--use-queue")
    assert "nothing new" in embedded.scrape("--use-queue").stdout
    shutil.rmtree(embedded.folder / "home")
    embedded.migrate()
    embedded.scrape("--use-queue")
    embedded.start_worker()
    eventually(lambda: embedded.count("outcomes") == MESSAGES)


def change_a_score(feed: Path, home: int) -> str:
    """Changes the home score of one U14 match in the feed's folder, an hour after the last word; its number."""
    path = next((feed / "schedule").glob("mls-next-league-*.json"))
    document = json.loads(path.read_text())
    event = next(event for event in document["events"] if event["game_key"] == "26090")
    assert event["home_score"] == 4
    event["home_score"] = home
    document["synced_at"] = document["synced_at"].replace("T04:", "T05:")
    path.write_text(json.dumps(document))
    return str(event["game_key"])


def test_the_http_way_is_the_rollback(system: System) -> None:
    system.migrate()
    system.start_league()
    system.start_worker()
    system.start_api()
    system.scrape("--no-use-queue")
    eventually(lambda: system.count("outcomes") == MESSAGES)
    assert system.outcomes() == {"created": MESSAGES}
    table = system.get("/api/table", **U15)
    assert [row["team"] for row in table["rows"]] == official_order()


def test_the_rollback_ends_in_the_same_rows(servers: System, postgresql: PostgreSQL) -> None:
    """The same scrape once through the queue and once over HTTP, each into a database of its own."""
    rows = []
    servers.start_league()
    for way in ("--use-queue", "--no-use-queue"):
        servers.environment["DATABASE_URL"] = postgresql.create_database()
        servers.migrate()
        worker, api = servers.start_worker(), servers.start_api()
        servers.scrape(way)
        eventually(lambda: servers.count("outcomes") == MESSAGES)
        told = servers.sql(f"SELECT {', '.join(STATED)} FROM matches ORDER BY match_id")
        places = servers.sql("SELECT team, team_id, position FROM official_places ORDER BY team, position")
        known = servers.sql(
            "SELECT source_id, name, age_group FROM team_ids JOIN teams ON teams.id = team_ref ORDER BY 1"
        )
        rows.append((told, places, known))
        assert (worker.stop(), api.stop()) == (0, 0)
    by_queue, over_http = rows
    assert len(by_queue[0]) == MATCHES
    assert over_http == by_queue


def test_the_http_way_does_not_need_the_broker(servers: System, unused_port: int) -> None:
    servers.migrate()
    servers.start_league()
    servers.start_api(RABBITMQ_URL=f"amqp://nobody:nothing@127.0.0.1:{unused_port}//")
    servers.scrape("--no-use-queue")
    assert servers.outcomes() == {"created": MESSAGES}
    assert [row["team"] for row in servers.table()] == official_order()


def test_the_http_way_without_a_queue_stores_in_the_request(servers: System) -> None:
    """The broker is there, but nobody has made the queue: what is published would go nowhere."""
    servers.migrate()
    servers.start_league()
    servers.start_api()
    servers.scrape("--no-use-queue")
    assert servers.outcomes() == {"created": MESSAGES}


def test_celery_itself_runs_the_worker(servers: System) -> None:
    servers.migrate()
    servers.start_league()
    for options, expected in (((), MESSAGES), (("-Q", "matches"), 2 * MESSAGES)):
        worker = servers.start_worker(CELERY, "-A", "missing_table.worker", "worker", *options)
        servers.scrape("--use-queue", "--full")
        eventually(partial(lambda wanted: servers.count("outcomes") == wanted, expected))
        assert worker.stop() == 0
    assert servers.outcomes() == {"created": MESSAGES, "unchanged": MESSAGES}


def test_the_page_shows_the_bracket(embedded: System) -> None:
    embedded.migrate()
    embedded.start_league()
    embedded.start_worker()
    embedded.start_api()
    embedded.scrape("--use-queue")
    eventually(lambda: embedded.count("outcomes") == MESSAGES)
    page = httpx.get(embedded.environment["MISSING_TABLE_API_BASE_URL"] + "/", params=U15, timeout=PATIENCE)
    assert page.status_code == 200
    assert page.text.index("Beachside of Connecticut") < page.text.index("Red Bull New York")


def test_csv_is_for_programs(embedded: System) -> None:
    embedded.migrate()
    embedded.start_league()
    rows = list(csv.DictReader(embedded.scrape("--dry-run", "--format", "csv").stdout.splitlines()))
    assert len(rows) == MATCHES
    assert embedded.run(SCRAPER, "--help").stdout
