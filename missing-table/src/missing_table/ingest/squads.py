"""The teams of a batch: every side of every statement gets one, made where none is known."""

import datetime as dt
from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection

from missing_table.ingest.merge import Statement
from missing_table.ingest.names import Bracket, Directory, Joined, Side, Team, Unknown
from missing_table.ingest.statement import Contradiction
from missing_table.store import teams
from missing_table.store.teams import NewTeam


def any_unknown(directory: Directory, statements: Sequence[Statement]) -> bool:
    """Whether a team must be made, or get its first id. Asks no database: where squads share a name, perhaps."""
    return any(
        not isinstance(directory.find(side, lambda _: frozenset()), Team)
        for statement in statements
        for side in sides_of(statement)
    )


def resolve(
    connection: Connection, directory: Directory, statements: Sequence[Statement], now: dt.datetime
) -> list[Statement | Contradiction]:
    """`statements` with the references of their teams, each or why it cannot be. Makes teams, and says so in
    `directory`; needs the exclusive lock for that.
    """
    brackets: dict[Bracket, frozenset[int]] = {}

    def playing_in(bracket: Bracket) -> frozenset[int]:
        if bracket not in brackets:
            brackets[bracket] = teams.playing_in(connection, bracket)
        return brackets[bracket]

    def team_of(side: Side) -> int:
        found = directory.find(side, playing_in)
        if isinstance(found, Team):
            return found.ref
        if isinstance(found, Joined):
            assert side.source_id is not None
            made = teams.join_id(connection, found.team, side.source, side.source_id)
        else:
            made = _made(connection, side, found, now)
        directory.add(made, side.source, side.source_id)
        directory.version = teams.moved_on(connection)
        return made.ref

    resolved: list[Statement | Contradiction] = []
    for statement in statements:
        home, away = (team_of(side) for side in sides_of(statement))
        if home == away:
            name = directory.by_ref[home].name
            resolved.append(Contradiction("away_team", f"is {name!r}, and so is home_team: a team cannot meet itself"))
        else:
            resolved.append(_with_teams(statement, home, away))
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
