"""`mls-scraper release`: has the season been published?"""

import sys

import typer

from match_scraper.errors import worst_exit_code

from . import running
from .options import FromSource, Leagues, Quiet, SeasonLabel, examples, parts, with_source
from .running import ending_well, progress, reader_may_leave

NEW = 10
"""Exit code when something has been published that was not told before."""

EXAMPLES = examples(
    ("has the coming season been published?", "mls-scraper release"),
    ("of one league and one season", "mls-scraper release --league Homegrown --season 2027-28"),
    ("in a job: silent until there is something to tell", "mls-scraper release --quiet"),
)


def release(
    league: Leagues = None, season: SeasonLabel = None, source: FromSource = None, quiet: Quiet = False
) -> None:
    """Say whether a season has been published; exit code 10 once when it has.

    Without --season it is the one that contains today, and from June on the next one; without --league it is all
    leagues. Exit code 0: not published yet, or told before; 10: a league has been published that was not told before,
    which is then remembered in the state folder; 3: it could not be read.
    """
    with ending_well() as settings:
        from match_scraper.asked import ALL, leagues_of, season_named
        from match_scraper.release import Told, awaited_season, look

        now = running.utc_now()
        wanted = awaited_season(now.date()) if season is None else season_named(season, now.date())
        leagues = leagues_of(parts(league) or (ALL,))
        pages = running.Pages()
        site = running.open_source(with_source(settings, source), pages, quiet=quiet)
        try:
            with progress("reading the schedule", quiet=quiet, pages=pages):
                news = look(site, wanted, leagues)
        finally:
            site.close()
        told = Told(settings.state_dir / "releases.json")
        new = told.new(news.published)
        with reader_may_leave():
            for each in [] if quiet else news.waiting:
                print(f"{each.league} {each.season} is not published yet")
            for each in news.published:
                if each in new:
                    print(f"{each.league} {each.season} has been published")
                elif not quiet:
                    print(f"{each.league} {each.season} is published, as told before")
        if new:
            told.tell(new)
        for notice in told.notices:
            print(f"note: {notice}", file=sys.stderr)
        for problem in news.problems:
            print(f"problem: {problem}", file=sys.stderr)
        raise typer.Exit(NEW if new else worst_exit_code(news.problems))
