"""Messages that could not be processed: kept byte for byte, with the reason, until a person decides."""

import datetime as dt
import hashlib
import reprlib
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import Connection, delete, exists, select, update
from sqlalchemy.dialects import postgresql, sqlite

from missing_table.ingest.envelope import Delivery, Problem
from missing_table.store.outcomes import KEPT
from missing_table.store.tables import outcomes, quarantine

_TEXT_LENGTH: Final = 200


def text_of(payload: bytes) -> str:
    """A body as text that does no harm wherever it is shown: what cannot be printed is escaped."""
    text = payload.decode("utf-8", errors="backslashreplace")
    return "".join(c if c.isprintable() or c == "\n" else ascii(c)[1:-1] for c in text)


class Quarantined(NamedTuple):
    """A message in quarantine. `payload` is the body as it came; moments are UTC."""

    id: int
    task_id: str | None
    task: str | None
    payload: bytes
    content_type: str | None
    content_encoding: str | None
    headers: dict[str, Any]
    reason: str
    errors: list[dict[str, str]]
    state: str
    seen: int
    first_seen: dt.datetime
    last_seen: dt.datetime

    def delivery(self) -> Delivery:
        """The message again, as it came."""
        return Delivery(
            body=self.payload,
            content_type=self.content_type,
            content_encoding=self.content_encoding,
            headers=self.headers,
            correlation_id=self.task_id,
            timestamp=self.first_seen,
        )


_COLUMNS: Final = tuple(quarantine.c[field] for field in Quarantined._fields)


def put(
    connection: Connection, delivery: Delivery, reason: str, problems: tuple[Problem, ...], now: dt.datetime
) -> int:
    """Keeps `delivery`; the same content again moves its count and `last_seen` on, and opens it again."""
    values = {
        "digest": digest(delivery),
        "task_id": delivery.task_id,
        "task": storable(delivery.task),
        "payload": delivery.body,
        "content_type": storable(delivery.content_type),
        "content_encoding": storable(delivery.content_encoding),
        "headers": _storable_headers(delivery.headers),
        "reason": storable(reason, 10_000),
        "errors": [{"field": storable(p.field), "problem": storable(p.problem, 1000)} for p in problems],
        "state": "open",
        "seen": 1,
        "first_seen": now,
        "last_seen": now,
    }
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(quarantine).values(values)
    again = {name: values[name] for name in ("task_id", "headers", "reason", "errors", "state", "last_seen")}
    ref: int = connection.execute(
        statement.on_conflict_do_update(
            index_elements=["digest"], set_=again | {"seen": quarantine.c.seen + 1}
        ).returning(quarantine.c.id)
    ).scalar_one()
    return ref


def digest(delivery: Delivery) -> str:
    """SHA-256 of what makes two deliveries the same content: not their task ids, which differ each time."""
    form = (delivery.task, delivery.content_type, delivery.content_encoding, delivery.headers.get("compression"))
    return hashlib.sha256(repr(form).encode(errors="backslashreplace") + b"\0" + delivery.body).hexdigest()


def get(connection: Connection, ref: int) -> Quarantined | None:
    """One message in quarantine."""
    row = connection.execute(select(*_COLUMNS).where(quarantine.c.id == ref)).first()
    return Quarantined(*row) if row else None


def listed(
    connection: Connection, *, state: str | None = "open", limit: int = 1000, skip: int = 0
) -> list[Quarantined]:
    """The messages in quarantine, the last seen first, without the first `skip`; `state` None for all."""
    statement = select(*_COLUMNS).order_by(quarantine.c.last_seen.desc(), quarantine.c.id.desc())
    statement = statement.limit(limit).offset(skip)
    if state is not None:
        statement = statement.where(quarantine.c.state == state)
    return [Quarantined(*row) for row in connection.execute(statement)]


def settle(connection: Connection, ref: int, state: str) -> bool:
    """Marks a message as `retried` or `discarded`; whether there was one."""
    return connection.execute(update(quarantine).where(quarantine.c.id == ref).values(state=state)).rowcount == 1


def prune(connection: Connection, now: dt.datetime) -> int:
    """Forgets settled messages that were last seen before `outcomes.KEPT`; returns how many."""
    referred = exists().where(outcomes.c.quarantine_ref == quarantine.c.id)
    return connection.execute(
        delete(quarantine).where(quarantine.c.state != "open", quarantine.c.last_seen < now - KEPT, ~referred)
    ).rowcount


def storable(text: str | None, length: int = _TEXT_LENGTH) -> str | None:
    """`text` as any database takes it: no NUL, no lone surrogate, and at most `length` characters."""
    if text is None:
        return None
    return text.encode(errors="backslashreplace").decode().replace("\0", "\\x00")[:length]


def _storable_headers(headers: Any) -> dict[str, Any]:
    """The headers that JSON can hold, as JSON, unless they are big or deep; any other as its `repr`, cut short."""
    kept: dict[str, Any] = {}
    for name, value in headers.items():
        try:
            text = msgspec.json.encode(value)
            plain = b"\\u0000" not in text and len(text) <= 10_000 and text.count(b"[") + text.count(b"{") <= 100
        except (TypeError, ValueError, RecursionError, OverflowError):
            plain = False
        kept[str(storable(str(name)))] = msgspec.json.decode(text) if plain else storable(reprlib.repr(value), 1000)
    return kept
