"""Correcting a match that is stored, by hand, in one transaction; `correction` has the rules."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Engine

from missing_table.errors import NotFound
from missing_table.ingest import correction
from missing_table.ingest.correction import Kept
from missing_table.ingest.disputes import Decided, locked, store
from missing_table.ingest.entry import mistakes
from missing_table.ingest.envelope import Problem, Refusal, read_match
from missing_table.ingest.filing import check_filed, filed_by_hand
from missing_table.ingest.merge import Match, Statement
from missing_table.ingest.merging import nearest
from missing_table.ingest.names import Directory, Side, Team, name_key
from missing_table.ingest.squads import Squads, as_printed, sides_of, to_enter
from missing_table.ingest.statement import Contradiction, state
from missing_table.store.engine import writing
from missing_table.story import unknown_match

_SIDES = ("home_team", "away_team")


class UnknownTeams(Refusal):
    """A person names teams that are not known. Says which are the nearest."""


def refusal(contradiction: Contradiction) -> Refusal:
    """The answer to a person for it."""
    return Refusal(str(contradiction), (Problem(contradiction.field, contradiction.problem),))


def correct(
    engine: Engine,
    ref: int,
    given: Mapping[str, Any],
    now: dt.datetime,
    *,
    by: str,
    default_league: str,
    new_teams: bool = True,
    new_brackets: bool = True,
) -> tuple[int, Decided]:
    """Changes the fields in `given` of match `ref`; None clears one. `by` is who says so, for the history.

    Returns the match's id as well: that of the match which it was folded into. Raises `UnknownMatch`, `Refusal` for
    what cannot be, `UnknownTeams` and `UnknownBrackets` unless teams and brackets may be new, and `Refused` where
    another match is that one already.
    """
    with writing(engine) as connection:
        squads = to_enter(connection)
        try:
            row = locked(connection, ref)
        except NotFound:
            raise unknown_match(connection, ref) from None
        message = read_match(correction.wanted(row.match, given, default_league=default_league))
        about = correction.touched(given)
        try:
            said = state(message, arrived=now, now=now, default_league=default_league, by_hand=True)
            for register, mistake in mistakes(message):
                if register in about:
                    raise mistake
        except Contradiction as contradiction:
            raise refusal(contradiction) from None
        said = _of_squads(squads, row.match, as_printed(squads.directory, said), new_teams=new_teams)
        match = correction.corrected(row.match, given, said)
        if not new_brackets and (match.season != row.match.season or filed_by_hand(match)):
            check_filed(connection, match)
        squads.write(now)
        changed = {name for name in about if match.stamps.get(name) != row.match.stamps.get(name)}
        settled = {name: words for name, words in (row.settled or {}).items() if name not in changed}
        decided = Decided(match, correction.changes(row.match, match), settled)
        store(connection, row, decided, now, by=by)
        return row.ref, decided


def check_known(squads: Squads, sides: Iterable[Side | None]) -> None:
    """Raises `UnknownTeams` where a team would have to be made for a side; None is one that need not be looked up."""
    problems = [
        Problem(field, _not_known(squads, side))
        for field, side in zip(_SIDES, sides, strict=True)
        if side is not None and not squads.knows(side)
    ]
    if problems:
        raise UnknownTeams.of(problems)


def _not_known(squads: Squads, side: Side) -> str:
    namesakes = squads.directory.named(side.name, side.age_group)
    if namesakes:
        names = [_printed(squads.directory, team) for team in namesakes]
        return f"is the name of {len(namesakes)} squads in {side.age_group}: write {' or '.join(names)}"
    asked = Team(0, side.name, name_key(side.name), side.age_group, provisional=True, known_by_id=False)
    names = [_printed(squads.directory, team) for team in nearest(squads.directory, asked)]
    known = f"; the nearest are: {', '.join(names)}" if names else ""
    return f"is no team that is known in {side.age_group}{known}"


def _printed(directory: Directory, team: Team) -> str:
    """The name of `team`, with its number where others bear it."""
    ids = directory.ids_of(team) if len(directory.named(team.name, team.age_group)) > 1 else []
    return f"{team.name} ({ids[0]})" if ids else team.name


def _of_squads(squads: Squads, match: Match, said: Statement, *, new_teams: bool) -> Statement:
    """`said` with its teams: those that play in `match` already stay what they are. Raises `Refusal`."""
    sides = sides_of(said)
    kept = correction.kept_sides(match, sides)
    others = [side if team is None else None for side, team in zip(sides, kept, strict=True)]
    if not new_teams:
        check_known(squads, others)
    home, away = (
        team or Kept(side.name, side.source_id, squads.team_of(side)) for side, team in zip(sides, kept, strict=True)
    )
    if home.ref == away.ref:
        same = f"is {away.name!r}, and so is home_team: a team cannot meet itself"
        raise refusal(Contradiction("away_team", same))
    return correction.with_sides(said, home, away)
