"""Our order beside the official one, from the messages to what readers are told, on both databases."""

import csv
import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
import structlog
from sqlalchemy import Engine, event

from messages import NOW, bracket, delivery, observed
from missing_table.answers import TableAnswer
from missing_table.bracket import Asked, view
from missing_table.ingest.pipeline import Ingest
from missing_table.match_data import MatchData
from missing_table.store import engine as engines
from missing_table.store.engine import reading
from stored import one

DATA = Path(__file__).parents[1] / "data"
U15 = next(b for b in json.loads((DATA / "brackets.json").read_text(encoding="utf-8")) if b["age"] == "U15")
Say = Callable[..., None]
Table = Callable[[], TableAnswer]


@pytest.fixture
def say(ingest: Ingest) -> Say:
    """Stores messages as a worker does, and then looks at the order."""

    def say(*payloads: dict[str, Any]) -> None:
        found = ingest.process([delivery(payload) for payload in payloads], NOW)
        assert "quarantined" not in {each.outcome for each in found}
        ingest.review.work()

    return say


@pytest.fixture
def table(engine: Engine) -> Table:
    """The table of U15 Northeast, as a reader gets it."""

    def table() -> TableAnswer:
        with reading(engine) as connection:
            return view(connection, Asked(age_group="U15", division="Northeast"), default_league="Homegrown").table

    return table


def result(home: str, away: str, score: str, at: int = 0, **fields: Any) -> dict[str, Any]:
    """A match of two squads by their ids, as the source stated it so many minutes after midnight."""
    ours, theirs = map(int, score.split("-"))
    names = {team["team_id"]: team["team"] for team in bracket()["teams"]}
    return {
        "home_team": names[home],
        "home_team_id": home,
        "away_team": names[away],
        "away_team_id": away,
        "season": "2026-27",
        "league": "Homegrown",
        "age_group": "U15",
        "division": "Northeast",
        "match_type": "League",
        "date": "2026-09-05",
        "match_id": f"{home}-{away}",
        "status": "completed",
        "score_home": ours,
        "score_away": theirs,
        "observed_at": observed(at),
        **fields,
    }


def official(*order: str, at: int = 0, **fields: Any) -> dict[str, Any]:
    return bracket(*order, observed_at=observed(at), **fields)


def gauge(client: httpx.Client) -> list[str]:
    lines = client.get("/metrics").text.splitlines()
    return [line for line in lines if line.startswith("missing_table_official_order_differs{")]


def test_the_real_u15_table_is_in_the_official_order(say: Say, table: Table) -> None:
    stated = "2026-10-05T04:40:03Z"
    with (DATA / "U15_Northeast.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    squads = U15["teams"]
    for row in rows:
        played = row["home_score"] != ""
        scores = {"score_home": int(row["home_score"]), "score_away": int(row["away_score"])} if played else {}
        say(
            {
                "home_team": squads[row["home_id"]],
                "home_team_id": row["home_id"],
                "away_team": squads[row["away_id"]],
                "away_team_id": row["away_id"],
                "season": "2026-27",
                "age_group": "U15",
                "division": "Northeast",
                "match_type": "League",
                "date": row["start"][:10],
                "match_id": row["match_id"],
                "observed_at": stated,
                **scores,
            }
        )
    teams = [{"team": name, "team_id": squad, "position": U15["pos"][squad]} for squad, name in squads.items()]
    say(bracket(teams=teams, observed_at=stated))
    found = table()
    assert len(found.rows) == 20
    assert {row.team_id: row.official_position for row in found.rows} == U15["pos"]
    assert (order := found.official_order) is not None
    assert (order.agrees, order.since, order.differences) == (True, None, [])


def test_teams_without_a_match_stand_in_the_table(say: Say, table: Table) -> None:
    say(result("6186", "5657", "0-2"), official("5657", "5937", "6186"))
    lines = [(row.position, row.team, row.played, row.official_position) for row in table().rows]
    assert lines == [
        (1, "FC Westchester", 1, 1),
        (2, "Valeo Futbol Club", 0, 2),
        (3, "Beachside of Connecticut", 1, 3),
    ]
    assert table().rows[1].form == ""


def test_a_bracket_without_any_match_is_there(say: Say, table: Table, client: httpx.Client) -> None:
    say(official("6186", "5657", "5937"))
    assert [(row.position, row.played) for row in table().rows] == [(1, 0)] * 3
    assert len(client.get("/api/brackets").json()["items"]) == 1
    answer = client.get("/api/table", params={"age_group": "U15"}).json()
    assert [row["official_position"] for row in answer["rows"]] == [1, 2, 3]
    assert answer["official_order"]["agrees"] is True  # level teams stand for any order


def test_a_difference_is_told_with_its_beginning_and_ends(engine: Engine, say: Say, client: httpx.Client) -> None:
    def order() -> dict[str, Any]:
        answer: dict[str, Any] = client.get("/api/table", params={"age_group": "U15"}).json()["official_order"]
        return answer

    with structlog.testing.capture_logs() as logs:
        say(result("6186", "5657", "1-0", 1), official("5657", "6186", "5937", at=1))
        assert (order()["agrees"], order()["since"]) == (False, observed(1))
        beach, west = "Beachside of Connecticut", "FC Westchester"
        told = [(each["team"], each["ours"], each["official"]) for each in order()["differences"]]
        assert told == [(beach, 1, 2), ("Valeo Futbol Club", 2, 3), (west, 3, 1)]
        assert gauge(client)[0].endswith(" 1.0")
        say(official("5657", "6186", "5937", at=5))
        assert (order()["since"], order()["observed_at"]) == (observed(1), observed(5))
        say(official("6186", "5937", "5657", at=9))
        assert (order()["agrees"], order()["since"], order()["differences"]) == (True, None, [])
        assert gauge(client)[0].endswith(" 0.0")
    assert [line["event"] for line in logs if line["event"].startswith("official_order")] == [
        "official_order_differs",
        "official_order_agrees_again",
    ]
    assert one(engine, "official_tables")["differs_since"] is None


def test_a_result_newer_than_the_official_table_is_no_alert(say: Say, table: Table, client: httpx.Client) -> None:
    say(result("6186", "5657", "1-0", 1), official("6186", "5937", "5657", at=1))
    say(result("5937", "6186", "5-0", 2))
    order = table().official_order
    assert order is not None
    assert (order.agrees, order.since, order.differences) == (None, None, [])
    assert order.note == "A result is newer than the official table, which may only be late."
    assert gauge(client)[0].endswith(" 0.0"), "what was found stands until both are as new"
    say(official("6186", "5937", "5657", at=2))
    assert (now := table().official_order) is not None
    assert now.since == dt.datetime.fromisoformat(observed(2))


def test_an_alert_stands_while_the_official_table_is_late(say: Say, table: Table, client: httpx.Client) -> None:
    say(result("6186", "5657", "1-0", 1), official("5657", "6186", "5937", at=1))
    say(result("5937", "6186", "5-0", 2))
    assert (order := table().official_order) is not None
    assert (order.agrees, order.since) == (None, dt.datetime.fromisoformat(observed(1)))
    assert gauge(client)[0].endswith(" 1.0")


def test_it_does_not_matter_which_came_first(say: Say, table: Table) -> None:
    say(official("5657", "6186", "5937", at=1))
    assert (before := table().official_order) is not None
    assert before.agrees is True  # nobody has played: all are level
    say(result("6186", "5657", "1-0", 1))
    assert (after := table().official_order) is not None
    assert (after.agrees, after.since) == (False, dt.datetime.fromisoformat(observed(1)))


def test_without_positions_nothing_is_compared(say: Say, table: Table, client: httpx.Client) -> None:
    teams = [{"team": each["team"], "team_id": each["team_id"]} for each in bracket()["teams"]]
    say(result("6186", "5657", "1-0"), bracket(teams=teams))
    assert (order := table().official_order) is not None
    assert (order.agrees, order.note) == (None, "The league publishes no positions here.")
    assert gauge(client) == []
    assert len(table().rows) == 3


def test_a_team_that_stands_under_an_id_that_never_plays_is_shown_without_a_match(say: Say, table: Table) -> None:
    stated = [{"team": "New England Revolution", "team_id": "5915"}, {"team": "FC Westchester", "team_id": "5657"}]
    game = result("5657", "6186", "1-0", away_team="New England Revolution", away_team_id="5914")
    say(game, bracket(teams=stated))
    assert [(row.team, row.team_id, row.played) for row in table().rows] == [
        ("FC Westchester", "5657", 1),
        ("New England Revolution", "5915", 0),
        ("New England Revolution", "5914", 1),
    ]


def test_a_persons_entry_is_looked_at_too(engine: Engine, ingest: Ingest, say: Say) -> None:
    say(result("6186", "5657", "1-0", 1), official("6186", "5937", "5657", at=1))
    entry = MatchData.model_validate(result("6186", "5657", "0-1", 1) | {"observed_at": None})
    ingest.enter(entry, now=NOW, by="a person")
    ingest.review.work()
    assert one(engine, "official_tables")["agrees"] is False


def test_what_a_person_enters_makes_the_official_table_no_older(ingest: Ingest, say: Say, table: Table) -> None:
    say(result("6186", "5657", "1-0", 1), official("6186", "5937", "5657", at=1))
    another = result("6186", "5657", "2-0", match_id="entered", date="2026-09-19")
    for entry in (result("6186", "5657", "5-0", 1), another):
        ingest.enter(MatchData.model_validate(entry | {"observed_at": None}), now=NOW, by="anna")
    assert (order := table().official_order) is not None
    assert (order.agrees, order.note) == (True, None)


def test_what_a_worker_left_is_looked_at_by_the_next(engine: Engine, ingest: Ingest) -> None:
    ingest.process([delivery(result("6186", "5657", "1-0", 1)), delivery(official("5657", "6186", at=1))], NOW)
    successor = Ingest(engine, default_league="Homegrown", message_limit=100_000)
    successor.review.work()
    assert one(engine, "official_tables")["agrees"] is None
    successor.review.everything()
    successor.review.work(most=1)
    assert one(engine, "official_tables")["agrees"] is False


def test_teams_stay_what_they_are_while_an_order_is_looked_at(postgres_database: str) -> None:
    engine = engines.create(postgres_database)
    ingest = Ingest(engine, default_league="Homegrown", message_limit=100_000)
    ingest.process([delivery(bracket())], NOW)
    held: list[str | None] = []

    def try_to_merge(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "FROM matches" in statement:
            with psycopg.connect(postgres_database) as other, pytest.raises(psycopg.errors.LockNotAvailable) as refused:
                other.execute("SELECT 1 FROM team_directory FOR UPDATE NOWAIT")
            held.append(refused.value.sqlstate)

    event.listen(engine, "before_cursor_execute", try_to_merge)
    ingest.review.work()
    assert held == ["55P03"]
    engine.dispose()
