"""What every source has in common: what is asked of it, and what it gives back.

A source knows one site. It reads, joins and files; it does not decide what a status is called in a message (that
is `match_scraper.message`) and it does not send.
"""

import datetime as dt
import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import msgspec

from match_scraper.errors import ScraperError, SourceUnreadable
from match_scraper.season import Season

AGE_GROUPS = ("U13", "U14", "U15", "U16", "U17", "U19")
"""The league has no U18."""
LEAGUES = ("Homegrown", "Academy", "Flex")
HOMEGROWN_DIVISIONS = (
    "Northeast",
    "Florida",
    "Mid-Atlantic",
    "Southeast",
    "Southwest",
    "Northwest",
    "Mid-America",
    "Frontier",
)
"""The league's own names for its Homegrown conferences; a source adds those it finds."""


NO_VENUE = "tbd"
"""The name of a venue that says that neither place nor kick-off is set; the stored time is then a filler.

Nor is a time believed where there is no venue at all: nothing says that it is none.
"""
TOLERATED_SHARE = 0.01
"""More unreadable than this, and it is not the entry that is odd: the shape has changed."""
TOLERATED = 1
"""So many may be odd in any case: a list of less than a hundred is not lost over one of them."""


@dataclass(frozen=True, slots=True)
class Bracket:
    """A group of squads with a table of their own."""

    age_group: str
    division: str


class ScrapedMatch(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a source says about one match, with its filing worked out and nothing judged yet."""

    match_id: str
    season: str
    league: str
    match_type: str
    age_group: str
    division: str | None
    home_team: str
    away_team: str
    home_team_id: str | None
    away_team_id: str | None
    day: dt.date
    """At the venue."""
    start: dt.datetime | None
    """Kick-off, UTC; None where none is set."""
    match_time: str | None
    """Kick-off at the venue, HH:MM; None where none is set."""
    timezone: str | None
    location: str | None
    score_home: int | None
    score_away: int | None
    penalty_home: int | None
    penalty_away: int | None
    parked: bool
    """Its day is the source's placeholder for matches that have been put off."""
    observed_at: dt.datetime
    """UTC, by the source's clock."""
    away_age_group: str | None = None
    away_division: str | None = None
    source: str = "mls-next"


class Filed(Protocol):
    """What is filed in one bracket, or with each side in its own."""

    @property
    def age_group(self) -> str: ...
    @property
    def division(self) -> str | None: ...
    @property
    def away_age_group(self) -> str | None: ...
    @property
    def away_division(self) -> str | None: ...


def brackets_of(filed: Filed) -> set[Bracket]:
    """The brackets in which it counts: one or two, none without a division."""
    away = filed.away_age_group or filed.age_group, filed.away_division or filed.division
    sides = (filed.age_group, filed.division), away
    return {Bracket(age_group, division) for age_group, division in sides if division is not None}


class Place(NamedTuple):
    """A team of an official table."""

    team: str
    team_id: str
    position: int | None
    """None where the league publishes no table, only another ranking."""


@dataclass(frozen=True, slots=True)
class OfficialTable:
    """What the league itself publishes of one bracket: all of its teams, played or not."""

    season: str
    league: str
    age_group: str
    division: str
    places: tuple[Place, ...]
    observed_at: dt.datetime
    """UTC, by the source's clock."""
    source: str = "mls-next"


@dataclass(frozen=True, slots=True)
class Wanted:
    """One league of one season, and which of its matches; None means all."""

    season: Season
    league: str
    age_groups: frozenset[str] | None = None
    divisions: frozenset[str] | None = None
    clubs: tuple[str, ...] = ()
    """Any of these, as part of a club's name; case and accents do not matter."""
    first_day: dt.date | None = None
    last_day: dt.date | None = None

    def includes(self, match: ScrapedMatch) -> bool:
        """Whether this match was asked for.

        A match across brackets belongs to both. A parked match is in every window: it has left its weekend.
        """
        return (
            self._has_bracket(match)
            and (match.parked or self._has_day(match.day))
            and (not self.clubs or self._has_club(match))
        )

    @property
    def whole_brackets(self) -> bool:
        """Whether every match of a bracket was asked for, where any was."""
        return not self.clubs and self.first_day is None and self.last_day is None

    def _has_bracket(self, match: ScrapedMatch) -> bool:
        if self.age_groups is None and self.divisions is None:
            return True
        away = match.away_age_group or match.age_group, match.away_division or match.division
        return self.names(match.age_group, match.division) or self.names(*away)

    def names(self, age_group: str, division: str | None) -> bool:
        """Whether this bracket was asked for."""
        return (self.age_groups is None or age_group in self.age_groups) and (
            self.divisions is None or division in self.divisions
        )

    def _has_day(self, day: dt.date) -> bool:
        return (self.first_day is None or self.first_day <= day) and (self.last_day is None or day <= self.last_day)

    def _has_club(self, match: ScrapedMatch) -> bool:
        names = plain(match.home_team), plain(match.away_team)
        return any(plain(club) in name for club in self.clubs for name in names)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Something in an answer that could not be read: where it stands, and why."""

    where: str
    why: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What one read of one league gave. `seen` = matches + not asked for + unreadable."""

    league: str
    season: Season
    synced_at: dt.datetime
    """UTC: when the source says its data was current."""
    seen: int
    matches: tuple[ScrapedMatch, ...]
    """Those that were asked for."""
    unreadable: tuple[Unreadable, ...] = ()
    notices: tuple[str, ...] = ()
    """For people: what was odd, though nothing had to stop for it."""
    problems: tuple[ScraperError, ...] = ()
    """What the run must not end well with, though what there is can be sent."""
    official: tuple[OfficialTable, ...] = ()
    """The official tables of the brackets that were asked for as a whole, where the source has any."""
    listed: Set[str] | None = None
    """The number of each match of this league, whether asked for and readable or not; None where the source does not
    tell them all."""
    in_words: Callable[[], Mapping[str, str]] = dict
    """A few words about each of them that could be read, by its number."""
    clubs: Callable[[], Collection[str]] = tuple
    """The names of the clubs that the source shows in this league, whether asked for or not."""
    shown: Mapping[Bracket, int] | None = None
    """How many matches the source has of each bracket of this league, on any day and of any club, whether asked for or
    not; None where it was not read as far as that."""


class IncompleteBodyError(Exception):
    """The bytes are not a document to their end, as when a transfer was cut short."""


class Source(Protocol):
    """One site that publishes matches."""

    def brackets(self, season: Season, league: str) -> Sequence[Bracket]:
        """The brackets that this league has in this season. Raises `SourceUnreadable`."""

    def read(self, wanted: Wanted) -> Reading:
        """The matches that were asked for. Raises `SourceUnreadable` where nothing can be trusted."""

    def close(self) -> None:
        """Let go of connections."""


def refuse_if_too_many(unreadable: Sequence[Unreadable], total: int, what: str, tolerated: int = TOLERATED) -> None:
    """Raise `SourceUnreadable` where more than `TOLERATED_SHARE` of them cannot be read, and more than `tolerated`.

    So it does where none of them can.
    """
    if len(unreadable) > max(tolerated, TOLERATED_SHARE * total) or 0 < len(unreadable) == total:
        first = unreadable[0]
        raise SourceUnreadable(
            f"{len(unreadable)} of {total} {what} cannot be read, so the feed has changed shape; "
            f"{first.where}: {first.why}"
        )


def of_our_times(moment: dt.date) -> bool:
    """Whether a clock may show this: near the ends of the calendar no day before or after can be reckoned."""
    return 1900 <= moment.year <= 2998


def plain(text: str) -> str:
    """The text without case, accents and surrounding space: what makes two spellings of a name the same."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(c for c in decomposed if not unicodedata.combining(c)).casefold().strip()
