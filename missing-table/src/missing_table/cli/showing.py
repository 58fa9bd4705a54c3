"""How a command prints what it found: for people, or as JSON or CSV for programs."""

import sys
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any, Final, TextIO

import typer

FOLDED: Final = 16
"""Columns of a terminal that a text gets at least, where it is folded."""
_BOUNDLESS: Final = 1_000_000


class Format(StrEnum):
    """How a command prints what it found."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


FormatOption = Annotated[Format, typer.Option("--format", help="table for people, json or csv for programs.")]


def to_second(moment: Any) -> str:
    """A moment (UTC) as text, to the second."""
    return str(moment.isoformat(timespec="seconds")).replace("+00:00", "Z")


def show(
    format: Format,  # noqa: A002
    columns: tuple[str, ...],
    rows: list[tuple[Any, ...]],
    *,
    lesser: tuple[str, ...] = (),
    out: TextIO | None = None,
) -> None:
    """Writes `rows` to `out` (stdout) in the form that was asked for.

    Nothing is ever cut. On a terminal that is too narrow texts are folded, then the `lesser` columns are left out, and
    where that is not enough each row is written under the other; in a pipe a row is always one line.
    """
    import csv
    import json

    from missing_table.as_csv import cell

    out = out or sys.stdout
    if format is Format.JSON:
        out.write(json.dumps([dict(zip(columns, row, strict=True)) for row in rows], indent=1) + "\n")
    elif format is Format.CSV:
        writer = csv.writer(out)
        writer.writerow(columns)
        writer.writerows([cell(value) for value in row] for row in rows)
    else:
        _for_people(columns, [["" if value is None else str(value) for value in row] for row in rows], lesser, out)


def _for_people(columns: Sequence[str], rows: Sequence[Sequence[str]], lesser: tuple[str, ...], out: TextIO) -> None:
    from rich.console import Console
    from rich.text import Text

    console, boundless = Console(file=out, highlight=False), Console(width=_BOUNDLESS)
    if not console.is_terminal:
        table = _grid(columns, rows)
        Console(file=out, highlight=False, width=boundless.measure(table).maximum).print(table)
        return
    for few in range(len(lesser) + 1):
        kept = [number for number, name in enumerate(columns) if name not in lesser[:few]]
        table = _grid([columns[number] for number in kept], [[row[number] for number in kept] for row in rows])
        if boundless.measure(table).minimum <= console.width:
            console.print(table)
            if few:
                console.print(f"No room here for {' and '.join(lesser[:few])}: --format json has all", style="dim")
            return
    for row in rows:
        for name, value in zip(columns, row, strict=True):
            if value:
                console.print(Text(f"{name}: {value}"), soft_wrap=True)
        console.print()


def _grid(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Any:
    """A table in which only what has several words is folded: an identifier or a time stays in one piece."""
    from rich import box
    from rich.cells import cell_len
    from rich.markup import escape
    from rich.table import Table

    grid = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, collapse_padding=True)
    for number, name in enumerate(columns):
        texts = [row[number] for row in rows]
        in_words = any(" " in text for text in texts)
        longest = max(map(cell_len, [name, *texts]))
        grid.add_column(
            name, overflow="fold", no_wrap=not in_words, min_width=min(longest, FOLDED) if in_words else None
        )
    for row in rows:
        grid.add_row(*map(escape, row))
    return grid
