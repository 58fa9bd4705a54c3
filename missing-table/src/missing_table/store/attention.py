"""What waits for a person: matches that are disputed, doubled or gone from their source. Only reads.

Duplicates and vanished matches are looked for in the newest season of each league: nobody decides about an old one,
and the rest of the table is not read for it.
"""

import datetime as dt
from collections import defaultdict
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, case, func, literal_column, or_, select

from missing_table.store.matches import Row, read_row, row_columns, something_beneath
from missing_table.store.read import SEASONS
from missing_table.store.tables import history, matches, outcomes


class Event(NamedTuple):
    """One line of the history, with the match that it is about."""

    match_ref: int
    home_team: str
    away_team: str
    age_group: str
    field: str
    old: Any
    new: Any
    at: dt.datetime
    observed_at: dt.datetime
    source: str
    task_id: str | None


def with_something_beneath(connection: Connection) -> list[Row]:
    """The matches of which a source says something about what a person set, the newest first."""
    statement = select(*row_columns()).where(something_beneath(connection))
    return [read_row(row) for row in connection.execute(statement.order_by(matches.c.id.desc()))]


def sharing_teams_and_day(connection: Connection) -> list[Row]:
    """The matches with a score that share teams and day with another one."""
    key = [matches.c[name] for name in ("season", "league", "age_group", "date", "pair_low", "pair_high")]
    newest = _in_newest_seasons(connection)
    if newest is None:
        return []
    scored = (newest, matches.c.score_home.is_not(None))
    doubled = select(*key).where(*scored).group_by(*key).having(func.count() > 1).subquery()
    same = and_(*(column == doubled.c[column.name] for column in key))
    statement = select(*row_columns()).join(doubled, same).where(*scored).order_by(matches.c.id)
    return [read_row(row) for row in connection.execute(statement)]


def brackets_with_a_match_behind(connection: Connection, behind: dt.timedelta) -> list[Row]:
    """All matches of those brackets of the newest seasons in which one to be played is `behind` the newest."""
    newest = _in_newest_seasons(connection)
    if newest is None:
        return []
    bracket = (matches.c.season, matches.c.league, matches.c.age_group, matches.c.division)
    to_be_played = case((matches.c.status.in_(("scheduled", "tbd")), matches.c.observed_at))
    spans = select(*bracket, func.min(to_be_played), func.max(matches.c.observed_at)).where(newest).group_by(*bracket)
    found: list[Row] = []
    for *where, oldest, latest in connection.execute(spans).all():
        if oldest is not None and oldest < latest - behind:
            # not IS NOT DISTINCT FROM, for which PostgreSQL takes no index
            here = (column == value for column, value in zip(bracket, where, strict=True))
            found += [read_row(row) for row in connection.execute(select(*row_columns()).where(*here))]
    return found


def _in_newest_seasons(connection: Connection) -> ColumnElement[bool] | None:
    season = matches.c.season
    last = func.coalesce(func.max(case((season.like(SEASONS), season))), func.max(season))
    newest = select(matches.c.league, last).group_by(matches.c.league)
    pairs = [
        and_(matches.c.league == league, matches.c.season == found) for league, found in connection.execute(newest)
    ]
    return or_(*pairs) if pairs else None


def changes_since(connection: Connection, since: dt.datetime, limit: int) -> list[Event]:
    """What changed after `since` in what is shown, the newest first."""
    columns = (
        history.c.match_ref,
        matches.c.home_team,
        matches.c.away_team,
        matches.c.age_group,
        *(history.c[name] for name in ("field", "old", "new", "at", "observed_at", "source", "task_id")),
    )
    statement = select(*columns).join(matches, matches.c.id == history.c.match_ref).where(history.c.at >= since)
    rows = connection.execute(statement.order_by(history.c.at.desc(), history.c.id.desc()).limit(limit))
    return [Event(*row) for row in rows]


class Minute(NamedTuple):
    """How many messages of one minute came to an outcome: those that name their run, or those that do not."""

    at: dt.datetime
    outcome: str
    named: bool
    messages: int


class Run(NamedTuple):
    """The messages that name one run of their producer, and what they came to."""

    run_id: str
    began: dt.datetime
    ended: dt.datetime
    outcomes: dict[str, int]


def outcomes_by_minute(connection: Connection, since: dt.datetime) -> list[Minute]:
    """How many messages came to what in each minute after `since`, the earliest first."""
    if connection.dialect.name == "postgresql":
        minute: Any = func.to_char(func.timezone("UTC", outcomes.c.at), literal_column("'YYYY-MM-DD\"T\"HH24:MI'"))
    else:
        minute = func.substr(outcomes.c.at, 1, 16, type_=None)
    minute = minute.label("minute")
    named = outcomes.c.run_id.is_not(None)
    statement = select(minute, outcomes.c.outcome, named, func.count()).where(outcomes.c.at >= since)
    rows = connection.execute(statement.group_by(minute, outcomes.c.outcome, named).order_by(minute))
    return [Minute(dt.datetime.fromisoformat(str(at)).replace(tzinfo=dt.UTC), *rest) for at, *rest in rows]


def runs_since(connection: Connection, since: dt.datetime, limit: int) -> list[Run]:
    """The runs of which a message was processed after `since`, whole, the one that ended last first."""
    # those without a name come along as one: to leave them out would lead SQLite through the index of all runs
    recent = select(outcomes.c.run_id).where(outcomes.c.at >= since).group_by(outcomes.c.run_id)
    recent = recent.order_by(func.max(outcomes.c.at).desc(), outcomes.c.run_id).limit(limit + 1)
    ids = [run_id for run_id in connection.execute(recent).scalars() if run_id is not None][:limit]
    columns = (outcomes.c.run_id, outcomes.c.outcome, func.min(outcomes.c.at), func.max(outcomes.c.at), func.count())
    counted = select(*columns).where(outcomes.c.run_id.in_(ids)).group_by(outcomes.c.run_id, outcomes.c.outcome)
    lines = defaultdict(list)
    for run_id, *line in connection.execute(counted.order_by(outcomes.c.run_id, outcomes.c.outcome)):
        lines[run_id].append(line)
    return [
        Run(
            run_id,
            min(began for _, began, _, _ in lines[run_id]),
            max(ended for _, _, ended, _ in lines[run_id]),
            {outcome: count for outcome, _, _, count in lines[run_id]},
        )
        for run_id in ids
    ]
