"""Sessions of people who signed in on a page, and the forms that they sent. Only digests are stored."""

import datetime as dt
import secrets
from typing import Final, NamedTuple

from sqlalchemy import Engine, delete, insert, select
from sqlalchemy.exc import IntegrityError

from missing_table.store import tokens as token_store
from missing_table.store.engine import reading, writing
from missing_table.store.tables import sent_forms, sessions, tokens
from missing_table.store.tokens import Token

LASTS: Final = dt.timedelta(hours=12)
"""After that one signs in again."""
_LENGTH: Final = 43
"""Characters of 32 random bytes in base64url."""


class Session(NamedTuple):
    """A session in force."""

    ref: int
    name: str
    """Of the token that its holder signed in with."""


def begin(engine: Engine, token: Token, now: dt.datetime) -> str:
    """Begins a session for the holder of `token`, and forgets those that are over; returns what the cookie holds."""
    secret = secrets.token_urlsafe(32)
    with writing(engine) as connection:
        connection.execute(delete(sessions).where(sessions.c.expires_at <= now))
        values = {"created_at": now, "expires_at": now + LASTS}
        connection.execute(insert(sessions).values(digest=token_store.digest(secret), token_ref=token.id, **values))
    return secret


def find(engine: Engine, secret: str, now: dt.datetime) -> Session | None:
    """The session whose cookie holds `secret`; None where it is over, or its token is, or may not decide any more."""
    if len(secret) != _LENGTH:
        return None
    named = [tokens.c[field] for field in Token._fields]
    statement = (
        select(sessions.c.id, *named)
        .join(tokens, tokens.c.id == sessions.c.token_ref)
        .where(sessions.c.digest == token_store.digest(secret), sessions.c.expires_at > now)
    )
    with reading(engine) as connection:
        row = connection.execute(statement).first()
    if row is None:
        return None
    token = Token(*row[1:])
    try:
        token_store.check(token, now)
    except token_store.TokenRefused:
        return None
    return Session(row[0], token.name) if token.may("admin") else None


def end(engine: Engine, session: Session) -> None:
    """Ends a session at once."""
    with writing(engine) as connection:
        connection.execute(delete(sessions).where(sessions.c.id == session.ref))


def take(engine: Engine, session: Session, form_token: str) -> bool:
    """Notes that a form was sent; whether it was the first time."""
    try:
        with writing(engine) as connection:
            values = {"digest": token_store.digest(form_token), "session_ref": session.ref}
            connection.execute(insert(sent_forms).values(values))
    except IntegrityError:
        return False
    return True
