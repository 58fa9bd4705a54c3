"""Which bracket a match belongs to: the schedule joined with the standings by squad id, never by name.

Pure: brackets and pairings in, placements out. The rules are those that people who keep these tables apply.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from .base import Bracket
from .feed import CompetitionBracket, Event

PATHWAY = "Pro Player Pathway"
_AGE_GROUP = re.compile(r"\bU1[0-9]\b")


class Placement(NamedTuple):
    """Where a match is filed; the away side's own bracket where that is another one."""

    age_group: str
    division: str | None
    away_age_group: str | None = None
    away_division: str | None = None


class Filing:
    """The brackets of one competition season, and the squads in them, those missing from the standings included.

    A squad that plays but stands in no bracket is taken into the bracket that most of its opponents stand in.
    """

    def __init__(self, brackets: Iterable[CompetitionBracket], events: Iterable[Event]) -> None:
        self.brackets: list[Bracket] = []
        self._of: dict[int, tuple[int, ...]] = {}
        for bracket in brackets:
            place = len(self.brackets)
            self.brackets.append(Bracket(bracket.age_group.name, bracket.name))
            for row in bracket.standings:
                squad = row.team.squad_id
                if place not in (held := self._of.get(squad, ())):
                    self._of[squad] = (*held, place)
        self.missing: dict[int, tuple[int, ...]] = {}
        """Squads that the standings lack, and the bracket they were taken into (none: no opponent has one)."""
        self._take_in_missing(events)
        self._known: dict[tuple[tuple[int, ...], tuple[int, ...], bool], Placement] = {}

    def _take_in_missing(self, events: Iterable[Event]) -> None:
        opponents: defaultdict[int, list[int]] = defaultdict(list)
        hints: dict[int, str | None] = {}
        for event in events:
            home, away = event.home_squad_id, event.away_squad_id
            for squad, other, name in ((home, away, event.home_squad_name), (away, home, event.away_squad_name)):
                if squad not in self._of:
                    opponents[squad].append(other)
                    hints.setdefault(squad, age_group_in(name))
        while opponents:
            # Two missing squads may meet: who has been taken in helps to place who has not.
            taken = {
                squad: (self._most_common(others, hints[squad]),)
                for squad, others in opponents.items()
                if any(other in self._of for other in others)
            }
            if not taken:
                break
            self._of.update(taken)
            self.missing.update(taken)
            for squad in taken:
                del opponents[squad]
        self.missing.update((squad, ()) for squad in opponents)

    def _most_common(self, opponents: list[int], hint: str | None) -> int:
        counts = Counter(place for other in opponents for place in self._of.get(other, ()))
        return max(counts, key=lambda p: (counts[p], self.brackets[p].age_group == hint, not self._pathway(p), -p))

    def place(self, event: Event, *, pathway: bool) -> Placement | None:
        """Where this match belongs; None where neither squad has a bracket and its name gives no age group.

        Parameters: `pathway`, whether the event calls itself a Pro Player Pathway match, which only decides where a
        squad sits in two brackets and the other side does not.
        """
        home, away = self._of.get(event.home_squad_id, ()), self._of.get(event.away_squad_id, ())
        if not (home or away):
            age_group = age_group_in(event.home_squad_name) or age_group_in(event.away_squad_name)
            return Placement(age_group, None) if age_group else None
        # Thousands of pairings of squads are a few hundred pairs of brackets.
        held = (home, away, pathway)
        found = self._known.get(held)
        if found is None:
            found = self._known[held] = self._place(home, away, pathway)
        return found

    def _place(self, home: Sequence[int], away: Sequence[int], pathway: bool) -> Placement:
        common = [place for place in home if place in away]
        if common or not (home and away):
            held = common or home or away
            return self._filed(self._fitting(held, pathway, held))
        at_home = self._fitting(home, pathway, away)
        return self._filed(at_home, self._fitting(away, pathway, (at_home,)))

    def _fitting(self, held: Sequence[int], pathway: bool, others: Iterable[int]) -> int:
        if len(held) == 1:
            return held[0]
        ages = {self.brackets[place].age_group for place in others}
        return max(held, key=lambda p: (self.brackets[p].age_group in ages, self._pathway(p) == pathway, -p))

    def _filed(self, place: int, away_place: int | None = None) -> Placement:
        bracket = self.brackets[place]
        if away_place is None:
            return Placement(bracket.age_group, bracket.division)
        away = self.brackets[away_place]
        return Placement(
            bracket.age_group,
            bracket.division,
            away.age_group if away.age_group != bracket.age_group else None,
            away.division if away.division != bracket.division else None,
        )

    def _pathway(self, place: int) -> bool:
        return PATHWAY in self.brackets[place].division


def age_group_in(squad_name: str | None) -> str | None:
    """The age group that a squad's own name gives, such as U14 for “U14 Blue”."""
    found = _AGE_GROUP.search(squad_name or "")
    return found.group() if found else None
