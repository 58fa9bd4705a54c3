"""Whose match it is: from the names and numbers in a message to a team. Pure.

A team is a squad: a name and an age group, with the source ids it is known by. Two squads of one club can share
both, and then their ids tell them apart.
"""

import unicodedata
from collections.abc import Callable, Iterable
from typing import NamedTuple

Bracket = tuple[str, str, str, str | None]
"""Season, league, age group, division."""


KEY_LENGTH = 400
"""Characters. Decomposing can lengthen a name; this keeps every key within what a database index holds."""


def name_key(name: str) -> str:
    """`name` without case, accents and extra white space: two names with one key are the same name."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    return (" ".join(plain.casefold().split()) or " ".join(name.casefold().split()))[:KEY_LENGTH]


class Team(NamedTuple):
    """A team that is stored."""

    ref: int
    name: str
    name_key: str
    age_group: str
    provisional: bool
    known_by_id: bool


class Side(NamedTuple):
    """One side of a match as a message has it."""

    name: str
    age_group: str
    source: str
    source_id: str | None
    bracket: Bracket


class Joined(NamedTuple):
    """The source's id belongs to a team that had none."""

    team: Team


class Unknown(NamedTuple):
    """No team is known by this: one is to be made, provisional where there is only a name."""

    provisional: bool


Found = Team | Joined | Unknown


class Directory:
    """The teams, their ids and their aliases, held in memory to look up a batch without a query."""

    def __init__(
        self,
        version: int,
        teams: Iterable[Team],
        ids: Iterable[tuple[str, str, int]],
        aliases: Iterable[tuple[str, str, int]],
    ) -> None:
        """`ids` are (source, source id, team ref); `aliases` are (name key, age group, team ref)."""
        self.version = version
        self.by_ref: dict[int, Team] = {}
        self._by_name: dict[tuple[str, str], list[Team]] = {}
        for team in teams:
            self.by_ref[team.ref] = team
            self._by_name.setdefault((team.name_key, team.age_group), []).append(team)
        self._by_id = {(source, source_id): self.by_ref[ref] for source, source_id, ref in ids}
        self._by_alias = {(key, age_group): self.by_ref[ref] for key, age_group, ref in aliases}

    def add(self, team: Team, source: str, source_id: str | None) -> None:
        """Takes in a team that is new, or that has got its first id."""
        self.by_ref[team.ref] = team
        same_name = self._by_name.setdefault((team.name_key, team.age_group), [])
        same_name[:] = [other for other in same_name if other.ref != team.ref] + [team]
        for key, aliased in self._by_alias.items():
            if aliased.ref == team.ref:
                self._by_alias[key] = team
        if source_id is not None:
            self._by_id[source, source_id] = team

    def named(self, name: str, age_group: str) -> list[Team]:
        """The teams that bear this name in this age group; there is more than one where squads share it."""
        return self._by_name.get((name_key(name), age_group), [])

    def by_id(self, source: str, source_id: str) -> Team | None:
        """The team that `source` knows by this number."""
        return self._by_id.get((source, source_id))

    def ids_of(self, team: Team) -> list[str]:
        """The numbers that sources know `team` by, in order."""
        return sorted({source_id for (_, source_id), known in self._by_id.items() if known.ref == team.ref})

    def find(self, side: Side, playing_in: Callable[[Bracket], frozenset[int]]) -> Found:
        """The team that `side` means. `playing_in` gives the refs of the teams in a bracket, asked only where
        several teams share a name.
        """
        if side.source_id is not None:
            known = self._by_id.get((side.source, side.source_id))
            if known is not None:
                return known
            alias = self._by_alias.get((name_key(side.name), side.age_group))
            named = self.named(side.name, side.age_group) or ([alias] if alias else [])
            without_id = [team for team in named if not team.known_by_id]
            return Joined(without_id[0]) if len(without_id) == 1 else Unknown(provisional=False)
        named = self.named(side.name, side.age_group)
        if len(named) > 1:
            here = playing_in(side.bracket)
            in_bracket = [team for team in named if team.ref in here]
            named = in_bracket if len(in_bracket) == 1 else [team for team in named if not team.known_by_id]
        if named:
            return named[0]
        return self._by_alias.get((name_key(side.name), side.age_group)) or Unknown(provisional=True)
