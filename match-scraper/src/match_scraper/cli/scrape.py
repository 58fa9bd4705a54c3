"""`mls-scraper scrape`: read what was asked for, submit it, and say what came of it."""

import contextlib
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from match_scraper.errors import INTERRUPTED, worst_exit_code

from . import running
from .measuring import leave_measures
from .options import AgeGroups, Clubs, Divisions, Format, Leagues, Quiet, SeasonLabel, parts
from .running import ending_well, progress, reader_may_leave

if TYPE_CHECKING:
    from match_scraper.delivery.base import Destination
    from match_scraper.scrape import Run
    from match_scraper.settings import Settings


def scrape(
    age_group: AgeGroups = None,
    division: Divisions = None,
    league: Leagues = None,
    season: SeasonLabel = None,
    club: Clubs = None,
    first_day: Annotated[str | None, typer.Option("--from", help="First day, YYYY-MM-DD, at the venue.")] = None,
    last_day: Annotated[str | None, typer.Option("--to", help="Last day, YYYY-MM-DD, at the venue.")] = None,
    use_queue: Annotated[
        bool, typer.Option("--use-queue/--no-use-queue", help="Publish to RabbitMQ, or submit over HTTP (default).")
    ] = False,
    fallback_api: Annotated[
        bool, typer.Option("--fallback-api", help="With --use-queue: over HTTP where the broker is away.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Send nothing.")] = False,
    full: Annotated[bool, typer.Option("--full", help="Send also what has been confirmed before.")] = False,
    output: Annotated[
        Format | None,
        typer.Option(
            "--format", help="Print the messages; json and csv alone to standard output, all else to standard error."
        ),
    ] = None,
    quiet: Quiet = False,
    strict: Annotated[bool, typer.Option("--strict", help="A stale source is an error.")] = False,
) -> None:
    """Read matches from the league's site and submit them."""
    with ending_well() as settings:
        from match_scraper import scrape as work
        from match_scraper.asked import Asked

        asked = Asked(
            parts(age_group) or settings.age_group,
            parts(division) or settings.division,
            parts(league) or ("Homegrown",),
            season,
            tuple(club or ()),
            first_day,
            last_day,
        )
        run = work.Run()
        began = running.utc_now()
        interrupted = False
        name: str | None = None
        with contextlib.ExitStack() as stack:
            destinations: tuple[Destination, ...] = ()
            if not dry_run:
                from match_scraper.delivery.choose import choose_destinations

                destinations = choose_destinations(settings, use_queue, fallback_api=fallback_api)
                for destination in destinations:
                    stack.callback(destination.close)
                name = ", or else ".join(destination.name for destination in destinations)
            source = running.open_source(settings)
            stack.callback(source.close)
            try:
                with progress("reading the schedule", quiet=quiet):
                    work.read(run, asked, source, now=running.utc_now(), strict=strict)
                if destinations and run.messages:
                    _send(run, destinations, settings, everything=full, quiet=quiet)
            except KeyboardInterrupt:
                interrupted = True
        code = INTERRUPTED if interrupted else worst_exit_code(run.problems)
        leave_measures(run, asked, settings, exit_code=code, began=began, ended=running.utc_now())
        _log_end(run, name, code)
        with reader_may_leave():
            _print_messages(run, output or (Format.TABLE if dry_run else None), quiet=quiet)
        with reader_may_leave():
            told = sys.stderr if quiet or output in (Format.JSON, Format.CSV) else sys.stdout
            _tell(run, name, told, quiet=quiet, interrupted=interrupted)
        raise typer.Exit(code)


def _send(
    run: "Run", destinations: "Sequence[Destination]", settings: "Settings", *, everything: bool, quiet: bool
) -> None:
    from match_scraper.delivery.ledger import Ledger
    from match_scraper.scrape import send

    ledger = Ledger(settings.ledger_path)
    try:
        with progress("sending", quiet=quiet, total=len(run.messages)) as advance:
            send(run, destinations, ledger, everything=everything, each=advance)
    finally:
        ledger.close()
        run.notices += ledger.notices


def _log_end(run: "Run", destination: str | None, code: int) -> None:
    import structlog

    from match_scraper.report import counts

    numbers = {name.replace(" ", "_"): count for name, count in counts(run).items()}
    structlog.get_logger(__name__).info("run_ended", destination=destination, exit_code=code, **numbers)


def _print_messages(run: "Run", output: Format | None, *, quiet: bool) -> None:
    from match_scraper import report

    if output is Format.JSON:
        report.write_json(run.messages, sys.stdout)
    elif output is Format.CSV:
        report.write_csv(run.messages, sys.stdout)
    elif output is Format.TABLE and run.messages and not quiet:
        report.write_table(run.messages, sys.stdout)


def _tell(run: "Run", destination: str | None, out: TextIO, *, quiet: bool, interrupted: bool) -> None:
    from match_scraper import report

    if not quiet or run.problems or interrupted:
        for line in report.summary(run, destination):
            print(line, file=out)
    out.flush()
    for line in report.problems(run):
        print(line, file=sys.stderr)
    if interrupted:
        print("stopped before the end; the next run sends the rest", file=sys.stderr)
