"""Whether our order is the official one: looked at anew wherever a match or an official table moved, and noted.

So it is known since when they differ, and a change is a line in the log. It comes after the commit of what moved, and
nothing that is stored waits for it: readers compare for themselves, only since when is taken from here.
"""

import datetime as dt
from collections.abc import Iterable

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from missing_table.bracket import in_words, whole
from missing_table.errors import DatabaseAway
from missing_table.ingest.names import Bracket
from missing_table.standings import Bracket as NamedBracket
from missing_table.store import official
from missing_table.store import teams as team_store
from missing_table.store.engine import reading, writing

log = structlog.get_logger()


class OrderReview:
    """The brackets of one database that are to be looked at."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._due: set[Bracket] = set()
        self._all_due = False

    def moved(self, brackets: Iterable[Bracket]) -> None:
        """Something moved in these brackets, and is committed."""
        self._due.update(brackets)

    def everything(self) -> None:
        """Every bracket is to be looked at: one that ended in between may have left some."""
        self._all_due = True

    def work(self, most: int | None = None) -> None:
        """Looks at what is due, at `most` so many brackets; what the database does not let it look at stays due."""
        if not self._due and not self._all_due:
            return
        try:
            with reading(self._engine) as connection:
                if self._all_due:
                    self._due.update(official.brackets(connection))
                    self._all_due = False
                self._due.intersection_update(official.tables(connection, self._due, locked=False))
            for bracket in sorted(self._due, key=repr)[:most]:
                self._look_at(NamedBracket(*bracket))
                self._due.discard(bracket)
        except (DatabaseAway, DBAPIError) as problem:
            log.warning("official_order_not_reviewed", brackets=len(self._due), reason=str(problem).partition("\n")[0])

    def _look_at(self, bracket: NamedBracket) -> None:
        with writing(self._engine) as connection:
            team_store.lock(connection, exclusive=False)  # none of those that are read may become another meanwhile
            # locked, so that of two workers the one that is later has seen all
            stored = official.tables(connection, [bracket], locked=True)[bracket]
            found = whole(connection, bracket).comparison
            if found is None or found.verdict == "too old":
                return  # what was found before stands until the official table has had time to follow
            agrees = {"agrees": True, "differs": False}.get(found.verdict)
            since = None
            if agrees is False:
                since = stored.differs_since or dt.datetime.fromisoformat(stored.table.observed_at)
            if (agrees, since) == (stored.agrees, stored.differs_since):
                return
            official.note(connection, stored.ref, agrees=agrees, differs_since=since)
        if since is not None and stored.agrees is not False:
            teams = [f"{each.team}: {each.ours} here, {each.official} there" for each in found.differences]
            log.warning("official_order_differs", bracket=in_words(bracket), since=since.isoformat(), teams=teams)
        elif agrees and stored.agrees is False:
            log.info("official_order_agrees_again", bracket=in_words(bracket))
