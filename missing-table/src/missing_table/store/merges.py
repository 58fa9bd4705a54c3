"""What is kept of teams that were brought together, so that it can be undone."""

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update

from missing_table.ingest.merge import Match
from missing_table.ingest.names import Team
from missing_table.store.matches import IdKey
from missing_table.store.tables import (
    folded_matches,
    history,
    match_numbers,
    official_places,
    outcomes,
    team_aliases,
    team_ids,
    team_merges,
    teams,
)


class Changed(msgspec.Struct, frozen=True):
    """A match of either team that stayed: as it was before, and what became of it."""

    ref: int
    before: Match
    after: Match
    updated_at: dt.datetime


class Folded(msgspec.Struct, frozen=True):
    """A match that turned out to be another one, with what was its own."""

    ref: int
    into: int
    match: Match
    created_at: dt.datetime
    updated_at: dt.datetime
    separate: bool
    settled: dict[str, Any] | None
    history: list[int]
    tasks: list[str]
    led_here: list[int]
    """Ids of matches that had been folded into it."""
    numbers: list[tuple[str, str, str]]
    """Its further numbers: season, source, match_id."""


class Undo(msgspec.Struct, frozen=True, kw_only=True):
    """What is needed to undo a merge."""

    created_at: dt.datetime
    """When the team that is gone was made."""
    kept: Team
    kept_ids: list[tuple[str, str]]
    aliases: list[str]
    """Name keys that were aliases of the team that is gone."""
    changed: list[Changed]
    folded: list[Folded]
    history: tuple[int, int]
    """Rows of the history after the first and up to the second were written by the merge."""


class TeamMerge(NamedTuple):
    """A team that became an alias of another. Moments are UTC."""

    id: int
    gone_ref: int
    kept_ref: int
    name: str
    age_group: str
    at: dt.datetime
    by: str
    undone_at: dt.datetime | None
    undone_by: str | None


_NUMBER: Final = (match_numbers.c.season, match_numbers.c.source, match_numbers.c.match_id)
_COLUMNS: Final = tuple(team_merges.c[field] for field in TeamMerge._fields)


def newest_history(connection: Connection) -> int:
    """The id of the newest row of the history."""
    return connection.execute(select(func.max(history.c.id))).scalar() or 0


def created_at(connection: Connection, ref: int) -> dt.datetime:
    """When a team was made."""
    moment: dt.datetime = connection.execute(select(teams.c.created_at).where(teams.c.id == ref)).scalar_one()
    return moment


def ids_of(connection: Connection, ref: int) -> list[tuple[str, str]]:
    """The (source, id)s that a team is known by."""
    rows = connection.execute(select(team_ids.c.source, team_ids.c.source_id).where(team_ids.c.team_ref == ref))
    return sorted((source, source_id) for source, source_id in rows)


def aliases_of(connection: Connection, ref: int) -> list[str]:
    """The name keys that are aliases of a team."""
    return sorted(connection.execute(select(team_aliases.c.name_key).where(team_aliases.c.team_ref == ref)).scalars())


def its_own(connection: Connection, ref: int) -> tuple[list[int], list[str], list[int], list[IdKey]]:
    """What hangs on a match: rows of its history, task ids, ids of matches that were folded into it, its numbers."""
    rows = connection.execute(select(history.c.id).where(history.c.match_ref == ref).order_by(history.c.id))
    tasks = connection.execute(select(outcomes.c.task_id).where(outcomes.c.match_ref == ref))
    led = connection.execute(select(folded_matches.c.id).where(folded_matches.c.match_ref == ref))
    numbers = connection.execute(select(*_NUMBER).where(match_numbers.c.match_ref == ref))
    its_numbers = sorted((season, source, match_id) for season, source, match_id in numbers)
    return list(rows.scalars()), sorted(tasks.scalars()), sorted(led.scalars()), its_numbers


def put(connection: Connection, gone: Team, kept: Team, undo: Undo, now: dt.datetime, by: str) -> None:
    """Keeps how to undo that `gone` became an alias of `kept`."""
    connection.execute(
        insert(team_merges).values(
            gone_ref=gone.ref,
            kept_ref=kept.ref,
            name=gone.name,
            age_group=gone.age_group,
            before=msgspec.to_builtins(undo),
            at=now,
            by=by,
        )
    )


def listed(connection: Connection) -> list[TeamMerge]:
    """Every merge there was, the newest first."""
    return [TeamMerge(*row) for row in connection.execute(select(*_COLUMNS).order_by(team_merges.c.id.desc()))]


def in_force(connection: Connection, gone: int) -> tuple[TeamMerge, Undo] | None:
    """The merge that made team `gone` an alias, unless it was undone."""
    found = _in_force(connection, team_merges.c.gone_ref == gone)
    return found[0] if found else None


def later_into(connection: Connection, merge: TeamMerge) -> list[tuple[TeamMerge, Undo]]:
    """The merges in force that brought other teams to the same one after `merge`."""
    return _in_force(connection, team_merges.c.kept_ref == merge.kept_ref, team_merges.c.id > merge.id)


def _in_force(connection: Connection, *where: ColumnElement[bool]) -> list[tuple[TeamMerge, Undo]]:
    statement = select(*_COLUMNS, team_merges.c.before).where(team_merges.c.undone_at.is_(None), *where)
    rows = connection.execute(statement.order_by(team_merges.c.id.desc()))
    return [(TeamMerge(*row[:-1]), msgspec.convert(row[-1], Undo)) for row in rows]


def where_now(connection: Connection, ref: int) -> int | None:
    """The team that the one with this id turned out to be; None where it did not."""
    found: int | None = None
    in_force = team_merges.c.undone_at.is_(None)
    while True:
        asked = team_merges.c.gone_ref == (ref if found is None else found)
        kept = connection.execute(select(team_merges.c.kept_ref).where(in_force, asked)).scalar()
        if kept is None:
            return found
        found = kept


def undone(connection: Connection, merge: TeamMerge, now: dt.datetime, by: str) -> None:
    """Notes that `merge` was undone."""
    statement = update(team_merges).where(team_merges.c.id == merge.id).values(undone_at=now, undone_by=by)
    connection.execute(statement)


def restore_team(connection: Connection, merge: TeamMerge, undo: Undo, name_key: str) -> None:
    """Makes the team again that is gone, with its names. Needs the exclusive lock."""
    values = {"name": merge.name, "name_key": name_key, "age_group": merge.age_group}
    connection.execute(
        insert(teams).values(
            id=merge.gone_ref, provisional=True, known_by_id=False, created_at=undo.created_at, **values
        )
    )
    own = team_aliases.c.age_group == merge.age_group
    connection.execute(delete(team_aliases).where(own, team_aliases.c.name_key == name_key))
    mine = own & team_aliases.c.name_key.in_(undo.aliases)
    connection.execute(update(team_aliases).where(mine).values(team_ref=merge.gone_ref))


def move_ids(connection: Connection, kept: Team, gone: int, ids: Sequence[tuple[str, str]]) -> None:
    """Gives `ids` to the team that was restored, which they confirm; `kept` is as it was before it got them."""
    for source, source_id in ids:
        one = (team_ids.c.source == source, team_ids.c.source_id == source_id)
        connection.execute(update(team_ids).where(*one).values(team_ref=gone))
    if ids:
        connection.execute(update(teams).where(teams.c.id == gone).values(known_by_id=True, provisional=False))
        if not ids_of(connection, kept.ref):
            before = {"known_by_id": kept.known_by_id, "provisional": kept.provisional}
            connection.execute(update(teams).where(teams.c.id == kept.ref).values(before))


def move_places(connection: Connection, kept: int, gone: int, names: Sequence[str]) -> None:
    """Gives the places in official tables that were stated under `names` to the team that was restored."""
    mine = (official_places.c.team_ref == kept, official_places.c.team.in_(names), official_places.c.team_id.is_(None))
    connection.execute(update(official_places).where(*mine).values(team_ref=gone))


def names_of_places(connection: Connection, ref: int) -> set[str]:
    """The names under which official tables have a team."""
    return set(connection.execute(select(official_places.c.team).where(official_places.c.team_ref == ref)).scalars())


def give_back(connection: Connection, folded: Folded) -> None:
    """Gives a match that was restored what was its own."""
    for table, column, values in (
        (history, history.c.id, folded.history),
        (outcomes, outcomes.c.task_id, folded.tasks),
        (folded_matches, folded_matches.c.id, folded.led_here),
    ):
        connection.execute(update(table).where(column.in_(values)).values(match_ref=folded.ref))
    for number in folded.numbers:
        same = (column == value for column, value in zip(_NUMBER, number, strict=True))
        connection.execute(update(match_numbers).where(*same).values(match_ref=folded.ref))


def give_since(connection: Connection, merge: TeamMerge, undo: Undo, ref: int, other: int) -> None:
    """Gives match `other` what came to match `ref` since the merge."""
    newer = history.c.id > undo.history[1]
    connection.execute(update(history).where(newer, history.c.match_ref == ref).values(match_ref=other))
    came = outcomes.c.at > merge.at
    connection.execute(update(outcomes).where(came, outcomes.c.match_ref == ref).values(match_ref=other))


def forget_history(connection: Connection, undo: Undo) -> None:
    """Removes what the merge itself wrote into the history."""
    first, last = undo.history
    refs = [changed.ref for changed in undo.changed]
    written = (history.c.id > first, history.c.id <= last, history.c.match_ref.in_(refs))
    connection.execute(delete(history).where(*written))
