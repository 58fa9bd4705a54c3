"""One turn of the work, for `scrape` once and for `watch` again and again: read, send, and say what came of it."""

import contextlib
import sys
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

from match_scraper.errors import INTERRUPTED, worst_exit_code

from . import running
from .measuring import leave_measures
from .running import progress, reader_may_leave

if TYPE_CHECKING:
    from match_scraper.asked import Asked
    from match_scraper.delivery.base import Destination
    from match_scraper.scrape import Run
    from match_scraper.settings import Settings
    from match_scraper.tracing import Tracing


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


def _take(asked: "Asked", settings: "Settings", way: Way, run_id: str, traces: "Tracing") -> Turn:
    from match_scraper.listed import Lists
    from match_scraper.official import Brackets
    from match_scraper.scrape import Run, read
    from match_scraper.targets import Targets

    run = Run(brackets=Brackets(wanted=way.brackets), lists=Lists(settings.cache_dir))
    began = running.utc_now()
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
        source = running.open_source(settings, pages)
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
    code = INTERRUPTED if interrupted else worst_exit_code(run.problems)
    leave_measures(run, asked, settings, exit_code=code, began=began, ended=running.utc_now())
    _log_end(run, name, code)
    return Turn(run, name, interrupted, code)


def tell(turn: Turn, out: TextIO, *, quiet: bool) -> None:
    """The summary to `out`, and what is wrong to standard error; quiet means only where something is."""
    from match_scraper import report

    with reader_may_leave():
        if not quiet or turn.run.problems or turn.interrupted:
            if turn.destination and turn.run.lists:  # who only looks keeps nothing from the next run
                turn.run.notices += turn.run.lists.told()
            for line in report.summary(turn.run, turn.destination):
                print(line, file=out)
        out.flush()
        for line in report.problems(turn.run):
            print(line, file=sys.stderr)
        if turn.interrupted:
            print("stopped before the end; the next run sends the rest", file=sys.stderr)


def _send(run: "Run", destinations: "Sequence[Destination]", settings: "Settings", way: Way) -> None:
    from match_scraper.delivery.ledger import Ledger
    from match_scraper.scrape import send

    ledger = Ledger(settings.ledger_path)
    try:
        with progress("sending", quiet=way.quiet, total=len(run.messages)) as advance:
            send(run, destinations, ledger, everything=way.full, each=advance)
    finally:
        ledger.close()
        run.notices += ledger.notices


def _log_end(run: "Run", destination: str | None, code: int) -> None:
    import structlog

    from match_scraper.report import counts

    numbers = {name.replace(" ", "_"): count for name, count in counts(run).items()}
    structlog.get_logger(__name__).info("run_ended", destination=destination, exit_code=code, **numbers)
