"""How every command begins and ends: settings, logging and a progress bar; an exit code in place of each exception."""

import contextlib
import datetime as dt
import functools
import os
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import typer

from match_scraper.errors import BUG, INTERRUPTED, ScraperError, UsageProblem

if TYPE_CHECKING:
    from match_scraper.settings import Settings
    from match_scraper.sources.base import Source


def utc_now() -> dt.datetime:
    """The one place where this program asks what time it is."""
    return dt.datetime.now(dt.UTC)


@contextlib.contextmanager
def ending_well(misconfigured: "Callable[[Settings, ScraperError], object] | None" = None) -> "Iterator[Settings]":
    """Settings and logging for one command, and an exit code in place of each exception.

    Parameters: `misconfigured` is told that settings are wrong, with those that can be used.
    """
    settings: Settings | None = None
    from match_scraper.settings import load_settings, usable_settings

    try:
        settings = load_settings()
        _start_logging(settings.log_level)
        yield settings
    except ScraperError as error:
        if settings is None and misconfigured is not None:
            usable = usable_settings()
            _start_logging(usable.log_level)
            misconfigured(usable, error)
        print(f"mls-scraper: {error}", file=sys.stderr)
        raise typer.Exit(error.exit_code) from None
    except KeyboardInterrupt:
        print("mls-scraper: stopped", file=sys.stderr)
        raise typer.Exit(INTERRUPTED) from None
    except (typer.Exit, typer.Abort):
        raise
    except Exception as error:  # noqa: BLE001 - told as the bug that it is, without a secret in it
        tell_bug(error, settings)
        raise typer.Exit(BUG) from None


class Pages:
    """Told by a source how many pages it has read and how many there are; tells the bar that is on the screen."""

    def __init__(self) -> None:
        self.show: Callable[[int, int], object] | None = None
        self.read: tuple[int, int] | None = None
        """How many, and of how many."""

    def __call__(self, done: int, total: int) -> None:
        self.read = done, total
        if self.show is not None:
            self.show(done, total)


def open_source(settings: "Settings", pages: Pages | None = None, *, quiet: bool = False) -> "Source":
    """Where matches come from. Quiet means that only what fails in the end is told, and not each attempt."""
    from stamina.instrumentation import set_on_retry_hooks

    from match_scraper.sources.choose import choose_source
    from match_scraper.sources.fetch import tell_retry

    set_on_retry_hooks([functools.partial(tell_retry, quiet=quiet)])
    return choose_source(settings, pages)


@contextlib.contextmanager
def progress(
    what: str, *, quiet: bool, total: int | None = None, pages: Pages | None = None
) -> Iterator[Callable[[], None]]:
    """A bar on a terminal, and nothing anywhere else."""
    if quiet or not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

    columns = [SpinnerColumn(), TextColumn("{task.description}"), BarColumn()]
    if total is not None:
        columns.append(MofNCompleteColumn())
    if pages is not None:
        columns.append(TextColumn("{task.fields[pages]}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task(what, total=total, pages="")
        if pages is not None:
            pages.show = lambda done, of: shown.update(task, completed=done, total=of, pages=f"{done}/{of} pages")
        yield lambda: shown.advance(task)


@contextlib.contextmanager
def reader_may_leave() -> Iterator[None]:
    """A reader that has had enough, such as `head`, is no reason to complain."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        _say_no_more()
    except OSError as error:
        _say_no_more()
        raise UsageProblem(f"What is to be printed cannot be written: {error.strerror or error}.") from error


def _say_no_more() -> None:
    """Python flushes standard output once more at exit; let that go nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def tell_bug(error: Exception, settings: "Settings | None") -> None:
    text = f"{type(error).__name__}: {error}"
    if settings is not None and settings.log_level == "DEBUG":
        import traceback

        text = "".join(traceback.format_exception(error))
    if settings is not None:
        from match_scraper.settings import redacted

        text = redacted(text, settings)
    print(f"mls-scraper: this is a bug, please report it: {text}", file=sys.stderr)
    if settings is None or settings.log_level != "DEBUG":
        print("LOG_LEVEL=DEBUG shows where it happened.", file=sys.stderr)


def _start_logging(level: str) -> None:
    import structlog

    terminal = sys.stderr.isatty()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.dev.ConsoleRenderer() if terminal else structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
