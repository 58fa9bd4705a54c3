"""The teams of a batch: every side of every match and of every official table gets one, made where none is known."""

import datetime as dt
from collections.abc import Iterable, Sequence

import msgspec
from sqlalchemy import Connection

from missing_table.ingest import official
from missing_table.ingest.merge import Statement
from missing_table.ingest.names import Bracket, Directory, Joined, Side, Team, Unknown
from missing_table.ingest.official import OfficialTable, Place
from missing_table.ingest.statement import Contradiction
from missing_table.store import teams
from missing_table.store.teams import NewTeam


def any_unknown(directory: Directory, sides: Iterable[Side]) -> bool:
    """Whether a team must be made, or get its first id. Asks no database: where squads share a name, perhaps."""
    return any(not isinstance(directory.find(side, lambda _: frozenset()), Team) for side in sides)


class Squads:
    """Finds the team of each side of one transaction, and makes those that are not known, which `directory` learns.

    Needs the exclusive lock for that.
    """

    def __init__(self, connection: Connection, directory: Directory, now: dt.datetime) -> None:
        self._connection = connection
        self.directory = directory
        self._now = now
        self._brackets: dict[Bracket, frozenset[int]] = {}

    def team_of(self, side: Side) -> int:
        """The reference of the team that `side` means."""
        directory = self.directory
        found = directory.find(side, self._playing_in)
        if isinstance(found, Team):
            return found.ref
        if isinstance(found, Joined):
            assert side.source_id is not None
            made = teams.join_id(self._connection, found.team, side.source, side.source_id)
        else:
            made = _made(self._connection, side, found, self._now)
        directory.add(made, side.source, side.source_id)
        directory.version = teams.moved_on(self._connection)
        return made.ref

    def _playing_in(self, bracket: Bracket) -> frozenset[int]:
        if bracket not in self._brackets:
            self._brackets[bracket] = teams.playing_in(self._connection, bracket)
        return self._brackets[bracket]


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


def _made(connection: Connection, side: Side, unknown: Unknown, now: dt.datetime) -> Team:
    new = NewTeam(side.name, side.age_group, side.source, side.source_id, unknown.provisional)
    return teams.make(connection, new, now)


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
