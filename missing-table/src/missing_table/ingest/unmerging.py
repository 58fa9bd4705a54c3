"""Undoing that a provisional team became an alias: the team, its names and its matches are there again.

What was stored then is put back; what came since goes to the team that its own words name (`ingest.parting`).
"""

import datetime as dt

from sqlalchemy import Connection, Engine

from missing_table.errors import NotFound, Refused
from missing_table.ingest.merge import Match
from missing_table.ingest.names import Directory, Team, name_key
from missing_table.ingest.parting import Before, Telling, parted, taken_apart
from missing_table.store import matches as match_store
from missing_table.store import merges as merge_store
from missing_table.store import teams as team_store
from missing_table.store.engine import reading, writing
from missing_table.store.matches import Row
from missing_table.store.merges import Changed, Folded, TeamMerge, Undo


def merges(engine: Engine) -> list[TeamMerge]:
    """Every time that a team became an alias of another, the newest first."""
    with reading(engine) as connection:
        return merge_store.listed(connection)


def unmerge(engine: Engine, gone_ref: int, now: dt.datetime, *, by: str) -> Team:
    """Makes the team with this id again that became an alias; `by` is who wants it so.

    Raises `NotFound` where it did not, and `Refused` where a later merge must be undone first.
    """
    with writing(engine) as connection:
        version = team_store.lock(connection, exclusive=True)
        found = merge_store.in_force(connection, gone_ref)
        if found is None:
            raise NotFound(f"team {gone_ref} is no alias of another: see `missing-table teams merges`")
        merge, undo = found
        directory = team_store.load(connection, version)
        _check_order(connection, directory, merge, undo)
        key = name_key(merge.name)
        rows = match_store.naming(connection, (merge.kept_ref,))
        telling = _telling(connection, directory, merge, undo, key, rows)
        merge_store.restore_team(connection, merge, undo, key)
        merge_store.move_ids(connection, undo.kept, merge.gone_ref, sorted(telling.ids))
        places = merge_store.names_of_places(connection, merge.kept_ref)
        mine = [name for name in places if name_key(name) in telling.names]
        merge_store.move_places(connection, merge.kept_ref, merge.gone_ref, mine)
        _part(connection, merge, undo, telling, rows, now)
        merge_store.undone(connection, merge, now, by)
        team_store.moved_on(connection)
        return team_store.load(connection, 0).by_ref[merge.gone_ref]


def _check_order(connection: Connection, directory: Directory, merge: TeamMerge, undo: Undo) -> None:
    if merge.kept_ref not in directory.by_ref:
        since = merge_store.in_force(connection, merge.kept_ref)
        name = since[0].name if since else f"team {merge.kept_ref}"
        raise Refused(f"{name} became an alias itself since: undo that first, `teams unmerge {merge.kept_ref}`")
    mine = _really_changed(undo)
    for later, later_undo in merge_store.later_into(connection, merge):
        if mine & _really_changed(later_undo):
            raise Refused(
                f"{later.name} was brought together with the same team since, and both had the same match: "
                f"undo that first, `teams unmerge {later.gone_ref}`"
            )


def _really_changed(undo: Undo) -> set[int]:
    return {changed.ref for changed in undo.changed if changed.after != changed.before}


def _telling(
    connection: Connection, directory: Directory, merge: TeamMerge, undo: Undo, key: str, rows: list[Row]
) -> Telling:
    kept = directory.by_ref[merge.kept_ref]
    names = frozenset({key, *undo.aliases} - {kept.name_key})
    since = set(merge_store.ids_of(connection, kept.ref)) - set(undo.kept_ids)
    stated: dict[tuple[str, str], set[bool]] = {}
    for row in rows:
        match = row.match
        for name, source_id in ((match.home_team, match.home_team_id), (match.away_team, match.away_team_id)):
            if source_id is not None and (match.source, source_id) in since:
                stated.setdefault((match.source, source_id), set()).add(name_key(name) in names)
    ids = frozenset(known for known, by_its_name in stated.items() if by_its_name == {True})
    return Telling(merge.gone_ref, merge.kept_ref, names, ids)


def _part(
    connection: Connection, merge: TeamMerge, undo: Undo, telling: Telling, rows: list[Row], now: dt.datetime
) -> None:
    stored = {row.ref: row for row in rows}
    stored |= {row.ref: row for row in match_store.by_ref(connection, [each.ref for each in undo.changed])}
    changed = {each.ref: each for each in undo.changed if each.ref in stored}
    folded: dict[int, list[Folded]] = {}
    for each in undo.folded:
        folded.setdefault(each.into, []).append(each)
    result: dict[int, Match] = {}
    again: list[Row] = []
    new: dict[int, Match] = {}
    moved: dict[int, int] = {}
    for ref, row in stored.items():
        was = changed.get(ref)
        if was is None:
            result[ref] = parted(row.match, telling)
            continue
        first, *others = folded.get(ref, [None])
        parts = taken_apart(row.match, Before(was.before, was.after, first.match if first else None), telling)
        result[ref] = parts.match
        if first is not None and parts.other is not None:
            was_it = _as_it_was(first)._replace(match=parts.other)
            again.append(was_it._replace(updated_at=now) if parts.since_to_other else was_it)
            if parts.since_to_other:
                moved[ref] = first.ref
        elif parts.other is not None:
            new[ref] = parts.other
        again += [_as_it_was(other) for other in others if other is not None]
    # what was folded into a match that is another one since, by a decision about the two
    again += [_as_it_was(each) for into, lost in folded.items() if into not in changed for each in lost]

    merge_store.forget_history(connection, undo)
    rewritten = [(ref, match) for ref, match in result.items() if match != stored[ref].match]
    if rewritten:
        match_store.rewrite(connection, [(ref, match, False) for ref, match in rewritten], now)
        match_store.changed_at(
            connection, [(ref, _when(stored[ref], changed.get(ref), m, now)) for ref, m in rewritten]
        )
    if again:
        match_store.restore(connection, again)
    if new:
        moved |= dict(zip(new, match_store.insert(connection, list(new.values()), now), strict=True))
    for each in undo.folded:
        merge_store.give_back(connection, each)
    for ref, other in moved.items():
        merge_store.give_since(connection, merge, undo, ref, other)


def _as_it_was(folded: Folded) -> Row:
    return Row(folded.ref, folded.match, folded.created_at, folded.updated_at, folded.separate, folded.settled)


def _when(row: Row, before: Changed | None, match: Match, now: dt.datetime) -> dt.datetime:
    """When something shown of `match` changed last."""
    if before is None:
        return row.updated_at
    return before.updated_at if match == before.before else now
