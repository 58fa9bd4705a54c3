"""`mls-scraper watch`: look again and again, and send what has changed, until it is stopped."""

import sys
import threading
from typing import TYPE_CHECKING, Annotated

import typer

from match_scraper.errors import INTERRUPTED, ScraperError, UsageProblem

from . import running, turn
from .options import (
    AgeGroups,
    Clubs,
    Divisions,
    FallbackApi,
    FromSource,
    Leagues,
    Quiet,
    SeasonLabel,
    UseQueue,
    asked_for,
    examples,
    with_source,
)
from .running import ending_well

if TYPE_CHECKING:
    from match_scraper.asked import Asked
    from match_scraper.settings import Settings

EXAMPLES = examples(
    ("send what changes, until Ctrl-C", "mls-scraper watch -a U14,U15 -d Northeast --use-queue"),
    ("look twice, half a second apart", "mls-scraper watch -a U14 -d Northeast --use-queue --every 0.5s --cycles 2"),
)
EVERY = "1h"
EVERY_ON_MATCH_DAYS = "10m"


def watch(
    age_group: AgeGroups = None,
    division: Divisions = None,
    league: Leagues = None,
    season: SeasonLabel = None,
    club: Clubs = None,
    source: FromSource = None,
    use_queue: UseQueue = False,
    fallback_api: FallbackApi = False,
    every: Annotated[str, typer.Option(help="Time between two looks, such as 90s, 15m or 2h.")] = EVERY,
    every_on_match_days: Annotated[
        str, typer.Option(help="The same, while a match has begun in the last five hours and has no score.")
    ] = EVERY_ON_MATCH_DAYS,
    cycles: Annotated[int | None, typer.Option(min=1, help="Stop after so many looks.")] = None,
    quiet: Quiet = False,
) -> None:
    """Scrape again and again, and send what has changed, until Ctrl-C or SIGTERM.

    A look that fails is said, and made up for by the next one. The exit code is that of the last look, as scrape has
    them; 130 if it was stopped in the middle of one.
    """
    with ending_well() as settings:
        asked = asked_for(settings, age_group, division, league, season, club)
        waits = _seconds("--every", every), _seconds("--every-on-match-days", every_on_match_days)
        way = turn.Way(use_queue, fallback_api, quiet=quiet)
        code, looks = 0, 0
        while True:
            code, awaited = _look(asked, with_source(settings, source), way, first=looks == 0)
            looks += 1
            if code == INTERRUPTED or looks == cycles:
                break
            seconds = min(waits) if awaited else waits[0]
            try:
                if not quiet:
                    why = f", as {awaited} scores are awaited" if awaited else ""
                    print(f"{running.utc_now():%H:%M:%S} UTC: the next look is in {_spoken(seconds)}{why}", flush=True)
                threading.Event().wait(seconds)
            except KeyboardInterrupt:
                break  # the last look is whole, and its result was said
        if not quiet:
            print(
                f"stopped after {looks} {'look' if looks == 1 else 'looks'}, the last with exit code {code}", flush=True
            )
        raise typer.Exit(code)


def _look(asked: "Asked", settings: "Settings", way: turn.Way, *, first: bool) -> tuple[int, int]:
    """One look: its exit code, and how many scores are awaited."""
    from match_scraper.cadence import scores_awaited

    try:
        done = turn.take(asked, settings, way)
    except ScraperError as error:
        # What cannot be asked will not be answered later either; but what could be asked before may be again.
        if first and isinstance(error, UsageProblem):
            raise
        print(f"problem: {error}", file=sys.stderr, flush=True)
        return error.exit_code, 0
    except Exception as error:  # noqa: BLE001 - a bug, told as one; the next look may go well
        running.tell_bug(error, settings)
        return 1, 0
    run = done.run
    turn.tell(done, sys.stderr if way.quiet else sys.stdout, quiet=way.quiet)
    return done.exit_code, scores_awaited(run.messages, running.utc_now())


def _seconds(option: str, text: str) -> float:
    from match_scraper.cadence import seconds_of

    try:
        return seconds_of(text)
    except ValueError as error:
        raise UsageProblem(f"{option}: {error}.") from None


def _spoken(seconds: float) -> str:
    return f"{seconds:g} seconds" if seconds < 120 else f"{seconds / 60:g} minutes"
