"""Official tables in the database: what a batch states, and whether our order agrees with it."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from sqlalchemy import Connection, and_, delete, or_, select, update

from missing_table.ingest.names import Bracket
from missing_table.ingest.official import OfficialTable, Place
from missing_table.ingest.stamps import instant_text
from missing_table.store import bulk
from missing_table.store.tables import official_places, official_tables

_BRACKET: Final = tuple(official_tables.c[name] for name in ("season", "league", "age_group", "division"))
_PLACE: Final = tuple(official_places.c[name] for name in ("team", "team_id", "position", "team_ref"))


class Stored(NamedTuple):
    """An official table that is stored, and what is known of our order beside it."""

    ref: int
    table: OfficialTable
    agrees: bool | None
    """None: it has not been compared yet, or there is no order to compare with."""
    differs_since: dt.datetime | None


def tables(connection: Connection, brackets: Iterable[Bracket], *, locked: bool) -> dict[Bracket, Stored]:
    """The official tables of `brackets`, where there are any; `locked` until the transaction ends."""
    wanted = bulk.unpacked(connection, _BRACKET)
    same = and_(
        *(official_tables.c[name] == wanted.c[name] for name in ("season", "league", "age_group")),
        or_(
            official_tables.c.division == wanted.c.division,
            and_(official_tables.c.division.is_(None), wanted.c.division.is_(None)),
        ),
    )
    columns = [official_tables.c[name] for name in ("id", "source", "observed_at", "agrees", "differs_since")]
    statement = select(*columns, *_BRACKET).join(wanted, same).order_by(official_tables.c.id)
    if locked:
        statement = statement.with_for_update(of=official_tables)
    rows = bulk.encode(dict(zip((c.name for c in _BRACKET), bracket, strict=True)) for bracket in brackets)
    found = connection.execute(statement, {bulk.ROWS: rows}).all()
    places: dict[int, list[Place]] = {row.id: [] for row in found}
    if places:
        listed = select(official_places.c.table_ref, *_PLACE).where(official_places.c.table_ref.in_(sorted(places)))
        for ref, *place in connection.execute(listed):
            places[ref].append(Place(*place))
    stored: dict[Bracket, Stored] = {}
    for ref, source, observed_at, agrees, since, *bracket in found:
        season, league, age_group, division = bracket
        key = (season, league, age_group, division)
        table = OfficialTable(key, source, instant_text(observed_at), tuple(places[ref]))
        stored[key] = Stored(ref, table, agrees, since)
    return stored


def insert(connection: Connection, new: Sequence[OfficialTable], now: dt.datetime) -> None:
    """Stores the first statement about each bracket.

    Raises SQLAlchemy's `IntegrityError` where another worker stored one of them first.
    """
    at = instant_text(now)
    columns = (
        *_BRACKET,
        *(official_tables.c[name] for name in ("source", "observed_at", "created_at", "updated_at")),
    )
    ordered = sorted(new, key=lambda table: (*table.bracket[:3], table.bracket[3] or ""))
    rows = [_row(table) | {"created_at": at, "updated_at": at} for table in ordered]
    statement = bulk.insertion(connection, official_tables, columns).returning(official_tables.c.id, *_BRACKET)
    refs: dict[Bracket, int] = {}
    for ref, season, league, age_group, division in connection.execute(statement, {bulk.ROWS: bulk.encode(rows)}):
        refs[season, league, age_group, division] = ref
    _insert_places(connection, [(refs[table.bracket], table) for table in ordered])


def replace(connection: Connection, changed: Sequence[tuple[int, OfficialTable]], now: dt.datetime) -> None:
    """Puts new statements in the place of the stored ones: (ref, table). Sorted by ref, as they were locked."""
    connection.execute(delete(official_places).where(official_places.c.table_ref.in_([ref for ref, _ in changed])))
    for ref, table in sorted(changed):
        connection.execute(
            update(official_tables)
            .where(official_tables.c.id == ref)
            .values(source=table.source, observed_at=_moment(table.observed_at), updated_at=now)
        )
    _insert_places(connection, changed)


def move_on(connection: Connection, again: Iterable[tuple[int, OfficialTable]]) -> None:
    """Writes only that the same was said again, later."""
    for ref, table in sorted(again):
        statement = update(official_tables).where(official_tables.c.id == ref)
        connection.execute(statement.values(observed_at=_moment(table.observed_at)))


def note(connection: Connection, ref: int, *, agrees: bool | None, differs_since: dt.datetime | None) -> None:
    """Writes what a comparison came to."""
    statement = update(official_tables).where(official_tables.c.id == ref)
    connection.execute(statement.values(agrees=agrees, differs_since=differs_since))


def replace_team(connection: Connection, gone: int, kept: int) -> None:
    """Puts team `kept` wherever `gone` stands; where both stand, the place of `kept` stays."""
    both = select(official_places.c.table_ref).where(official_places.c.team_ref == kept)
    of_gone = official_places.c.team_ref == gone
    connection.execute(delete(official_places).where(of_gone, official_places.c.table_ref.in_(both)))
    connection.execute(update(official_places).where(of_gone).values(team_ref=kept))


def brackets(connection: Connection) -> list[Bracket]:
    """Every bracket that has an official table, in order; one without a division comes first among its like."""
    found = [tuple(row) for row in connection.execute(select(*_BRACKET))]
    return [
        (season, league, age_group, division)
        for season, league, age_group, division in sorted(found, key=lambda bracket: (*bracket[:3], bracket[3] or ""))
    ]


def verdicts(connection: Connection) -> list[tuple[Bracket, bool]]:
    """The brackets that have been compared, and whether our order agrees."""
    statement = select(*_BRACKET, official_tables.c.agrees).where(official_tables.c.agrees.is_not(None))
    return [((row[0], row[1], row[2], row[3]), row[4]) for row in connection.execute(statement)]


def _insert_places(connection: Connection, stated: Iterable[tuple[int, OfficialTable]]) -> None:
    columns = (official_places.c.table_ref, *_PLACE)
    rows = [
        {
            "table_ref": ref,
            "team_ref": place.ref,
            "team": place.team,
            "team_id": place.team_id,
            "position": place.position,
        }
        for ref, table in stated
        for place in table.places
    ]
    connection.execute(bulk.insertion(connection, official_places, columns), {bulk.ROWS: bulk.encode(rows)})


def _row(table: OfficialTable) -> dict[str, str | None]:
    names = (column.name for column in _BRACKET)
    bracket: dict[str, str | None] = dict(zip(names, table.bracket, strict=True))
    return bracket | {"source": table.source, "observed_at": table.observed_at}


def _moment(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)
