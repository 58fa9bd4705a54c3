"""What readers ask of the database: brackets, matches, what happened to one. Nothing here writes.

A bracket is read through the two indexes that are made for it, whatever else is stored: one for the matches filed
in it, one for those of other brackets whose away side belongs here.
"""

import datetime as dt
import hashlib
import operator
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, reduce
from typing import Any, Final, Literal, NamedTuple

from sqlalchemy import (
    CTE,
    Column,
    ColumnElement,
    CompoundSelect,
    Connection,
    ScalarSelect,
    Select,
    String,
    Text,
    and_,
    bindparam,
    cast,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
    union,
    union_all,
)

from missing_table.ingest.merge import Change, disputes
from missing_table.ingest.names import name_key
from missing_table.ingest.stamps import is_by_hand
from missing_table.ingest.statement import season_order
from missing_table.standings import Bracket, Fixture, Side
from missing_table.store.matches import read_match, stored_columns, where_now
from missing_table.store.tables import (
    history,
    matches,
    official_places,
    official_tables,
    outcomes,
    quarantine,
    team_aliases,
    team_directory,
    team_ids,
    teams,
)

SEASONS: Final = "20__-__"
"""In SQL, the names that seasons have; any other is never the newest where there is one of these."""


class StoredMatch(NamedTuple):
    """A match as a reader sees it: the contract's fields, and the references of its teams."""

    id: int
    source: str
    season: str
    match_id: str | None
    league: str
    age_group: str
    division: str | None
    match_type: str
    away_age_group: str | None
    away_division: str | None
    date: dt.date
    match_time: str | None
    timezone: str | None
    location: str | None
    home_team: str
    away_team: str
    home_team_id: str | None
    away_team_id: str | None
    score_home: int | None
    score_away: int | None
    penalty_home: int | None
    penalty_away: int | None
    status: str
    notes: str | None
    observed_at: dt.datetime
    updated_at: dt.datetime
    home_ref: int
    away_ref: int
    separate: bool = False
    """A person decided that it is no other match of the same teams and day over again."""
    by_source: bool = True
    """A source has stated it, and not only a person."""

    @property
    def bracket(self) -> Bracket:
        """Where it is filed, and its home side plays."""
        return Bracket(self.season, self.league, self.age_group, self.division)

    @property
    def away_bracket(self) -> Bracket:
        """Where its away side plays."""
        return Bracket(
            self.season, self.league, self.away_age_group or self.age_group, self.away_division or self.division
        )


class Squad(NamedTuple):
    """A team by its reference: the name it is known by, and a source's id for it."""

    name: str
    team_id: str | None


class TeamRow(NamedTuple):
    """A team as it is stored."""

    ref: int
    name: str
    age_group: str
    provisional: bool


class TeamNames(NamedTuple):
    """What a team is known by besides its name."""

    ids: list[tuple[str, str]]
    """(source, the source's id)."""
    aliases: list[str]
    same_club: list[TeamRow]
    """Others of the same name, at this age or another."""


class BracketState(NamedTuple):
    """How a bracket stands, without its matches."""

    newest: int
    """The greatest id of any match."""
    version: str | None
    """Moves on whenever something moves that a reader of the bracket sees; None where it has no match."""


class HistoryEntry(NamedTuple):
    """One change of one field: `at` (UTC) is when it was stored, `old` and `new` are JSON values."""

    field: str
    old: Any
    new: Any
    at: dt.datetime
    source: str
    task_id: str | None


class MatchStory(NamedTuple):
    """A match with all that happened to it."""

    match: StoredMatch
    history: list[HistoryEntry]
    """Oldest first."""
    disputes: list[Change]
    """Where a source says (`new`) otherwise than a person (`old`)."""
    pinned: list[str]
    """What a person stated, by register."""


class OutcomeOfTask(NamedTuple):
    """What became of a message; `reason` only where it was quarantined."""

    task_id: str
    outcome: str
    match: int | None
    quarantine: int | None
    reason: str | None
    run_id: str | None
    at: dt.datetime


Order = Literal["id", "-id", "date", "-date", "updated", "-updated"]
"""What a list of matches is sorted by; the minus is for the last first."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which matches to list: what is None does not narrow. A part of a bracket may be spelled in several ways."""

    season: Collection[str] | None = None
    league: Collection[str] | None = None
    age_group: Collection[str] | None = None
    division: Collection[str] | None = None
    team: str | None = None
    """A name or an alias, without regard to case and accents; or a source's id of the squad."""
    date_from: dt.date | None = None
    date_to: dt.date | None = None
    status: str | None = None


_MATCH: Final = tuple(matches.c[field] for field in StoredMatch._fields)
_ORDERS: Final[Mapping[str, tuple[Column[Any], ...]]] = {
    "id": (matches.c.id,),
    "date": (matches.c.date, matches.c.id),
    "updated": (matches.c.updated_at, matches.c.id),
}
_NEWEST: Final = select(func.max(matches.c.id))
_TEAM: Final = (teams.c.id, teams.c.name, teams.c.age_group, teams.c.provisional)
_away_age_group: Final = func.coalesce(matches.c.away_age_group, matches.c.age_group)
_away_division: Final = func.coalesce(matches.c.away_division, matches.c.division)
_away_filed_elsewhere: Final = or_(matches.c.away_age_group.is_not(None), matches.c.away_division.is_not(None))
"""As the partial index `ix_matches_away_bracket` says it: the two expressions before go with it."""


def brackets(connection: Connection) -> list[Bracket]:
    """Every bracket that a match is filed in, or that an official table is known of, in order.

    Costs a look into the index for each bracket, not for each match: each step asks for the least value after
    the one before.
    """
    seasons = _each_next((), None)
    leagues = _each_next(("season",), seasons)
    age_groups = _each_next(("season", "league"), leagues)
    divisions = _each_next(("season", "league", "age_group"), age_groups)
    undivided = (
        select(matches.c.id)
        .where(
            *(matches.c[name] == age_groups.c[name] for name in ("season", "league", "age_group")),
            matches.c.division.is_(None),
        )
        .exists()
    )
    named = ("season", "league", "age_group", "division")
    statement = union(
        select(*(divisions.c[name] for name in named)).where(divisions.c.division.is_not(None)),
        select(*(age_groups.c[name] for name in named[:3]), literal(None)).where(
            age_groups.c.age_group.is_not(None), undivided
        ),
        select(matches.c.season, matches.c.league, _away_age_group, _away_division).where(_away_filed_elsewhere),
        select(*(official_tables.c[name] for name in named)),
    )
    found = [Bracket(*row) for row in connection.execute(statement)]
    return sorted(found, key=bracket_order)


def bracket_order(bracket: Bracket) -> tuple[str, ...]:
    """What a list of brackets is sorted by: one without a division comes first among its like."""
    return (bracket.season, bracket.league, bracket.age_group, bracket.division or "")


def _each_next(given: tuple[str, ...], before: CTE | None) -> CTE:
    """For each row of `before` (with the columns `given`), the values of the next column, and a last None."""
    name = ("season", "league", "age_group", "division")[len(given)]
    column = matches.c[name]
    least = select(func.min(column)).correlate_except(matches)
    if before is None:
        rows = select(least.scalar_subquery().label(name)).cte(f"each_{name}", recursive=True)
    else:
        same = (matches.c[part] == before.c[part] for part in given)
        rows = (
            select(*(before.c[part] for part in given), least.where(*same).scalar_subquery().label(name))
            .where(before.c[given[-1]].is_not(None))
            .cte(f"each_{name}", recursive=True)
        )
    following = least.where(*(matches.c[part] == rows.c[part] for part in given), column > rows.c[name])
    return rows.union_all(
        select(*(rows.c[part] for part in given), following.scalar_subquery()).where(rows.c[name].is_not(None))
    )


def brackets_since(connection: Connection, after: int) -> set[Bracket]:
    """The brackets of the matches that were stored after the one with this id."""
    newer = matches.c.id > after
    statement = union(
        select(matches.c.season, matches.c.league, matches.c.age_group, matches.c.division).where(newer),
        select(matches.c.season, matches.c.league, _away_age_group, _away_division).where(newer),
    )
    return {Bracket(*row) for row in connection.execute(statement)}


def newest_match(connection: Connection) -> int:
    """The greatest id that a match has; 0 where there is none."""
    return connection.execute(_NEWEST).scalar() or 0


def bracket_state(connection: Connection, bracket: Bracket) -> BracketState:
    """How `bracket` stands, for one look at its part of the indexes."""
    statement = _state_statement(bracket.division is not None)
    newest, directory, *parts = connection.execute(statement, bracket._asdict()).one()
    found = sorted(",".join(part for part in parts if part).split(","))
    if found == [""]:
        return BracketState(newest or 0, None)
    digest = hashlib.blake2b(f"{directory} {found}".encode(), digest_size=12)
    return BracketState(newest or 0, digest.hexdigest())


@cache
def _state_statement(divided: bool) -> Select[Any]:
    here, away_here = _filed_in(divided)
    state = _joined(matches.c.id, matches.c.updated_at, matches.c.observed_at)
    return select(
        _NEWEST.scalar_subquery(),
        select(team_directory.c.version).scalar_subquery(),
        select(state).where(here).scalar_subquery(),
        select(state).where(away_here).scalar_subquery(),
        _official_state(divided),
    )


def _joined(*columns: ColumnElement[Any]) -> ColumnElement[str]:
    """All the values of `columns` as one text."""
    return func.aggregate_strings(reduce(operator.add, (cast(c, Text) for c in columns)), ",")


def _official_state(divided: bool) -> ScalarSelect[Any]:
    """What moves on with the official table of the bracket, and with what our order was found to be beside it."""
    t = official_tables.c
    moving = (t.updated_at, t.observed_at, t.agrees, t.differs_since)
    here = [t[name] == bindparam(name, type_=String) for name in ("season", "league", "age_group")]
    here.append(t.division == bindparam("division", type_=String) if divided else t.division.is_(None))
    return (
        select(reduce(operator.add, (func.coalesce(cast(c, Text), "") for c in moving))).where(*here).scalar_subquery()
    )


def newest_season(connection: Connection, league: str) -> str | None:
    """The latest season in which `league` has a match, or an official table."""
    played = select(matches.c.season).where(matches.c.league == league).order_by(matches.c.season.desc()).limit(1)
    stated = select(func.max(official_tables.c.season)).where(official_tables.c.league == league)
    proper = (played.where(matches.c.season.like(SEASONS)), stated.where(official_tables.c.season.like(SEASONS)))
    seasons = connection.execute(select(*(each.scalar_subquery() for each in (played, stated, *proper)))).one()
    return max((season for season in seasons if season is not None), key=season_order, default=None)


def in_bracket(connection: Connection, bracket: Bracket) -> list[StoredMatch]:
    """The matches filed in `bracket`, or whose away side plays in it; in order of date and kick-off."""
    rows = connection.execute(_bracket_statement(bracket.division is not None), bracket._asdict())
    found = {row[0]: StoredMatch(*row) for row in rows}
    return sorted(found.values(), key=lambda match: (match.date, match.match_time or "", match.id))


@cache
def _bracket_statement(divided: bool) -> CompoundSelect[Any]:
    here, away_here = _filed_in(divided)
    return union_all(select(*_MATCH).where(here), select(*_MATCH).where(away_here))


def _filed_in(divided: bool) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """The matches filed in the bracket of the parameters, and those whose away side belongs there, for an index each.

    The statements are made once: to make them takes longer than to execute them.
    """
    season, league, age_group, division = (bindparam(name, type_=String) for name in Bracket._fields)
    season_and_league = (matches.c.season == season, matches.c.league == league)
    return (
        and_(
            *season_and_league,
            matches.c.age_group == age_group,
            matches.c.division == division if divided else matches.c.division.is_(None),
        ),
        and_(
            *season_and_league,
            _away_age_group == age_group,
            _away_division == division if divided else _away_division.is_(None),
            _away_filed_elsewhere,
        ),
    )


def squads(connection: Connection, refs: Iterable[int]) -> dict[int, Squad]:
    """The teams with these references."""
    source_id = (
        select(func.min(team_ids.c.source_id)).where(team_ids.c.team_ref == teams.c.id).correlate(teams)
    ).scalar_subquery()
    statement = select(teams.c.id, teams.c.name, source_id).where(teams.c.id.in_(sorted(set(refs))))
    return {ref: Squad(name, team_id) for ref, name, team_id in connection.execute(statement)}


def team(connection: Connection, ref: int) -> TeamRow | None:
    """The team with this reference."""
    row = connection.execute(select(*_TEAM).where(teams.c.id == ref)).first()
    return TeamRow(*row) if row else None


def team_names(connection: Connection, ref: int) -> TeamNames:
    """What the team with this reference is known by, and who bears its name too."""
    ids = connection.execute(
        select(team_ids.c.source, team_ids.c.source_id)
        .where(team_ids.c.team_ref == ref)
        .order_by(team_ids.c.source, team_ids.c.source_id)
    )
    aliases = connection.execute(
        select(team_aliases.c.name).where(team_aliases.c.team_ref == ref).order_by(team_aliases.c.name)
    )
    key = select(teams.c.name_key).where(teams.c.id == ref).scalar_subquery()
    same = connection.execute(
        select(*_TEAM).where(teams.c.name_key == key, teams.c.id != ref).order_by(teams.c.age_group, teams.c.id)
    )
    return TeamNames(
        [(source, source_id) for source, source_id in ids], list(aliases.scalars()), [TeamRow(*row) for row in same]
    )


def teams_with_source_id(connection: Connection, source_id: str) -> list[TeamRow]:
    """The teams that a source knows by this number."""
    statement = (
        select(*_TEAM).join(team_ids, team_ids.c.team_ref == teams.c.id).where(team_ids.c.source_id == source_id)
    )
    return [TeamRow(*row) for row in connection.execute(statement.order_by(teams.c.id))]


def directory_version(connection: Connection) -> int:
    """Moves on whenever a team, a source's id or an alias does."""
    version: int = connection.execute(select(team_directory.c.version)).scalar_one()
    return version


def all_team_names(connection: Connection) -> tuple[list[TeamRow], list[tuple[str, int]]]:
    """Every team; and every alias with the team that it means."""
    aliases = connection.execute(select(team_aliases.c.name, team_aliases.c.team_ref))
    return (
        [TeamRow(*row) for row in connection.execute(select(*_TEAM))],
        [(name, ref) for name, ref in aliases],
    )


def names_of_teams(connection: Connection, age_group: str, *, most: int = 500) -> list[str]:
    """The names that teams of this age group bear, or of any where it is empty; in order, at `most` so many."""
    statement = select(teams.c.name).distinct().order_by(teams.c.name).limit(most)
    statement = statement.where(teams.c.age_group == age_group) if age_group else statement
    return list(connection.execute(statement).scalars())


def brackets_of_teams(connection: Connection, refs: Iterable[int]) -> dict[int, list[Bracket]]:
    """Where each of the teams plays in the newest season that it has a match in."""
    some = sorted(set(refs))
    home = (matches.c.season, matches.c.league, matches.c.age_group, matches.c.division)
    away = (matches.c.season, matches.c.league, _away_age_group, _away_division)
    sides = ((matches.c.home_ref, home), (matches.c.away_ref, away))
    pairs = (matches.c.pair_low.in_(some), matches.c.pair_high.in_(some))
    statement = union(*(select(ref, *where).where(pair, ref.in_(some)) for ref, where in sides for pair in pairs))
    found: dict[int, list[Bracket]] = {}
    for ref, *parts in connection.execute(statement):
        found.setdefault(ref, []).append(Bracket(*parts))
    for ref, played in found.items():
        newest = max((bracket.season for bracket in played), key=season_order)
        found[ref] = sorted((bracket for bracket in played if bracket.season == newest), key=bracket_order)
    return found


def seasons_of_team(connection: Connection, ref: int) -> list[str]:
    """The seasons with a match of this team, the newest first."""
    statement = union(*(select(matches.c.season).where(side) for side in _plays(ref)))
    return sorted(connection.execute(statement).scalars(), key=season_order, reverse=True)


def official_brackets_of_team(connection: Connection, ref: int) -> list[Bracket]:
    """The brackets whose official table has this team, whether it has a match there or not."""
    named = (official_tables.c[name] for name in Bracket._fields)
    statement = select(*named).join(official_places, official_places.c.table_ref == official_tables.c.id)
    return [Bracket(*row) for row in connection.execute(statement.where(official_places.c.team_ref == ref))]


def of_team(connection: Connection, ref: int, season: str) -> list[StoredMatch]:
    """A team's matches in a season, in order of date and kick-off."""
    statement = union_all(*(select(*_MATCH).where(side, matches.c.season == season) for side in _plays(ref)))
    found = [StoredMatch(*row) for row in connection.execute(statement)]
    return sorted(found, key=lambda match: (match.date, match.match_time or "", match.id))


def _plays(ref: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Two conditions, each with an index of its own, that no match fulfils both of."""
    return matches.c.pair_low == ref, matches.c.pair_high == ref


def fixture(match: StoredMatch, known: dict[int, Squad]) -> Fixture:
    """`match` as `standings` takes it; `known` are its teams."""
    home, away = known[match.home_ref], known[match.away_ref]
    return Fixture(
        match.id,
        match.date,
        match.match_type,
        Side(match.home_ref, home.name, match.home_team_id or home.team_id, match.bracket),
        Side(match.away_ref, away.name, match.away_team_id or away.team_id, match.away_bracket),
        match.score_home,
        match.score_away,
        match.penalty_home,
        match.penalty_away,
        match.separate,
    )


def sharing_a_day(connection: Connection, some: Sequence[StoredMatch]) -> list[StoredMatch]:
    """`some`, and every other match with a score of the same two teams on the same day."""
    other, mine = matches.alias(), matches
    statement = (
        select(*(other.c[field] for field in StoredMatch._fields))
        .join_from(
            mine,
            other,
            and_(
                other.c.pair_low == mine.c.pair_low,
                other.c.pair_high == mine.c.pair_high,
                other.c.date == mine.c.date,
                other.c.score_home.is_not(None),
            ),
        )
        .where(mine.c.id.in_([match.id for match in some]), mine.c.score_home.is_not(None))
    )
    others = (StoredMatch(*row) for row in connection.execute(statement))
    return list({match.id: match for match in (*some, *others)}.values())


def story(connection: Connection, ref: int) -> MatchStory | None:
    """The match with this id, or that it was folded into, and all that happened to it."""
    columns = (*stored_columns(), matches.c.settled, *_MATCH)
    row = connection.execute(select(*columns).where(matches.c.id == ref)).first()
    if row is None:
        kept = where_now(connection, ref)
        return story(connection, kept) if kept is not None else None
    match, settled = read_match(row), row[len(stored_columns())]
    changes = connection.execute(
        select(*(history.c[field] for field in HistoryEntry._fields))
        .where(history.c.match_ref == ref)
        .order_by(history.c.id)
    )
    return MatchStory(
        StoredMatch(*row[len(stored_columns()) + 1 :]),
        [HistoryEntry(*change) for change in changes],
        disputes(match, settled),
        sorted(register for register, stamp in match.stamps.items() if is_by_hand(stamp)),
    )


def listed(
    connection: Connection, wanted: Wanted, *, limit: int, order: Order = "id", after: tuple[Any, ...] | None = None
) -> list[StoredMatch]:
    """At most `limit` matches in `order`; those behind the one with the key `after`, where that is given.

    By id a page stays what it is while matches move.
    """
    columns = _ORDERS[order.removeprefix("-")]
    statement = select(*_MATCH).limit(limit)
    statement = statement.order_by(*(c.desc() if order.startswith("-") else c for c in columns))
    if after is not None:
        here, there = tuple_(*columns), tuple_(*(literal(v, c.type) for v, c in zip(after, columns, strict=True)))
        statement = statement.where(here < there if order.startswith("-") else here > there)
    for condition in _conditions(connection, wanted):
        statement = statement.where(condition)
    return [StoredMatch(*row) for row in connection.execute(statement)]


def order_key(match: StoredMatch, order: Order) -> tuple[Any, ...]:
    """Where `match` stands in `order`; no two matches share it."""
    return tuple(getattr(match, c.name) for c in _ORDERS[order.removeprefix("-")])


def _conditions(connection: Connection, wanted: Wanted) -> Iterable[ColumnElement[bool]]:
    for name in ("season", "league"):
        yield from _among(matches.c[name], getattr(wanted, name))
    if wanted.status is not None:
        yield matches.c.status == wanted.status
    if wanted.age_group is not None or wanted.division is not None:
        yield or_(
            and_(true(), *_among(matches.c.age_group, wanted.age_group), *_among(matches.c.division, wanted.division)),
            and_(
                _away_filed_elsewhere,
                *_among(_away_age_group, wanted.age_group),
                *_among(_away_division, wanted.division),
            ),
        )
    if wanted.date_from is not None:
        yield matches.c.date >= wanted.date_from
    if wanted.date_to is not None:
        yield matches.c.date <= wanted.date_to
    if wanted.team is not None:
        # the few refs first, and each of the two indexes by itself: a plan for both at once reads all matches
        refs = list(connection.execute(_refs_of(wanted.team)).scalars())
        sides = (matches.c.pair_low.in_(refs), matches.c.pair_high.in_(refs))
        yield matches.c.id.in_(union_all(*(select(matches.c.id).where(side) for side in sides)))


def _among(column: ColumnElement[Any], values: Collection[str] | None) -> tuple[ColumnElement[bool], ...]:
    return (column.in_(values),) if values is not None else ()


def _refs_of(team: str) -> Select[Any]:
    key = name_key(team)
    found = union(
        select(teams.c.id).where(teams.c.name_key == key),
        select(team_aliases.c.team_ref).where(team_aliases.c.name_key == key),
        select(team_ids.c.team_ref).where(team_ids.c.source_id == team),
    ).subquery()
    return select(found.c[0])


def changes_of(connection: Connection, refs: Iterable[int]) -> dict[int, int]:
    """How often something of each match changed; those that never did are left out."""
    statement = select(history.c.match_ref, func.count()).where(history.c.match_ref.in_(sorted(set(refs))))
    return {row.match_ref: row[1] for row in connection.execute(statement.group_by(history.c.match_ref))}


def numbered(connection: Connection, match_id: str) -> list[StoredMatch]:
    """The matches that a source gives this number, those of the newest season first."""
    # each season in turn, since the index begins with it
    each_season = _each_next((), None)
    seasons = list(connection.execute(select(each_season.c.season)).scalars())
    statement = select(*_MATCH).where(matches.c.season.in_(seasons), matches.c.match_id == match_id)
    return [StoredMatch(*row) for row in connection.execute(statement.order_by(matches.c.season.desc(), matches.c.id))]


def outcome(connection: Connection, task_id: str) -> OutcomeOfTask | None:
    """What became of the message with this task id; None where that is not known (yet, or any more)."""
    row = connection.execute(
        select(
            outcomes.c.task_id,
            outcomes.c.outcome,
            outcomes.c.match_ref,
            outcomes.c.quarantine_ref,
            quarantine.c.reason,
            outcomes.c.run_id,
            outcomes.c.at,
        )
        .join_from(outcomes, quarantine, outcomes.c.quarantine_ref == quarantine.c.id, isouter=True)
        .where(outcomes.c.task_id == task_id)
    ).first()
    return OutcomeOfTask(*row) if row else None
