"""Databases that already hold many matches: a season that was stored as it is always stored, copied year by year."""

from typing import Final

import psycopg

from bench import league
from bench.stage import Stage

_GROW: Final = """
SET session_replication_role = replica;  -- copies of rows whose keys were checked need no second look
INSERT INTO matches ({columns})
SELECT {values}
FROM generate_series(1, {years}) AS years, matches
ORDER BY years, matches.id
LIMIT {missing};
SET session_replication_role = DEFAULT;
"""
_CHANGED: Final = {
    "season": "(2026 - years) || '-' || lpad(((2027 - years) % 100)::text, 2, '0')",
    "match_id": "match_id || '-' || years",
    # not the days of the messages that are stored on top: each of them shall be a match that is new
    "date": "date - 364 * years + 3",
}


def stored(stage: Stage, size: int) -> str:
    """The name of a database with `size` matches in it, and their teams, to be copied."""
    name = f"stored_{size}"
    if stage.postgresql.execute(f"SELECT 1 FROM pg_database WHERE datname = '{name}'").strip():
        return name
    base = _season(stage)
    stage.postgresql.execute(f'CREATE DATABASE "{name}" TEMPLATE "{base}"')
    with psycopg.connect(stage.postgresql.url(name), autocommit=True) as connection:
        connection.execute("TRUNCATE outcomes, history")
        if size < league.SEASON_MATCHES:
            keep = f"(SELECT id FROM matches ORDER BY id LIMIT {size})"
            connection.execute(f"DELETE FROM matches WHERE id NOT IN {keep}".encode())
        else:
            _grow(connection, size)
        connection.execute("VACUUM (ANALYZE)")
        connection.execute("CHECKPOINT")
    return name


def _season(stage: Stage) -> str:
    """One season, stored by missing-table itself."""
    name = "stored_season"
    if not stage.postgresql.execute(f"SELECT 1 FROM pg_database WHERE datname = '{name}'").strip():
        migrated = stage.migrated
        stage.postgresql.execute(f'CREATE DATABASE "{name}" TEMPLATE "{migrated}"')
        messages = stage.lines(league.messages(league.SEASON_MATCHES))
        url = stage.postgresql.url(name)
        stage.script("missing-table", "ours.store", messages, league.SEASON_MATCHES, DATABASE_URL=url)
    return name


def _grow(connection: psycopg.Connection, size: int) -> None:
    columns = [
        row[0]
        for row in connection.execute(
            "SELECT column_name FROM information_schema.columns"
            " WHERE table_name = 'matches' AND column_name <> 'id' AND is_generated = 'NEVER'"
        )
    ]
    indexes = connection.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'matches' AND indexname <> 'pk_matches'"
    ).fetchall()
    # made anew over all rows at once, they take a fraction of the time
    for name, _ in indexes:
        connection.execute(f'DROP INDEX "{name}"'.encode())
    missing = size - league.SEASON_MATCHES
    grow = _GROW.format(
        columns=", ".join(f'"{name}"' for name in columns),
        values=", ".join(_CHANGED.get(name, f'matches."{name}"') for name in columns),
        years=-(-missing // league.SEASON_MATCHES),
        missing=missing,
    )
    connection.execute(grow.encode())
    for _, definition in indexes:
        connection.execute(definition.encode())
