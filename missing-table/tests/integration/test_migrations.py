"""The tables: migrations make what the models say, and a database that is out of step is refused in words."""

import signal
import subprocess
import sys

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import CheckConstraint, Engine, ForeignKeyConstraint, inspect, text

from messages import NOW, delivery, match, observed
from missing_table.errors import DatabaseAway, SchemaOutOfStep
from missing_table.ingest.pipeline import Ingest
from missing_table.ingest.stamps import instant_text
from missing_table.match_data import MatchData
from missing_table.store import engine as engines
from missing_table.store import schema
from missing_table.store.engine import reading, writing
from missing_table.store.tables import metadata
from stored import rows


def move_to(engine: Engine, revision: str) -> None:
    """Has the database say that it is at a revision."""
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})


# SQLite's reflection leaves out the one index on expressions
without_expressions = pytest.mark.filterwarnings(
    "ignore:Skipped unsupported reflection of expression-based index",
    "ignore:autogenerate skipping metadata-specified expression-based index",
)


@without_expressions
def test_migrations_and_models_are_in_step(engine: Engine) -> None:
    with reading(engine) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        found = compare_metadata(context, metadata)
    assert [each for each in found if "ix_matches_away_bracket" not in repr(each)] == []


@without_expressions
def test_constraints_of_migrations_and_models_are_in_step(engine: Engine) -> None:
    """What autogenerate does not compare: checks, and the conditions of indexes."""
    found = inspect(engine)
    for table in metadata.sorted_tables:
        checks = {str(check["name"]) for check in found.get_check_constraints(table.name)}
        assert checks == {str(c.name) for c in table.constraints if isinstance(c, CheckConstraint)}, table.name
        keys = {str(key["name"]) for key in found.get_foreign_keys(table.name)}
        assert keys == {str(c.name) for c in table.constraints if isinstance(c, ForeignKeyConstraint)}, table.name
        stored = {index["name"]: index["dialect_options"] for index in found.get_indexes(table.name)}
        for index in table.indexes:
            where = f"{engine.dialect.name}_where"
            if index.name in stored:
                assert (where in stored[str(index.name)]) == bool(index.dialect_kwargs), index.name
            else:
                assert (engine.dialect.name, index.name) == ("sqlite", "ix_matches_away_bracket")


def test_a_second_migration_changes_nothing(engine: Engine) -> None:
    newest = schema.newest_revision()
    assert schema.migrate(engine) == (newest, newest)
    schema.check(engine)


def test_down_to_nothing_and_up_again(engine: Engine) -> None:
    config = schema._config()
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
    assert set(inspect(engine).get_table_names()) == {"alembic_version"}
    assert schema.migrate(engine) == (None, schema.newest_revision())


@pytest.mark.parametrize("stated_by_a_source", [True, False])
def test_what_people_entered_before_makes_no_data_newer(
    engine: Engine, ingest: Ingest, stated_by_a_source: bool
) -> None:
    if stated_by_a_source:
        ingest.process([delivery(match(observed_at=observed(10)))], NOW)
    ingest.enter(MatchData.model_validate(match(observed_at=None, score_home=2, score_away=1)), now=NOW, by="coach")
    ingest.process([delivery(match(match_id="2", observed_at=observed(20)))], NOW)
    now = rows(engine, "matches", "id", "observed_at", "by_source")
    config = schema._config()
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0007")
        connection.execute(text("UPDATE matches SET observed_at = :at WHERE id = 1"), {"at": instant_text(NOW)})
    schema.migrate(engine)
    assert rows(engine, "matches", "id", "observed_at", "by_source") == now
    moment = NOW.replace(hour=0, minute=10) if stated_by_a_source else NOW
    assert now[0] == (1, moment, stated_by_a_source)


def test_a_database_without_tables(tmp_path: object) -> None:
    engine = engines.create(f"sqlite:///{tmp_path}/empty.db")
    with pytest.raises(SchemaOutOfStep, match="no tables yet: run `missing-table migrate`"):
        schema.check(engine)
    assert schema.revision(engine) is None
    engine.dispose()


def test_a_newer_database_is_refused_and_not_written(engine: Engine) -> None:
    move_to(engine, "9999")
    for act in (schema.check, schema.migrate):
        with pytest.raises(SchemaOutOfStep, match=r"at revision 9999, newer than .* nothing was written"):
            act(engine)
    assert schema.revision(engine) == "9999"


def test_an_older_database_says_how_to_migrate(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "newest_revision", lambda: "0099")
    with pytest.raises(SchemaOutOfStep, match=r"older than 0099 of this program: run `missing-table migrate`"):
        schema.check(engine)


def test_a_database_that_is_not_there_is_away_and_not_out_of_step() -> None:
    engine = engines.create("postgresql://nobody:correct-horse@127.0.0.1:1/none")
    with pytest.raises(DatabaseAway) as raised:
        schema.check(engine)
    assert "correct-horse" not in str(raised.value)


INTERRUPTED = """
import os, signal, sys
from sqlalchemy import Engine, event
from missing_table.store import engine, schema

@event.listens_for(Engine, "before_cursor_execute")
def die(connection, cursor, statement, *rest):
    if sys.argv[2] in statement:
        os.kill(os.getpid(), signal.SIGKILL)

schema.migrate(engine.create(sys.argv[1]))
"""


@pytest.mark.parametrize("statement", ["CREATE TABLE sessions", "CREATE TABLE match_numbers"])
def test_a_migration_that_was_killed_has_changed_nothing_and_is_run_again(engine: Engine, statement: str) -> None:
    """From the first tables on: what is altered and copied before that statement is as it was."""
    config = schema._config()
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0001")
        moment = {"at": "2026-10-05 04:40:00.000000+00:00"}
        connection.execute(
            text("INSERT INTO tokens (id, name, digest, created_at) VALUES (1, 'old', 'x', :at)"), moment
        )
    before = described(engine)
    url = engine.url.render_as_string(hide_password=False)
    done = subprocess.run([sys.executable, "-c", INTERRUPTED, url, statement], check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL
    assert (schema.revision(engine), described(engine)) == ("0001", before)
    assert schema.migrate(engine) == ("0001", schema.newest_revision())
    schema.check(engine)
    with reading(engine) as connection:
        assert connection.execute(text("SELECT name, scope FROM tokens")).all() == [("old", "admin")]


def described(engine: Engine) -> dict[str, set[str]]:
    """The columns of each table."""
    found = inspect(engine)
    return {table: {column["name"] for column in found.get_columns(table)} for table in found.get_table_names()}
