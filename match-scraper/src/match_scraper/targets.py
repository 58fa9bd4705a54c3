"""What had matches last time and has none now: the quiet way in which a source goes wrong.

A target is one bracket of one league's season. It is judged by all that the source shows of it, on any day and of any
club, so a narrow window never makes one vanish.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from .remembered import Remembered
from .sources.base import Bracket, Reading, Wanted, brackets_of
from .sources.oddities import listed


class Target(msgspec.Struct, frozen=True):
    """A bracket that had matches."""

    league: str
    season: str
    age_group: str
    division: str
    matches: int
    seen_at: dt.datetime
    """UTC, by the source's clock."""

    @property
    def name(self) -> tuple[str, str, str, str]:
        return self.season, self.league, self.age_group, self.division


class Targets:
    """The targets of earlier runs, in a file of the state folder.

    A target that has vanished stays in it, and so is said by every run until it has matches again.
    """

    def __init__(self, path: Path) -> None:
        self._file = Remembered(path, Target)
        self._known = {target.name: target for target in self._file.load()}
        self._noted: dict[tuple[str, str, str, str], Target] = {}

    @property
    def notices(self) -> list[str]:
        return list(dict.fromkeys(self._file.notices))

    def vanished(self, reading: Reading, wanted: Wanted) -> str | None:
        """A sentence about the targets of what was wanted that are gone from this reading; what it shows is noted."""
        shown = matches_of(reading, wanted)
        if shown is None:
            return None
        season = reading.season.label
        gone = [
            target
            for target in self._known.values()
            if (target.season, target.league) == (season, reading.league)
            and wanted.names(target.age_group, target.division)
            and not shown.get(Bracket(target.age_group, target.division))
        ]
        for bracket, count in shown.items():
            if count:
                target = Target(reading.league, season, bracket.age_group, bracket.division, count, reading.synced_at)
                self._noted[target.name] = target
        return _in_words(reading, gone) if gone else None

    def save(self) -> None:
        """Leave what was noted for the next run, beside what another has noted in the meantime."""
        known = {target.name: target for target in self._file.load()} | self._noted
        self._file.store(sorted(known.values(), key=lambda target: target.name))


def matches_of(reading: Reading, wanted: Wanted) -> Mapping[Bracket, int] | None:
    """How many matches the source shows of each bracket; None where this reading cannot tell."""
    if reading.shown is not None:
        return reading.shown
    if wanted.clubs or wanted.first_day or wanted.last_day:
        return None
    return Counter(bracket for match in reading.matches for bracket in brackets_of(match))


def _in_words(reading: Reading, gone: Iterable[Target]) -> str:
    told = [
        f"{target.age_group} {target.division} ({target.matches} on {target.seen_at:%Y-%m-%d})"
        for target in sorted(gone, key=lambda target: target.name)
    ]
    return f"{reading.league} {reading.season}: had matches when last read, and has none now: {listed(told)}"
