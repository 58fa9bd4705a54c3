"""Messages in quarantine: listed, shown, retried and discarded, from the pipeline and from the command line."""

import datetime as dt
import json
import os
import subprocess
import sys
from collections.abc import Callable

import pytest
from sqlalchemy import Engine, text

from messages import NOW, delivery, match, observed
from missing_table.ingest.pipeline import Ingest
from missing_table.store import quarantine
from missing_table.store.engine import reading, writing
from stored import count, one, rows

LATER = NOW + dt.timedelta(hours=3)
EARLY = match(observed_at="2026-10-05T14:00:00Z")
"""From the future, when it arrives at `NOW`; not at `LATER`."""


def held(engine: Engine, ref: int = 1) -> quarantine.Quarantined:
    with reading(engine) as connection:
        found = quarantine.get(connection, ref)
    assert found is not None
    return found


def test_a_message_comes_out_as_it_went_in(ingest: Ingest, engine: Engine) -> None:
    bad = delivery(body=b"\x00\xff{", content_type="application/x-yaml", content_encoding="binary")
    ingest.process([bad], NOW)
    again = held(engine).delivery()
    assert (again.body, again.content_type, again.content_encoding) == (bad.body, bad.content_type, "binary")
    assert (again.task, again.task_id, dict(again.headers)) == (bad.task, bad.task_id, dict(bad.headers))


def test_the_same_content_is_kept_once_and_counted(ingest: Ingest, engine: Engine) -> None:
    ingest.process([delivery(body=b"{", task_id="a"), delivery(body=b"{", task_id="b")], NOW)
    ingest.process([delivery(body=b"{", task_id="c"), delivery(body=b"}", task_id="d")], LATER)
    assert rows(engine, "quarantine", "payload", "seen", "first_seen", "last_seen") == [
        (b"{", 3, NOW, LATER),
        (b"}", 1, LATER, LATER),
    ]
    assert len(rows(engine, "outcomes", "task_id")) == 4


def test_what_was_discarded_and_comes_again_is_open_again(ingest: Ingest, engine: Engine) -> None:
    ingest.process([delivery(body=b"{")], NOW)
    with writing(engine) as connection:
        assert quarantine.settle(connection, 1, "discarded")
        assert quarantine.listed(connection) == []
    ingest.process([delivery(body=b"{")], LATER)
    assert held(engine).state == "open"


def test_a_retry_that_succeeds(ingest: Ingest, engine: Engine) -> None:
    ingest.process([delivery(EARLY, task_id="early")], NOW)
    processed, why = ingest.retry(held(engine), LATER)
    assert (processed.outcome, why) == ("created", None)
    assert held(engine).state == "retried"
    assert rows(engine, "outcomes", "task_id", "outcome", "match_ref", "at") == [("early", "created", 1, LATER)]


def test_a_retry_mends_the_outcomes_of_all_who_sent_it(ingest: Ingest, engine: Engine) -> None:
    ingest.process([delivery(EARLY, task_id=task_id) for task_id in ("a", "b", "c")], NOW)
    ingest.retry(held(engine), LATER)
    assert {row[1] for row in rows(engine, "outcomes", "task_id", "outcome")} == {"created"}


def test_a_retry_that_fails_says_why(ingest: Ingest, engine: Engine) -> None:
    ingest.process([delivery(match(score_home=1))], NOW)
    processed, why = ingest.retry(held(engine), LATER)
    assert processed.outcome == "quarantined"
    assert why == "score_away: is missing, although score_home is there: a score has both sides"
    assert held(engine).state == "open"


def test_a_retry_that_the_database_refuses_says_why(ingest: Ingest, engine: Engine) -> None:
    ingest.process([delivery(EARLY)], NOW)
    with writing(engine) as connection:
        connection.execute(text("DROP TABLE history"))
        connection.execute(text("CREATE UNIQUE INDEX one_season ON matches (season)"))
    ingest.process([delivery(match(match_id="other"))], NOW)
    processed, why = ingest.retry(held(engine), LATER)
    assert processed.outcome == "quarantined"
    assert why is not None
    assert why.startswith("the database refuses it: ")
    assert one(engine, "quarantine")["state"] == "open"


def test_a_retry_of_what_says_no_time_is_as_old_as_its_first_arrival(ingest: Ingest, engine: Engine) -> None:
    """What came meanwhile is newer."""
    refused = delivery(match(observed_at=None, score_home=1, score_away=0), content_encoding="mended by hand")
    ingest.process([refused], NOW)
    ingest.process([delivery(match(observed_at=None, score_home=2, score_away=0))], LATER)
    with writing(engine) as connection:
        connection.execute(text("UPDATE quarantine SET content_encoding = 'utf-8'"))
    processed, _ = ingest.retry(held(engine), LATER + dt.timedelta(hours=1))
    assert processed.outcome == "stale"
    assert one(engine, "matches")["score_home"] == 2


@pytest.fixture
def command(engine: Engine) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs `missing-table` on the same database."""
    url = engine.url.render_as_string(hide_password=False)

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "missing_table", *arguments],
            env={"PATH": os.environ["PATH"], "DATABASE_URL": url, "COLUMNS": "200"},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return done

    return run


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_from_the_command_line(
    ingest: Ingest, engine: Engine, command: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    unfit = match(score_home=1)
    good = match(observed_at=observed(0))
    ingest.process([delivery(unfit, task_id="unfit"), delivery(good, content_type="text/x")], NOW)
    listed = {q["id"]: q for q in json.loads(command("quarantine", "list", "--format", "json").stdout)}
    assert listed[1]["errors"][0]["field"] == "score_away"
    shown = command("quarantine", "show", "1").stdout
    assert "score_away: is missing" in shown
    assert '"score_home": 1' in shown
    with writing(engine) as connection:
        connection.execute(text("UPDATE quarantine SET content_type = 'application/json' WHERE id = 2"))
    retried = command("quarantine", "retry", "--all")
    assert retried.returncode == 4
    assert "1: quarantined: score_away: is missing" in retried.stdout
    assert "2: created" in retried.stdout
    assert count(engine, "matches") == 1
    assert command("quarantine", "discard", "1").stdout == "discarded: 1\n"
    assert json.loads(command("quarantine", "list", "--format", "json").stdout) == []
    assert {q["state"] for q in json.loads(command("quarantine", "list", "--all", "--format", "json").stdout)} == {
        "retried",
        "discarded",
    }
    for act in ("show", "retry", "discard"):
        missing = command("quarantine", act, "99")
        assert (missing.returncode, "no message 99 in quarantine" in missing.stderr) == (2, True)
    outcomes = {o["task_id"]: o["outcome"] for o in json.loads(command("outcomes", "--format", "json").stdout)}
    assert outcomes["unfit"] == "quarantined"
    assert sorted(outcomes.values()) == ["created", "quarantined"]
