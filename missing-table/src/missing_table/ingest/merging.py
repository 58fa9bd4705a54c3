"""What a person decides about teams: a provisional team is confirmed, or turns out to be another.

Two teams that turn out to be one bring their matches together by the rules of `ingest.merge`.
"""

import datetime as dt
from typing import NamedTuple

from rapidfuzz import fuzz, process
from sqlalchemy import Connection, Engine, or_, select, update

from missing_table.errors import NotFound, Refused
from missing_table.ingest.merge import Change, Match, fold
from missing_table.ingest.names import Directory, Team
from missing_table.store import matches as match_store
from missing_table.store import teams as team_store
from missing_table.store.engine import reading, writing
from missing_table.store.tables import matches, outcomes

NEAREST = 3
"""How many known names are offered for a provisional one."""


class Provisional(NamedTuple):
    """A team known by a name alone, with the known teams whose names are nearest."""

    team: Team
    nearest: list[Team]


class Merged(NamedTuple):
    """What bringing two teams together came to."""

    kept: Team
    moved: int
    """Matches that now count for the team that was kept."""
    folded: int
    """Matches that turned out to be another one that was stored already."""


def provisional(engine: Engine) -> list[Provisional]:
    """The provisional teams, by name."""
    with reading(engine) as connection:
        directory = team_store.load(connection, 0)
    unknown = sorted((t for t in directory.by_ref.values() if t.provisional), key=lambda t: (t.name_key, t.age_group))
    return [Provisional(team, nearest(directory, team)) for team in unknown]


def nearest(directory: Directory, team: Team) -> list[Team]:
    """The confirmed teams of the same age group whose names are nearest to that of `team`."""
    known = {
        other.ref: other.name_key
        for other in directory.by_ref.values()
        if not other.provisional and other.age_group == team.age_group
    }
    found = process.extract(team.name_key, known, scorer=fuzz.WRatio, limit=NEAREST, score_cutoff=60)
    return [directory.by_ref[ref] for _, _, ref in found]


def confirm(engine: Engine, ref: int) -> Team:
    """Says that a provisional team is a team of its own. Raises `NotFound`."""
    with writing(engine) as connection:
        team_store.lock(connection, exclusive=True)
        team = _team(team_store.load(connection, 0), ref)
        team_store.confirm(connection, ref)
        team_store.moved_on(connection)
    return team._replace(provisional=False)


def make_alias(engine: Engine, provisional_ref: int, known_ref: int, now: dt.datetime) -> Merged:
    """Says that a provisional team is another team: its name becomes an alias, its matches the other team's.

    Raises `NotFound`, and `Refused` where the first is not provisional, where the ages differ, and where the two
    met: then they cannot be one.
    """
    with writing(engine) as connection:
        version = team_store.lock(connection, exclusive=True)
        directory = team_store.load(connection, version)
        alias, known = _team(directory, provisional_ref), _team(directory, known_ref)
        if alias.ref == known.ref:
            raise Refused(f"team {alias.ref} cannot be an alias of itself")
        if not alias.provisional or alias.known_by_id:
            raise Refused(
                f"{alias.name} ({alias.age_group}, team {alias.ref}) is not provisional: "
                "only a team known by a name alone can become an alias"
            )
        if alias.age_group != known.age_group:
            raise Refused(
                f"{alias.name} is {alias.age_group} and {known.name} is {known.age_group}: a squad has one age group"
            )
        touched = _matches_of(connection, alias.ref, known.ref)
        if any({match.home_ref, match.away_ref} == {alias.ref, known.ref} for _, match in touched):
            raise Refused(f"{alias.name} and {known.name} met, so they cannot be one team")
        moved, folded = _bring_together(connection, touched, alias, known, now)
        team_store.replace_by_alias(connection, alias, known, now)
        team_store.moved_on(connection)
        return Merged(known, moved, folded)


def _team(directory: Directory, ref: int) -> Team:
    try:
        return directory.by_ref[ref]
    except KeyError:
        raise NotFound(f"no team {ref}: see `missing-table teams list`") from None


def _matches_of(connection: Connection, *refs: int) -> list[tuple[int, Match]]:
    statement = (
        select(*match_store.stored_columns(), matches.c.id)
        .where(or_(matches.c.pair_low.in_(refs), matches.c.pair_high.in_(refs)))
        .order_by(matches.c.id)
        .with_for_update(of=matches)
    )
    return [(row[-1], match_store.read_match(row)) for row in connection.execute(statement)]


def _bring_together(
    connection: Connection, touched: list[tuple[int, Match]], alias: Team, known: Team, now: dt.datetime
) -> tuple[int, int]:
    stays = [(ref, match) for ref, match in touched if alias.ref not in (match.home_ref, match.away_ref)]
    by_teams = {match.natural_key: (ref, match) for ref, match in reversed(stays)}
    moved: list[tuple[int, Match, bool]] = []
    folded: list[tuple[int, int]] = []
    history: list[tuple[int, Change, str, str, str | None]] = []
    for ref, match in touched:
        if alias.ref not in (match.home_ref, match.away_ref):
            continue
        renamed = match.with_team(alias.ref, known.ref)
        twin = by_teams.get(renamed.natural_key)
        if twin is None or (twin[1].match_id is not None and renamed.match_id is not None):
            moved.append((ref, renamed, False))
            by_teams.setdefault(renamed.natural_key, (ref, renamed))
            continue
        kept_ref, kept = twin
        decision = fold(kept, renamed)
        by_teams[renamed.natural_key] = (kept_ref, decision.match)
        folded.append((ref, kept_ref))
        moved = [entry for entry in moved if entry[0] != kept_ref]
        moved.append((kept_ref, decision.match, bool(decision.changes)))
        observed_at = decision.match.observed_at
        history += [(kept_ref, change, observed_at, "teams brought together", None) for change in decision.changes]
    for gone, kept_ref in folded:
        match_store.fold_into(connection, gone, kept_ref)
        connection.execute(update(outcomes).where(outcomes.c.match_ref == gone).values(match_ref=kept_ref))
        match_store.remove(connection, gone)
    if moved:
        match_store.rewrite(connection, moved, now)
    if history:
        match_store.add_history(connection, history, now)
    of_alias = sum(alias.ref in (match.home_ref, match.away_ref) for _, match in touched)
    return of_alias - len(folded), len(folded)
