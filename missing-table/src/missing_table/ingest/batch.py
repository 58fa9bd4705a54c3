"""A batch in memory: the stored matches it touches, what each statement makes of them, and then one write.

Several statements about one match meet here before they meet the database.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self

from sqlalchemy import Connection

from missing_table.ingest.entry import news
from missing_table.ingest.merge import Change, Match, Outcome, Statement, merge
from missing_table.ingest.stamps import moment_of
from missing_table.store import matches
from missing_table.store.matches import IdKey, NaturalKey


@dataclass(slots=True)
class Held:
    """A match that the batch touches. `ref` is None until it is written for the first time."""

    ref: int | None
    match: Match
    new: bool = False
    shown_changed: bool = False
    row_changed: bool = False
    stamps_moved: bool = False


class Entry(NamedTuple):
    """What one statement came to. `held.ref` is set once the batch is written."""

    outcome: Outcome
    changes: tuple[Change, ...]
    held: Held


class Fold:
    """The matches that a batch of statements touches."""

    def __init__(self, stored: Iterable[tuple[int, Match]], further: Iterable[tuple[IdKey, int, Match]] = ()) -> None:
        """`further` are matches by a number that is not the one in their row."""
        self._held: dict[int | str, Held] = {}
        self._by_id: dict[IdKey, Held] = {}
        self._by_teams: dict[NaturalKey, list[Held]] = {}
        self._history: list[tuple[Held, Change, str, str, str | None]] = []
        for ref, match in stored:
            if ref not in self._held:
                held = self._held[ref] = Held(ref, match)
                self._index(held)
        for key, ref, match in further:
            if ref not in self._held:
                self._held[ref] = Held(ref, match)
                self._index(self._held[ref])
            self._by_id[key] = self._held[ref]

    @classmethod
    def of(cls, connection: Connection, statements: Sequence[Statement]) -> Self:
        """The fold of the stored matches that `statements` may be about, locked until the transaction ends."""
        if not statements:
            return cls(())
        stored: list[tuple[int, Match]] = []
        numbered = {key for statement in statements if (key := id_key(statement)) is not None}
        if numbered:
            stored += matches.by_id(connection, numbered)
        found = {(match.season, match.source, match.match_id) for _, match in stored}
        new = {key for key in numbered if key not in found}
        further = matches.by_further_number(connection, new) if new else []
        found |= {key for key, _, _ in further}
        adopting = {natural_key(s) for s in statements if (key := id_key(s)) is not None and key not in found}
        unnumbered = {natural_key(s) for s in statements if id_key(s) is None}
        if adopting - unnumbered:
            stored += matches.by_teams_and_date(connection, adopting - unnumbered, with_id_too=False)
        if unnumbered:
            stored += matches.by_teams_and_date(connection, unnumbered, with_id_too=True)
        return cls(stored, further)

    def add(self, statement: Statement, task_id: str | None, *, source: str) -> Entry:
        """Joins `statement` to the match that it is about; `source` is who said so, for the history."""
        return self._join(self.find(statement), statement, task_id, source)

    def enter(self, statement: Statement, *, by: str) -> Entry:
        """Joins what a person says: what is shown already is not pinned."""
        held = self.find(statement)
        return self._join(held, news(held.match, statement) if held else statement, None, by)

    def _join(self, held: Held | None, statement: Statement, task_id: str | None, source: str) -> Entry:
        decision = merge(held.match if held else None, statement)
        if held is None:
            held = Held(None, decision.match, new=True)
            self._held[f"new {len(self._held)}"] = held
            self._index(held)
        elif decision.write != "nothing":
            self._unindex(held)
            held.match = decision.match
            self._index(held)
            held.stamps_moved = True
            held.row_changed = held.row_changed or decision.write == "row"
            held.shown_changed = held.shown_changed or bool(decision.changes)
        if decision.changes:
            stamps = map(moment_of, statement.stamps.values())
            observed_at = max(stamps, default=held.match.observed_at)  # a number alone has no stamp
            self._history.extend((held, change, observed_at, source, task_id) for change in decision.changes)
        return Entry(decision.outcome, decision.changes, held)

    def find(self, statement: Statement) -> Held | None:
        """The match that `statement` is about: by its number, else by its teams and date."""
        key = id_key(statement)
        if key is not None and key in self._by_id:
            return self._by_id[key]
        same = self._by_teams.get(natural_key(statement), [])
        without_id = [held for held in same if held.match.match_id is None]
        if key is not None or without_id:
            return without_id[0] if without_id else None
        return min(same, key=lambda held: (held.ref is None, held.ref or 0), default=None)

    def write(self, connection: Connection, now: dt.datetime) -> None:
        """Writes what changed: new matches, changed ones, stamps that moved on, and the history."""
        new = sorted((held for held in self._held.values() if held.new), key=lambda held: matches.sort_key(held.match))
        if new:
            for held, ref in zip(new, matches.insert(connection, [held.match for held in new], now), strict=True):
                held.ref = ref
        stored = [(held.ref, held) for held in self._held.values() if held.ref is not None and not held.new]
        rewritten = [(ref, held.match, held.shown_changed) for ref, held in stored if held.row_changed]
        if rewritten:
            matches.rewrite(connection, rewritten, now)
        moved = [(ref, held.match) for ref, held in stored if held.stamps_moved and not held.row_changed]
        if moved:
            matches.move_stamps(connection, moved)
        if self._history:
            history = [
                (held.ref, change, observed_at, source, task_id)
                for held, change, observed_at, source, task_id in self._history
                if held.ref is not None
            ]
            matches.add_history(connection, history, now)

    def _index(self, held: Held) -> None:
        match = held.match
        if match.match_id is not None:
            self._by_id[match.season, match.source, match.match_id] = held
        self._by_teams.setdefault(match.natural_key, []).append(held)

    def _unindex(self, held: Held) -> None:
        self._by_teams[held.match.natural_key].remove(held)


def id_key(statement: Statement) -> IdKey | None:
    """The number that `statement` gives its match."""
    return (statement.season, statement.source, statement.match_id) if statement.match_id is not None else None


def natural_key(statement: Statement) -> NaturalKey:
    """What `statement` would call its match without a number: `Match.natural_key`."""
    low, high = sorted(statement.registers["sides"][-2:])
    (league,), (age_group, _) = statement.registers["league"], statement.registers["filing"]
    return (statement.season, league, age_group, statement.registers["schedule"][0], low, high)
