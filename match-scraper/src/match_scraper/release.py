"""Whether a season has been published, and whether that has been told before."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from .errors import NotPublished, SourceUnreadable
from .remembered import Remembered
from .season import Season, season_of
from .sources.base import Source, Wanted

LOOKS_AHEAD = dt.timedelta(days=60)
"""From so long before a season begins, it is the one that is waited for."""


class Release(msgspec.Struct, frozen=True):
    """A league's season that has been published."""

    season: str
    league: str


@dataclass
class News:
    """What came of a look: which leagues are published, which are not, and which could not be read."""

    published: list[Release] = field(default_factory=list)
    waiting: list[Release] = field(default_factory=list)
    problems: list[SourceUnreadable] = field(default_factory=list)


def awaited_season(today: dt.date) -> Season:
    """The season that contains today, or from June on the one that comes next."""
    return season_of(today + LOOKS_AHEAD)


def look(source: Source, season: Season, leagues: Iterable[str]) -> News:
    """Which of these leagues are published: they have brackets, and a schedule with matches."""
    news = News()
    for league in leagues:
        release = Release(season.label, league)
        try:
            published = _has_matches(source, season, league)
        except NotPublished:
            published = False
        except SourceUnreadable as error:
            news.problems.append(error)
            continue
        (news.published if published else news.waiting).append(release)
    return news


def _has_matches(source: Source, season: Season, league: str) -> bool:
    brackets = source.brackets(season, league)
    if not brackets:
        return False
    # One bracket with matches is enough, where asking for all takes pages and pages; the first may have none.
    first = brackets[0]
    wanted = Wanted(season, league, frozenset({first.age_group}), frozenset({first.division}))
    return source.read(wanted).seen > 0 or source.read(Wanted(season, league)).seen > 0


class Told:
    """The releases that have been told, in a file of the state folder."""

    def __init__(self, path: Path) -> None:
        self._file = Remembered(path, Release)
        self._known = self._file.load()

    @property
    def notices(self) -> list[str]:
        return self._file.notices

    def new(self, releases: Iterable[Release]) -> list[Release]:
        """Those of these that have not been told before."""
        return [release for release in releases if release not in self._known]

    def tell(self, releases: Iterable[Release]) -> None:
        """These have been told now."""
        self._known += self.new(releases)
        self._file.store(self._known)
