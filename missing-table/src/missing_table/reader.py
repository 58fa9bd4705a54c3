"""What readers ask for over and over, held in memory for as long as the database still says the same.

A bracket has a version, which one indexed statement tells: it moves on whenever something moves that a reader sees.
So what was made of a bracket may be kept by any number of processes, and none shows what is not so any more.
"""

import itertools
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Final, NamedTuple

from sqlalchemy import Connection

from missing_table.bracket import Asked, BracketView, UnknownBracket, choose, whole
from missing_table.standings import Bracket
from missing_table.store import read

LIST_SHARE: Final = 1_000
"""The list of brackets is read whole when it is so many times as old as that takes: then it costs a thousandth."""
LIST_AGE: Final = 300.0
"""Seconds that it is good for at most. A new match is seen at once; this bounds only how long the list still names a
bracket without matches, or does not name one whose first match was moved there from another, or one that only an
official table is known of."""
OVERLAP: Final = 5_000
"""A worker may store a match some numbers below one that is seen already: so many are looked at again."""
CHOICES: Final = 10_000
"""How many ways to ask for a bracket are remembered."""
VIEWS: Final = 64
"""How many brackets are held whole."""
ROOM: Final = 64 * 1024 * 1024
"""Bytes of finished answers that are held."""


class Found(NamedTuple):
    """The bracket that was meant, and its version."""

    bracket: Bracket
    version: str
    edition: int = 0
    """Of the list of brackets that it was found in."""


class _Listed(NamedTuple):
    brackets: list[Bracket]
    edition: int
    """Another one for other brackets."""
    newest: int
    began: float
    at: float
    good_for: float
    chosen: dict[Asked, Bracket]
    """What was meant by what was asked for; it holds as long as the list does."""


class Kept:
    """Finished answers by what they answer, the latest used of them, within a bound of bytes."""

    def __init__(self, room: int = ROOM) -> None:
        self._room = room
        self._taken = 0
        self._kept: OrderedDict[Hashable, tuple[Hashable, bytes]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, version: Hashable, make: Callable[[], bytes]) -> bytes:
        """What `make` gave for `key` at this version; made now where it is not held."""
        held = self.held(key, version)
        if held is not None:
            return held
        made = make()
        with self._lock:
            before = self._kept.pop(key, None)
            self._taken += len(made) - (len(before[1]) if before else 0)
            self._kept[key] = (version, made)
            while self._taken > self._room:
                _, (_, gone) = self._kept.popitem(last=False)
                self._taken -= len(gone)
        return made

    def held(self, key: Hashable, version: Hashable) -> bytes | None:
        """What is held for `key` at this version."""
        with self._lock:
            held = self._kept.get(key)
            if held is None or held[0] != version:
                return None
            self._kept.move_to_end(key)
            return held[1]


class Reader:
    """Reads brackets for an API process; may be asked by several threads at once."""

    def __init__(self, default_league: str) -> None:
        self.kept = Kept()
        self._default_league = default_league
        self._listed: _Listed | None = None
        self._editions = itertools.count()
        self._views: OrderedDict[Bracket, tuple[str, BracketView]] = OrderedDict()
        self._lock = threading.Lock()
        self._reading = threading.Lock()

    def brackets(self, connection: Connection) -> list[Bracket]:
        """Every bracket, as `read.brackets` has them."""
        return self._list(connection, read.newest_match(connection)).brackets

    def glance(self, connection: Connection, asked: Asked) -> Found | None:
        """What `find` would find, where one statement tells; None where it takes more."""
        listed = self._listed
        known = listed.chosen.get(asked) if listed is not None else None
        if listed is None or known is None or _is_old(listed):
            return None
        state = read.bracket_state(connection, known)
        if state.version is None or state.newest != listed.newest:
            return None
        return Found(known, state.version, listed.edition)

    def find(self, connection: Connection, asked: Asked) -> Found:
        """The bracket that is meant by `asked`. Raises `UnknownBracket` and `UnclearBracket` as `bracket.view`."""
        listed = self._listed
        known = listed.chosen.get(asked) if listed is not None else None
        if listed is not None and known is not None:
            state = read.bracket_state(connection, known)
            if state.version is not None and self._list(connection, state.newest).chosen is listed.chosen:
                return Found(known, state.version, listed.edition)
        listed = self._list(connection, read.newest_match(connection))
        try:
            bracket = choose(listed.brackets, asked, default_league=self._default_league)
            version = read.bracket_state(connection, bracket).version
        except UnknownBracket:
            version = None
        if version is None:  # a match was filed elsewhere since the list was read
            listed = self._list_since(connection, time.monotonic())
            bracket = choose(listed.brackets, asked, default_league=self._default_league)
            version = read.bracket_state(connection, bracket).version or ""
        if len(listed.chosen) >= CHOICES:
            listed.chosen.clear()
        listed.chosen[asked] = bracket
        return Found(bracket, version, listed.edition)

    def view(self, connection: Connection, found: Found) -> BracketView:
        """The bracket that was found, whole."""
        with self._lock:
            held = self._views.get(found.bracket)
            if held is not None and held[0] == found.version:
                self._views.move_to_end(found.bracket)
                return held[1]
        view = whole(connection, found.bracket)
        with self._lock:
            self._views[found.bracket] = (found.version, view)
            self._views.move_to_end(found.bracket)
            if len(self._views) > VIEWS:
                self._views.popitem(last=False)
        return view

    def whole(self, connection: Connection, bracket: Bracket) -> BracketView:
        """`bracket`, whole; without matches where there is no such bracket."""
        return self.view(connection, self.found(connection, bracket))

    def found(self, connection: Connection, bracket: Bracket) -> Found:
        """`bracket` as it stands, also where there is no such bracket."""
        return Found(bracket, read.bracket_state(connection, bracket).version or "")

    def _list(self, connection: Connection, newest: int) -> _Listed:
        """The list as it is now; the same object where it is still the same. `newest` is the greatest id now."""
        listed = self._listed
        if listed is None or not listed.brackets:
            with self._reading:  # one reads, and the others have it then
                return self._listed if self._listed and self._listed.brackets else self._read_list(connection)
        if _is_old(listed) and self._reading.acquire(blocking=False):
            try:  # one reads, and the others make do with what there is
                return self._read_list(connection)
            finally:
                self._reading.release()
        if listed.newest == newest:
            return listed
        since = read.brackets_since(connection, min(newest, listed.newest) - OVERLAP)
        if since <= set(listed.brackets):
            self._listed = listed._replace(newest=newest)
        else:
            brackets = sorted(since | set(listed.brackets), key=read.bracket_order)
            self._listed = listed._replace(newest=newest, brackets=brackets, edition=next(self._editions), chosen={})
        return self._listed

    def _list_since(self, connection: Connection, moment: float) -> _Listed:
        """A list that was begun to be read after `moment`. However many ask for what is not there, one reads."""
        with self._reading:
            listed = self._listed
            return listed if listed is not None and listed.began >= moment else self._read_list(connection)

    def _read_list(self, connection: Connection) -> _Listed:
        began = time.monotonic()
        newest = read.newest_match(connection)
        brackets = read.brackets(connection)
        now = time.monotonic()
        before = self._listed
        edition, chosen = (
            (before.edition, before.chosen)
            if before is not None and before.brackets == brackets
            else (next(self._editions), {})
        )
        good_for = min(LIST_AGE, LIST_SHARE * (now - began))
        self._listed = _Listed(brackets, edition, newest, began, now, good_for, chosen)
        return self._listed


def _is_old(listed: _Listed) -> bool:
    return time.monotonic() > listed.at + listed.good_for
