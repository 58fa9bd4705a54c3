"""Who waits for news of a bracket is told as soon as its version in the database is another.

One look of the process, every half second while somebody waits, serves all who wait: it asks the database for the
version of each bracket that they watch. So it sees what any process commits, and a thousand readers cost what one does.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, Literal

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from missing_table.errors import DatabaseAway
from missing_table.reader import Found
from missing_table.standings import Bracket
from missing_table.store import read
from missing_table.store.engine import reading

Full = Literal["all", "client"]
"""Whose share is taken: that of all, or that of one client."""
PERIOD: Final = 0.5
"""Seconds between two looks."""

log = structlog.get_logger()


@dataclass(eq=False, slots=True)
class Watched:
    """A bracket that somebody watches: its version at the last look, and the moment when that is not so any more."""

    version: str
    moved: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    watchers: int = 0
    over: bool = False

    def note(self, version: str) -> None:
        """The version is `version` now."""
        if version != self.version:
            self.version = version
            self._wake()

    def end(self) -> None:
        """Nothing more will be told."""
        self.over = True
        self._wake()

    async def versions(self, seen: str, patience: float) -> AsyncIterator[str | None]:
        """Each version after `seen`, and None whenever there was none for `patience` seconds; until it is over.

        What came while nobody asked is told as one. A version may be told once more than it came, never once less.
        """
        while not self.over:
            if self.version != seen:
                seen = self.version
                yield seen
                continue
            done, _ = await asyncio.wait([self.moved], timeout=patience)
            if not done:
                yield None

    def _wake(self) -> None:
        moved, self.moved = self.moved, asyncio.get_running_loop().create_future()
        moved.set_result(None)


class Watching:
    """All that is watched in this process. Belongs to one event loop; only the database is read in a thread."""

    def __init__(self, engine: Engine, room: int, each: int) -> None:
        """`room` is how many may watch at once, and `each` how many of them may be one client's."""
        self._engine = engine
        self._room = room
        self._each = each
        self._of_client: Counter[str] = Counter()
        self._watched: dict[Bracket, Watched] = {}
        self._looking: asyncio.Task[None] | None = None
        self._away = False

    @property
    def watchers(self) -> int:
        """How many watch."""
        return sum(watched.watchers for watched in list(self._watched.values()))

    @contextmanager
    def joined(self, found: Found, client: str) -> Iterator[Watched | Full]:
        """What was found, watched by `client` as long as the block runs; else whose share of the room is taken."""
        if self.watchers >= self._room:
            yield "all"
            return
        if self._of_client[client] >= self._each:
            yield "client"
            return
        watched = self._watched.setdefault(found.bracket, Watched(found.version))
        watched.note(found.version)
        watched.watchers += 1
        self._of_client[client] += 1
        if self._looking is None:
            self._looking = asyncio.create_task(self._look())
        try:
            yield watched
        finally:
            watched.watchers -= 1
            self._of_client[client] -= 1
            self._of_client += Counter()  # forgets who has none
            if not watched.watchers and self._watched.get(found.bracket) is watched:
                del self._watched[found.bracket]

    def close(self) -> None:
        """Ends everybody's watch, and lets nobody in any more."""
        self._room = 0
        self._end_all()

    async def _look(self) -> None:
        try:
            while self._watched:
                await asyncio.sleep(PERIOD)
                for bracket, version in (await asyncio.to_thread(self._versions, list(self._watched))).items():
                    if bracket in self._watched:
                        self._watched[bracket].note(version)
        except Exception:
            log.exception("watching_broke")
        finally:
            self._looking = None
            self._end_all()  # nobody is left, or this broke: then they come back, and it starts again

    def _end_all(self) -> None:
        for watched in self._watched.values():
            watched.end()
        self._watched.clear()

    def _versions(self, brackets: Sequence[Bracket]) -> dict[Bracket, str]:
        """The versions of `brackets` in the database; of none while it is away, which ends nobody's watch."""
        try:
            with reading(self._engine) as connection:
                found = {bracket: read.bracket_state(connection, bracket).version or "" for bracket in brackets}
        except (DatabaseAway, SQLAlchemyError) as error:
            if not self._away:
                log.warning("watching_interrupted", kind=type(error).__name__)
            self._away = True
            return {}
        self._away = False
        return found
