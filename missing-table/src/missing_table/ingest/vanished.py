"""Matches that may have vanished from their source: it has not stated them for long, and has stated the others.

Nothing is deleted for that: a person cancels such a match, or keeps it.
"""

import datetime as dt
from collections.abc import Iterable
from typing import Final, NamedTuple

from sqlalchemy import Engine

from missing_table.errors import Refused
from missing_table.ingest.disputes import Decided, locked, store
from missing_table.ingest.merge import Statement, merge
from missing_table.ingest.stamps import HAND, stamp
from missing_table.store import attention
from missing_table.store import teams as team_store
from missing_table.store.engine import reading, writing
from missing_table.store.matches import Row

BEHIND: Final = dt.timedelta(days=14)
"""How far a match must be behind its bracket. A scraper sends what has not changed again after a week."""
MOST_STATED: Final = 0.5
"""The share of a bracket's matches that must have been stated meanwhile, for one that was not to have vanished."""
OPEN: Final = frozenset({"scheduled", "tbd"})
VANISHED: Final = "vanished"
"""Under which it is noted that a person keeps a match, as far as its source had stated it then."""


class Vanished(NamedTuple):
    """A match that its source has not stated for long."""

    row: Row
    stated: dt.datetime
    """When its source stated it last."""
    newest: dt.datetime
    """When the source stated any match of its bracket last."""


def among(rows: Iterable[Row], behind: dt.timedelta = BEHIND) -> list[Vanished]:
    """The matches of `rows` that seem to have vanished, by the sources' own clocks. Pure.

    `rows` are whole brackets. A match has vanished where its source stated it more than `behind` before the newest
    of the same bracket, while most of the bracket was stated since; and where no result of it is known.
    """
    brackets: dict[tuple[str | None, ...], list[tuple[Row, dt.datetime]]] = {}
    for row in rows:
        stated = last_stated(row)
        if stated is not None:
            match = row.match
            key = (match.source, match.season, match.league, match.age_group, match.division)
            brackets.setdefault(key, []).append((row, stated))
    found: list[Vanished] = []
    for members in brackets.values():
        newest = max(stated for _, stated in members)
        late = [(row, stated) for row, stated in members if stated < newest - behind]
        if len(late) <= len(members) * (1 - MOST_STATED):
            found += [Vanished(row, stated, newest) for row, stated in late if row.match.status in OPEN]
    kept = [each for each in found if (each.row.settled or {}).get(VANISHED) != each.stated.isoformat()]
    return sorted(kept, key=lambda each: (each.stated, each.row.ref))


def last_stated(row: Row) -> dt.datetime | None:
    """When a source stated this match last; None where only people did."""
    return dt.datetime.fromisoformat(row.match.observed_at) if row.match.by_source else None


def listed(engine: Engine) -> list[Vanished]:
    """The matches of the newest seasons that seem to have vanished, the longest first."""
    with reading(engine) as connection:
        return among(attention.brackets_with_a_match_behind(connection, BEHIND))


def cancel(engine: Engine, ref: int, now: dt.datetime, *, by: str) -> Decided:
    """Cancels match `ref` by hand: a source that has it again is shown as disputed. Raises `NotFound`, `Refused`."""
    with writing(engine) as connection:
        team_store.lock(connection, exclusive=False)
        row = locked(connection, ref)
        match = row.match
        if match.status not in OPEN:
            raise Refused(f"match {ref} is {match.status}: only one that is to be played can be cancelled")
        said = Statement(
            source=match.source,
            season=match.season,
            match_id=None,
            registers={"status": ("cancelled",)},
            stamps={"status": stamp(HAND, now)},
        )
        decision = merge(match, said)
        # the source said otherwise until now: that is what was decided against, and no dispute
        beneath = (decision.match.beneath or {}).get("status")
        settled = dict(row.settled or {}) | ({"status": beneath[1:]} if beneath else {})
        decided = Decided(decision.match, decision.changes, settled)
        store(connection, row, decided, now, by=by)
        return decided


def keep(engine: Engine, ref: int, now: dt.datetime, *, by: str) -> Decided:
    """Says that match `ref` has not vanished, until its source states it again. Raises `NotFound`, `Refused`."""
    with writing(engine) as connection:
        team_store.lock(connection, exclusive=False)
        row = locked(connection, ref)
        stated = last_stated(row)
        if stated is None:
            raise Refused(f"no source has ever stated match {ref}: it cannot vanish")
        decided = Decided(row.match, (), dict(row.settled or {}) | {VANISHED: stated.isoformat()})
        store(connection, row, decided, now, by=by)
        return decided
