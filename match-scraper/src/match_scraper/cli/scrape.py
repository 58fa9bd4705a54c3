"""`mls-scraper scrape`: read what was asked for, submit it, and say what came of it."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from . import turn
from .options import (
    AgeGroups,
    Clubs,
    Divisions,
    DryRun,
    FallbackApi,
    Format,
    FromSource,
    Leagues,
    Quiet,
    SeasonLabel,
    Strict,
    UseQueue,
    asked_for,
    examples,
    with_source,
)
from .running import ending_well, reader_may_leave

if TYPE_CHECKING:
    from match_scraper.asked import Asked
    from match_scraper.scrape import Run
    from match_scraper.settings import Settings

EXAMPLES = examples(
    ("look at two brackets, send nothing", "mls-scraper scrape -a U14,U15 -d Northeast --dry-run"),
    ("publish what is new to RABBITMQ_URL", "mls-scraper scrape -a U14 -d Northeast --use-queue"),
    ("one club's matches, for a program", "mls-scraper scrape -a all -d all --club Valeo --dry-run --format json"),
)


def scrape(
    age_group: AgeGroups = None,
    division: Divisions = None,
    league: Leagues = None,
    season: SeasonLabel = None,
    club: Clubs = None,
    first_day: Annotated[str | None, typer.Option("--from", help="First day, YYYY-MM-DD, at the venue.")] = None,
    last_day: Annotated[str | None, typer.Option("--to", help="Last day, YYYY-MM-DD, at the venue.")] = None,
    source: FromSource = None,
    use_queue: UseQueue = False,
    fallback_api: FallbackApi = False,
    dry_run: DryRun = False,
    full: Annotated[bool, typer.Option("--full", help="Send also what has been confirmed before.")] = False,
    output: Annotated[
        Format | None,
        typer.Option(
            "--format", help="Print the messages; json and csv alone to standard output, all else to standard error."
        ),
    ] = None,
    brackets: Annotated[
        bool,
        typer.Option("--brackets/--no-brackets", help="Send the official tables, too, of whole brackets."),
    ] = True,
    quiet: Quiet = False,
    strict: Strict = False,
) -> None:
    """Read matches from the league's site and submit them."""
    way = turn.Way(use_queue, fallback_api, dry_run, full, strict, quiet, brackets)

    def asked(settings: "Settings") -> "Asked":
        return asked_for(settings, age_group, division, league, season, club, first_day=first_day, last_day=last_day)

    with ending_well(lambda usable, why: turn.not_begun(why, asked(usable), usable, way)) as settings:
        done = turn.take(asked(settings), with_source(settings, source), way)
        with reader_may_leave():
            _print_messages(done.run, output or (Format.TABLE if dry_run else None), quiet=quiet)
        told = sys.stderr if quiet or output in (Format.JSON, Format.CSV) else sys.stdout
        turn.tell(done, told, quiet=quiet, whole=output is Format.JSON)
        raise typer.Exit(done.exit_code)


def _print_messages(run: "Run", output: Format | None, *, quiet: bool) -> None:
    from match_scraper import report

    if output is Format.JSON:
        report.write_json(run.messages, sys.stdout)
    elif output is Format.CSV:
        report.write_csv(run.messages, sys.stdout)
    elif output is Format.TABLE and run.messages and not quiet:
        report.write_table(run.messages, sys.stdout)
