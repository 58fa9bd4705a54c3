"""The modular11 endpoint: lists of matches as HTML, page by page. Seasons up to 2025-26.

What it does not have: the venue's time zone, the squads' ids, shootouts, and the away side's own bracket. The clock is
the HTTP `Date` of its answers. Only the brackets that were asked for are read; where the whole league has to be
looked at (the day of put-off matches, a week without scores), it is asked for just those days.
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlencode

from match_scraper.errors import NotPublished, SourceUnreadable
from match_scraper.season import Season

from .base import (
    AGE_GROUPS,
    HOMEGROWN_DIVISIONS,
    NO_VENUE,
    Bracket,
    Reading,
    ScrapedMatch,
    Wanted,
    refuse_if_too_many,
)
from .competitions import Competition, competition_of
from .fetch import DocumentFetcher
from .modular11_page import OddRow, Page, Row, decode_page
from .oddities import Oddities
from .whole_feed import CANARY_FROM, CANARY_TO, canary, placeholder_day, placeholder_like

PATH = "/public_schedule/league/get_matches"
TOURNAMENTS = {"Homegrown": 12, "Flex": 12, "Academy": 35}
AGES = {"U13": 21, "U14": 22, "U15": 33, "U16": 14, "U17": 15, "U19": 26}
IDS_OF = Season(2025)
"""The season whose division ids are known; they change from season to season."""
DIVISIONS = {
    "Northeast": 41,
    "Florida": 46,
    "Mid-Atlantic": 68,
    "Central": 34,
    "East": 35,
    "Southeast": 37,
    "Southwest": 36,
    "Northwest": 38,
}
PATHWAY = " (Pro Player Pathway)"
"""What the name of a division ends with that is small, and a part of a division; there is none below U16."""
PATHWAY_AGES = ("U16", "U17", "U19")
KEPT = dt.timedelta(hours=6)
"""So long the pages of a season that is over are taken from the cache, so that a read that was cut off goes on."""
READS = 3
"""So often a list is read from its start, should it change while it is being read."""
_WEST = dt.timedelta(hours=12)
"""Twelve hours after a clock at a venue showed a time, UTC has passed it, wherever the venue is."""

R = TypeVar("R", Row, OddRow)
Progress = Callable[[int, int], None]
"""Told how many pages have been read, and how many there are."""


class _ListChangedError(Exception):
    """The list changed while it was being read: a match may have moved from an unread page to one that was read."""


@dataclass(frozen=True, slots=True)
class _List:
    """All pages of one question."""

    rows: tuple[Row, ...]
    unreadable: tuple[OddRow, ...]
    observed_at: dt.datetime
    """The oldest of its pages."""

    @property
    def seen(self) -> int:
        return len(self.rows) + len(self.unreadable)


class Modular11Source:
    """The source behind `MODULAR11_URL`."""

    def __init__(self, fetcher: DocumentFetcher, progress: Progress | None = None) -> None:
        self._fetcher = fetcher
        self._progress = progress
        self._lists: dict[str, _List] = {}

    def brackets(self, season: Season, league: str) -> Sequence[Bracket]:
        """The brackets of this league. Raises `NotPublished` where it has no match in this season.

        Those of Homegrown are known; to find those of another league, all of it is read, which also answers `read`.
        """
        question = _question(season, league, AGE_GROUPS, ())
        if league == "Homegrown":
            if not self._page(question, 1, None)[0].seen:
                raise NotPublished(f"this site lists no match of {league} {season}")
            divisions = dict.fromkeys((*DIVISIONS, *(HOMEGROWN_DIVISIONS if season != IDS_OF else ())))
            return [
                *(Bracket(age_group, division) for division in divisions for age_group in AGE_GROUPS),
                *(Bracket(age_group, division + PATHWAY) for division in divisions for age_group in PATHWAY_AGES),
            ]
        found = self._list(season, question)
        rows = _of_league(found.rows, league)
        if not rows and not found.unreadable:
            raise NotPublished(f"this site lists no match of {league} {season}")
        return list(_brackets_of(rows))

    def read(self, wanted: Wanted) -> Reading:
        """The matches that were asked for. Raises `SourceUnreadable`.

        The window of days is not asked of the site: a match that was put off has left its weekend.
        """
        season, league = wanted.season, wanted.league
        groups = _group_ids(wanted)
        ages = [
            age for age in AGE_GROUPS if league != "Homegrown" or wanted.age_groups is None or age in wanted.age_groups
        ]
        found = self._list(season, _question(season, league, ages, groups))
        _check_divisions(wanted, found.rows, groups)
        if groups and season != IDS_OF and not {row.division for row in found.rows} >= (wanted.divisions or set()):
            # Nothing under the id of another season says nothing about the division: look for its name among all.
            groups = ()
            found = self._list(season, _question(season, league, ages, groups))
        refuse_if_too_many(found.unreadable, found.seen, "rows")
        if found.rows and not any(row.day in season for row in found.rows):
            raise SourceUnreadable(f"the {league} matches of {season} hold none of that season")
        # One endpoint lists two leagues: what is of the other one is seen when that is read.
        rows = _of_league(found.rows, league)
        unreadable = tuple(odd for odd in found.unreadable if not odd.competition or _of_league([odd], league))
        whole = not groups and len(ages) == len(AGE_GROUPS)
        placeholder = self._placeholder(wanted, rows, found.observed_at, whole=whole)
        oddities = Oddities(league)
        matches = []
        for row in rows:
            competition, known = _competition_of(row, league)
            match = _match(row, wanted, competition.match_type, found.observed_at, parked=row.day == placeholder)
            if wanted.includes(match):
                matches.append(match)
                oddities.look_at(
                    match,
                    unknown_competition=None if known else row.competition or "none",
                    without_venue=row.venue is None,
                    out_of_season=row.day not in season,
                )
        return Reading(
            league=league,
            season=season,
            synced_at=found.observed_at,
            seen=len(rows) + len(unreadable),
            matches=tuple(matches),
            unreadable=unreadable,
            notices=(*_divisions_without_match(wanted, rows), *oddities.notices()),
            problems=canary(
                self._scored_last_week(wanted, rows, found.observed_at, whole=whole), found.observed_at, league
            ),
            clubs=lambda: {name for row in rows for name in (row.home, row.away)},
            shown=_brackets_of(rows),
        )

    def close(self) -> None:
        self._fetcher.close()

    def _placeholder(self, wanted: Wanted, rows: Sequence[Row], now: dt.datetime, *, whole: bool) -> dt.date | None:
        """The day of put-off matches; the whole league's matches of the days in doubt do not count as seen."""
        season, league = wanted.season, wanted.league
        if whole:
            return placeholder_day(_days(rows), now)
        in_doubt = [day for day in sorted(placeholder_like(_days(rows), now, least=1)) if day in season]
        questions = [_question(season, league, AGE_GROUPS, (), day, day) for day in in_doubt]
        of_all = [row for question in questions for row in _of_league(self._list(season, question).rows, league)]
        return placeholder_day(_days(of_all), now)

    def _scored_last_week(self, wanted: Wanted, rows: Sequence[Row], now: dt.datetime, *, whole: bool) -> list[bool]:
        """For each match of the last week whether it has a score: of the whole league, as far as the first that has."""
        first, last = now - CANARY_FROM, now - CANARY_TO

        def scored(some: Collection[Row]) -> list[bool]:
            return [row.score is not None for row in some if first <= _clock(row) <= last - _WEST]

        found = scored(rows)
        if whole or any(found) or not (first.date() in wanted.season or last.date() in wanted.season):
            return found
        question = _question(wanted.season, wanted.league, AGE_GROUPS, (), first.date(), last.date())
        found, number, pages = [], 0, 1
        while number < pages and not any(found):
            number += 1
            page, _ = self._page(question, number, None)
            pages = page.of
            found += scored(_of_league(page.rows, wanted.league))
        return found

    def _list(self, season: Season, question: str) -> _List:
        if question not in self._lists:
            for read in range(READS):
                try:
                    self._lists[question] = self._read_list(season, question, read)
                    break
                except _ListChangedError as error:
                    why = error
            else:
                raise SourceUnreadable(f"the list of matches changed each time while it was read: {why}")
        return self._lists[question]

    def _read_list(self, season: Season, question: str, read: int) -> _List:
        first, now = self._page(question, 1, None)
        kept_since = now - KEPT if season.last_day < now.date() and read == 0 else None
        if not first.rows:
            # Nothing on it can be read, so the other pages need not be asked for.
            refuse_if_too_many(first.unreadable, first.seen, "rows")
        pages, oldest = [first], now
        self._tell(1, first.of)
        for number in range(2, first.of + 1):
            page, at = self._page(question, number, kept_since)
            if kept_since and page.of != first.of:
                page, at = self._page(question, number, None)
            if page.of != first.of:
                raise _ListChangedError(f"{first.of} pages, and then {page.of}")
            pages.append(page)
            oldest = min(oldest, at)
            self._tell(number, first.of)
        rows = tuple(row for page in pages for row in page.rows)
        twice = [number for number, count in Counter(row.number for row in rows).items() if count > 1]
        if twice and read < READS - 1:
            # A match that moved on to the next page is no loss, but then another may have moved back.
            raise _ListChangedError(f"match {twice[0]} stands in it twice")
        return _List(rows, tuple(odd for page in pages for odd in page.unreadable), oldest)

    def _page(self, question: str, number: int, kept_since: dt.datetime | None) -> tuple[Page, dt.datetime]:
        path = f"{PATH}?{question}&open_page={number}"
        fetched = self._fetcher.get(path, decode_page, kept_since=kept_since)
        page = fetched.document
        if page.number != number:
            raise SourceUnreadable(f"asked for page {number} of the matches, got page {page.number}")
        if fetched.date is None:
            raise SourceUnreadable("the answer has no Date, so nothing tells what has been played by then")
        return page, fetched.date

    def _tell(self, done: int, total: int) -> None:
        if self._progress:
            self._progress(done, total)


def _question(
    season: Season,
    league: str,
    age_groups: Collection[str],
    groups: Collection[int],
    first: dt.date | None = None,
    last: dt.date | None = None,
) -> str:
    """What is asked, but for the page."""
    return urlencode(
        [
            ("tournament", TOURNAMENTS[league]),
            *(("age[]", AGES[age_group]) for age_group in age_groups),
            *(("groups[]", group) for group in groups),
            ("status", "all"),
            ("match_type", 2),
            ("start_date", f"{first or season.first_day} 00:00:00"),
            ("end_date", f"{last or season.last_day} 23:59:59"),
            *(("academy", 0), ("gender", 0), ("brackets", ""), ("group", ""), ("match_number", 0), ("schedule", 0)),
            *(("team", 0), ("teamPlayer", 0), ("location", 0), ("as_referee", 0), ("report_status", 0)),
        ]
    )


def _group_ids(wanted: Wanted) -> tuple[int, ...]:
    """The ids of the divisions that were asked for; none, which means all, where one of them is not known."""
    if wanted.league != "Homegrown" or wanted.divisions is None or not wanted.divisions <= DIVISIONS.keys():
        return ()
    return tuple(DIVISIONS[division] for division in sorted(wanted.divisions))


def _check_divisions(wanted: Wanted, rows: Collection[Row], groups: Collection[int]) -> None:
    if not groups or wanted.divisions is None:
        return
    for row in _of_league(rows, wanted.league):
        if (row.division or "").removesuffix(PATHWAY) not in wanted.divisions:
            raise SourceUnreadable(
                f"asked for {', '.join(sorted(wanted.divisions))} of {wanted.season}, the site answered with match "
                f"{row.number} of {row.division or 'no division'}: its ids of divisions have changed"
            )


def _divisions_without_match(wanted: Wanted, rows: Collection[Row]) -> list[str]:
    missing = sorted((wanted.divisions or set()) - {row.division for row in rows})
    return [f"{wanted.league} {wanted.season}: no match of {division} on this site" for division in missing]


def _competition_of(row: Row | OddRow, league: str) -> tuple[Competition, bool]:
    return competition_of(row.competition, "Homegrown" if league == "Flex" else league)


def _of_league(rows: Collection[R], league: str) -> list[R]:
    own = "Homegrown" if league == "Flex" else league
    return [row for row in rows if (_competition_of(row, league)[0].league or own) == league]


def _brackets_of(rows: Collection[Row]) -> Counter[Bracket]:
    return Counter(Bracket(row.age_group, row.division) for row in rows if row.division)


def _days(rows: Collection[Row]) -> list[tuple[dt.date, bool]]:
    return [(row.day, row.score is not None) for row in rows]


def _clock(row: Row) -> dt.datetime:
    """What the clock at the venue shows at the kick-off, taken for UTC; the kick-off is up to `_WEST` later."""
    return dt.datetime.combine(row.day, dt.time.fromisoformat(row.clock) if row.clock else dt.time(), dt.UTC)


def _match(row: Row, wanted: Wanted, match_type: str, observed_at: dt.datetime, *, parked: bool) -> ScrapedMatch:
    kick_off_set = row.venue is not None and row.venue.casefold() != NO_VENUE
    return ScrapedMatch(
        match_id=row.number,
        season=wanted.season.label,
        league=wanted.league,
        match_type=match_type,
        age_group=row.age_group,
        division=row.division,
        home_team=row.home,
        away_team=row.away,
        home_team_id=None,
        away_team_id=None,
        day=row.day,
        start=None,
        match_time=row.clock if kick_off_set else None,
        timezone=None,
        location=row.venue if kick_off_set else None,
        score_home=row.score[0] if row.score else None,
        score_away=row.score[1] if row.score else None,
        penalty_home=None,
        penalty_away=None,
        parked=parked,
        observed_at=observed_at,
    )
