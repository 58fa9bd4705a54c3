"""Which errors are about what was sent, which pass when tried again, and which say that the database is away."""

import threading
from typing import Any

import pytest
from private_services.postgresql import PostgreSQL
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from messages import NOW, delivery, match
from missing_table.errors import DatabaseAway
from missing_table.ingest.pipeline import Ingest
from missing_table.store import engine as engines
from missing_table.store import schema
from missing_table.store.engine import may_pass_next_time, reading, reason, refuses_content, writing
from stored import count

ABOUT_CONTENT = {
    "a check": "INSERT INTO team_directory (id, version) VALUES (2, 0)",
    "not null": "INSERT INTO teams (id, name) VALUES (1, NULL)",
    "a foreign key": ("INSERT INTO team_ids (source, source_id, team_ref) VALUES ('a', 'b', 1)"),
    "unique": "INSERT INTO team_directory (id, version) VALUES (1, 0)",
}


def failing(engine: Engine, statement: str) -> DBAPIError:
    with pytest.raises(DBAPIError) as raised, writing(engine) as connection:
        connection.execute(text(statement))
    return raised.value


@pytest.mark.parametrize("name", ABOUT_CONTENT)
def test_what_the_database_refuses_for_its_content(engine: Engine, name: str) -> None:
    error = failing(engine, ABOUT_CONTENT[name])
    assert refuses_content(error)
    # of two workers that store the same at once, the second finds it the next time
    assert may_pass_next_time(error) == (name == "unique" and engine.dialect.name == "postgresql")


def test_a_reason_is_one_line_without_the_statement(engine: Engine) -> None:
    said = reason(failing(engine, ABOUT_CONTENT["a check"]))
    assert "one_row" in said
    assert "\n" not in said
    assert "INSERT" not in said


def test_a_database_without_the_right_tables_is_away(engine: Engine) -> None:
    with pytest.raises(DatabaseAway, match=r"^the database cannot be used: "), reading(engine) as connection:
        connection.execute(text("SELECT * FROM no_such_table"))


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 1 / 0",
        "SELECT 'x'::integer",
        "SELECT repeat('x', 2)::varchar(1)::jsonb",
        "DO $$ BEGIN RAISE EXCEPTION 'no'; END $$",
    ],
)
def test_contents_that_postgresql_refuses(postgres_url: str, statement: str) -> None:
    engine = engines.create(postgres_url)
    assert refuses_content(failing(engine, statement))
    engine.dispose()


def test_text_that_postgresqls_driver_refuses_is_about_content(postgres_url: str) -> None:
    engine = engines.create(postgres_url)
    with pytest.raises(DBAPIError) as raised, writing(engine) as connection:
        connection.execute(text("SELECT cast(:text AS text)"), {"text": "a\0"})
    assert refuses_content(raised.value)
    engine.dispose()


@pytest.mark.parametrize("state", ["40001", "40P01", "55P03"])
def test_what_may_pass_the_next_time_is_not_about_content(postgres_url: str, state: str) -> None:
    engine = engines.create(postgres_url)
    error = failing(engine, f"DO $$ BEGIN RAISE EXCEPTION 'later' USING ERRCODE = '{state}'; END $$")
    assert may_pass_next_time(error)
    assert not refuses_content(error)
    engine.dispose()


@pytest.mark.parametrize("state", ["53100", "53300", "57014", "57P01", "25006", "58030", "XX000", "42501"])
def test_a_database_that_cannot_work_is_away(postgres_url: str, state: str) -> None:
    """Disk full, too many connections, a time-out, shut down, read-only, an error of the system, no right."""
    engine = engines.create(postgres_url)
    with pytest.raises(DatabaseAway), writing(engine) as connection:
        connection.execute(text(f"DO $$ BEGIN RAISE EXCEPTION 'away' USING ERRCODE = '{state}'; END $$"))
    engine.dispose()


def test_a_database_that_stops_in_the_middle_is_away_and_nothing_is_stored(
    postgres_url: str, postgresql: PostgreSQL
) -> None:
    engine = engines.create(postgres_url)
    schema.migrate(engine)
    ingest = Ingest(engine, default_league="Homegrown", message_limit=100_000)
    ingest.process([delivery(match(match_id="1"))], NOW)
    postgresql.stop("immediate")
    with pytest.raises(DatabaseAway):
        ingest.process([delivery(match(match_id="2"))], NOW)
    postgresql.start()
    assert [found.outcome for found in ingest.process([delivery(match(match_id="2"))], NOW)] == ["created"]
    assert count(engine, "matches") == 2
    engine.dispose()


def test_deadlocks_are_tried_again(postgres_url: str) -> None:
    """Two transactions that take two rows in opposite orders, each from the pipeline's own retrying."""
    engine = engines.create(postgres_url)
    with writing(engine) as connection:
        connection.execute(text("CREATE TABLE pair (id integer PRIMARY KEY, n integer)"))
        connection.execute(text("INSERT INTO pair VALUES (1, 0), (2, 0)"))
    both = threading.Barrier(2)
    errors: list[BaseException] = []

    def touch(first: int, second: int) -> None:
        met: list[int] = []

        def work(connection: Any) -> None:
            connection.execute(text("UPDATE pair SET n = n + 1 WHERE id = :id"), {"id": first})
            if not met:
                met.append(1)
                both.wait()
            connection.execute(text("UPDATE pair SET n = n + 1 WHERE id = :id"), {"id": second})

        try:
            Ingest(engine, default_league="x", message_limit=1)._transact(work)
        except BaseException as error:  # noqa: BLE001 (handed to the test)
            errors.append(error)

    threads = [threading.Thread(target=touch, args=order) for order in ((1, 2), (2, 1))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    with reading(engine) as connection:
        assert list(connection.execute(text("SELECT n FROM pair"))) == [(2,), (2,)]
    engine.dispose()


def test_readers_of_sqlite_wait_for_no_writer(tmp_path: object) -> None:
    engine = engines.create(f"sqlite:///{tmp_path}/test.db")
    with writing(engine) as connection:
        connection.execute(text("CREATE TABLE t (n integer)"))
    with writing(engine) as connection:
        connection.execute(text("INSERT INTO t VALUES (1)"))
        with reading(engine) as reader:
            assert reader.execute(text("SELECT count(*) FROM t")).scalar_one() == 0
    engine.dispose()


def test_one_reading_sees_one_moment(engine: Engine) -> None:
    version = text("SELECT version FROM team_directory")
    with reading(engine) as reader:
        before = reader.execute(version).scalar_one()
        with writing(engine) as writer:
            writer.execute(text("UPDATE team_directory SET version = version + 1"))
        assert reader.execute(version).scalar_one() == before
    with reading(engine) as reader:
        assert reader.execute(version).scalar_one() == before + 1


def test_settings_that_keep_data_safe(engine: Engine) -> None:
    with reading(engine) as connection:
        if engine.dialect.name == "sqlite":
            wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 10_000}
            found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in wanted}
        else:
            wanted = {"statement_timeout": "20s", "lock_timeout": "10s", "timezone": "UTC"}
            found = {name: connection.exec_driver_sql(f"SHOW {name}").scalar_one() for name in wanted}
    assert found == wanted
