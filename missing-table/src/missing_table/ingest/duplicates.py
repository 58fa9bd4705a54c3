"""Deciding possible duplicates: two numbers for one pair of teams on one day are one match, or two.

Until a person decides, the one that was stored later does not count (`standings.possible_duplicates`). One match:
both numbers, and both ids, lead to the row that is kept. Two matches: both count.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Final, NamedTuple

from sqlalchemy import Engine

from missing_table.errors import Refused
from missing_table.ingest.disputes import locked
from missing_table.ingest.merge import Change, Match, fold
from missing_table.store import attention
from missing_table.store import matches as match_store
from missing_table.store import teams as team_store
from missing_table.store.engine import reading, writing
from missing_table.store.matches import Row

DUPLICATE: Final = "possible_duplicate_of"
"""The field of the history that says what was decided."""


class Duplicate(NamedTuple):
    """A match that may be another one over again."""

    ref: int
    match: Match
    of: int
    first: Match


def among(rows: Sequence[Row]) -> list[Duplicate]:
    """The possible duplicates among `rows`, each with the match of the same teams and day that was stored first. Pure.

    The rule is the table's own: only matches with a score, of one kind; postponed ones are parked on one day.
    """
    first: dict[tuple[object, ...], Row] = {}
    found: list[Duplicate] = []
    for row in sorted(rows, key=lambda row: row.ref):
        if row.match.score_home is None or row.separate:
            continue
        kept = first.setdefault((*row.match.natural_key, row.match.match_type.casefold()), row)
        if kept is not row:
            found.append(Duplicate(row.ref, row.match, kept.ref, kept.match))
    return found


def listed(engine: Engine) -> list[Duplicate]:
    """Every possible duplicate of the newest seasons that nobody has decided."""
    with reading(engine) as connection:
        return among(attention.sharing_teams_and_day(connection))


def same_match(engine: Engine, ref: int, of: int, now: dt.datetime, *, by: str) -> Match:
    """Says that match `ref` is match `of`: they are folded into the second. Raises `NotFound`, `Refused`."""
    with writing(engine) as connection:
        # a worker that is storing one of the numbers must not find its row gone, and make another
        team_store.lock(connection, exclusive=True)
        gone, kept = sorted((locked(connection, ref), locked(connection, of)), key=lambda row: row.ref != ref)
        if gone.ref == kept.ref:
            raise Refused(f"match {ref} and match {of} are one match already")
        if {gone.match.home_ref, gone.match.away_ref} != {kept.match.home_ref, kept.match.away_ref}:
            raise Refused(f"match {ref} and match {of} are not of the same teams: they cannot be one")
        if gone.match.season != kept.match.season:
            raise Refused(f"match {ref} and match {of} are of two seasons: they cannot be one")
        decision = fold(kept.match, gone.match)
        match_store.fold_into(connection, gone.ref, kept.ref, now)
        number = (gone.match.source, gone.match.match_id)
        if gone.match.match_id is not None and number != (decision.match.source, decision.match.match_id):
            match_store.also_numbered(connection, kept.ref, gone.match)
        match_store.rewrite(connection, [(kept.ref, decision.match, bool(decision.changes))], now)
        changes = [*decision.changes, Change(DUPLICATE, gone.ref, kept.ref)]
        observed_at = decision.match.observed_at
        match_store.add_history(connection, [(kept.ref, change, observed_at, by, None) for change in changes], now)
        team_store.moved_on(connection)
        return decision.match


def two_matches(engine: Engine, ref: int, now: dt.datetime, *, by: str) -> Match:
    """Says that match `ref` is one of its own: it counts beside the others. Raises `NotFound`, `Refused`."""
    with writing(engine) as connection:
        # a worker that holds one of its rivals, and comes to want this one, would wait for ever
        team_store.lock(connection, exclusive=True)
        row = locked(connection, ref)
        if row.separate:
            raise Refused(f"match {ref} counts for itself already")
        match_store.count_separately(connection, row.ref, now)
        rivals = match_store.of_teams(connection, (row.match.home_ref, row.match.away_ref))
        of = next((found.of for found in among(rivals) if found.ref == row.ref), None)
        change = Change(DUPLICATE, of, None)
        match_store.add_history(connection, [(row.ref, change, row.match.observed_at, by, None)], now)
        return row.match
