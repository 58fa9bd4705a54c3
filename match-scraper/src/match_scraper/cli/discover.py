"""`mls-scraper discover`: what the source has: leagues, divisions, age groups and clubs."""

import csv
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from match_scraper.errors import worst_exit_code

from . import running
from .options import (
    AgeGroups,
    Clubs,
    Divisions,
    Format,
    FromSource,
    Leagues,
    ListFormat,
    SeasonLabel,
    asked_for,
    examples,
    with_source,
)
from .running import ending_well, progress, reader_may_leave

if TYPE_CHECKING:
    from match_scraper.discover import Found

EXAMPLES = examples(
    ("every bracket of every league", "mls-scraper discover"),
    ("the clubs of one bracket", "mls-scraper discover --clubs -a U14 -d Northeast"),
    ("where a club plays, for a program", "mls-scraper discover --clubs --club Valeo --format json"),
)


def discover(
    age_group: AgeGroups = None,
    division: Divisions = None,
    league: Leagues = None,
    season: SeasonLabel = None,
    club: Clubs = None,
    source: FromSource = None,
    clubs: Annotated[bool, typer.Option("--clubs", help="A line for each club in each bracket.")] = False,
    output: ListFormat = Format.TABLE,
) -> None:
    """List what the source has: each bracket of each league, and with --clubs who plays in it.

    The names are those that --league, --division, --age-group and --club take. Without options it is everything,
    whatever AGE_GROUP and DIVISION say.
    """
    with ending_well() as settings:
        from match_scraper import report
        from match_scraper.discover import BracketFound, ClubFound, brackets_found, clubs_found, look
        from match_scraper.listed import Lists

        silent = ["all"]
        asked = asked_for(settings, age_group or silent, division or silent, league or silent, season, club or None)
        pages = running.Pages()
        site = running.open_source(with_source(settings, source), pages)
        try:
            with progress("reading the schedule", quiet=False, pages=pages):
                seen = look(asked, site, Lists(settings.cache_dir), now=running.utc_now())
        finally:
            site.close()
        rows = clubs_found(seen) if clubs else brackets_found(seen)
        with reader_may_leave():
            _print(rows, ClubFound if clubs else BracketFound, output)
        told = sys.stdout if output is Format.TABLE else sys.stderr
        with reader_may_leave():
            for notice in seen.notices:
                print(f"note: {notice}", file=told)
            for line in report.unreadable(reading for _, reading in seen.readings):
                print(line, file=told)
            told.flush()
            for problem in seen.problems:
                print(f"problem: {problem}", file=sys.stderr)
        raise typer.Exit(worst_exit_code(seen.problems))


def _print(rows: "Sequence[Found]", kind: "type[Found]", output: Format) -> None:
    import msgspec

    from match_scraper import report

    items: list[dict[str, Any]] = [msgspec.to_builtins(row) for row in rows]
    if output is Format.JSON:
        sys.stdout.write("[" + ",\n".join(msgspec.json.encode(item).decode() for item in items) + "]\n")
        return
    if output is Format.CSV:
        writer = csv.DictWriter(sys.stdout, fieldnames=kind.__struct_fields__, lineterminator="\n")
        writer.writeheader()
        writer.writerows(items)
        return
    if not items:
        return
    styles = {"club": "bold", "division": "bold", "age_group": "bold", "first_day": report.DAY, "last_day": report.DAY}
    columns = {name.replace("_", " "): styles.get(name, "") for name in items[0]}
    report.write_rows(
        columns, (["" if value is None else str(value) for value in item.values()] for item in items), sys.stdout
    )
