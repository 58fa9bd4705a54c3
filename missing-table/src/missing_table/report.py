"""A table in the terminal: for people in colour, as plain text in a pipe, or as JSON or CSV for programs."""

import sys
from typing import Final, Literal, TextIO

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from missing_table.answers import NAMESAKES, OfficialOrderAnswer, TableAnswer
from missing_table.as_csv import table_csv

Format = Literal["table", "json", "csv"]
NARROW: Final = 76
"""Columns of a terminal below which the goals and some space are left out, so that the teams' names keep their room."""
UNBOUNDED: Final = 1000
"""Columns of a pipe: nothing is folded there."""


def render_table(table: TableAnswer, form: Format, out: TextIO | None = None) -> None:
    """Writes `table` to `out` (stdout). JSON is what the API answers; CSV has the same columns, a line per team."""
    out = out or sys.stdout
    if form == "json":
        out.write(table.model_dump_json(indent=1) + "\n")
    elif form == "csv":
        out.write(table_csv(table.rows))
    else:
        _for_people(table, out)


def _for_people(table: TableAnswer, out: TextIO) -> None:
    console = Console(file=out, highlight=False)
    if not console.is_terminal:
        console = Console(file=out, highlight=False, width=UNBOUNDED)
    division = f" {table.division}" if table.division is not None else ""
    console.print(f"[bold]{escape(table.age_group + division)}[/bold]  {escape(f'{table.league} {table.season}')}")
    console.print(_grid(table, wide=console.width >= NARROW))
    for line in _below(table):
        console.print(escape(line), style="dim")


def _grid(table: TableAnswer, *, wide: bool) -> Table:
    shootouts = any(row.shootouts_won or row.shootouts_lost for row in table.rows)
    grid = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1) if wide else (0, 0))
    grid.add_column("#", justify="right")
    grid.add_column("Team", overflow="fold", min_width=12)
    headings = ["P", "W", "D", "L", *(["SO"] if shootouts else []), *(["Goals"] if wide else []), "GD", "Pts"]
    for heading in headings:
        grid.add_column(heading, justify="right", no_wrap=True)
    grid.add_column("PPM", justify="right", style="bold", no_wrap=True)
    namesakes = table.namesakes()
    for row in table.rows:
        team = f"{row.team} ({namesakes[row.team_ref]})" if row.team_ref in namesakes else row.team
        cells = [
            *map(str, (row.position, escape(team), row.played, row.won, row.drawn, row.lost)),
            *([f"{row.shootouts_won}-{row.shootouts_lost}"] if shootouts else []),
            *([f"{row.goals_for}:{row.goals_against}"] if wide else []),
            f"{row.goal_difference:+d}" if row.goal_difference else "0",
            str(row.points),
            f"{row.points_per_match:.2f}",
        ]
        grid.add_row(*cells)
    return grid


def _below(table: TableAnswer) -> list[str]:
    lines = [f"Ordered by {'; '.join(table.order_by[:3])}{'; …' if len(table.order_by) > 3 else ''}"]
    if table.namesakes():
        lines.append(NAMESAKES)
    if table.note:
        lines.append(table.note)
    if (order := table.official_order) is not None:
        lines.append(_order_in_words(order))
    if table.observed_at:
        lines.append(f"As of {table.observed_at:%Y-%m-%d %H:%M} UTC")
    return lines


def _order_in_words(order: OfficialOrderAnswer) -> str:
    stated = f"the official table of {order.observed_at:%Y-%m-%d %H:%M} UTC"
    if order.agrees is None:
        return f"Not compared with {stated}: {order.note}"
    if order.agrees:
        return f"In the order of {stated}"
    elsewhere = "; ".join(f"{each.team} is {each.ours} here and {each.official} there" for each in order.differences)
    return f"Not in the order of {stated}, since {order.since:%Y-%m-%d %H:%M} UTC: {elsewhere}"
