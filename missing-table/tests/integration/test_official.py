"""Official tables through the pipeline, on both databases: in one queue with matches, by the same promises."""

import datetime as dt
import itertools
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
from sqlalchemy import Engine

from messages import NOW, bracket, delivery, match, observed
from missing_table.clock import utc_now
from missing_table.ingest import merging
from missing_table.ingest.envelope import BRACKET_TASK
from missing_table.ingest.pipeline import Ingest
from missing_table.store import official, quarantine
from missing_table.store.engine import reading
from stored import count, one, rows

NORTHEAST = ("2026-27", "Homegrown", "U15", "Northeast")


def outcomes(ingest: Ingest, *payloads: dict[str, Any]) -> list[str]:
    return [found.outcome for found in ingest.process([delivery(payload) for payload in payloads], NOW)]


def places(engine: Engine) -> list[tuple[int | None, str]]:
    """Positions and names, as they stand."""
    with reading(engine) as connection:
        stored = official.tables(connection, [NORTHEAST], locked=False)[NORTHEAST]
    return sorted(((place.position, place.team) for place in stored.table.places), key=repr)


def test_a_bracket_without_a_match_is_stored_with_its_teams(engine: Engine, ingest: Ingest) -> None:
    (processed,) = ingest.process([delivery(bracket(), task_id="the-task")], NOW)
    assert (processed.outcome, processed.match_ref, processed.quarantine_ref) == ("created", None, None)
    assert rows(engine, "outcomes", "task_id", "outcome", "match_ref") == [("the-task", "created", None)]
    assert places(engine) == [(1, "Beachside of Connecticut"), (2, "FC Westchester"), (3, "Valeo Futbol Club")]
    assert {row[1:] for row in rows(engine, "team_ids", "source", "source_id")} == {("6186",), ("5657",), ("5937",)}
    assert not any(provisional for (_, provisional) in rows(engine, "teams", "id", "provisional"))


def test_teams_are_those_of_the_matches(engine: Engine, ingest: Ingest) -> None:
    game = match(
        age_group="U15", home_team="FC Westchester", home_team_id="5657", away_team="NEFC", away_team_id="6030"
    )
    assert outcomes(ingest, bracket(), game) == ["created", "created"]
    assert count(engine, "teams") == 4


def test_the_newest_statement_stands_in_every_order_of_arrival(engine: Engine, ingest: Ingest) -> None:
    old = bracket("5937", "5657", "6186", observed_at=observed(1))
    tied = bracket("5657", "6186", observed_at=observed(2))
    new = bracket("6186", "5657", observed_at=observed(2), division="Northeast")
    ends = set()
    for number, arrival in enumerate(itertools.permutations([old, tied, new])):
        season = f"20{number + 30}-{number + 31}"
        for payload in arrival:
            outcomes(ingest, payload | {"season": season})
        with reading(engine) as connection:
            (stored,) = official.tables(connection, [(season, *NORTHEAST[1:])], locked=False).values()
        ends.add(tuple(sorted((place.position, place.team) for place in stored.table.places)))
    assert len(ends) == 1
    assert len(ends.pop()) == 2


def test_outcomes_of_the_same_again_of_news_and_of_what_is_old(engine: Engine, ingest: Ingest) -> None:
    swapped = bracket("5657", "6186", "5937", observed_at=observed(600))
    assert outcomes(ingest, bracket()) == ["created"]
    assert outcomes(ingest, bracket(observed_at=observed(500))) == ["unchanged"]
    assert one(engine, "official_tables")["observed_at"] == dt.datetime.fromisoformat(observed(500))
    assert outcomes(ingest, swapped, bracket(), swapped) == ["updated", "stale", "unchanged"]
    assert places(engine)[0] == (1, "FC Westchester")
    assert count(engine, "official_tables") == 1


def test_a_team_that_is_no_longer_listed_leaves_the_table_and_stays_a_team(engine: Engine, ingest: Ingest) -> None:
    outcomes(ingest, bracket())
    assert outcomes(ingest, bracket("6186", "5657", observed_at=observed(600))) == ["updated"]
    assert len(places(engine)) == 2
    assert count(engine, "teams") == 3


def test_one_bad_bracket_harms_neither_its_batch_nor_is_it_lost(engine: Engine, ingest: Ingest) -> None:
    twice = bracket(teams=[{"team": "A", "team_id": "1"}, {"team": "B", "team_id": "1"}], division="Other")
    wrong = bracket(teams=[{"team": "A", "position": 0}], division="Third")
    assert outcomes(ingest, match(), twice, bracket(), wrong) == ["created", "quarantined", "created", "quarantined"]
    fields = {errors[0]["field"] for (_, errors) in rows(engine, "quarantine", "id", "errors")}
    assert fields == {"teams.0.position", "teams.1.team_id"}
    assert {task for (_, task) in rows(engine, "quarantine", "id", "task")} == {BRACKET_TASK}


def test_two_entries_that_are_one_team_are_quarantined(engine: Engine, ingest: Ingest) -> None:
    outcomes(ingest, bracket())
    mixed = [{"team": "FC Westchester", "team_id": "5657"}, {"team": "FC Westchester"}]
    assert outcomes(ingest, bracket(teams=mixed, observed_at=observed(600))) == ["quarantined"]
    ((_, reason),) = rows(engine, "quarantine", "id", "reason")
    assert "a team stands in a bracket once" in reason
    assert len(places(engine)) == 3


def test_a_quarantined_bracket_can_be_retried(engine: Engine, ingest: Ingest) -> None:
    old = delivery(bracket(), task_id="the-task")
    ingest.set_aside(old, "an older worker did not know the task", NOW)
    with reading(engine) as connection:
        (held,) = quarantine.listed(connection)
    processed, why = ingest.retry(held, NOW)
    assert (processed.outcome, why) == ("created", None)
    assert rows(engine, "outcomes", "task_id", "outcome", "quarantine_ref") == [("the-task", "created", None)]


def test_the_league_without_divisions_has_a_table_of_its_own(engine: Engine, ingest: Ingest) -> None:
    assert outcomes(ingest, bracket(), bracket(division=None), bracket(division=None)) == [
        "created",
        "created",
        "unchanged",
    ]
    with reading(engine) as connection:
        assert official.brackets(connection) == [(*NORTHEAST[:3], None), NORTHEAST]


def test_a_provisional_team_that_turns_out_to_be_another_gives_its_place(engine: Engine, ingest: Ingest) -> None:
    named = [{"team": "Beachside of Connecticut", "team_id": "6186", "position": 1}, {"team": "Valeo", "position": 2}]
    outcomes(ingest, bracket(teams=named))
    outcomes(ingest, match(age_group="U15", home_team="Valeo Futbol Club", home_team_id="5937"))
    refs = {name: ref for ref, name in rows(engine, "teams", "id", "name")}
    merging.make_alias(engine, refs["Valeo"], refs["Valeo Futbol Club"], NOW, by="anna")
    with reading(engine) as connection:
        table = official.tables(connection, [NORTHEAST], locked=False)[NORTHEAST].table
    assert {place.ref for place in table.places} == {refs["Beachside of Connecticut"], refs["Valeo Futbol Club"]}


def test_several_workers_at_once_store_each_bracket_once(engine: Engine) -> None:
    divisions = [f"Division {number}" for number in range(12)]
    orders = [("6186", "5657", "5937"), ("5937", "5657", "6186"), ("5657", "6186", "5937")]

    def work(worker: int) -> list[str]:
        mine = Ingest(engine, default_league="Homegrown", message_limit=100_000)
        ordered = divisions if worker % 2 else divisions[::-1]
        payloads = [
            bracket(*orders[(worker + n) % 3], division=division, observed_at=observed((worker + n) % 3))
            for n, division in enumerate(ordered)
        ]
        return [found.outcome for found in mine.process([delivery(payload) for payload in payloads], utc_now())]

    with ThreadPoolExecutor(4) as pool:
        found = [outcome for each in pool.map(work, range(4)) for outcome in each]
    assert found.count("created") == len(divisions) == count(engine, "official_tables")
    assert "quarantined" not in found
    assert count(engine, "teams") == 3


def test_a_bracket_can_be_submitted_over_http(engine: Engine, writer: httpx.Client) -> None:
    answer = writer.post("/api/brackets/submit", json=[bracket(), bracket(division=None)])
    assert answer.status_code == 202
    for task_id in answer.json()["task_ids"]:
        told = writer.get(f"/api/matches/task/{task_id}").json()
        assert (told["outcome"], told["match"]) == ("created", None)
    assert len(places(engine)) == 3


def test_a_bad_bracket_over_http_is_refused_with_its_index_and_field(engine: Engine, writer: httpx.Client) -> None:
    wrong = bracket(teams=[{"team": "A", "position": "1"}])
    answer = writer.post("/api/brackets/submit", json=[bracket(), wrong])
    assert (answer.status_code, answer.json()["index"], answer.json()["field"]) == (422, 1, "teams.0.position")
    one_answer = writer.post("/api/brackets/submit", json=wrong)
    assert (one_answer.status_code, one_answer.json()["field"]) == (422, "teams.0.position")
    assert count(engine, "official_tables") == 0


def test_a_stranger_may_not_submit_a_bracket(client: httpx.Client) -> None:
    assert client.post("/api/brackets/submit", json=bracket()).status_code == 401
