"""The teams of a batch: every side of every match and of every official table gets one, made where none is known."""

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec
from sqlalchemy import Connection

from missing_table.ingest import official
from missing_table.ingest.merge import Statement
from missing_table.ingest.names import Bracket, Directory, Joined, Side, Team, Unknown, name_key
from missing_table.ingest.official import OfficialTable, Place
from missing_table.ingest.statement import Contradiction
from missing_table.store import teams

PRINTED: Final = re.compile(r"(.*\S) *\(([^()]+)\)")
"""A name, and the number of the squad."""


def unknown_among(directory: Directory, sides: Iterable[Side]) -> set[tuple[str, str, str]]:
    """Whom a team must be made for, or given its first id. Asks no database: where squads share a name, perhaps."""
    return {
        (side.source, side.source_id or side.name, side.age_group)
        for side in sides
        if not isinstance(directory.find(side, lambda _: frozenset()), Team)
    }


class Squads:
    """Finds the team of each side of one transaction, and makes those that are not known, which `directory` learns.

    Needs the exclusive lock for that; `write` stores them. `unknown` is how many are expected.
    """

    def __init__(self, connection: Connection, directory: Directory, *, unknown: int) -> None:
        self._connection = connection
        self.directory = directory
        self._brackets: dict[Bracket, frozenset[int]] = {}
        self._new_refs = teams.new_refs(connection, max(unknown, 1))
        self._made: dict[int, Team] = {}
        self._joined: list[int] = []
        self._ids: list[tuple[str, str, int]] = []

    def team_of(self, side: Side) -> int:
        """The reference of the team that `side` means."""
        found = self.directory.find(side, self._playing_in)
        if isinstance(found, Team):
            return found.ref
        if isinstance(found, Joined):
            team = found.team._replace(known_by_id=True, provisional=False)
        else:
            team = _new(side, found, next(self._new_refs))
        if isinstance(found, Unknown) or team.ref in self._made:
            self._made[team.ref] = team
        else:
            self._joined.append(team.ref)
        if side.source_id is not None:
            self._ids.append((side.source, side.source_id, team.ref))
        self.directory.add(team, side.source, side.source_id)
        return team.ref

    def knows(self, side: Side) -> bool:
        """Whether no team has to be made for `side`."""
        return not isinstance(self.directory.find(side, self._playing_in), Unknown)

    def write(self, now: dt.datetime) -> None:
        """Stores the teams that were made and the ids that were given."""
        if not self._made and not self._joined:
            return
        # first: of the teams without an id only one may bear a name
        if self._joined:
            teams.now_known_by_id(self._connection, self._joined)
        if self._made:
            teams.make(self._connection, self._made.values(), now)
        if self._ids:
            teams.add_ids(self._connection, self._ids)
        self.directory.version = teams.moved_on(self._connection)

    def _playing_in(self, bracket: Bracket) -> frozenset[int]:
        if bracket not in self._brackets:
            self._brackets[bracket] = teams.playing_in(self._connection, bracket)
        return self._brackets[bracket]


def to_enter(connection: Connection) -> Squads:
    """The squads for what one person says. Takes the exclusive lock."""
    version = teams.lock(connection, exclusive=True)
    return Squads(connection, teams.load(connection, version), unknown=2)


def as_printed(directory: Directory, statement: Statement) -> Statement:
    """`statement` of the squads that a person names as a table prints them: New England Revolution (5915)."""
    home, away = (_as_printed(directory, side) for side in sides_of(statement))
    sides = (home.name, away.name, home.source_id, away.source_id, *statement.registers["sides"][-2:])
    return msgspec.structs.replace(statement, registers=statement.registers | {"sides": sides})


def _as_printed(directory: Directory, side: Side) -> Side:
    printed = PRINTED.fullmatch(side.name)
    if printed is None or side.source_id is not None:
        return side
    name, number = printed.groups()
    team = directory.by_id(side.source, number)
    if team is None or (team.name_key, team.age_group) != (name_key(name), side.age_group):
        return side
    return side._replace(name=name, source_id=number)


def resolve(squads: Squads, statements: Sequence[Statement]) -> list[Statement | Contradiction]:
    """`statements` with the references of their teams, each or why it cannot be."""
    resolved: list[Statement | Contradiction] = []
    for statement in statements:
        home, away = (squads.team_of(side) for side in sides_of(statement))
        if home == away:
            name = squads.directory.by_ref[home].name
            resolved.append(Contradiction("away_team", f"is {name!r}, and so is home_team: a team cannot meet itself"))
        else:
            resolved.append(_with_teams(statement, home, away))
    return resolved


def resolve_tables(squads: Squads, tables: Sequence[OfficialTable]) -> list[OfficialTable | Contradiction]:
    """`tables` with the references of their teams, each or why it cannot be."""
    resolved: list[OfficialTable | Contradiction] = []
    for table in tables:
        placed: dict[int, Place] = {}
        problem: Contradiction | None = None
        for place, side in zip(table.places, official.sides_of(table), strict=True):
            ref = squads.team_of(side)
            if ref in placed:
                same = f"is {place.team!r}, which is the same team as {placed[ref].team!r}"
                problem = problem or Contradiction("teams", f"{same}: a team stands in a bracket once")
            placed[ref] = place._replace(ref=ref)
        resolved.append(problem or table._replace(places=tuple(placed.values())))
    return resolved


def _new(side: Side, unknown: Unknown, ref: int) -> Team:
    known_by_id = side.source_id is not None
    return Team(ref, side.name, name_key(side.name), side.age_group, unknown.provisional, known_by_id)


def sides_of(statement: Statement) -> tuple[Side, Side]:
    """Home and away, each with the bracket that its own table is in."""
    home_team, away_team, home_id, away_id, _, _ = statement.registers["sides"]
    (league,) = statement.registers["league"]
    age_group, _ = statement.registers["filing"]
    division, away_age_group, away_division = statement.registers.get("bracket", (None, None, None))
    away_age_group = away_age_group or age_group
    home_bracket = (statement.season, league, age_group, division)
    away_bracket = (statement.season, league, away_age_group, away_division or division)
    return (
        Side(home_team, age_group, statement.source, home_id, home_bracket),
        Side(away_team, away_age_group, statement.source, away_id, away_bracket),
    )


def _with_teams(statement: Statement, home: int, away: int) -> Statement:
    registers = dict(statement.registers)
    registers["sides"] = (*registers["sides"][:-2], home, away)
    if "result" in registers:
        registers["result"] = (*registers["result"][:-1], home)
    return msgspec.structs.replace(statement, registers=registers)
