"""What is in the database, for tests to compare."""

from typing import Any

from sqlalchemy import Engine, func, select

from missing_table.store.engine import reading
from missing_table.store.tables import metadata

_WHEN = ("created_at", "updated_at")


def rows(engine: Engine, table: str, *columns: str) -> list[tuple[Any, ...]]:
    """The rows of a table by its first column; `columns` are all where none is named."""
    found = metadata.tables[table]
    chosen = [found.c[name] for name in columns] or list(found.c)
    with reading(engine) as connection:
        return [tuple(row) for row in connection.execute(select(*chosen).order_by(next(iter(found.c))))]


def count(engine: Engine, table: str) -> int:
    """How many rows a table has."""
    with reading(engine) as connection:
        number: int = connection.execute(select(func.count()).select_from(metadata.tables[table])).scalar_one()
    return number


def one(engine: Engine, table: str) -> dict[str, Any]:
    """The only row of a table."""
    found = metadata.tables[table]
    with reading(engine) as connection:
        return dict(connection.execute(select(found)).mappings().one())


def everything(engine: Engine) -> list[dict[str, Any]]:
    """Every match field by field, with teams by name and id instead of by numbers given out in order of arrival."""
    teams = {ref: (name, age_group) for ref, name, age_group in rows(engine, "teams", "id", "name", "age_group")}
    ids: dict[int, str] = dict(rows(engine, "team_ids", "team_ref", "source_id"))
    matches = metadata.tables["matches"]
    with reading(engine) as connection:
        found = [dict(row) for row in connection.execute(select(matches)).mappings()]
    for match in found:
        for name in ("id", "pair_low", "pair_high", *_WHEN):
            del match[name]
        for name in ("home_ref", "away_ref", "result_home_ref"):
            if match[name] is not None:
                match[name] = (*teams[match[name]], ids.get(match[name]))
    return sorted(
        found, key=lambda match: repr((match["season"], match["match_id"], match["date"], match["home_team"]))
    )
