"""Bearer tokens: who may write over HTTP. Only a digest is stored, so a copy of the database lets nobody in."""

import datetime as dt
import hashlib
import secrets
from typing import Final, NamedTuple

from sqlalchemy import Engine, insert, select, update

from missing_table.errors import NotFound
from missing_table.store.engine import reading, writing
from missing_table.store.tables import tokens

PREFIX: Final = "mt_"
"""What every token begins with, so that one is recognised where it should not be: in a log, in a commit."""
_RANDOM_BYTES: Final = 32
_LENGTH_LIMIT: Final = 200
_NOTED_EVERY: Final = dt.timedelta(minutes=1)


class Token(NamedTuple):
    """What is known of a token; not the token itself. Moments are UTC."""

    id: int
    name: str
    created_at: dt.datetime
    last_used_at: dt.datetime | None
    revoked_at: dt.datetime | None


_COLUMNS: Final = tuple(tokens.c[field] for field in Token._fields)


def create(engine: Engine, name: str, now: dt.datetime) -> str:
    """Makes a token called `name` and returns its text, which cannot be had again."""
    text = PREFIX + secrets.token_urlsafe(_RANDOM_BYTES)
    with writing(engine) as connection:
        connection.execute(insert(tokens).values(name=name, digest=_digest(text), created_at=now))
    return text


def verify(engine: Engine, text: str, now: dt.datetime) -> Token | None:
    """The token whose text is `text`; None for one that is unknown or revoked.

    That it was used is noted at most once a minute, so that a busy client costs no write for each request.
    """
    if not text.startswith(PREFIX) or len(text) > _LENGTH_LIMIT:
        return None
    with reading(engine) as connection:
        row = connection.execute(select(*_COLUMNS).where(tokens.c.digest == _digest(text))).first()
    token = Token(*row) if row else None
    if token is None or token.revoked_at is not None:
        return None
    if token.last_used_at is None or token.last_used_at <= now - _NOTED_EVERY:
        with writing(engine) as connection:
            connection.execute(update(tokens).where(tokens.c.id == token.id).values(last_used_at=now))
    return token


def listed(engine: Engine) -> list[Token]:
    """Every token there was, the oldest first."""
    with reading(engine) as connection:
        return [Token(*row) for row in connection.execute(select(*_COLUMNS).order_by(tokens.c.id))]


def revoke(engine: Engine, name: str, now: dt.datetime) -> int:
    """Ends every token called `name`, at once and for good; returns how many that were. Raises `NotFound`."""
    with writing(engine) as connection:
        ended = connection.execute(
            update(tokens).where(tokens.c.name == name, tokens.c.revoked_at.is_(None)).values(revoked_at=now)
        ).rowcount
    if not ended:
        known = sorted({token.name for token in listed(engine) if token.revoked_at is None})
        raise NotFound(f"there is no token called {name!r}; there are: {', '.join(known) or 'none'}")
    return ended


def _digest(text: str) -> str:
    # The token is 256 random bits: nothing is gained by a slow hash, and every request pays for it.
    return hashlib.sha256(text.encode(errors="backslashreplace")).hexdigest()
