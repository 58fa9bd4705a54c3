"""One turn of the work, for `scrape` once and for `watch` again and again: read, send, and say what came of it."""

import contextlib
import datetime as dt
import sys
import textwrap
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

from match_scraper.errors import INTERRUPTED, ScraperError, exit_code_of, worst_exit_code

from . import running
from .measuring import leave_measures
from .running import progress, reader_may_leave

if TYPE_CHECKING:
    from match_scraper.asked import Asked
    from match_scraper.delivery.base import Destination
    from match_scraper.scrape import Run
    from match_scraper.settings import Settings
    from match_scraper.tracing import Tracing

_LONG = 300
"""Characters of a problem in the log; people are told all of it."""


@dataclass(frozen=True, slots=True)
class Way:
    """How the work is done: the words of the command line that say where to and how."""

    use_queue: bool = False
    fallback_api: bool = False
    dry_run: bool = False
    full: bool = False
    strict: bool = False
    quiet: bool = False
    brackets: bool = True


@dataclass(frozen=True, slots=True)
class Turn:
    """What came of it; `destination` is None for a dry run."""

    run: "Run"
    destination: str | None
    interrupted: bool
    exit_code: int


def take(asked: "Asked", settings: "Settings", way: Way) -> Turn:
    """Read what was asked for and send what is new of it; Ctrl-C ends it with the counts up to there.

    It has a run id of its own, in each of its log lines and messages, and is a trace where traces are asked for.
    Raises `UsageProblem` for what cannot be asked, or has nowhere to go.
    """
    from structlog.contextvars import bound_contextvars

    from match_scraper import tracing

    run_id = str(uuid.uuid4())
    traces, why_none = tracing.start()
    with (
        contextlib.closing(traces),
        bound_contextvars(run_id=run_id),
        traces.span("scrape", run_id=run_id),
    ):
        turn = _take(asked, settings, way, run_id, traces)
    if why_none:
        turn.run.notices.append(why_none)
    return turn


def not_begun(why: ScraperError, asked: "Asked", settings: "Settings", way: Way) -> None:
    """Settings are wrong, so there is no turn: that is how it ended, for Prometheus and for the log.

    Parameters: `settings` are those that can be used.
    """
    from match_scraper.scrape import Run

    turn = Turn(Run(), None, interrupted=False, exit_code=why.exit_code)
    _record(turn, [str(why)], asked, settings, way, began=running.utc_now())
    _tell_notices(turn.run)


def _tell_notices(run: "Run") -> None:
    for notice in run.notices:
        print(f"note: {notice}", file=sys.stderr)


def _take(asked: "Asked", settings: "Settings", way: Way, run_id: str, traces: "Tracing") -> Turn:
    from match_scraper.listed import Lists
    from match_scraper.official import Brackets
    from match_scraper.scrape import Run
    from match_scraper.settings import redacted

    run = Run(brackets=Brackets(wanted=way.brackets), lists=Lists(settings.cache_dir))
    began = running.utc_now()
    try:
        name, interrupted = _work(run, asked, settings, way, run_id, traces)
    except Exception as error:
        ended = Turn(run, None, interrupted=False, exit_code=exit_code_of(error))
        _record(ended, [redacted(str(error), settings)], asked, settings, way, began)
        _tell_notices(run)
        raise
    ended = Turn(run, name, interrupted, INTERRUPTED if interrupted else worst_exit_code(run.problems))
    _record(ended, map(str, run.problems), asked, settings, way, began)
    return ended


def _work(
    run: "Run", asked: "Asked", settings: "Settings", way: Way, run_id: str, traces: "Tracing"
) -> tuple[str | None, bool]:
    """Where it was sent to, and whether it was interrupted."""
    from match_scraper.scrape import read
    from match_scraper.targets import Targets

    interrupted = False
    name: str | None = None
    with contextlib.ExitStack() as stack:
        destinations: tuple[Destination, ...] = ()
        if not way.dry_run:
            from match_scraper.delivery.choose import choose_destinations

            destinations = choose_destinations(
                settings,
                way.use_queue,
                fallback_api=way.fallback_api,
                carried={"run_id": run_id, **traces.headers()},
            )
            for destination in destinations:
                stack.callback(destination.close)
            name = ", or else ".join(destination.name for destination in destinations)
        pages = running.Pages()
        source = running.open_source(settings, pages, quiet=way.quiet)
        stack.callback(source.close)
        targets = Targets(settings.state_dir / "targets.json")
        try:
            with traces.span("read"), progress("reading the schedule", quiet=way.quiet, pages=pages):
                read(run, asked, source, now=running.utc_now(), strict=way.strict, targets=targets)
            if not way.dry_run:
                targets.save()
            run.notices += targets.notices
            if destinations and (run.messages or run.brackets.messages):
                with traces.span("send", matches=len(run.messages)):
                    _send(run, destinations, settings, way)
        except KeyboardInterrupt:
            interrupted = True
            if pages.read and not run.readings:
                done, total = pages.read
                run.notices.append(
                    f"{done} of {total} pages were read; those of a season that is over are kept for six hours"
                )
    return name, interrupted


def tell(turn: Turn, out: TextIO, *, quiet: bool, whole: bool = False) -> None:
    """The summary to `out`, and what is wrong to standard error; quiet means only where something is.

    Parameters: `whole` names every match that was not sent.
    """
    from match_scraper import report

    with reader_may_leave():
        if not quiet or turn.run.problems or turn.interrupted:
            if turn.destination and turn.run.lists:  # who only looks keeps nothing from the next run
                turn.run.notices += turn.run.lists.told()
            for line in report.summary(turn.run, turn.destination):
                print(line, file=out)
        out.flush()
        for line in report.problems(turn.run, turn.destination, whole=whole):
            print(line, file=sys.stderr)
        if turn.interrupted:
            print("stopped before the end; the next run sends the rest", file=sys.stderr)


def _send(run: "Run", destinations: "Sequence[Destination]", settings: "Settings", way: Way) -> None:
    from match_scraper.delivery.ledger import Ledger
    from match_scraper.scrape import send

    ledger = Ledger(settings.ledger_path)
    try:
        with progress("sending", quiet=way.quiet, total=len(run.messages)) as advance:
            send(run, destinations, ledger, everything=way.full, strict=way.strict, each=advance)
    finally:
        ledger.close()
        run.notices += ledger.notices


def _record(
    turn: Turn, problems: Iterable[str], asked: "Asked", settings: "Settings", way: Way, began: dt.datetime
) -> None:
    """How it ended, for Prometheus and for the log. A dry run is no run of the job: it leaves no measurements."""
    import structlog

    from match_scraper.report import counts

    if not way.dry_run:
        leave_measures(turn.run, asked, settings, exit_code=turn.exit_code, began=began, ended=running.utc_now())
    structlog.get_logger(__name__).info(
        "run_ended",
        destination=turn.destination,
        exit_code=turn.exit_code,
        taken=turn.run.taken,
        problems=[textwrap.shorten(problem, _LONG, placeholder=" …") for problem in problems],
        **{name.replace(" ", "_"): count for name, count in counts(turn.run).items()},
    )
