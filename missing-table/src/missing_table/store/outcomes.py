"""What became of each message, by task id, for thirty days."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from sqlalchemy import Connection, delete, select, update

from missing_table.ingest.merge import Outcome
from missing_table.ingest.stamps import instant_text
from missing_table.store import bulk
from missing_table.store.tables import outcomes

KEPT: Final = dt.timedelta(days=30)


class Kept(NamedTuple):
    """An outcome as it is kept; `at` is UTC."""

    task_id: str
    outcome: Outcome
    match_ref: int | None
    quarantine_ref: int | None
    run_id: str | None
    at: dt.datetime


class Processed(NamedTuple):
    """What became of one message."""

    task_id: str | None
    outcome: Outcome
    match_ref: int | None = None
    quarantine_ref: int | None = None
    run_id: str | None = None
    """The producer's run that sent it, where it says so."""


def record(connection: Connection, processed: Iterable[Processed], now: dt.datetime) -> None:
    """Keeps the outcome of each message that has a task id. The first outcome of a task id stands."""
    at = instant_text(now)
    by_id = {found.task_id: found._asdict() | {"at": at} for found in reversed(list(processed)) if found.task_id}
    if by_id:
        rows = bulk.encode(by_id[task_id] for task_id in sorted(by_id))
        statement = bulk.insertion(connection, outcomes, tuple(outcomes.c)).on_conflict_do_nothing()
        connection.execute(statement, {bulk.ROWS: rows})


def settle(connection: Connection, quarantine_ref: int, processed: Processed, now: dt.datetime) -> None:
    """Puts what a person's retry came to in the place of `quarantined`, for every task that sent the same."""
    connection.execute(
        update(outcomes)
        .where(outcomes.c.quarantine_ref == quarantine_ref, outcomes.c.outcome == "quarantined")
        .values(outcome=processed.outcome, match_ref=processed.match_ref, quarantine_ref=None, at=now)
    )


def known(connection: Connection, task_ids: Sequence[str]) -> dict[str, Processed]:
    """The outcomes that are kept already, by task id."""
    wanted = bulk.unpacked(connection, (outcomes.c.task_id,))
    statement = select(outcomes.c.task_id, outcomes.c.outcome, outcomes.c.match_ref, outcomes.c.quarantine_ref).join(
        wanted, wanted.c.task_id == outcomes.c.task_id
    )
    rows = bulk.encode({"task_id": task_id} for task_id in task_ids)
    return {row.task_id: Processed(*row) for row in connection.execute(statement, {bulk.ROWS: rows})}


def listed(
    connection: Connection,
    *,
    task_id: str | None = None,
    begins: str | None = None,
    run_id: str | None = None,
    limit: int,
) -> list[Kept]:
    """The outcomes that are kept, the newest first; `begins` is what the task ids begin with."""
    columns = [outcomes.c[field] for field in Kept._fields]
    statement = select(*columns).order_by(outcomes.c.at.desc(), outcomes.c.task_id).limit(limit)
    if task_id is not None:
        statement = statement.where(outcomes.c.task_id == task_id)
    if begins is not None:
        statement = statement.where(outcomes.c.task_id.startswith(begins, autoescape=True))
    if run_id is not None:
        statement = statement.where(outcomes.c.run_id == run_id)
    return [Kept(*row) for row in connection.execute(statement)]


def prune(connection: Connection, now: dt.datetime) -> int:
    """Forgets outcomes older than `KEPT`; returns how many."""
    return connection.execute(delete(outcomes).where(outcomes.c.at < now - KEPT)).rowcount
