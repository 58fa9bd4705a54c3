"""A batch in one transaction: outcomes, history, quarantine, and what the database refuses."""

import datetime as dt
import json
from typing import Any

import pytest
from sqlalchemy import Engine, text

from messages import NOW, bare, body, delivery, match, observed
from missing_table.errors import DatabaseAway
from missing_table.ingest.envelope import TASK, Refusal
from missing_table.ingest.merge import merge
from missing_table.ingest.pipeline import Ingest
from missing_table.match_data import MatchData
from missing_table.store.engine import writing
from stored import count, everything, one, rows

LATER = NOW + dt.timedelta(minutes=5)
SCORE = {"score_home": 4, "score_away": 1, "status": "completed"}


def outcomes(ingest: Ingest, *payloads: dict[str, Any], now: dt.datetime = NOW) -> list[str]:
    """Processes `payloads` in one batch."""
    return [found.outcome for found in ingest.process([delivery(payload) for payload in payloads], now)]


def test_created_then_unchanged_then_updated_then_stale(ingest: Ingest, engine: Engine) -> None:
    assert outcomes(ingest, match(observed_at=observed(10))) == ["created"]
    assert outcomes(ingest, match(observed_at=observed(10))) == ["unchanged"]
    assert outcomes(ingest, match(observed_at=observed(11))) == ["unchanged"]
    assert outcomes(ingest, match(observed_at=observed(12), **SCORE)) == ["updated"]
    assert outcomes(ingest, match(observed_at=observed(11), location="elsewhere")) == ["stale"]
    assert count(engine, "matches") == 1


def test_the_same_in_one_batch(ingest: Ingest, engine: Engine) -> None:
    said = [match(observed_at=observed(minute), **fields) for minute, fields in ((10, {}), (11, {}), (12, SCORE))]
    assert outcomes(ingest, *said, match(observed_at=observed(11), location="elsewhere")) == [
        "created",
        "unchanged",
        "updated",
        "stale",
    ]
    assert count(engine, "matches") == 1
    assert one(engine, "matches")["score_home"] == 4


def test_every_field_of_the_contract_is_stored(ingest: Ingest, engine: Engine) -> None:
    full = match(
        **SCORE, penalty_home=5, penalty_away=4, notes="“windy” ✓ 😀", away_age_group="U15", away_division="Frontier"
    )
    outcomes(ingest, full | {"source": "modular11"})
    stored = one(engine, "matches")
    for field in MatchData.model_fields:
        if field not in ("date", "observed_at"):
            assert stored[field] == (full | {"source": "modular11"})[field], field
    assert stored["date"] == dt.date(2026, 9, 5)
    assert stored["observed_at"] == dt.datetime(2026, 10, 5, 4, 40, 3, tzinfo=dt.UTC)
    assert stored["created_at"] == stored["updated_at"] == NOW


def test_each_change_is_in_the_history(ingest: Ingest, engine: Engine) -> None:
    outcomes(ingest, match(observed_at=observed(10)))
    assert count(engine, "history") == 0
    ingest.process([delivery(match(observed_at=observed(11), **SCORE), task_id="second")], LATER)
    columns = ("field", "old", "new", "at", "observed_at", "source", "task_id")
    changed = {row[0]: row[1:] for row in rows(engine, "history", *columns)}
    came = (LATER, NOW.replace(hour=0, minute=11), "mls-next", "second")
    assert changed == {
        "status": ("scheduled", "completed", *came),
        "score_home": (None, 4, *came),
        "score_away": (None, 1, *came),
    }
    assert one(engine, "matches")["updated_at"] == LATER


def test_what_is_only_said_again_is_no_update(ingest: Ingest, engine: Engine) -> None:
    outcomes(ingest, match(observed_at=observed(10)))
    outcomes(ingest, match(observed_at=observed(11)), now=LATER)
    stored = one(engine, "matches")
    assert stored["updated_at"] == NOW
    assert stored["observed_at"] == NOW.replace(hour=0, minute=11)
    assert count(engine, "history") == 0


def test_the_first_outcome_of_a_task_id_stands(ingest: Ingest, engine: Engine) -> None:
    first = delivery(match(), task_id="one")
    ingest.process([first], NOW)
    ingest.process([first], LATER)
    ingest.process([delivery({"nonsense": 1}, task_id="one")], LATER)
    assert rows(engine, "outcomes", "task_id", "outcome", "match_ref", "at") == [("one", "created", 1, NOW)]


def test_the_first_outcome_of_a_task_id_stands_within_a_batch(ingest: Ingest, engine: Engine) -> None:
    found = ingest.process([delivery(match(), task_id="one"), delivery(match(), task_id="one")], NOW)
    assert [each.outcome for each in found] == ["created", "unchanged"]
    assert rows(engine, "outcomes", "task_id", "outcome") == [("one", "created")]


def test_a_redelivered_message_is_not_news_although_it_does_not_say_when_it_was_current(
    ingest: Ingest, engine: Engine
) -> None:
    plain = delivery(bare(score_home=1, score_away=0), task_id="plain")
    ingest.process([plain], NOW)
    ingest.process([delivery(bare(score_home=2, score_away=0))], LATER)
    again = delivery(json.loads(plain.body)[0][0], task_id="plain", redelivered=True)
    (found,) = ingest.process([again], LATER + dt.timedelta(minutes=1))
    assert found.outcome == "created"
    assert one(engine, "matches")["score_home"] == 2


def test_a_redelivered_message_that_was_not_stored_is_stored(ingest: Ingest, engine: Engine) -> None:
    (found,) = ingest.process([delivery(match(), redelivered=True)], NOW)
    assert found.outcome == "created"
    assert count(engine, "matches") == 1


def test_what_says_when_it_was_current_is_stated_although_its_task_id_was_used_before(
    ingest: Ingest, engine: Engine
) -> None:
    """A producer that gives two messages one id may lose an outcome, never a result."""
    ingest.process([delivery(match(observed_at=observed(10)), task_id="same")], NOW)
    ingest.process([delivery(match(observed_at=observed(11), **SCORE), task_id="same", redelivered=True)], NOW)
    assert one(engine, "matches")["score_home"] == 4


def test_the_brokers_time_stands_in_for_the_sources(ingest: Ingest, engine: Engine) -> None:
    new = delivery(bare(score_home=2, score_away=0), timestamp=NOW - dt.timedelta(minutes=1))
    old = delivery(bare(score_home=1, score_away=0), timestamp=NOW - dt.timedelta(minutes=2))
    ingest.process([new, old], NOW)
    assert one(engine, "matches")["score_home"] == 2


def test_of_two_that_say_no_time_the_later_one_is_the_newer(ingest: Ingest, engine: Engine) -> None:
    outcomes(ingest, *(bare(score_home=goals, score_away=0) for goals in (1, 9, 2)))
    assert one(engine, "matches")["score_home"] == 2


def test_a_brokers_time_in_the_future_is_not_believed(ingest: Ingest, engine: Engine) -> None:
    ingest.process([delivery(bare(), timestamp=NOW + dt.timedelta(days=1))], NOW)
    assert one(engine, "matches")["observed_at"] == NOW


BAD = [
    (delivery(match(score_home=100)), "score_home", "less than or equal to 99"),
    (delivery(match(score_home=1)), "score_away", "a score has both sides"),
    (delivery(match(away_team_id="5656")), "away_team_id", "cannot meet itself"),
    (delivery(match(observed_at="2026-10-06T04:40:03Z")), "observed_at", "in the future"),
    (delivery(body=b"{"), "", "not JSON"),
    (delivery(headers={"task": "other", "id": "x"}), "", "unknown task"),
    (delivery(content_type="application/x-python-serialize"), "", "is not JSON"),
    (delivery(body=b"x" * 100_001), "", "more than the limit"),
]


@pytest.mark.parametrize(("bad", "field", "problem"), BAD, ids=[problem for _, _, problem in BAD])
def test_a_bad_message_is_quarantined_and_its_neighbours_are_stored(
    ingest: Ingest, engine: Engine, bad: Any, field: str, problem: str
) -> None:
    found = ingest.process([delivery(match(match_id="1")), bad, delivery(match(match_id="2"))], NOW)
    assert [each.outcome for each in found] == ["created", "quarantined", "created"]
    assert count(engine, "matches") == 2
    kept = one(engine, "quarantine")
    assert kept["payload"] == bad.body
    assert problem in kept["reason"]
    assert [error["field"] for error in kept["errors"]] == ([field] if field else [])
    assert (kept["state"], kept["seen"], kept["first_seen"]) == ("open", 1, NOW)
    assert (found[1].task_id, found[1].quarantine_ref) == (bad.task_id, kept["id"])
    assert (bad.task_id, "quarantined") in rows(engine, "outcomes", "task_id", "outcome")


def test_two_names_of_one_team_cannot_meet(ingest: Ingest, engine: Engine) -> None:
    outcomes(ingest, match(match_id="1"))
    payload = match(match_id="2", home_team="Renamed", away_team="FC Westchester", away_team_id=None)
    assert outcomes(ingest, payload) == ["quarantined"]
    assert one(engine, "quarantine")["errors"][0]["field"] == "away_team"


NASTY = [
    {"task": "a\0b\ud800", "id": "x"},
    {"task": TASK, "id": "\ud800", "\0key\udfff": {"deep": [b"\xff", float("nan"), "\0", dt.datetime(2026, 1, 1)]}},
    {"task": TASK, "id": "x" * 300, "big": 2**70, "long": "y" * 50_000},
    {"task": 5, "id": 5, "none": None},
]


@pytest.mark.parametrize("headers", NASTY, ids=range(len(NASTY)))
def test_headers_that_no_database_would_take_are_kept_in_words(
    ingest: Ingest, engine: Engine, headers: dict[str, Any]
) -> None:
    bad = delivery(body=b"\0\xff", headers=headers, correlation_id=None, content_type="\0", content_encoding="\ud800")
    (found,) = ingest.process([bad], NOW)
    assert found.outcome == "quarantined"
    assert one(engine, "quarantine")["payload"] == b"\0\xff"


def nested(depth: int) -> Any:
    found: Any = "x"
    for _ in range(depth):
        found = [found]
    return found


@pytest.mark.parametrize("depth", [50, 900, 5_000])
def test_headers_of_any_depth_are_kept(ingest: Ingest, engine: Engine, depth: int) -> None:
    (found,) = ingest.process([delivery(body=b"{", headers={"task": TASK, "id": "x", "deep": nested(depth)})], NOW)
    assert found.outcome == "quarantined"
    assert count(engine, "quarantine") == 1


def refuse_in_database(engine: Engine, team: str) -> None:
    """Makes the database itself refuse every match of a home team."""
    if engine.dialect.name == "postgresql":
        statement = f"ALTER TABLE matches ADD CONSTRAINT no_such_team CHECK (home_team <> '{team}')"
    else:
        statement = (
            f"CREATE TRIGGER no_such_team BEFORE INSERT ON matches WHEN NEW.home_team = '{team}' "
            "BEGIN SELECT RAISE(ABORT, 'no_such_team'); END"
        )
    with writing(engine) as connection:
        connection.execute(text(statement))


@pytest.mark.parametrize("position", [0, 7, 15])
def test_a_batch_that_the_database_refuses_is_narrowed_down(ingest: Ingest, engine: Engine, position: int) -> None:
    refuse_in_database(engine, "Refused")
    batch = [delivery(match(match_id=str(number), observed_at=observed(number))) for number in range(16)]
    batch[position] = delivery(match(match_id="x", home_team="Refused", home_team_id="66"))
    found = ingest.process(batch, NOW)
    assert [each.outcome for each in found] == [
        "quarantined" if number == position else "created" for number in range(16)
    ]
    assert count(engine, "matches") == 15
    kept = one(engine, "quarantine")
    assert kept["payload"] == batch[position].body
    assert kept["reason"].startswith("the database refuses it: ")
    assert "no_such_team" in kept["reason"]
    assert "Refused" not in kept["reason"], "the values may be what must not be shown"


def test_only_messages_that_the_database_refuses(ingest: Ingest, engine: Engine) -> None:
    refuse_in_database(engine, "Refused")
    batch = [match(match_id=str(number), home_team="Refused", home_team_id="66") for number in range(5)]
    assert outcomes(ingest, *batch) == ["quarantined"] * 5
    assert (count(engine, "matches"), count(engine, "quarantine"), count(engine, "teams")) == (0, 5, 0)


def test_after_a_refusal_the_directory_holds_no_team_that_was_rolled_back(ingest: Ingest, engine: Engine) -> None:
    refuse_in_database(engine, "Refused")
    outcomes(ingest, match(home_team="Refused", home_team_id="66", away_team="New", away_team_id="67"))
    assert outcomes(ingest, match(home_team="New", home_team_id="67")) == ["created"]
    assert sorted(row[1] for row in rows(engine, "teams", "id", "name")) == ["New", "TSF Academy"]


def test_where_the_database_refuses_the_quarantine_nothing_is_acknowledged(ingest: Ingest, engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(text("DROP TABLE outcomes"))
    with pytest.raises(DatabaseAway):
        ingest.process([delivery(match()), delivery(body=b"{")], NOW)
    assert (count(engine, "matches"), count(engine, "quarantine")) == (0, 0)


def test_a_message_that_meets_a_bug_is_quarantined_and_its_neighbours_are_stored(
    ingest: Ingest, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def with_a_bug(held: Any, statement: Any) -> Any:
        if statement.match_id == "7":
            raise ValueError("no such thing")
        return merge(held, statement)

    monkeypatch.setattr("missing_table.ingest.batch.merge", with_a_bug)
    found = ingest.process([delivery(match(match_id=str(number))) for number in range(16)], NOW)
    assert [number for number, each in enumerate(found) if each.outcome == "quarantined"] == [7]
    assert count(engine, "matches") == 15
    assert one(engine, "quarantine")["reason"] == "a bug in missing-table met it: ValueError: no such thing"


def enter(ingest: Ingest, payload: dict[str, Any], *, now: dt.datetime = NOW) -> Any:
    return ingest.enter(MatchData.model_validate(payload), now=now, by="coach")


def test_a_persons_entry_is_pinned(ingest: Ingest, engine: Engine) -> None:
    outcomes(ingest, match(observed_at=observed(10)))
    entered = enter(ingest, match(observed_at=None, score_home=4, score_away=1))
    assert entered.processed.outcome == "updated"
    assert {change.field for change in entered.changes} == {"status", "score_home", "score_away"}
    outcomes(ingest, match(observed_at=None, score_home=0, score_away=0), now=LATER)
    assert one(engine, "matches")["score_home"] == 4


def pinned(engine: Engine) -> set[str]:
    return {register for register, stamp in one(engine, "matches")["stamps"].items() if stamp.startswith("2")}


def test_a_source_that_says_the_same_as_a_person_has_stated_the_match(ingest: Ingest, engine: Engine) -> None:
    enter(ingest, match(observed_at=None, **SCORE))
    assert one(engine, "matches")["by_source"] is False
    assert outcomes(ingest, match(observed_at=observed(10), **SCORE)) == ["unchanged"]
    stored = one(engine, "matches")
    assert (stored["by_source"], stored["observed_at"].minute) == (True, 10)


def test_what_a_person_repeats_or_leaves_out_is_not_pinned(ingest: Ingest, engine: Engine) -> None:
    """A score entered with nothing but the teams and the date leaves kick-off, venue and ids as they are."""
    outcomes(ingest, match())
    before = one(engine, "matches")
    little = {
        **{field: match()[field] for field in ("season", "age_group", "match_type", "division", "date")},
        "home_team": "fc westchester",
        "away_team": "TSF Academy",
    }
    enter(ingest, little | {"score_home": 4, "score_away": 1})
    after = one(engine, "matches")
    assert pinned(engine) == {"result"}
    changed = {field for field in MatchData.model_fields if field != "observed_at" and before[field] != after[field]}
    assert changed == {"score_home", "score_away", "status"}


def test_a_score_that_a_person_repeats_is_not_pinned(ingest: Ingest, engine: Engine) -> None:
    outcomes(ingest, match(**SCORE))
    entered = enter(ingest, match(**SCORE, home_team_id=None, away_team_id=None, observed_at=None, match_id=None))
    assert entered.processed.outcome == "unchanged"
    assert pinned(engine) == set()


def test_a_person_may_swap_the_sides(ingest: Ingest, engine: Engine) -> None:
    outcomes(ingest, match(**SCORE))
    turned = {"home_team": "TSF Academy", "away_team": "FC Westchester", "home_team_id": None, "away_team_id": None}
    enter(ingest, match(**turned, match_id=None))
    stored = one(engine, "matches")
    assert (stored["home_team"], stored["home_team_id"], stored["score_home"]) == ("TSF Academy", "6103", 1)
    assert (stored["away_team"], stored["away_team_id"], stored["score_away"]) == ("FC Westchester", "5656", 4)
    assert pinned(engine) == {"sides"}


def test_a_person_may_give_a_match_its_number_and_say_nothing_else(ingest: Ingest, engine: Engine) -> None:
    outcomes(ingest, match(match_id=None))
    entered = enter(ingest, match())
    assert [tuple(change) for change in entered.changes] == [("match_id", None, "26090")]
    assert rows(engine, "history", "field", "source") == [("match_id", "coach")]


def test_a_persons_contradiction_is_refused(ingest: Ingest, engine: Engine) -> None:
    with pytest.raises(Refusal, match="a score has both sides"):
        enter(ingest, match(score_home=1))
    with pytest.raises(Refusal, match="a team cannot meet itself"):
        enter(ingest, match(away_team="fc WESTCHESTER", away_team_id=None))
    enter(ingest, match())
    with pytest.raises(Refusal, match="a team cannot meet itself"):
        enter(ingest, match(away_team="FC Westchester", away_team_id=None, home_team="Renamed", match_id="2"))
    assert count(engine, "quarantine") == 0


def test_prune_forgets_old_outcomes_and_settled_messages_only(ingest: Ingest, engine: Engine) -> None:
    old = NOW - dt.timedelta(days=31)
    ingest.process([delivery(match(observed_at=None, match_id="1")), delivery(body=b"settled")], old)
    ingest.process([delivery(body=b"open")], old)
    ingest.process([delivery(match(match_id="2")), delivery(body=b"new and settled")], NOW)
    with writing(engine) as connection:
        connection.execute(text("UPDATE quarantine SET state = 'discarded' WHERE id <> 2"))
    assert ingest.prune(NOW) == 4
    assert [row[1] for row in rows(engine, "quarantine", "id", "payload")] == [b"open", b"new and settled"]
    assert sorted(rows(engine, "outcomes", "outcome")) == [("created",), ("quarantined",)]
    assert count(engine, "matches") == 2
    assert ingest.prune(NOW) == 0


def test_an_empty_batch(ingest: Ingest) -> None:
    assert ingest.process([], NOW) == []


def test_bodies_given_by_hand_and_by_celery_are_the_same(ingest: Ingest, engine: Engine) -> None:
    ingest.process([delivery(body=body(match()))], NOW)
    assert [found["match_id"] for found in everything(engine)] == ["26090"]
