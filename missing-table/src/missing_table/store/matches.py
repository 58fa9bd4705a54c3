"""Matches in bulk: what a batch needs to know, and what it writes, each in one statement."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Connection, Select, TextClause, and_, delete, func, or_, select, text, update
from sqlalchemy import insert as insert_into

from missing_table.ingest.merge import Change, Match, refs_beneath
from missing_table.ingest.stamps import instant_text
from missing_table.store import bulk
from missing_table.store.tables import folded_matches, history, match_numbers, matches, outcomes

_FIELDS: Final = msgspec.structs.fields(Match)
_COLUMNS: Final = tuple(matches.c[field.name] for field in _FIELDS)
_DERIVED: Final = (matches.c.observed_at, matches.c.by_source, matches.c.pair_low, matches.c.pair_high)
_IDENTITY: Final = (matches.c.season, matches.c.source, matches.c.match_id)
_PAIR: Final = (
    matches.c.season,
    matches.c.league,
    matches.c.age_group,
    matches.c.date,
    matches.c.pair_low,
    matches.c.pair_high,
)
_BENEATH: Final = {
    "sqlite": text("beneath IS NOT NULL AND beneath <> 'null'"),
    "postgresql": text("beneath IS NOT NULL"),
}
"""As the partial index `ix_matches_beneath` has it."""
IdKey = tuple[str, str, str]
"""Season, source, match_id."""
NaturalKey = tuple[str, str, str, dt.date, int, int]
"""As `Match.natural_key`."""


def read_match(row: Sequence[Any]) -> Match:
    """The match in a row whose columns are, in order, those of `stored_columns`."""
    return Match(**dict(zip(Match.__struct_fields__, row[: len(_COLUMNS)], strict=True)))


def stored_columns() -> tuple[Any, ...]:
    """The columns that `read_match` wants."""
    return _COLUMNS


def by_id(connection: Connection, keys: Iterable[IdKey]) -> list[tuple[int, Match]]:
    """The stored matches with these numbers, locked against other workers in the order of their refs."""
    wanted = bulk.unpacked(connection, _IDENTITY)
    rows = bulk.encode({"season": key[0], "source": key[1], "match_id": key[2]} for key in sorted(keys))
    return _locked(
        connection,
        select(*_COLUMNS, matches.c.id).join(
            wanted,
            and_(
                matches.c.season == wanted.c.season,
                matches.c.match_id == wanted.c.match_id,
                matches.c.source == wanted.c.source,
            ),
        ),
        rows,
    )


def by_further_number(connection: Connection, keys: Iterable[IdKey]) -> list[tuple[IdKey, int, Match]]:
    """The stored matches that have one of these numbers besides the one in their row, locked."""
    wanted = bulk.unpacked(connection, _IDENTITY)
    rows = bulk.encode({"season": key[0], "source": key[1], "match_id": key[2]} for key in sorted(keys))
    further = match_numbers.c
    statement = (
        select(*_COLUMNS, further.season, further.source, further.match_id, matches.c.id)
        .join(match_numbers, further.match_ref == matches.c.id)
        .join(wanted, and_(*(further[name] == wanted.c[name] for name in ("season", "source", "match_id"))))
        .order_by(matches.c.id)
        .with_for_update(of=matches)
    )
    found = connection.execute(statement, {bulk.ROWS: rows})
    return [((row[-4], row[-3], row[-2]), row[-1], read_match(row)) for row in found]


def by_teams_and_date(
    connection: Connection, keys: Iterable[NaturalKey], *, with_id_too: bool
) -> list[tuple[int, Match]]:
    """The stored matches with these natural keys, locked; without `with_id_too` only those that have no number."""
    wanted = bulk.unpacked(connection, _PAIR)
    names = [c.name for c in _PAIR]
    rows = bulk.encode(dict(zip(names, key, strict=True)) for key in sorted(keys))
    same = and_(*(matches.c[name] == wanted.c[name] for name in names))
    statement = select(*_COLUMNS, matches.c.id).join(wanted, same)
    return _locked(connection, statement if with_id_too else statement.where(matches.c.match_id.is_(None)), rows)


def _locked(connection: Connection, statement: Select[Any], rows: str) -> list[tuple[int, Match]]:
    statement = statement.order_by(matches.c.id).with_for_update(of=matches)
    return [(row[-1], read_match(row)) for row in connection.execute(statement, {bulk.ROWS: rows})]


def insert(connection: Connection, new: Sequence[Match], now: dt.datetime) -> list[int]:
    """Stores new matches; returns their refs in the order of `new`.

    Raises SQLAlchemy's `IntegrityError` where another worker stored one of them first.
    """
    at = instant_text(now)
    columns: tuple[Any, ...] = (*_COLUMNS, *_DERIVED, matches.c.created_at, matches.c.updated_at)
    rows = [_row(match) | {"created_at": at, "updated_at": at} for match in new]
    first = _first_free(connection)
    if first is not None:
        columns = (matches.c.id, *columns)
        rows = [row | {"id": ref} for ref, row in enumerate(rows, start=first)]
    statement = bulk.insertion(connection, matches, columns).returning(matches.c.id, *_IDENTITY, *_PAIR)
    refs: dict[tuple[Any, ...], int] = {}
    for ref, season, source, match_id, *natural in connection.execute(statement, {bulk.ROWS: bulk.encode(rows)}):
        refs[(season, source, match_id) if match_id is not None else tuple(natural)] = ref
    return [refs[key_of(match)] for match in new]


def key_of(match: Match) -> IdKey | NaturalKey:
    """What makes a match unique in the table: its number, or without one its natural key."""
    if match.match_id is not None:
        return (match.season, match.source, match.match_id)
    return match.natural_key


def sort_key(match: Match) -> tuple[str, str, str, str, str]:
    """One order of new matches for all workers, so that two that store the same ones don't wait for each other."""
    return (match.season, match.source, match.match_id or "", match.home_team, match.away_team)


def rewrite(connection: Connection, changed: Sequence[tuple[int, Match, bool]], now: dt.datetime) -> None:
    """Writes whole rows: (ref, match, whether something shown changed). Sorted by ref, as they were locked."""
    columns = (matches.c.id, *_COLUMNS, *_DERIVED)
    shown = sorted(((ref, match) for ref, match, is_shown in changed if is_shown), key=lambda found: found[0])
    behind = sorted(((ref, match) for ref, match, is_shown in changed if not is_shown), key=lambda found: found[0])
    if shown:
        columns_shown = (*columns, matches.c.updated_at)
        _update(connection, columns_shown, [_row(m) | {"id": ref, "updated_at": instant_text(now)} for ref, m in shown])
    if behind:
        _update(connection, columns, [_row(match) | {"id": ref} for ref, match in behind])


def changed_at(connection: Connection, moments: Iterable[tuple[int, dt.datetime]]) -> None:
    """Writes when something shown of matches changed last."""
    rows = [{"id": ref, "updated_at": instant_text(moment)} for ref, moment in sorted(moments)]
    _update(connection, (matches.c.id, matches.c.updated_at), rows)


def move_stamps(connection: Connection, moved: Iterable[tuple[int, Match]]) -> None:
    """Writes only that the same was said again, later."""
    names = ("stamps", "beneath", "observed_at", "by_source")
    rows = [
        {"id": ref} | {name: getattr(match, name) for name in names}
        for ref, match in sorted(moved, key=lambda found: found[0])
    ]
    _update(connection, (matches.c.id, *(matches.c[name] for name in names)), rows)


def _update(connection: Connection, columns: Sequence[Any], rows: Sequence[dict[str, Any]]) -> None:
    incoming = bulk.unpacked(connection, columns)
    values = {c.name: incoming.c[c.name] for c in columns if c.name != "id"}
    statement = update(matches).values(values).where(matches.c.id == incoming.c.id)
    connection.execute(statement, {bulk.ROWS: bulk.encode(rows)})


def add_history(
    connection: Connection,
    changes: Iterable[tuple[int, Change, str, str, str | None]],
    now: dt.datetime,
) -> None:
    """Writes what changed: (match ref, change, observed_at, source, task id)."""
    at = instant_text(now)
    rows = [
        {
            "match_ref": ref,
            "field": change.field,
            "old": change.old,
            "new": change.new,
            "at": at,
            "observed_at": observed_at,
            "source": source,
            "task_id": task_id,
        }
        for ref, change, observed_at, source, task_id in changes
    ]
    columns = tuple(c for c in history.c if c.name != "id")
    connection.execute(bulk.insertion(connection, history, columns), {bulk.ROWS: bulk.encode(rows)})


def _row(match: Match) -> dict[str, Any]:
    low, high = sorted((match.home_ref, match.away_ref))
    derived = {"observed_at": match.observed_at, "by_source": match.by_source, "pair_low": low, "pair_high": high}
    return msgspec.structs.asdict(match) | derived


class Row(NamedTuple):
    """A match as it is stored, with what of its row is not part of it."""

    ref: int
    match: Match
    created_at: dt.datetime
    updated_at: dt.datetime
    separate: bool = False
    settled: dict[str, Any] | None = None


_BESIDE: Final = tuple(matches.c[name] for name in ("created_at", "updated_at", "separate", "settled"))
_ROW: Final = (*_COLUMNS, matches.c.id, *_BESIDE)


def of_teams(connection: Connection, refs: Iterable[int]) -> list[Row]:
    """Every match of these teams, locked, by id."""
    some = sorted(set(refs))
    return _rows(connection, or_(matches.c.pair_low.in_(some), matches.c.pair_high.in_(some)))


def naming(connection: Connection, refs: Iterable[int]) -> list[Row]:
    """Every match of these teams, and those that name one in their score or beneath while others play; locked, by id.

    Needs the exclusive lock of the teams. For a score there is no index: the database itself goes through the table
    where a team goes.
    """
    some = set(refs)
    found = {row.ref: row for row in of_teams(connection, some)}
    scored = select(matches.c.id).where(matches.c.result_home_ref.in_(sorted(some)))
    beneath = select(matches.c.id, matches.c.beneath).where(something_beneath(connection))
    others = set(connection.execute(scored).scalars())
    others |= {ref for ref, said in connection.execute(beneath) if some & refs_beneath(said)}
    found |= {row.ref: row for row in by_ref(connection, others - found.keys())}
    return [found[ref] for ref in sorted(found)]


def something_beneath(connection: Connection) -> TextClause:
    """The condition of the matches of which a source says something about what a person set."""
    return _BENEATH[connection.dialect.name]


def by_ref(connection: Connection, refs: Iterable[int]) -> list[Row]:
    """The matches with these ids, locked, by id."""
    return _rows(connection, matches.c.id.in_(sorted(set(refs))))


def _rows(connection: Connection, where: ColumnElement[bool]) -> list[Row]:
    statement = select(*_ROW).where(where).order_by(matches.c.id).with_for_update(of=matches)
    return [read_row(row) for row in connection.execute(statement)]


def row_columns() -> tuple[Any, ...]:
    """The columns that `read_row` wants."""
    return _ROW


def read_row(row: Sequence[Any]) -> Row:
    """The match in a row whose columns are, in order, those of `row_columns`."""
    ref, *beside = row[len(_COLUMNS) : len(_ROW)]
    return Row(ref, read_match(row), *beside)


def fold_into(connection: Connection, gone: int, kept: int, now: dt.datetime) -> None:
    """Removes match `gone`: its history and its tasks are those of match `kept`, and its id leads there."""
    for table in (history, outcomes, folded_matches, match_numbers):
        connection.execute(update(table).where(table.c.match_ref == gone).values(match_ref=kept))
    connection.execute(delete(matches).where(matches.c.id == gone))
    connection.execute(insert_into(folded_matches).values(id=gone, match_ref=kept, at=now))


def restore(connection: Connection, rows: Sequence[Row]) -> None:
    """Stores matches again that were folded, under the ids that they had."""
    refs = [row.ref for row in rows]
    connection.execute(delete(folded_matches).where(folded_matches.c.id.in_(refs)))
    columns = (matches.c.id, *_COLUMNS, *_DERIVED, *_BESIDE)
    moments = ("created_at", "updated_at")
    values = [
        _row(row.match)
        | {"id": row.ref, "separate": row.separate, "settled": row.settled}
        | {name: instant_text(getattr(row, name)) for name in moments}
        for row in rows
    ]
    connection.execute(bulk.insertion(connection, matches, columns), {bulk.ROWS: bulk.encode(values)})


def also_numbered(connection: Connection, ref: int, match: Match) -> None:
    """Has the number of `match` lead to the match `ref`, whose row has another."""
    key = {"season": match.season, "source": match.source, "match_id": match.match_id}
    connection.execute(insert_into(match_numbers).values(match_ref=ref, **key))


def settle(connection: Connection, ref: int, settled: dict[str, Any]) -> None:
    """Notes what was decided about what sources say of a match."""
    connection.execute(update(matches).where(matches.c.id == ref).values(settled=settled))


def count_separately(connection: Connection, ref: int, now: dt.datetime) -> None:
    """Has a match count beside another one of the same teams and day."""
    connection.execute(update(matches).where(matches.c.id == ref).values(separate=True, updated_at=now))


def where_now(connection: Connection, ref: int) -> int | None:
    """The match that the one with this id was folded into; None where it was not."""
    return connection.execute(select(folded_matches.c.match_ref).where(folded_matches.c.id == ref)).scalar()


def _first_free(connection: Connection) -> int | None:
    """The id from which on new matches must be numbered; None where the database sees to that.

    SQLite gives the id of the last row again once that row is gone, and a folded match's still leads to another.
    """
    if connection.dialect.name != "sqlite":
        return None
    folded, last = (
        connection.execute(select(func.max(table.c.id))).scalar() or 0 for table in (folded_matches, matches)
    )
    return folded + 1 if folded > last else None
