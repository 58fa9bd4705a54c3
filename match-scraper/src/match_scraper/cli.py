"""The command line: words in, exit code out.

Heavy modules are imported inside the commands, so that `--help` answers at once.
"""

import contextlib
import datetime as dt
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from .errors import INTERRUPTED, ScraperError, UsageProblem, worst_exit_code

if TYPE_CHECKING:
    from .delivery.base import Destination
    from .scrape import Run
    from .settings import Settings
    from .sources.base import Source

app = typer.Typer(
    name="mls-scraper",
    help="Reads MLS NEXT fixtures and results, and submits them to missing-table.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
config = typer.Typer(help="The settings, which all come from the environment.", no_args_is_help=True)
app.add_typer(config, name="config")


class Format(StrEnum):
    """How messages are printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


def main() -> None:
    """The `mls-scraper` command."""
    # Kubernetes and `timeout` stop a process with SIGTERM; it ends then as by Ctrl-C, with a summary.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    app()


@app.command()
def scrape(
    age_group: Annotated[
        list[str] | None,
        typer.Option("--age-group", "-a", help="Such as U14; several times, or 'all'. Else AGE_GROUP."),
    ] = None,
    division: Annotated[
        list[str] | None,
        typer.Option("--division", "-d", help="Such as Northeast; several times, or 'all'. Else DIVISION."),
    ] = None,
    league: Annotated[
        list[str] | None, typer.Option(help="Homegrown (default), Academy, Flex; several times, or 'all'.")
    ] = None,
    season: Annotated[str | None, typer.Option(help="Such as 2026-27. Default: the one that contains today.")] = None,
    club: Annotated[list[str] | None, typer.Option(help="Only matches of this club, or part of its name.")] = None,
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
    quiet: Annotated[bool, typer.Option("--quiet", help="Say nothing unless something is wrong.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="A stale source is an error.")] = False,
) -> None:
    """Read matches from the league's site and submit them."""
    with _ending_well() as settings:
        from . import scrape as work
        from .asked import Asked

        asked = Asked(
            _parts(age_group) or settings.age_group,
            _parts(division) or settings.division,
            _parts(league) or ("Homegrown",),
            season,
            tuple(club or ()),
            first_day,
            last_day,
        )
        run = work.Run()
        interrupted = False
        name: str | None = None
        with contextlib.ExitStack() as stack:
            destinations: tuple[Destination, ...] = ()
            if not dry_run:
                from .delivery.choose import choose_destinations

                destinations = choose_destinations(settings, use_queue, fallback_api=fallback_api)
                for destination in destinations:
                    stack.callback(destination.close)
                name = ", or else ".join(destination.name for destination in destinations)
            source = _source(settings)
            stack.callback(source.close)
            try:
                with _progress("reading the schedule", quiet=quiet):
                    work.read(run, asked, source, now=utc_now(), strict=strict)
                if destinations and run.messages:
                    _send(run, destinations, settings, everything=full, quiet=quiet)
            except KeyboardInterrupt:
                interrupted = True
        code = INTERRUPTED if interrupted else worst_exit_code(run.problems)
        _log_end(run, name, code)
        with _reader_may_leave():
            _print_messages(run, output or (Format.TABLE if dry_run else None), quiet=quiet)
        with _reader_may_leave():
            told = sys.stderr if quiet or output in (Format.JSON, Format.CSV) else sys.stdout
            _tell(run, name, told, quiet=quiet, interrupted=interrupted)
        raise typer.Exit(code)


@app.command("sample-site")
def sample_site(
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 0,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    data: Annotated[
        Path | None,
        typer.Option(help="Serve schedule/<key>.json and standings/<key>.json of this folder, read at each request."),
    ] = None,
    fault: Annotated[list[str] | None, typer.Option(help="Misbehave in this way; several times.")] = None,
    list_faults: Annotated[bool, typer.Option("--list-faults", help="Print the names of the faults.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", help="With --list-faults: what each one is.")] = False,
    export: Annotated[Path | None, typer.Option(help="Write the sample into this folder, and stop.")] = None,
) -> None:
    """Serve a local copy of the league's site, for trying things out and for tests.

    Prints its address as the first line, for MLS_ASSIST_URL, and runs until Ctrl-C.
    """
    with _ending_well():
        from .sample_site import faults, server

        known = faults.known()
        if list_faults:
            with _reader_may_leave():
                for name, each in known.items():
                    print(f"{name}\t{each.seen_as}" if verbose else name)
            return
        chosen = _parts(fault)
        for name in chosen:
            if name not in known:
                from .asked import nearest_first

                raise UsageProblem(f"Unknown fault “{name}”; known are {', '.join(nearest_first(name, known))}.")
        if export is not None:
            for file in server.export(export, chosen):
                print(file)
            return
        if data is not None and not data.is_dir():
            raise UsageProblem(f"--data {data} is not a folder; --export {data} makes one with the sample in it.")
        try:
            site = server.SampleSite(port, host=host, folder=data, faults=chosen)
        except OSError as error:
            raise UsageProblem(f"Cannot listen on {host}:{port}: {error.strerror or error}.") from error
        with site:
            print(site.url, flush=True)
            # Ctrl-C and SIGTERM are how this ends well.
            with contextlib.suppress(KeyboardInterrupt):
                threading.Event().wait()


@config.command("show")
def show() -> None:
    """Print every setting, with secrets masked."""
    with _ending_well() as settings:
        from .settings import shown

        with _reader_may_leave():
            for name, value in shown(settings):
                print(f"{name}={value}")


def utc_now() -> dt.datetime:
    """The one place where this program asks what time it is."""
    return dt.datetime.now(dt.UTC)


def _source(settings: "Settings") -> "Source":
    from .sources.choose import choose_source

    return choose_source(settings)


def _send(
    run: "Run", destinations: "Sequence[Destination]", settings: "Settings", *, everything: bool, quiet: bool
) -> None:
    from .delivery.ledger import Ledger
    from .scrape import send

    ledger = Ledger(settings.ledger_path)
    try:
        with _progress("sending", quiet=quiet, total=len(run.messages)) as advance:
            send(run, destinations, ledger, everything=everything, each=advance)
    finally:
        ledger.close()
        run.notices += ledger.notices


def _log_end(run: "Run", destination: str | None, code: int) -> None:
    import structlog

    from .report import counts

    numbers = {name.replace(" ", "_"): count for name, count in counts(run).items()}
    structlog.get_logger(__name__).info("run_ended", destination=destination, exit_code=code, **numbers)


def _print_messages(run: "Run", output: Format | None, *, quiet: bool) -> None:
    from . import report

    if output is Format.JSON:
        report.write_json(run.messages, sys.stdout)
    elif output is Format.CSV:
        report.write_csv(run.messages, sys.stdout)
    elif output is Format.TABLE and run.messages and not quiet:
        report.write_table(run.messages, sys.stdout)


def _tell(run: "Run", destination: str | None, out: TextIO, *, quiet: bool, interrupted: bool) -> None:
    from . import report

    if not quiet or run.problems or interrupted:
        for line in report.summary(run, destination):
            print(line, file=out)
    out.flush()
    for line in report.problems(run):
        print(line, file=sys.stderr)
    if interrupted:
        print("stopped before the end; the next run sends the rest", file=sys.stderr)


@contextlib.contextmanager
def _ending_well() -> "Iterator[Settings]":
    """Settings and logging for one command, and an exit code in place of each exception."""
    settings: Settings | None = None
    try:
        from .settings import load_settings

        settings = load_settings()
        _start_logging(settings.log_level)
        yield settings
    except ScraperError as error:
        print(f"mls-scraper: {error}", file=sys.stderr)
        raise typer.Exit(error.exit_code) from None
    except KeyboardInterrupt:
        print("mls-scraper: stopped", file=sys.stderr)
        raise typer.Exit(INTERRUPTED) from None
    except (typer.Exit, typer.Abort):
        raise
    except Exception as error:  # noqa: BLE001 - told as the bug that it is, without a secret in it
        _tell_bug(error, settings)
        raise typer.Exit(1) from None


def _tell_bug(error: Exception, settings: "Settings | None") -> None:
    text = f"{type(error).__name__}: {error}"
    if settings is not None and settings.log_level == "DEBUG":
        import traceback

        text = "".join(traceback.format_exception(error))
    if settings is not None:
        from .settings import redacted

        text = redacted(text, settings)
    print(f"mls-scraper: this is a bug, please report it: {text}", file=sys.stderr)
    if settings is None or settings.log_level != "DEBUG":
        print("LOG_LEVEL=DEBUG shows where it happened.", file=sys.stderr)


def _start_logging(level: str) -> None:
    import structlog

    terminal = sys.stderr.isatty()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.dev.ConsoleRenderer() if terminal else structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


@contextlib.contextmanager
def _progress(what: str, *, quiet: bool, total: int | None = None) -> Iterator[Callable[[], None]]:
    """A bar on a terminal, and nothing anywhere else."""
    if quiet or not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

    columns = [SpinnerColumn(), TextColumn("{task.description}"), BarColumn()]
    if total is not None:
        columns.append(MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(what, total=total)
        yield lambda: progress.advance(task)


@contextlib.contextmanager
def _reader_may_leave() -> Iterator[None]:
    """A reader that has had enough, such as `head`, is no reason to complain."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        # Python flushes once more at exit; let that go nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _parts(values: list[str] | None) -> tuple[str, ...]:
    return tuple(part.strip() for value in values or () for part in value.split(",") if part.strip())
