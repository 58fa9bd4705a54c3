"""The state of the tables: brought up to date by migrations, and checked before anything is written."""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text, update

from missing_table.errors import SchemaOutOfStep
from missing_table.store.engine import reading, writing
from missing_table.store.tables import team_directory

MIGRATIONS: Final = Path(__file__).parent / "migrations"


def migrate(engine: Engine) -> tuple[str | None, str]:
    """Brings the tables up to date, in one transaction. Returns the revisions before and after.

    Raises `SchemaOutOfStep` where the database is newer than this program.
    """
    before = revision(engine)
    if before is not None and before not in known_revisions():
        raise _too_new(before)
    config = _config()
    with writing(engine) as connection:
        if connection.dialect.name == "postgresql":
            # one at a time, and for as long as it takes: SQLite's writers are alone anyway
            connection.execute(text("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0"))
            connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('missing-table migrate'))"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    return before, newest_revision()


def check(engine: Engine, *, to_write: bool = False) -> None:
    """Raises `SchemaOutOfStep` unless the tables are those of this program, `DatabaseAway` without a database.

    Parameters: `to_write` asks, too, whether it takes what is written: a copy that only reads, as after a failover,
    answers and takes nothing.
    """
    found = revision(engine)
    if found == newest_revision():
        if to_write:
            with writing(engine) as connection:
                connection.execute(update(team_directory).values(version=team_directory.c.version))
        return
    if found is None:
        raise SchemaOutOfStep("the database has no tables yet: run `missing-table migrate`")
    if found not in known_revisions():
        raise _too_new(found)
    raise SchemaOutOfStep(
        f"the database is at revision {found}, older than {newest_revision()} of this program: "
        "run `missing-table migrate`"
    )


def revision(engine: Engine) -> str | None:
    """The revision that the database says it is at; None for a database without tables."""
    with reading(engine) as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest_revision() -> str:
    """The revision of this program."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None
    return head


def known_revisions() -> set[str]:
    """Every revision this program has heard of."""
    return {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}


def _too_new(found: str) -> SchemaOutOfStep:
    return SchemaOutOfStep(
        f"the database is at revision {found}, newer than {newest_revision()} of this program: "
        "nothing was written; install the newer missing-table"
    )


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
