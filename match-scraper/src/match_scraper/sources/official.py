"""The official tables of a standings document: which teams stand in each bracket that was asked for, and where."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator

from .base import OfficialTable, Place, Wanted
from .feed import CompetitionBracket, Event, Standing
from .oddities import listed

HIGHEST = 999
"""What the contract allows as a position."""


def official_tables(
    brackets: Iterable[CompetitionBracket], events: Iterable[Event], wanted: Wanted, observed_at: dt.datetime
) -> Iterator[OfficialTable]:
    """The tables of the brackets that were asked for as a whole: none where only some clubs or days were.

    The standings have no clock of their own; `observed_at` is the schedule's. A team without a name there has the one
    that it plays under; one that has no name at all is left out.
    """
    if not wanted.whole_brackets:
        return
    names: dict[int, str] | None = None
    for bracket in brackets:
        if not wanted.names(bracket.age_group.name, bracket.name):
            continue
        places: dict[int, Place] = {}
        for row in bracket.standings:
            squad, name = row.team.squad_id, row.team.name
            if not name:
                names = names or _played_under(events)
                name = names.get(squad)
            if name:
                places.setdefault(squad, Place(name, str(squad), _position(row)))
        if places:
            yield OfficialTable(
                season=wanted.season.label,
                league=wanted.league,
                age_group=bracket.age_group.name,
                division=bracket.name,
                places=tuple(places.values()),
                observed_at=observed_at,
            )


def without_position(brackets: Iterable[CompetitionBracket], wanted: Wanted) -> Iterator[str]:
    """A sentence where teams have lost their positions: to another name of what tells a table, or to another type."""
    lost: Counter[str] = Counter()
    for bracket in brackets if wanted.whole_brackets else ():
        if wanted.names(bracket.age_group.name, bracket.name):
            lost[f"{bracket.age_group.name} {bracket.name}"] += sum(map(_has_lost_it, bracket.standings))
    told = [f"{name} ({count})" for name, count in lost.items() if count]
    if told:
        yield f"{wanted.league}: standings of teams whose official position cannot be read: {listed(told)}"


def _has_lost_it(row: Standing) -> bool:
    # Another ranking has values, and none in them.
    return row.tiebreaker_values != {} and _position(row) is None


def _position(row: Standing) -> int | None:
    """Where it stands in a table. Without values to order it by it stands in another ranking: Quality of Play."""
    position = row.position
    valued = isinstance(row.tiebreaker_values, dict) and bool(row.tiebreaker_values)
    in_a_table = valued and isinstance(position, int) and not isinstance(position, bool)
    return position if in_a_table and 1 <= position <= HIGHEST else None


def _played_under(events: Iterable[Event]) -> dict[int, str]:
    found: dict[int, str] = {}
    for event in events:
        found[event.home_squad_id] = event.home_organisation.name
        found[event.away_squad_id] = event.away_organisation.name
    return found
