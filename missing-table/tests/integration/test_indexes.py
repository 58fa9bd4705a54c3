"""No read of a reader's or of a person's goes through a whole table: each statement finds an index that serves it."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event

from messages import NOW, delivery, match
from missing_table.ingest.pipeline import Ingest
from missing_table.store import attention, matches, merges, outcomes, read
from missing_table.store import engine as engines
from missing_table.store.engine import writing
from missing_table.store.outcomes import Processed
from missing_table.store.read import Order, Wanted

Read = Callable[[Connection], Any]


def plans(engine: Engine, work: Read) -> str:
    """How the database goes about what `work` asks, where it must not go through a table if there is another way."""
    asked: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        asked.append((statement, parameters))

    with writing(engine) as connection:
        postgresql = connection.dialect.name == "postgresql"
        if postgresql:
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            connection.exec_driver_sql("SET LOCAL enable_sort = off")
        event.listen(engine, "before_cursor_execute", note)
        work(connection)
        event.remove(engine, "before_cursor_execute", note)
        explain = "EXPLAIN " if postgresql else "EXPLAIN QUERY PLAN "
        rows = [connection.exec_driver_sql(explain + statement, given).all() for statement, given in asked]
    return "\n".join(str(row) for found in rows for row in found)


def listed(order: Order, **wanted: Any) -> Read:
    return lambda connection: read.listed(connection, Wanted(**wanted), limit=100, order=order)


@pytest.mark.parametrize(
    ("work", "index"),
    [
        (listed("date"), "ix_matches_date"),
        (listed("-date"), "ix_matches_date"),
        (listed("-updated"), "ix_matches_updated_at"),
        (listed("date", date_from=dt.date(2026, 10, 3)), "ix_matches_date"),
        (lambda connection: merges.its_own(connection, 1), "ix_outcomes_match_ref"),
        (
            lambda connection: outcomes.settle(connection, 1, Processed(None, "created", None), NOW),
            "ix_outcomes_quarantine_ref",
        ),
    ],
)
def test_each_read_has_its_index(engine: Engine, work: Read, index: str) -> None:
    found = plans(engine, work)
    assert index in found
    assert "Sort " not in found


def test_the_brackets_with_a_match_behind_are_read_through_their_index(engine: Engine, ingest: Ingest) -> None:
    late, newer = match(match_id="1", observed_at="2026-09-01T00:00:00Z"), match(match_id="2", date="2026-09-06")
    ingest.process([delivery(late), delivery(newer)], NOW)
    found = plans(engine, lambda connection: attention.brackets_with_a_match_behind(connection, dt.timedelta(days=14)))
    assert "ix_matches_bracket" in found
    assert "DISTINCT FROM" not in found, "PostgreSQL takes no index for it"


def test_the_messages_of_a_run_are_found_by_its_name(engine: Engine) -> None:
    assert "ix_outcomes_run_id" in plans(engine, lambda connection: outcomes.listed(connection, run_id="1", limit=9))
    assert "ix_outcomes_at" in plans(engine, lambda connection: attention.runs_since(connection, NOW, 12))


def test_the_matches_that_name_a_team_beneath_are_found_by_their_index(engine: Engine) -> None:
    assert "ix_matches_beneath" in plans(engine, lambda connection: matches.naming(connection, [1]))


def test_a_rare_status_has_an_index(postgres_database: str) -> None:
    # SQLite does not look into what is asked for, and goes through its matches
    engine = engines.create(postgres_database)
    assert "ix_matches_status" in plans(engine, listed("id", status="forfeit"))
    engine.dispose()


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)  # PostgreSQL chooses by how many matches there are
def test_the_matches_of_a_bracket_are_listed_through_its_index(engine: Engine) -> None:
    where = {"season": ["2026-27"], "league": ["Homegrown"], "age_group": ["U15"], "division": ["Northeast"]}
    assert "ix_matches_bracket (season=? AND league=?)" in plans(engine, listed("id", **where))
