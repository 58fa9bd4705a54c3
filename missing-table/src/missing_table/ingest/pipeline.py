"""A batch of messages, stored in one transaction: opened, stated, resolved to teams, merged, written.

Every message gets an outcome. One that is not valid goes to quarantine in the same transaction; where the
database refuses a batch for its content, the batch is narrowed down to the message at fault.
"""

import datetime as dt
import random
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, Self, TypeVar

import structlog
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from missing_table.bracket_data import BracketData
from missing_table.errors import DatabaseAway
from missing_table.ingest import official
from missing_table.ingest.batch import Fold
from missing_table.ingest.correcting import check_known, refusal
from missing_table.ingest.entry import OPEN, mistakes
from missing_table.ingest.envelope import Delivery, Problem, Refusal, open_envelope
from missing_table.ingest.filing import check_filed
from missing_table.ingest.merge import Change, Statement
from missing_table.ingest.names import Bracket, Directory
from missing_table.ingest.official import OfficialTable
from missing_table.ingest.official_batch import write_tables
from missing_table.ingest.squads import (
    PRINTED,
    Squads,
    as_printed,
    resolve,
    resolve_tables,
    sides_of,
    to_enter,
    unknown_among,
)
from missing_table.ingest.statement import Contradiction, state
from missing_table.match_data import MatchData
from missing_table.order_review import OrderReview
from missing_table.settings import Settings
from missing_table.store import outcomes, quarantine, teams
from missing_table.store.engine import may_pass_next_time, reason, refuses_content, writing
from missing_table.store.outcomes import Processed

log = structlog.get_logger()
T = TypeVar("T")

ATTEMPTS: Final = 10
"""How often a transaction is tried that another one got in the way of."""
LONGEST: Final = 30.0
"""Seconds after which it is not tried again: the broker's heartbeat must not be missed over it."""


class _TryAgain(Exception):
    """The teams changed under a transaction that must now make some: it begins again, with the lock for that."""


class Entered(NamedTuple):
    """What a direct entry came to."""

    processed: Processed
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class _Stated:
    """A message that can be stored, as far as it alone can tell."""

    delivery: Delivery
    statement: Statement | OfficialTable
    arrival_counts: bool
    """It does not say when it was current: when it came stands in for that."""


@dataclass(frozen=True, slots=True)
class _Refused:
    """A message that goes to quarantine."""

    delivery: Delivery
    reason: str
    problems: tuple[Problem, ...] = ()


class Ingest:
    """Stores messages in one database. Not for several threads at once: it holds the directory of teams."""

    def __init__(self, engine: Engine, *, default_league: str, message_limit: int) -> None:
        """`message_limit` is in bytes of body."""
        self.engine = engine
        self._default_league = default_league
        self._message_limit = message_limit
        self._directory: Directory | None = None
        self.review = OrderReview(engine)
        """Knows the brackets that moved; whoever owns the pipeline lets it work when there is time."""

    @classmethod
    def of(cls, settings: Settings, engine: Engine) -> Self:
        """The pipeline into `engine` that `settings` ask for."""
        return cls(engine, default_league=settings.default_league, message_limit=settings.message_limit)

    def process(self, deliveries: Sequence[Delivery], now: dt.datetime) -> list[Processed]:
        """What became of each of `deliveries`, in their order; all of it is committed.

        `now` (aware) is when they arrived. Raises `DatabaseAway`, and then nothing is stored.
        """
        # a microsecond apart: of two that do not say when they were current, the one that came later is the newer
        opened = [
            self._open(delivery, now + position * dt.timedelta.resolution)
            for position, delivery in enumerate(deliveries)
        ]
        return self._store(opened, now)

    def set_aside(self, delivery: Delivery, why: str, now: dt.datetime) -> Processed:
        """Puts `delivery` into quarantine without opening it. Raises `DatabaseAway`."""
        (processed,) = self._store([_Refused(delivery, why)], now)
        return processed

    def retry(self, held: quarantine.Quarantined, now: dt.datetime) -> tuple[Processed, str | None]:
        """Processes a quarantined message once more: what became of it, and why where it failed again."""
        opened = self._open(held.delivery(), now)
        if isinstance(opened, _Stated):
            (processed,) = self._store([opened], now)
            if processed.outcome != "quarantined":

                def settle(connection: Connection) -> None:
                    outcomes.settle(connection, held.id, processed, now)
                    quarantine.settle(connection, held.id, "retried")

                self._transact(settle)
                return processed, None
            with writing(self.engine) as connection:
                kept = quarantine.get(connection, held.id)
            return processed, kept.reason if kept else held.reason
        return Processed(held.task_id, "quarantined", quarantine_ref=held.id), opened.reason

    def enter(
        self, message: MatchData, *, now: dt.datetime, by: str, new_teams: bool = True, new_brackets: bool = True
    ) -> Entered:
        """Stores what a person says: it is pinned. `by` names the person in the history.

        Raises `Refusal` for a contradiction and for what a person cannot mean, `UnknownTeams` and `UnknownBrackets`
        unless teams and brackets may be new, `DatabaseAway`.
        """
        try:
            statement = state(message, arrived=now, now=now, default_league=self._default_league, by_hand=True)
            for _, mistake in mistakes(message):
                raise mistake
        except Contradiction as contradiction:
            raise refusal(contradiction) from None

        def transaction(connection: Connection) -> Entered:
            said = statement
            if not new_teams or any(PRINTED.fullmatch(side.name) for side in sides_of(said)):
                squads = to_enter(connection)
                said = as_printed(squads.directory, said)
                if not new_teams:
                    check_known(squads, sides_of(said))
            ((resolved,), _) = self._resolved(connection, [said], [], now)
            if isinstance(resolved, Contradiction):
                raise refusal(resolved)
            fold = Fold.of(connection, [resolved])
            entry = fold.enter(resolved, by=by)
            match = entry.held.match
            if not new_brackets:
                check_filed(connection, match)
            if message.status in OPEN and match.score_home is not None:
                stored = f"match {entry.held.ref} is {match.score_home}–{match.score_away}"
                problem = f"is {message.status}, and {stored}: correct that match, and clear its goals"
                raise refusal(Contradiction("status", problem))
            fold.write(connection, now)
            return Entered(Processed(None, entry.outcome, entry.held.ref), entry.changes)

        entered = self._transact(transaction)
        self.review.moved(_brackets_of([statement]))
        return entered

    def prune(self, now: dt.datetime) -> int:
        """Forgets what is kept for thirty days only; returns how many outcomes and settled messages that were."""
        return self._transact(lambda connection: outcomes.prune(connection, now) + quarantine.prune(connection, now))

    def _open(self, delivery: Delivery, now: dt.datetime) -> _Stated | _Refused:
        try:
            message = open_envelope(delivery, limit=self._message_limit)
            if isinstance(message, BracketData):
                table = official.state(message, now=now, default_league=self._default_league)
                return _Stated(delivery, table, arrival_counts=False)
            arrived = min(delivery.timestamp, now) if delivery.timestamp else now
            statement = state(message, arrived=arrived, now=now, default_league=self._default_league)
            return _Stated(delivery, statement, arrival_counts=message.observed_at is None)
        except Refusal as refusal:
            return _Refused(delivery, refusal.reason, refusal.problems)
        except Contradiction as contradiction:
            return _Refused(delivery, str(contradiction), (Problem(contradiction.field, contradiction.problem),))
        except Exception as bug:
            log.error("message_set_aside", task_id=delivery.task_id, reason=_of_a_bug(bug), exc_info=bug)
            return _Refused(delivery, _of_a_bug(bug))

    def _store(self, opened: Sequence[_Stated | _Refused], now: dt.datetime) -> list[Processed]:
        try:
            processed = self._transact(lambda connection: self._write(connection, opened, now))
            self.review.moved(_brackets_of(found.statement for found in opened if isinstance(found, _Stated)))
            return processed
        except DatabaseAway:
            raise
        except DBAPIError as error:
            if not refuses_content(error):
                raise DatabaseAway(f"the database could not take a batch: {reason(error)}") from error
            why = f"the database refuses it: {reason(error)}"
            cause: Exception = error
        except Exception as bug:  # noqa: BLE001 (what one message meets must not hold up all the others)
            why, cause = _of_a_bug(bug), bug
        if len(opened) > 1:
            middle = len(opened) // 2
            halves = (opened[:middle], opened[middle:])
            return [done for half in halves for done in self._store(half, now)]
        (found,) = opened
        if isinstance(found, _Refused):
            raise DatabaseAway(f"the quarantine could not be written: {why}") from cause
        log.error("message_set_aside", task_id=found.delivery.task_id, reason=why, exc_info=cause)
        return self._store([_Refused(found.delivery, why)], now)

    def _write(self, connection: Connection, opened: Sequence[_Stated | _Refused], now: dt.datetime) -> list[Processed]:
        processed = self._done_before(connection, opened)
        refused: dict[int, _Refused] = {}
        stated: dict[int, Statement] = {}
        stated_tables: dict[int, OfficialTable] = {}
        for position, found in enumerate(opened):
            if position in processed:
                continue
            if isinstance(found, _Refused):
                refused[position] = found
            elif isinstance(found.statement, Statement):
                stated[position] = found.statement
            else:
                stated_tables[position] = found.statement

        resolved, resolved_tables = self._resolved(connection, list(stated.values()), list(stated_tables.values()), now)
        statements: dict[int, Statement] = {}
        tables: dict[int, OfficialTable] = {}
        for position, each in (*zip(stated, resolved, strict=True), *zip(stated_tables, resolved_tables, strict=True)):
            if isinstance(each, Contradiction):
                refused[position] = _Refused(opened[position].delivery, str(each), (Problem(each.field, each.problem),))
            elif isinstance(each, Statement):
                statements[position] = each
            else:
                tables[position] = each

        fold = Fold.of(connection, list(statements.values()))
        entries = {
            position: fold.add(statement, opened[position].delivery.task_id, source=statement.source)
            for position, statement in statements.items()
        }
        fold.write(connection, now)
        for position, entry in entries.items():
            delivery = opened[position].delivery
            processed[position] = Processed(
                delivery.task_id, entry.outcome, match_ref=entry.held.ref, run_id=delivery.run_id
            )
        for position, outcome in zip(tables, write_tables(connection, list(tables.values()), now), strict=True):
            delivery = opened[position].delivery
            processed[position] = Processed(delivery.task_id, outcome, run_id=delivery.run_id)

        # in one order for all workers, so that two never wait for each other
        for position in sorted(refused, key=lambda position: quarantine.digest(refused[position].delivery)):
            found = refused[position]
            delivery = found.delivery
            ref = quarantine.put(connection, delivery, found.reason, found.problems, now)
            processed[position] = Processed(delivery.task_id, "quarantined", quarantine_ref=ref, run_id=delivery.run_id)

        in_order = [processed[position] for position in range(len(opened))]
        outcomes.record(connection, in_order, now)
        return in_order

    def _done_before(self, connection: Connection, opened: Sequence[_Stated | _Refused]) -> dict[int, Processed]:
        """The redelivered messages whose outcome was committed before the worker could acknowledge them.

        Those that say when they were current are not asked for: to state them again does no harm. For the others
        their second arrival would count as news.
        """
        redelivered = {
            position: found.delivery.task_id
            for position, found in enumerate(opened)
            if found.delivery.redelivered
            and found.delivery.task_id is not None
            and (isinstance(found, _Refused) or found.arrival_counts)
        }
        if not redelivered:
            return {}
        known = outcomes.known(connection, sorted(set(redelivered.values())))
        return {position: known[task_id] for position, task_id in redelivered.items() if task_id in known}

    def _resolved(
        self, connection: Connection, statements: Sequence[Statement], tables: Sequence[OfficialTable], now: dt.datetime
    ) -> tuple[list[Statement | Contradiction], list[OfficialTable | Contradiction]]:
        """What is stated, with its teams; makes the teams that are not known yet."""
        if not statements and not tables:
            return [], []
        sides = [side for statement in statements for side in sides_of(statement)]
        sides += [side for table in tables for side in official.sides_of(table)]
        # matches without a number, too: no index can tell that another worker is storing one of them with its number
        unnumbered = any(statement.match_id is None for statement in statements)
        unknown = unknown_among(self._directory, sides) if self._directory else set()
        exclusive = self._directory is None or unnumbered or bool(unknown)
        version = teams.lock(connection, exclusive=exclusive)
        if self._directory is None or self._directory.version != version:
            self._directory = teams.load(connection, version)
            unknown = unknown_among(self._directory, sides)
            if unknown and not exclusive:
                raise _TryAgain
        squads = Squads(connection, self._directory, unknown=len(unknown))
        resolved = resolve(squads, statements), resolve_tables(squads, tables)
        squads.write(now)
        return resolved

    def _transact(self, work: Callable[[Connection], T]) -> T:
        """`work` in one transaction; again where another transaction got in its way."""
        deadline = time.monotonic() + LONGEST
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with writing(self.engine) as connection:
                    return work(connection)
            except _TryAgain:
                self._directory = None
            except DBAPIError as error:
                self._directory = None
                if attempt == ATTEMPTS or time.monotonic() > deadline or not may_pass_next_time(error):
                    raise
                log.info("transaction_tried_again", attempt=attempt, reason=reason(error))
                time.sleep(random.uniform(0, 0.02 * attempt))
            except BaseException:
                self._directory = None  # it may hold teams that were rolled back
                raise
        raise AssertionError("the last attempt returns or raises")


def _brackets_of(stated: Iterable[Statement | OfficialTable]) -> set[Bracket]:
    found: set[Bracket] = set()
    for statement in stated:
        if isinstance(statement, Statement):
            found.update(side.bracket for side in sides_of(statement))
        else:
            found.add(statement.bracket)
    return found


def _of_a_bug(error: Exception) -> str:
    return f"a bug in missing-table met it: {type(error).__name__}: {error}"
