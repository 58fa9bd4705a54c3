"""The teams in the database: the directory of all, new ones, and the lock that keeps one from being made twice."""

import datetime as dt
import itertools
from collections.abc import Iterable, Iterator

from sqlalchemy import Connection, delete, func, insert, select, union, update

from missing_table.ingest.names import Bracket, Directory, Team
from missing_table.ingest.stamps import instant_text
from missing_table.store import bulk, official
from missing_table.store.tables import matches, team_aliases, team_directory, team_ids, team_merges, teams


def lock(connection: Connection, *, exclusive: bool) -> int:
    """The directory's version, which stays as it is until this transaction ends.

    `exclusive` is for who changes it. Two that share and then both want to change it would wait for each other
    for ever: decide before. (SQLite's writing transactions are exclusive anyway.)
    """
    version: int = connection.execute(select(team_directory.c.version).with_for_update(read=not exclusive)).scalar_one()
    return version


def load(connection: Connection, version: int) -> Directory:
    """The whole directory, as of `version`."""
    return Directory(
        version,
        (
            Team(*row)
            for row in connection.execute(
                select(
                    teams.c.id,
                    teams.c.name,
                    teams.c.name_key,
                    teams.c.age_group,
                    teams.c.provisional,
                    teams.c.known_by_id,
                )
            )
        ),
        ((row[0], row[1], row[2]) for row in connection.execute(select(team_ids))),
        (
            (row[0], row[1], row[2])
            for row in connection.execute(
                select(team_aliases.c.name_key, team_aliases.c.age_group, team_aliases.c.team_ref)
            )
        ),
    )


def moved_on(connection: Connection) -> int:
    """Says that the directory changed; returns its new version. Needs the exclusive lock."""
    statement = update(team_directory).values(version=team_directory.c.version + 1).returning(team_directory.c.version)
    version: int = connection.execute(statement).scalar_one()
    return version


def new_refs(connection: Connection, at_once: int) -> Iterator[int]:
    """Numbers for teams to be made, taken from the database so many at a time. Needs the exclusive lock."""
    if connection.dialect.name == "sqlite":  # which would give the number of a team again that became an alias
        last = (connection.execute(select(func.max(c))).scalar() or 0 for c in (teams.c.id, team_merges.c.gone_ref))
        yield from itertools.count(max(last) + 1)
    number = func.nextval(func.pg_get_serial_sequence(teams.name, teams.c.id.name))
    while True:
        yield from connection.execute(select(number).select_from(func.generate_series(1, at_once))).scalars().all()


def make(connection: Connection, new: Iterable[Team], now: dt.datetime) -> None:
    """Stores new teams, which have their numbers from `new_refs`. Needs the exclusive lock."""
    at = instant_text(now)
    rows = [{"id": team.ref, "created_at": at} | team._asdict() for team in new]
    connection.execute(bulk.insertion(connection, teams, tuple(teams.c)), {bulk.ROWS: bulk.encode(rows)})


def add_ids(connection: Connection, ids: Iterable[tuple[str, str, int]]) -> None:
    """Gives teams their ids: (source, source id, team ref). Needs the exclusive lock."""
    rows = [dict(zip(team_ids.c.keys(), row, strict=True)) for row in ids]
    connection.execute(bulk.insertion(connection, team_ids, tuple(team_ids.c)), {bulk.ROWS: bulk.encode(rows)})


def now_known_by_id(connection: Connection, refs: Iterable[int]) -> None:
    """Notes of teams that had no source id that they have one: they are confirmed by that. Needs the exclusive lock."""
    connection.execute(update(teams).where(teams.c.id.in_(list(refs))).values(known_by_id=True, provisional=False))


def confirm(connection: Connection, ref: int) -> None:
    """Says that a team is no longer provisional. Needs the exclusive lock."""
    connection.execute(update(teams).where(teams.c.id == ref).values(provisional=False))


def replace_by_alias(connection: Connection, gone: Team, kept: Team, now: dt.datetime) -> None:
    """Removes team `gone`, whose name is an alias of `kept` from now on. Needs the exclusive lock."""
    connection.execute(update(team_aliases).where(team_aliases.c.team_ref == gone.ref).values(team_ref=kept.ref))
    alias = {"name_key": gone.name_key, "age_group": gone.age_group, "name": gone.name, "team_ref": kept.ref}
    connection.execute(insert(team_aliases).values(created_at=now, **alias))
    official.replace_team(connection, gone.ref, kept.ref)
    connection.execute(delete(teams).where(teams.c.id == gone.ref))


def playing_in(connection: Connection, bracket: Bracket) -> frozenset[int]:
    """The refs of the teams that have a match filed in `bracket`."""
    season, league, age_group, division = bracket
    here = [matches.c.season == season, matches.c.league == league, matches.c.age_group == age_group]
    here.append(matches.c.division.is_(None) if division is None else matches.c.division == division)
    refs: Iterable[int] = connection.execute(
        union(
            select(matches.c.home_ref).where(*here),
            select(matches.c.away_ref).where(*here, matches.c.away_age_group.is_(None)),
        )
    ).scalars()
    return frozenset(refs)
