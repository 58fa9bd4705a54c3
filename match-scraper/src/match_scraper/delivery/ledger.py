"""What was confirmed before, so that a run sends only what is new, and a run that was cut off goes on where it was.

The ledger saves work and nothing depends on it: what it does not know is sent again, and stored once. So a
ledger that cannot be read or written is set aside with a notice, and never stops a run.
"""

import datetime as dt
import hashlib
import sqlite3
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from operator import attrgetter
from pathlib import Path
from typing import Any

import msgspec

from match_scraper.bracket_data import BracketData
from match_scraper.match_data import MatchData

from .base import M, Message
from .retries import waits

EXPIRES_AFTER = dt.timedelta(days=7)
"""Then a match is sent again, so that a database restored from a backup heals."""

_FORM = 2
# A confirmation from the future was noted by a clock that has been put right since; some drift is normal.
_DRIFT = dt.timedelta(hours=1)
_AT_ONCE = 200
_SECONDS = 1.0

_CREATE = """
CREATE TABLE IF NOT EXISTS confirmed (
    destination TEXT NOT NULL,
    identity TEXT NOT NULL,
    content BLOB NOT NULL,
    observed_at REAL,
    confirmed_at REAL NOT NULL,
    PRIMARY KEY (destination, identity)
) WITHOUT ROWID
"""
# Of two runs at once the one that saw the older data may note it last. Then the newer stays: if the source went
# back to the older later on, an entry for the older would keep that from being sent.
_NOTE = """
INSERT INTO confirmed VALUES (?, ?, ?, ?, ?)
ON CONFLICT (destination, identity) DO UPDATE SET
    content = excluded.content, observed_at = excluded.observed_at, confirmed_at = excluded.confirmed_at
WHERE excluded.observed_at IS NULL OR confirmed.observed_at IS NULL
    OR excluded.observed_at >= confirmed.observed_at
"""
_KNOWN = "SELECT identity, content FROM confirmed WHERE destination = ? AND confirmed_at > ? AND confirmed_at <= ?"
# All destinations lead to one missing-table, or to another one that needs no less: what stands there is what was
# confirmed last by any of them. One that confirmed something else before that has not seen it go.
_LAST = """
SELECT identity, content FROM (
    SELECT identity, content, row_number() OVER (
        PARTITION BY identity ORDER BY coalesce(observed_at, confirmed_at) DESC, confirmed_at DESC
    ) AS place
    FROM confirmed
) WHERE place = 1
"""
_SEVERAL = "SELECT (SELECT min(destination) FROM confirmed) <> (SELECT max(destination) FROM confirmed)"
# An identity begins with its kind: see `identity`.
HELD = """
SELECT count(DISTINCT identity) FILTER (WHERE NOT table_), count(DISTINCT identity) FILTER (WHERE table_)
FROM (SELECT identity, identity LIKE 'bracket%' AS table_ FROM confirmed)
"""
"""How many matches and how many official tables anyone has confirmed."""

_CONTENT = attrgetter(*(name for name in MatchData.model_fields if name != "observed_at"))
_encode = msgspec.json.Encoder().encode


def identity(message: Message) -> str:
    """What makes it the same match: its source's number, or without one what anyone would tell it by.

    A bracket is told by its names.
    """
    if isinstance(message, BracketData):
        where = (message.season, message.league or "", message.age_group, message.division or "")
        return _joined("bracket", message.source or "mls-next", *where)
    match = message
    if match.match_id is not None:
        return _joined("id", match.source or "mls-next", match.season, match.match_id)
    return _joined(
        *("natural", match.source or "mls-next", match.season, match.league or "", match.age_group),
        *(match.date.isoformat(), match.home_team, match.away_team),
    )


def content(message: Message) -> bytes:
    """A hash of all that the message states, but for when it was observed; a bracket lists its teams in any order."""
    if isinstance(message, MatchData):
        stated: Any = _CONTENT(message)
    else:
        stated = sorted((team.position or 0, team.team, team.team_id or "") for team in message.teams)
    return hashlib.blake2b(_encode(stated), digest_size=16).digest()


class Ledger:
    """The confirmed matches of each destination, in an SQLite file that several runs may use at a time.

    Parameters
    ----------
    path
        The file; it and its folder are made if need be.
    now
        What time it is, UTC.

    `notices` holds a sentence for each thing that went wrong with the file.
    """

    def __init__(self, path: Path, now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC)) -> None:
        self.notices: list[str] = []
        self._path = path
        self._now = now
        self._unwritten: list[tuple[Any, ...]] = []
        self._written_at = time.monotonic()
        self._database = self._open()

    def __enter__(self) -> "Ledger":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def unsent(self, messages: Iterable[M], destinations: Collection[str]) -> list[M]:
        """Those messages that none of these has confirmed in this form within the last seven days, in order.

        A form is not confirmed any more once any destination at all has confirmed a later one: what goes back to what
        it was is sent again. Parameters: `destinations` are `Destination.key`s.
        """
        self.flush()
        known: set[tuple[str, bytes]] = set()
        with self._forgiving("could not be read"):
            for destination in destinations:
                known.update(self._database.execute(_KNOWN, (destination, *self._span())))
            (several,) = self._database.execute(_SEVERAL).fetchone()
            if several:
                known.intersection_update(self._database.execute(_LAST))
        return [message for message in messages if (identity(message), content(message)) not in known]

    def forget(self, messages: Iterable[Message], destinations: Collection[str]) -> None:
        """Note, and write at once, that none of these counts as confirmed by any of these destinations any more."""
        self.flush()
        gone = [(destination, identity(message)) for message in messages for destination in destinations]
        with self._forgiving("could not be written"), self._database:
            self._database.executemany("DELETE FROM confirmed WHERE destination = ? AND identity = ?", gone)

    def record(self, message: Message, destination: str) -> None:
        """Note that the destination of this key has confirmed this message.

        Written up to 200 at a time and at least once a second while matches are confirmed, so a run that is killed
        sends no more than 200 twice.
        """
        observed_at = message.observed_at.timestamp() if message.observed_at else None
        self._unwritten.append((destination, identity(message), content(message), observed_at, self._now().timestamp()))
        if len(self._unwritten) >= _AT_ONCE or time.monotonic() - self._written_at > _SECONDS:
            self.flush()

    def flush(self) -> None:
        """Write what has been noted."""
        rows, self._unwritten = self._unwritten, []
        self._written_at = time.monotonic()
        if rows:
            with self._forgiving("could not be written"), self._database:
                self._database.executemany(_NOTE, rows)

    def close(self) -> None:
        """Write what has been noted, drop what has expired, and close the file."""
        self.flush()
        with self._forgiving("could not be tidied up"), self._database:
            after, until = self._span()
            self._database.execute(
                "DELETE FROM confirmed WHERE NOT (confirmed_at > ? AND confirmed_at <= ?)", (after, until)
            )
        self._database.close()

    def _span(self) -> tuple[float, float]:
        now = self._now()
        return (now - EXPIRES_AFTER).timestamp(), (now + _DRIFT).timestamp()

    def _open(self) -> sqlite3.Connection:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            return self._connect(self._path)
        except (sqlite3.OperationalError, OSError) as error:
            return self._without_file(error)
        except sqlite3.DatabaseError:
            # Not a database, or a damaged one. It is kept for whoever wants to look at it.
            aside = self._path.with_name(f"{self._path.name}.damaged")
            try:
                for suffix in ("-wal", "-shm"):
                    self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
                self._path.replace(aside)
                self.notices.append(f"The ledger was damaged: it is now {aside}, and all matches are sent again.")
                return self._connect(self._path)
            except (OSError, sqlite3.Error) as error:
                return self._without_file(error)

    def _without_file(self, error: Exception) -> sqlite3.Connection:
        self.notices.append(f"The ledger {self._path} cannot be used ({error}): all matches are sent again.")
        return self._connect(None)

    def _connect(self, path: Path | None) -> sqlite3.Connection:
        database = sqlite3.connect(path or ":memory:", timeout=10)
        try:
            _share(database)
            # A crash of the machine may cost the last entries, never the file: that is enough for a ledger.
            database.execute("PRAGMA synchronous = NORMAL")
            with database:
                # Two runs that begin at once do not make it twice.
                database.execute("BEGIN IMMEDIATE")
                (form,) = database.execute("PRAGMA user_version").fetchone()
                if form != _FORM:
                    database.execute("DROP TABLE IF EXISTS confirmed")
                    database.execute(f"PRAGMA user_version = {_FORM}")
                database.execute(_CREATE)
            # Reads through all there is, so that damage shows now and not in the middle of a run.
            database.execute("SELECT max(confirmed_at), count(DISTINCT identity) FROM confirmed").fetchone()
        except BaseException:
            database.close()
            raise
        return database

    @contextmanager
    def _forgiving(self, what: str) -> Iterator[None]:
        """Go on without the ledger's file where it fails."""
        try:
            yield
        except sqlite3.Error as error:
            notice = f"The ledger {self._path} {what} ({error}): some matches may be sent again."
            if notice not in self.notices:
                self.notices.append(notice)


def _share(database: sqlite3.Connection) -> None:
    """Let runs read and write at a time: the write-ahead log.

    A new file cannot be switched to it while another run uses the file, and SQLite then says so at once instead of
    waiting as it does elsewhere (https://www.sqlite.org/wal.html#sometimes_queries_return_sqlite_busy_in_wal_mode).
    """
    for wait in (*waits(12, first=0.01, longest=1), None):
        try:
            database.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if wait is None or error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            time.sleep(wait)


def _joined(*parts: str) -> str:
    # No part holds a control character: the contract forbids them.
    return "\x1f".join(parts)
