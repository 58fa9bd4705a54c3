"""How a command prints what it found: for people, or as JSON or CSV for programs."""

import sys
from enum import StrEnum
from typing import Annotated, Any

import typer


class Format(StrEnum):
    """How a command prints what it found."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


FormatOption = Annotated[Format, typer.Option("--format", help="table for people, json or csv for programs.")]


def to_second(moment: Any) -> str:
    """A moment (UTC) as text, to the second."""
    return str(moment.isoformat(timespec="seconds")).replace("+00:00", "Z")


def show(format: Format, columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:  # noqa: A002
    """Prints `rows` in the form that was asked for."""
    import csv
    import json

    from missing_table.as_csv import cell

    if format is Format.JSON:
        print(json.dumps([dict(zip(columns, row, strict=True)) for row in rows], indent=1))
    elif format is Format.CSV:
        writer = csv.writer(sys.stdout)
        writer.writerow(columns)
        writer.writerows([cell(value) for value in row] for row in rows)
    else:
        from rich.console import Console
        from rich.markup import escape
        from rich.table import Table

        table = Table(*columns)
        for row in rows:
            table.add_row(*("" if value is None else escape(str(value)) for value in row))
        Console().print(table)
