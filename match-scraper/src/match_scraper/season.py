"""Season arithmetic: which season a day belongs to, what it is called, where it begins and ends.

A season of MLS NEXT runs from August to the middle of July and is named after both years: 2026-27. Nothing here
knows what today is, and no season is pinned.
"""

import datetime as dt
import re
from dataclasses import dataclass

_FIRST = (8, 1)
_LAST = (7, 15)
_LABEL = re.compile(r"\s*(\d{4}|\d{2})\s*[-/–]\s*(\d{4}|\d{2})\s*")


@dataclass(frozen=True, order=True, slots=True)
class Season:
    """One season, by the year in which it begins."""

    start_year: int

    @property
    def label(self) -> str:
        """As messages and people name it: 2026-27."""
        return f"{self.start_year}-{(self.start_year + 1) % 100:02}"

    @property
    def short(self) -> str:
        """As the keys of the league's feeds name it: 26-27."""
        return f"{self.start_year % 100:02}-{(self.start_year + 1) % 100:02}"

    @property
    def first_day(self) -> dt.date:
        return dt.date(self.start_year, *_FIRST)

    @property
    def last_day(self) -> dt.date:
        return dt.date(self.start_year + 1, *_LAST)

    def __contains__(self, day: dt.date) -> bool:
        return self.first_day <= day <= self.last_day

    def __str__(self) -> str:
        return self.label


def season_of(day: dt.date) -> Season:
    """The season that contains this day (UTC); for the two weeks of July between seasons, the one that has just ended.

    Its last results still come in then, while the next season is often not published yet.
    """
    return Season(day.year if (day.month, day.day) >= _FIRST else day.year - 1)


def season_ahead(day: dt.date) -> Season:
    """The season that contains this day (UTC); between two, the one that comes."""
    season = season_of(day)
    return season if day in season else Season(season.start_year + 1)


def parse_season(text: str) -> Season:
    """The season that a label means: 2026-27, 2026-2027, 2026/27, 26-27 are one and the same.

    Raises `ValueError`, in words, for anything else, such as two years that do not follow each other.
    """
    match = _LABEL.fullmatch(text)
    if match is None:
        raise ValueError(f"“{text}” is not a season, such as 2026-27")
    first, second = match.groups()
    start_year = int(first) if len(first) == 4 else 2000 + int(first)
    following = start_year + 1
    if int(second) != (following if len(second) == 4 else following % 100):
        raise ValueError(f"“{text}” is not a season: {second} does not follow {first}")
    if not 1900 <= start_year <= 2998:
        raise ValueError(f"“{text}” is not a season of our times")
    return Season(start_year)
