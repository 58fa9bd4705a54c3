"""The official tables of a standings document: which teams stand in each bracket that was asked for, and where."""

import datetime as dt
from collections.abc import Iterable, Iterator

from .base import OfficialTable, Place, Wanted
from .feed import CompetitionBracket, Event, Standing

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


def _position(row: Standing) -> int | None:
    """Where it stands in a table. Without values to order it by it stands in another ranking: Quality of Play."""
    position = row.position
    in_a_table = bool(row.tiebreaker_values) and isinstance(position, int) and not isinstance(position, bool)
    return position if in_a_table and 1 <= position <= HIGHEST else None


def _played_under(events: Iterable[Event]) -> dict[int, str]:
    found: dict[int, str] = {}
    for event in events:
        found[event.home_squad_id] = event.home_organisation.name
        found[event.away_squad_id] = event.away_organisation.name
    return found
