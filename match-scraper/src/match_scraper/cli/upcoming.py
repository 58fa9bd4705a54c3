"""`mls-scraper upcoming`: the next matches."""

import datetime as dt
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

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
    from match_scraper.match_data import MatchData

EXAMPLES = examples(
    ("the next two weeks of a bracket", "mls-scraper upcoming -a U14 -d Northeast"),
    ("the next three matches of a club, in any bracket", "mls-scraper upcoming --club Westchester --limit 3"),
    (
        "a month from a day of your choice, for a program",
        "mls-scraper upcoming -a U15 --from 2026-10-01 --days 30 --format json",
    ),
)


def upcoming(
    age_group: AgeGroups = None,
    division: Divisions = None,
    league: Leagues = None,
    season: SeasonLabel = None,
    club: Clubs = None,
    source: FromSource = None,
    days: Annotated[int, typer.Option(min=1, max=366, help="How many days, today included.")] = 14,
    first_day: Annotated[
        str | None, typer.Option("--from", help="Count from this day, YYYY-MM-DD, not from now.")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many matches.")] = None,
    output: ListFormat = Format.TABLE,
) -> None:
    """Show the next matches: when, who against whom, and where.

    Without --age-group and --division, and where the environment names none, of all brackets. Day and time are those
    of the venue. A match that was postponed is not shown until it has a new day.
    """
    with ending_well() as settings:
        from match_scraper import report
        from match_scraper.asked import day_named, season_named
        from match_scraper.listed import Lists
        from match_scraper.scrape import Run, read
        from match_scraper.season import season_ahead
        from match_scraper.upcoming import still_to_come

        now = running.utc_now()
        begin = day_named("--from", first_day)
        if begin is None:
            # Somewhere it is still yesterday.
            begin = now.date() - dt.timedelta(days=1)
        else:
            now = dt.datetime.combine(begin, dt.time(), dt.UTC)
        last = now.date() + dt.timedelta(days=days - 1)
        wanted = season_named(season, now.date()) if season else season_ahead(now.date())
        run, why = Run(lists=Lists(settings.cache_dir)), " (--days, --from)"
        if begin > wanted.last_day or last < wanted.first_day:
            why = f": season {wanted} runs from {wanted.first_day} to {wanted.last_day}"
        else:
            asked = asked_for(
                settings,
                *(age_group, division, league, wanted.label, club),
                first_day=begin.isoformat(),
                else_all=True,
            )
            pages = running.Pages()
            site = running.open_source(with_source(settings, source), pages)
            try:
                with progress("reading the schedule", quiet=False, pages=pages):
                    read(run, asked, site, now=running.utc_now())
            finally:
                site.close()
        ahead = still_to_come(run.messages, now)
        found = [match for match in ahead if match.date <= last][:limit]
        if ahead:
            why = f"; the next one is on {_day(ahead[0])}{why}"
        with reader_may_leave():
            _print(found, output)
        told = sys.stdout if output is Format.TABLE else sys.stderr
        with reader_may_leave():
            if not found and (run.readings or not run.problems):
                print(f"no match from {now:%Y-%m-%d} to {last}{why}", file=told)
            postponed = sum(match.status == "postponed" for match in run.messages)
            if postponed:
                print(f"note: postponed, without a new day yet: {postponed}", file=told)
            for notice in run.notices:
                print(f"note: {notice}", file=told)
            for line in report.unreadable(run.readings):
                print(line, file=told)
            told.flush()
            for line in report.problems(run):
                print(line, file=sys.stderr)
        raise typer.Exit(worst_exit_code(run.problems))


def _print(matches: "Sequence[MatchData]", output: Format) -> None:
    from match_scraper import report

    if output is Format.JSON:
        report.write_json(matches, sys.stdout)
    elif output is Format.CSV:
        report.write_csv(matches, sys.stdout)
    elif matches:
        columns = {
            "day": report.DAY,
            "kick-off": report.DAY,
            "home": "bold",
            "away": "bold",
            "venue": "",
            "bracket": "dim",
        }
        report.write_rows(columns, map(_row, matches), sys.stdout)


def _day(match: "MatchData") -> str:
    return f"{match.date:%a} {match.date}"


def _row(match: "MatchData") -> Sequence[str]:
    return (
        _day(match),
        match.match_time or "not set",
        match.home_team,
        match.away_team,
        match.location or "not set",
        f"{match.age_group} {match.division or ''}".strip(),
    )
