"""What a run says: a summary whose numbers add up, what was odd, and the matches as a table, JSON or CSV."""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import compress
from typing import TYPE_CHECKING, TextIO

from .match_data import MatchData
from .scrape import Run, numbers
from .sources.base import Reading

if TYPE_CHECKING:
    from rich.console import Console, JustifyMethod, RenderableType

DAY = "cyan"
WHOLE = frozenset({"date", "day", "time", "kick-off", "score", "match", "first day", "last day"})
WIDE = 240
NARROW = 70
"""Columns; below that there is no room for everything."""
OF_SENDING = frozenset({"unchanged", "sent", "confirmed", "refused", "unsent"})
SHOWN = 20
"""So many matches are listed one by one; the rest are counted."""


def summary(run: Run, destination: str | None) -> Iterator[str]:
    """The lines of the summary.

    Parameters: `destination` is where matches went; None for a dry run.
    """
    for reading in run.readings:
        yield f"{reading.league} {reading.season}, as of {reading.synced_at:%Y-%m-%d %H:%M} UTC"
    dry = destination is None
    if dry:
        yield "dry run: nothing was sent"
    yield _in_a_line(counts(run), dry=dry)
    if run.brackets.messages:
        yield f"brackets: {_in_a_line(run.brackets.counts(), dry=dry)}"
    if destination and run.messages and run.unchanged == len(run.messages):
        yield f"nothing new: {destination} has confirmed all of it before (--full sends it again)"
    elif destination and run.messages:
        yield f"sent {_shares(run, destination)}" if run.confirmed else f"nothing was taken by {destination}"
    yield from (f"note: {notice}" for notice in run.notices)
    yield from unreadable(run.readings)


def _in_a_line(counted: Mapping[str, int], *, dry: bool) -> str:
    """The numbers, and of a dry run only those that say something of it."""
    return ", ".join(f"{name} {count}" for name, count in counted.items() if not (dry and name in OF_SENDING))


def _shares(run: Run, destination: str) -> str:
    """Where it was sent to, and of several how much each has taken."""
    if len(run.taken) < 2:
        return f"to {destination}"
    return "; ".join(f"{count} to {name}" for name, count in run.taken.items())


def unreadable(readings: Iterable[Reading]) -> Iterator[str]:
    """A line for each thing that could not be read; of many in one league the first, and how many more there are."""
    for reading in readings:
        for odd in reading.unreadable[:SHOWN]:
            yield f"unreadable: {odd.where}: {odd.why}"
        if len(reading.unreadable) > SHOWN:
            yield f"unreadable: and {len(reading.unreadable) - SHOWN} more"


def counts(run: Run) -> dict[str, int]:
    """The numbers of the summary: see `Run` for how they add up."""
    return {
        "seen": run.seen,
        "asked for": run.asked_for,
        "not asked for": run.seen - run.asked_for - run.unreadable,
        "unreadable": run.unreadable,
        "mapped": len(run.messages),
        "broken": len(run.broken),
        "unchanged": run.unchanged,
        "sent": run.sent,
        "confirmed": run.confirmed,
        "refused": len(run.refused),
        "unsent": len(run.unsent),
    }


def problems(run: Run, destination: str | None = None, *, whole: bool = False) -> Iterator[str]:
    """A line for each thing that keeps the run from ending well, and for each match that could not go.

    Parameters: `whole`, for a program, names every match that did not go to `destination`.
    """
    for problem in run.problems:
        yield f"problem: {problem}"
    if whole and destination and run.unsent:
        yield f"unsent: {', '.join(numbers(run.unsent))}"
    for broken in run.broken[:SHOWN]:
        yield f"broken: match {broken.match_id} ({broken.teams}): {broken.why}"
    for match, why in run.refused[:SHOWN]:
        yield f"refused: match {match.match_id} ({match.home_team} v {match.away_team}): {why}"
    for what, items in (("broken", len(run.broken)), ("refused", len(run.refused))):
        if items > SHOWN:
            yield f"{what}: and {items - SHOWN} more"


def write_json(matches: Sequence[MatchData], out: TextIO) -> None:
    """A JSON array of messages, one to a line."""
    import msgspec

    lines = [msgspec.json.encode(match.payload()).decode() for match in matches]
    out.write("[" + ",\n".join(lines) + "]\n")


def write_csv(matches: Iterable[MatchData], out: TextIO) -> None:
    """The messages, with a column for each field of the contract."""
    writer = csv.DictWriter(out, fieldnames=list(MatchData.model_fields), lineterminator="\n")
    writer.writeheader()
    for match in matches:
        writer.writerow(match.payload())


def write_table(matches: Iterable[MatchData], out: TextIO) -> None:
    """The matches for people."""
    write_rows(
        {
            "date": DAY,
            "time": DAY,
            "bracket": "",
            "home": "",
            "score": "bold",
            "away": "",
            "status": "dim",
            "match": "dim",
        },
        map(_row, matches),
        out,
    )


def _row(match: MatchData) -> Sequence[str]:
    score = "" if match.score_home is None else f"{match.score_home}-{match.score_away}"
    if match.penalty_home is not None:
        score += f" ({match.penalty_home}-{match.penalty_away})"
    return (
        match.date.isoformat(),
        match.match_time or "",
        f"{match.age_group} {match.division or ''}".strip(),
        match.home_team,
        score,
        match.away_team,
        match.status or "",
        match.match_id or "",
    )


def write_rows(columns: Mapping[str, str], rows: Iterable[Sequence[str]], out: TextIO) -> None:
    """A table for people: in colour and as wide as the terminal; plain, and as wide as it needs to be, elsewhere.

    Parameters: `columns` is the heading of each column and its style. Days, times, scores and numbers stay
    whole, and names are broken over several lines; a narrow terminal shows no dim columns.
    """
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(file=out, width=None if out.isatty() else WIDE, highlight=False, markup=False, emoji=False)
    shown = [style != "dim" or console.width >= NARROW for style in columns.values()]
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading, style in compress(columns.items(), shown):
        justify: JustifyMethod = "center" if heading == "score" else "left"
        table.add_column(heading, style=style, justify=justify, no_wrap=heading in WHOLE, overflow="fold")
    for row in rows:
        table.add_row(*map(Text, compress(row, shown)))
    draw(console, table)


def draw(console: "Console", what: "RenderableType") -> None:
    """Prints `what` to the console's file. Rich by itself would end the program when the reader has left."""
    with console.capture() as drawn:
        console.print(what)
    console.file.write(drawn.get())
