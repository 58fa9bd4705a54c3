"""Whole batches in one statement: rows travel as one JSON parameter, and the database unpacks them.

So a statement has one text whatever the size of the batch: it is compiled once, and costs one round trip.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, Final

import msgspec
from sqlalchemy import (
    CTE,
    JSON,
    BindParameter,
    Column,
    Connection,
    Insert,
    Select,
    String,
    Table,
    bindparam,
    cast,
    column,
    func,
    select,
    true,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import JSONB

ROWS: Final = "rows"
"""The name of the one parameter."""


def encode(rows: Iterable[dict[str, Any]]) -> str:
    """`rows` as the parameter `ROWS`: dates and moments as ISO text, JSON columns as JSON."""
    return msgspec.json.encode(list(rows)).decode()


def unpacked(connection: Connection, columns: Sequence[Column[Any]], name: str = "incoming") -> CTE:
    """The rows of the parameter `ROWS` as a table expression with these columns, typed as they are."""
    return _unpacked(connection.dialect.name, tuple(columns), name)


@cache  # to put an expression together takes longer than to send it
def _unpacked(dialect: str, columns: tuple[Column[Any], ...], name: str) -> CTE:
    parameter: BindParameter[str] = bindparam(ROWS, type_=String)
    if dialect == "postgresql":
        values = (
            func.jsonb_to_recordset(cast(parameter, JSONB))
            .table_valued(*(column(c.name, c.type) for c in columns), name="recordset")
            .render_derived(with_types=True)
        )
        return select(*(values.c[c.name] for c in columns)).cte(name)
    each = func.json_each(parameter).table_valued(column("value", JSON), name="each_row")
    return select(*(_extracted(each.c.value, c) for c in columns)).select_from(each).cte(name)


def _extracted(value: Any, c: Column[Any]) -> Any:
    path = f"$.{c.name}"
    if isinstance(c.type, JSON):
        return func.json_quote(func.json_extract(value, path), type_=String).label(c.name)
    return func.json_extract(value, path, type_=c.type).label(c.name)


def insertion(connection: Connection, table: Table, columns: Sequence[Column[Any]]) -> Any:
    """`INSERT INTO table (columns) SELECT … FROM` the parameter `ROWS`; the dialect's own, for ON CONFLICT."""
    return _insertion(connection.dialect.name, table, tuple(columns))


@cache
def _insertion(dialect: str, table: Table, columns: tuple[Column[Any], ...]) -> Insert:
    rows = _unpacked(dialect, columns, "incoming")
    source: Select[Any] = select(*(rows.c[c.name] for c in columns)).where(true())
    statement: Insert = postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
    return statement.from_select([c.name for c in columns], source)
