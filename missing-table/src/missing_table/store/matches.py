"""Matches in bulk: what a batch needs to know, and what it writes, each in one statement."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Select, and_, delete, select, update

from missing_table.ingest.merge import Change, Match
from missing_table.ingest.stamps import instant_text
from missing_table.store import bulk
from missing_table.store.tables import history, matches

_FIELDS: Final = msgspec.structs.fields(Match)
_COLUMNS: Final = tuple(matches.c[field.name] for field in _FIELDS)
_DERIVED: Final = (matches.c.observed_at, matches.c.pair_low, matches.c.pair_high)
_IDENTITY: Final = (matches.c.season, matches.c.source, matches.c.match_id)
_PAIR: Final = (
    matches.c.season,
    matches.c.league,
    matches.c.age_group,
    matches.c.date,
    matches.c.pair_low,
    matches.c.pair_high,
)
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
    columns = (*_COLUMNS, *_DERIVED, matches.c.created_at, matches.c.updated_at)
    rows = [_row(match) | {"created_at": at, "updated_at": at} for match in new]
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


def move_stamps(connection: Connection, moved: Iterable[tuple[int, Match]]) -> None:
    """Writes only that the same was said again, later."""
    rows = [
        {"id": ref, "stamps": match.stamps, "beneath": match.beneath, "observed_at": match.observed_at}
        for ref, match in sorted(moved, key=lambda found: found[0])
    ]
    _update(connection, (matches.c.id, matches.c.stamps, matches.c.beneath, matches.c.observed_at), rows)


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
    return msgspec.structs.asdict(match) | {"observed_at": match.observed_at, "pair_low": low, "pair_high": high}


def fold_into(connection: Connection, gone: int, kept: int) -> None:
    """Gives the history of match `gone` to match `kept`."""
    connection.execute(update(history).where(history.c.match_ref == gone).values(match_ref=kept))


def remove(connection: Connection, ref: int) -> None:
    """Removes a match that was folded into another."""
    connection.execute(delete(matches).where(matches.c.id == ref))
