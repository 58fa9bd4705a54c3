"""The engine: one URL, PostgreSQL or SQLite, with what each needs to be safe."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError

from missing_table.errors import ConfigurationProblem, DatabaseAway

STATEMENT_TIMEOUT: Final = 20
"""Seconds. Shorter than the broker's heartbeat, so that a stuck database does not cost the broker's connection."""
LOCK_TIMEOUT: Final = 10
"""Seconds."""
CONNECT_TIMEOUT: Final = 5
"""Seconds."""

_TRY_AGAIN: Final = {"40001", "40P01", "55P03", "23505"}
"""SQLSTATEs after which the same transaction may go through: serialisation failure, deadlock, lock not available,
and a unique row that another transaction wrote first (PostgreSQL, appendix A)."""


def create(url: str) -> Engine:
    """An engine for `url`; a plain `postgresql://` means psycopg 3. Nothing is connected yet.

    Raises `ConfigurationProblem` for a URL that is none, or of a database that is not supported.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise ConfigurationProblem(
            "DATABASE_URL is not a database URL: write postgresql://user:password@host:5432/name"
        ) from None
    if parsed.drivername in ("postgresql", "postgres"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername == "postgresql+psycopg":
        # jit=off: our statements take milliseconds, and compiling one takes a second
        timeouts = f"-c statement_timeout={STATEMENT_TIMEOUT}s -c lock_timeout={LOCK_TIMEOUT}s"
        return create_engine(
            parsed,
            pool_pre_ping=True,
            pool_size=10,
            connect_args={
                "connect_timeout": CONNECT_TIMEOUT,
                "options": f"{timeouts} -c timezone=UTC -c jit=off",
                "application_name": "missing-table",
                "keepalives_idle": 15,
                "keepalives_interval": 5,
                "keepalives_count": 3,
                "prepare_threshold": None,
            },
        )
    if parsed.get_backend_name() == "sqlite":
        engine = create_engine(parsed, connect_args={"timeout": LOCK_TIMEOUT, "check_same_thread": False})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    raise ConfigurationProblem(
        f"DATABASE_URL names {parsed.drivername}, which is not supported: use postgresql:// or sqlite:///"
    )


_CONTENT: Final = {"21", "22", "23", "44", "54", "P0"}
"""SQLSTATE classes about what was sent: cardinality, data, integrity, check option, limits, a trigger's own."""


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # transactions begin where `_begin_sqlite` says, not where the driver guesses
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    reads = connection.get_execution_options().get("reads", False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction that writes. Raises `DatabaseAway` where the database cannot be reached."""
    with _away_in_words(), engine.begin() as connection:
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One transaction that only reads: all its statements see one moment, and on SQLite it waits for no writer.

    So a team that goes between two of them, since somebody says that it is another, is not missing in the second.
    Raises `DatabaseAway`.
    """
    with _isolated(engine, "REPEATABLE READ") as connection:  # in one that reads it costs and holds up nothing
        yield connection


@contextmanager
def glancing(engine: Engine) -> Iterator[Connection]:
    """For one statement that reads, which sees one moment by itself: on PostgreSQL nothing is begun or ended for it.

    Raises `DatabaseAway`.
    """
    with _isolated(engine, "AUTOCOMMIT") as connection:
        yield connection


@contextmanager
def _isolated(engine: Engine, level: str) -> Iterator[Connection]:
    options: dict[str, Any] = {"reads": True}
    if engine.dialect.name == "postgresql":
        options["isolation_level"] = level
    with _away_in_words(), engine.connect() as connection:
        yield connection.execution_options(**options)


@contextmanager
def _away_in_words() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        if refuses_content(error) or may_pass_next_time(error):
            raise
        raise DatabaseAway(f"the database cannot be used: {reason(error)}") from error


def refuses_content(error: DBAPIError) -> bool:
    """Whether `error` is about what was sent; any other says that the database cannot work just now."""
    if error.connection_invalidated:
        return False
    if isinstance(error.orig, sqlite3.Error):
        name = getattr(error.orig, "sqlite_errorname", "")
        return name.startswith(("SQLITE_CONSTRAINT", "SQLITE_MISMATCH", "SQLITE_TOOBIG"))
    # the driver itself refuses text with NUL, and has no SQLSTATE for that
    return isinstance(error, DataError) or str(getattr(error.orig, "sqlstate", None))[:2] in _CONTENT


def may_pass_next_time(error: DBAPIError) -> bool:
    """Whether the same transaction, tried again at once, may go through."""
    if isinstance(error.orig, sqlite3.Error):
        return getattr(error.orig, "sqlite_errorname", "") == "SQLITE_CONSTRAINT_UNIQUE"
    return getattr(error.orig, "sqlstate", None) in _TRY_AGAIN


def reason(error: DBAPIError) -> str:
    """The database's own first line, without the statement and its values."""
    return str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else type(error.orig).__name__
