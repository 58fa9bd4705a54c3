"""What was odd about the matches of a feed, gathered into a few lines for people.

Nothing here stops anything: these are the cases in which a rule had to guess, or a fact was missing.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable

from .base import ScrapedMatch

EXAMPLES = 5
"""So many are named; the rest are counted."""


class Oddities:
    """Looks at each match that was asked for, and says in a line or two what was odd."""

    def __init__(self, league: str) -> None:
        self._league = league
        self._zones: dict[str, list[str]] = defaultdict(list)
        self._competitions: dict[str, list[str]] = defaultdict(list)
        self._missing: dict[int, str] = {}
        self._without_division: list[str] = []
        self._without_venue: list[str] = []
        self._without_shootout: list[str] = []
        self._out_of_season: list[str] = []
        self._seen: Counter[str] = Counter()

    def look_at(
        self,
        match: ScrapedMatch,
        *,
        unknown_competition: str | None = None,
        unknown_zone: str | None = None,
        without_venue: bool = False,
        without_shootout: bool = False,
        out_of_season: bool = False,
    ) -> None:
        """One match; what is unknown about it is named as the source has it."""
        self._seen[match.match_id] += 1
        if unknown_zone:
            self._zones[unknown_zone].append(match.match_id)
        if unknown_competition:
            self._competitions[unknown_competition].append(match.match_id)
        if without_venue:
            self._without_venue.append(match.match_id)
        if without_shootout:
            self._without_shootout.append(match.match_id)
        if out_of_season and not match.parked:
            self._out_of_season.append(f"{match.match_id} ({match.day})")
        if match.division is None:
            self._without_division.append(match.match_id)

    def missing_from_standings(self, squad: int, name: str) -> None:
        self._missing[squad] = name

    def notices(self) -> Iterable[str]:
        for zone, ids in self._zones.items():
            yield f"{self._league}: time zone “{zone}” is not known, so UTC was used for {some(ids)}"
        for name, ids in self._competitions.items():
            told = f"competition “{name}” is not known, so the feed's own league was used"
            yield f"{self._league}: {told} for {some(ids)}"
        if self._missing:
            squads = [f"{name} ({squad})" for squad, name in sorted(self._missing.items())]
            yield f"{self._league}: missing from the standings, filed with their opponents: {listed(squads)}"
        if self._without_division:
            yield f"{self._league}: no squad stands in a bracket, so no division for {some(self._without_division)}"
        if self._without_venue:
            told = "no venue, which would tell whether the kick-off is set, so none was taken"
            yield f"{self._league}: {told} for {some(self._without_venue)}"
        if self._without_shootout:
            told = "no field for a shootout, not even an empty one, so none was taken"
            yield f"{self._league}: {told} for {some(self._without_shootout)}"
        if self._out_of_season:
            yield f"{self._league}: on a day outside the season, as the source has it: {some(self._out_of_season)}"
        twice = [match_id for match_id, count in self._seen.items() if count > 1]
        if twice:
            yield f"{self._league}: more than once in the feed: {some(twice)}"


def some(ids: list[str]) -> str:
    """How many matches, and the numbers of the first few."""
    return f"{len(ids)} match{'es' if len(ids) > 1 else ''}: {listed(ids)}"


def listed(items: list[str], most: int = EXAMPLES) -> str:
    """The first few, and how many more there are."""
    more = f" and {len(items) - most} more" if len(items) > most else ""
    return ", ".join(items[:most]) + more
