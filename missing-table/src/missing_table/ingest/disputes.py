"""Deciding disputes: where a source says otherwise than a person did, who is right.

`keep`: the person, until the source says something else. `take`: the source, and that is pinned from now on.
`unpin`: whatever the sources say, now and later.
"""

import datetime as dt
from typing import Any, Final, Literal, NamedTuple

from sqlalchemy import Connection, Engine

from missing_table.errors import NotFound, Refused
from missing_table.ingest.merge import (
    SHOWN,
    Change,
    Match,
    disputed,
    said_beneath,
    shown_of,
    values_of,
    words_of,
)
from missing_table.ingest.stamps import HAND, PLACEHOLDER, is_by_hand, moment_of, stamp
from missing_table.store import attention
from missing_table.store import matches as match_store
from missing_table.store import teams as team_store
from missing_table.store.engine import reading, writing
from missing_table.store.matches import Row

Verdict = Literal["keep", "take", "unpin"]
VERDICTS: Final[tuple[Verdict, ...]] = ("keep", "take", "unpin")


class Dispute(NamedTuple):
    """One register of one match about which a source and a person differ."""

    ref: int
    match: Match
    register: str
    changes: list[Change]
    """`old` is ours, `new` is theirs."""


class Decided(NamedTuple):
    """What a verdict makes of a match."""

    match: Match
    changes: tuple[Change, ...]
    settled: dict[str, Any]


def decide(match: Match, settled: dict[str, Any] | None, register: str, verdict: Verdict, now: dt.datetime) -> Decided:
    """What `verdict` about `register` makes of `match`. Pure. Raises `Refused` where there is nothing to decide."""
    if not is_by_hand(match.stamps.get(register)):
        raise Refused(f"nobody has pinned the {register} of this match: it follows the sources already")
    kept = (match.beneath or {}).get(register)
    if verdict != "unpin" and kept is None:
        raise Refused(f"no source says anything about the {register} of this match")
    rest = {other: words for other, words in (settled or {}).items() if other != register}
    if verdict == "keep" and kept is not None:
        return Decided(match, (), rest | {register: words_of(register, kept)})
    state, stamps, beneath = values_of(match), dict(match.stamps), dict(match.beneath or {})
    if verdict == "take" and kept is not None:
        state[register], stamps[register] = said_beneath(register, kept), stamp(HAND, now)
    elif kept is not None:
        state[register], stamps[register] = said_beneath(register, kept), kept[0]
        del beneath[register]
    else:  # what a person said is shown until a source says anything at all
        moment = dt.datetime.fromisoformat(moment_of(match.stamps[register]))
        stamps[register] = stamp(PLACEHOLDER, moment)
    decided = shown_of(match.source, match.season, match.match_id, state, stamps, beneath)
    changes = tuple(
        Change(field, old, new) for field in SHOWN if (old := getattr(match, field)) != (new := getattr(decided, field))
    )
    return Decided(decided, changes, rest)


def listed(engine: Engine) -> list[Dispute]:
    """Every dispute that nobody has decided, the newest match first."""
    with reading(engine) as connection:
        rows = attention.with_something_beneath(connection)
    return [
        Dispute(row.ref, row.match, register, changes)
        for row in rows
        for register, changes in disputed(row.match, row.settled).items()
    ]


def settle(engine: Engine, ref: int, register: str, verdict: Verdict, now: dt.datetime, *, by: str) -> Decided:
    """Decides about one register of match `ref`; `by` is who, for the history. Raises `NotFound`, `Refused`."""
    with writing(engine) as connection:
        # no worker may store meanwhile the match that this one comes to be
        team_store.lock(connection, exclusive=True)
        row = locked(connection, ref)
        decided = decide(row.match, row.settled, register, verdict, now)
        store(connection, row, decided, now, by=by)
        return decided


def locked(connection: Connection, ref: int) -> Row:
    """The match with this id, locked; the one that it was folded into. Raises `NotFound`."""
    found = match_store.by_ref(connection, [ref])
    if not found:
        kept = match_store.where_now(connection, ref)
        found = match_store.by_ref(connection, [kept]) if kept is not None else []
    if not found:
        raise NotFound(f"there is no match {ref}")
    return found[0]


def store(connection: Connection, row: Row, decided: Decided, now: dt.datetime, *, by: str) -> None:
    """Writes what was decided about a locked match, and who did. Raises `Refused` where another is that one already."""
    _make_room(connection, row, decided.match)
    if decided.match != row.match:
        match_store.rewrite(connection, [(row.ref, decided.match, bool(decided.changes))], now)
    if decided.settled != (row.settled or {}):
        match_store.settle(connection, row.ref, decided.settled)
    if decided.changes:
        observed_at = decided.match.observed_at
        match_store.add_history(connection, [(row.ref, c, observed_at, by, None) for c in decided.changes], now)


def _make_room(connection: Connection, row: Row, match: Match) -> None:
    """Sees to it that `match` is the only one of its kind. Raises `Refused` where another is it already."""
    old = row.match
    if match.natural_key != old.natural_key:
        # with a number of its own it may be a second match of the day: it is shown as a possible duplicate then
        same = match_store.by_teams_and_date(connection, [match.natural_key], with_id_too=match.match_id is None)
        _refuse_any([other for other, _ in same if other != row.ref], match)
    if match.season != old.season and match.match_id is not None:
        key = (match.season, match.source, match.match_id)
        taken = [ref for ref, _ in match_store.by_id(connection, [key])]
        taken += [ref for _, ref, _ in match_store.by_further_number(connection, [key])]
        _refuse_any([other for other in taken if other != row.ref], match)
        before = (old.season, old.source, match.match_id)
        if not match_store.by_further_number(connection, [before]):  # its source goes on calling it by that
            match_store.also_numbered(connection, row.ref, old)


def _refuse_any(others: list[int], match: Match) -> None:
    if others:
        what = f"{match.home_team} against {match.away_team} on {match.date} in {match.season}"
        raise Refused(f"match {others[0]} is {what} already: correct that one, or cancel one of the two")
