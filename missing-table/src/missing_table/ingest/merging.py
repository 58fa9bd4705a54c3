"""What a person decides about teams: a provisional team is confirmed, or turns out to be another.

Two teams that turn out to be one bring their matches together by the rules of `ingest.merge`.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Final, NamedTuple

from rapidfuzz import fuzz, process
from sqlalchemy import Connection, Engine

from missing_table.errors import NotFound, Refused, Unclear
from missing_table.ingest.correction import changes
from missing_table.ingest.merge import Change, Match, fold
from missing_table.ingest.names import Directory, Team, name_key
from missing_table.store import matches as match_store
from missing_table.store import merges as merge_store
from missing_table.store import teams as team_store
from missing_table.store.engine import reading, writing
from missing_table.store.matches import NaturalKey, Row
from missing_table.store.merges import Changed, Folded, Undo

TOGETHER: Final = "teams brought together"
"""Who the history names for what two matches that are one came to."""
NEAREST: Final = 3
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


def provisional(engine: Engine, some: slice = slice(None)) -> list[Provisional]:
    """The provisional teams, by name; only `some`, since what is nearest to each is looked for among all."""
    with reading(engine) as connection:
        directory = team_store.load(connection, 0)
    unknown = sorted((t for t in directory.by_ref.values() if t.provisional), key=lambda t: (t.name_key, t.age_group))
    return [Provisional(team, nearest(directory, team)) for team in unknown[some]]


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
        team = team_of(team_store.load(connection, 0), ref)
        team_store.confirm(connection, ref)
        team_store.moved_on(connection)
    return team._replace(provisional=False)


def make_alias(engine: Engine, provisional_ref: int, known_ref: int, now: dt.datetime, *, by: str) -> Merged:
    """Says that a provisional team is another team: its name becomes an alias, its matches the other team's.

    `unmerging.unmerge` undoes it; `by` is who said so. Raises `NotFound`, and `Refused` where the first is not
    provisional, where the ages differ, and where the two met: then they cannot be one.
    """
    with writing(engine) as connection:
        version = team_store.lock(connection, exclusive=True)
        directory = team_store.load(connection, version)
        alias, known = team_of(directory, provisional_ref), team_of(directory, known_ref)
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
        touched = match_store.naming(connection, (alias.ref, known.ref))
        if any({alias.ref, known.ref} in _met(row.match) for row in touched):
            raise Refused(f"{alias.name} and {known.name} met, so they cannot be one team")
        newest = merge_store.newest_history(connection)
        aliases, kept_ids = merge_store.aliases_of(connection, alias.ref), merge_store.ids_of(connection, known.ref)
        made = merge_store.created_at(connection, alias.ref)
        changed, folded = _bring_together(connection, touched, alias, known, now)
        team_store.replace_by_alias(connection, alias, known, now)
        team_store.moved_on(connection)
        undo = Undo(
            created_at=made,
            kept=known,
            kept_ids=kept_ids,
            aliases=aliases,
            changed=changed,
            folded=folded,
            history=(newest, merge_store.newest_history(connection)),
        )
        merge_store.put(connection, alias, known, undo, now, by)
        of_alias = sum(alias.ref in (row.match.home_ref, row.match.away_ref) for row in touched)
        return Merged(known, of_alias - len(folded), len(folded))


def meant(engine: Engine, provisional_ref: int, text: str) -> int:
    """The team that somebody names for a provisional one: by its number, or by a name at the same age.

    Raises `NotFound` with the nearest, and `Unclear` where several bear the name.
    """
    if text.isascii() and text.isdecimal() and len(text) < 19:  # as many digits as a row's number can have
        return int(text)
    with reading(engine) as connection:
        directory = team_store.load(connection, 0)
    team = team_of(directory, provisional_ref)
    named = [other for other in directory.named(text, team.age_group) if other.ref != team.ref]
    if len(named) == 1:
        return named[0].ref
    if named:
        numbers = ", ".join(str(other.ref) for other in named)
        raise Unclear(f"several {team.age_group} teams are called {text}: give the number of one of them, {numbers}")
    near = ", ".join(
        f"{other.name} ({other.ref})" for other in nearest(directory, team._replace(name_key=name_key(text)))
    )
    raise NotFound(f"no {team.age_group} team is called {text}" + (f"; the nearest are {near}" if near else ""))


def team_of(directory: Directory, ref: int) -> Team:
    """The team with this id. Raises `NotFound`."""
    try:
        return directory.by_ref[ref]
    except KeyError:
        raise NotFound(f"no team {ref}: see `missing-table teams list`") from None


def _met(match: Match) -> list[set[int]]:
    """Who met in it: the teams that play, and those that a source has beneath a person's word."""
    theirs = (match.beneath or {}).get("sides")
    return [{match.home_ref, match.away_ref}, *([set(theirs[-2:])] if theirs else [])]


def _bring_together(
    connection: Connection, touched: Sequence[Row], alias: Team, known: Team, now: dt.datetime
) -> tuple[list[Changed], list[Folded]]:
    """Moves the matches of `alias` to `known`, and folds those that were stored already; says what that was."""
    renamed_of = {row.ref: row.match.with_team(alias.ref, known.ref) for row in touched if row.match.names(alias.ref)}
    by_teams: dict[NaturalKey, int] = {}
    shown: set[int] = set()
    into: dict[int, int] = {}
    rows = {row.ref: row for row in touched}
    moving = [row for row in touched if alias.ref in (row.match.home_ref, row.match.away_ref)]
    now_of = {ref: match for ref, match in renamed_of.items() if rows[ref] not in moving}
    for row in reversed([row for row in touched if row not in moving]):
        by_teams[row.match.natural_key] = row.ref
    history: list[tuple[int, Change, str, str, str | None]] = []
    for row in moving:
        renamed = renamed_of[row.ref]
        kept_ref = by_teams.get(renamed.natural_key)
        kept = now_of.get(kept_ref, rows[kept_ref].match) if kept_ref is not None else None
        if kept_ref is None or kept is None or (kept.match_id is not None and renamed.match_id is not None):
            now_of[row.ref] = renamed
            by_teams.setdefault(renamed.natural_key, row.ref)
            continue
        decision = fold(kept, renamed)
        now_of[kept_ref] = decision.match
        into[row.ref] = kept_ref
        if decision.changes:
            shown.add(kept_ref)
        observed_at = decision.match.observed_at
        history += [(kept_ref, change, observed_at, TOGETHER, None) for change in decision.changes]
    for ref, match in now_of.items():
        if ref not in shown and (turned := changes(rows[ref].match, match)):  # its score is one of the other side's
            shown.add(ref)
            history += [(ref, change, match.observed_at, TOGETHER, None) for change in turned]
    folded: list[Folded] = []
    for gone, kept_ref in into.items():
        row = rows[gone]
        own = merge_store.its_own(connection, gone)
        beside = (row.created_at, row.updated_at, row.separate, row.settled)
        folded.append(Folded(gone, kept_ref, row.match, *beside, *own))
        match_store.fold_into(connection, gone, kept_ref, now)
    if now_of:
        match_store.rewrite(connection, [(ref, match, ref in shown) for ref, match in now_of.items()], now)
    if history:
        match_store.add_history(connection, history, now)
    stayed = [row for row in touched if row.ref not in into]
    return [Changed(row.ref, row.match, now_of.get(row.ref, row.match), row.updated_at) for row in stayed], folded
