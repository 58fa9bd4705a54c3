"""Two teams that were brought together part again: whose each statement is. Pure.

What was stored when they came together is put back as it was. What was stated since is told by its own words: every
register that holds a team holds the name, and the id if there was one, that the statement gave it.
"""

from typing import Any, Final, NamedTuple

import msgspec

from missing_table.ingest.merge import Match, Statement, merge, said_beneath, shown_of, values_of
from missing_table.ingest.names import name_key


class Telling(NamedTuple):
    """What tells the team that goes again from the one that it was brought together with."""

    gone: int
    kept: int
    names: frozenset[str]
    """Name keys that mean the one that goes, and never the other."""
    ids: frozenset[tuple[str, str]]
    """(source, id) that were first stated together with such a name."""

    def team_of(self, key: str, source: str, source_id: str | None) -> int:
        """Which of the two a statement meant by this name and id."""
        if source_id:
            return self.gone if (source, source_id) in self.ids else self.kept
        return self.gone if key in self.names else self.kept


class Before(NamedTuple):
    """A match as it was when the teams came together, and what became of it there and then."""

    match: Match
    after: Match
    folded: Match | None = None
    """The match of the other team that was folded into it, as it was."""


class Parts(NamedTuple):
    """What a match comes to when its teams part."""

    match: Match
    other: Match | None
    """The other team's own: the one that was folded, or one that was only stated since."""
    since_to_other: bool
    """Whether what was stated since is about that one."""


def parted(match: Match, telling: Telling) -> Match:
    """`match`, which was stored since the teams came together, with the teams that its words mean."""
    return _put_together(match, _Said.of(match).parted(match.source, telling))


def taken_apart(current: Match, before: Before, telling: Telling) -> Parts:
    """`current` as it was before, and what was stated since with the team that its newest words name."""
    since = _Said.of(current).but(_Said.of(before.after))
    number = current.match_id if current.match_id != before.after.match_id else None
    if not since.values and not since.beneath and number is None:
        return Parts(before.match, before.folded, False)
    since = since.parted(current.source, telling)
    named = since.teams() & {telling.gone, telling.kept}
    about_other = bool(named) and not any(map(before.match.names, named))
    if about_other and before.folded is not None:
        return Parts(before.match, _joined(before.folded, current, number, since), True)
    if about_other:
        told = since.lifted()
        rest = _Said.of(current).parted(current.source, telling)
        needed = {register for register in _NEEDED if register not in told.values}
        alone = _Said({r: rest.values[r] for r in needed}, {r: rest.stamps[r] for r in needed}, {}).over(told)
        return Parts(before.match, _put_together(msgspec.structs.replace(current, match_id=number), alone), True)
    if before.folded is not None:
        return Parts(_joined(before.match, current, number, since), before.folded, False)
    return Parts(_put_together(current, _Said.of(before.match).over(since)), None, False)


_NEEDED: Final = ("sides", "schedule", "league", "filing")
"""What every match states."""


class _Said(NamedTuple):
    """What stands in the registers of a match, with the stamps, and what is kept beneath."""

    values: dict[str, tuple[Any, ...]]
    stamps: dict[str, str]
    beneath: dict[str, tuple[Any, ...]]
    """The stamp and then the values."""

    @classmethod
    def of(cls, match: Match) -> "_Said":
        beneath = {
            register: (kept[0], *said_beneath(register, kept)) for register, kept in (match.beneath or {}).items()
        }
        return cls(values_of(match), match.stamps, beneath)

    def but(self, other: "_Said") -> "_Said":
        """What is not in `other`."""
        values = {
            register: value
            for register, value in self.values.items()
            if (self.stamps[register], value) != (other.stamps.get(register), other.values.get(register))
        }
        beneath = {r: kept for r, kept in self.beneath.items() if kept != other.beneath.get(r)}
        return _Said(values, {r: self.stamps[r] for r in values}, beneath)

    def over(self, newer: "_Said") -> "_Said":
        """`newer` in the place of what is here."""
        return _Said(self.values | newer.values, self.stamps | newer.stamps, self.beneath | newer.beneath)

    def parted(self, source: str, telling: Telling) -> "_Said":
        """The same with the teams that the words mean."""
        values = {r: _with_teams(r, value, source, telling) for r, value in self.values.items()}
        beneath = {r: (kept[0], *_with_teams(r, kept[1:], source, telling)) for r, kept in self.beneath.items()}
        return _Said(values, self.stamps, beneath)

    def lifted(self) -> "_Said":
        """What was kept beneath in the place of what a person had set over it."""
        values = self.values | {register: kept[1:] for register, kept in self.beneath.items()}
        return _Said(values, self.stamps | {register: kept[0] for register, kept in self.beneath.items()}, {})

    def teams(self) -> set[int]:
        """The teams of the newest statement about the sides."""
        told = self.beneath.get("sides") or self.values.get("sides") or ()
        return set(told[-2:])


def _with_teams(register: str, value: tuple[Any, ...], source: str, telling: Telling) -> tuple[Any, ...]:
    def meant(ref: int, key: str, source_id: str | None) -> int:
        return telling.team_of(key, source, source_id) if ref == telling.kept else ref

    if register == "sides":
        home, away, home_id, away_id, home_ref, away_ref = value
        return (*value[:4], meant(home_ref, name_key(home), home_id), meant(away_ref, name_key(away), away_id))
    if register == "result" and value[-1] is not None:  # a person may have said that there is none
        *_, stated_home, ref = value
        key, _, source_id = stated_home.rpartition("#")
        return (*value[:-1], meant(ref, key, source_id))
    return value


def _put_together(match: Match, said: _Said) -> Match:
    beneath = {register: msgspec.to_builtins(list(kept)) for register, kept in said.beneath.items()}  # as it is stored
    return shown_of(match.source, match.season, match.match_id, said.values, said.stamps, beneath)


def _joined(target: Match, current: Match, number: str | None, since: _Said) -> Match:
    def stated(values: dict[str, tuple[Any, ...]], stamps: dict[str, str]) -> Statement:
        return Statement(source=current.source, season=current.season, match_id=number, registers=values, stamps=stamps)

    told = merge(target, stated(since.values, since.stamps)).match
    values = {register: kept[1:] for register, kept in since.beneath.items()}
    return merge(told, stated(values, {register: kept[0] for register, kept in since.beneath.items()})).match
