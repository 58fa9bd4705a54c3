"""Bearer tokens: who may write over HTTP. Only a digest is stored, so a copy of the database lets nobody in."""

import datetime as dt
import hashlib
import hmac
import secrets
import shlex
from typing import Final, Literal, NamedTuple

from sqlalchemy import Engine, insert, or_, select, update

from missing_table.errors import MissingTableError, NotFound, Refused
from missing_table.store.engine import reading, writing
from missing_table.store.tables import tokens

PREFIX: Final = "mt_"
"""What every token begins with, so that one is recognised where it should not be: in a log, in a commit."""
_RANDOM_BYTES: Final = 32
_LENGTH_LIMIT: Final = 200
_NOTED_EVERY: Final = dt.timedelta(minutes=1)

Scope = Literal["submit", "admin"]
"""`submit` hands in matches, as a scraper does; `admin` may do that, and correct and decide as a person does."""


class TokenRefused(MissingTableError):
    """Nobody is let in by this token; the sentence says why."""


class Token(NamedTuple):
    """What is known of a token; not the token itself. Moments are UTC."""

    id: int
    name: str
    scope: Scope
    created_at: dt.datetime
    expires_at: dt.datetime | None
    last_used_at: dt.datetime | None
    revoked_at: dt.datetime | None

    def may(self, scope: Scope) -> bool:
        """Whether it may do what `scope` allows."""
        return self.scope in ("admin", scope)


_COLUMNS: Final = tuple(tokens.c[field] for field in Token._fields)


def create(
    engine: Engine, name: str, now: dt.datetime, *, scope: Scope = "admin", expires_at: dt.datetime | None = None
) -> str:
    """Makes a token called `name` and returns its text, which cannot be had again.

    Raises `Refused` where another one of this name is in use: they are told apart, and revoked, by name.
    """
    text = PREFIX + secrets.token_urlsafe(_RANDOM_BYTES)
    in_use = (tokens.c.revoked_at.is_(None), or_(tokens.c.expires_at.is_(None), tokens.c.expires_at > now))
    with writing(engine) as connection:
        if connection.execute(select(tokens.c.id).where(tokens.c.name == name, *in_use)).first() is not None:
            raise Refused(
                f"a token named {name!r} is in use already: take another name, "
                f"or end that one first with `missing-table token revoke --name {shlex.quote(name)}`"
            )
        connection.execute(
            insert(tokens).values(name=name, scope=scope, digest=digest(text), created_at=now, expires_at=expires_at)
        )
    return text


def verify(engine: Engine, text: str, now: dt.datetime) -> Token:
    """The token whose text is `text`. Raises `TokenRefused` for one that is unknown, revoked or expired.

    That it was used is noted at most once a minute, so that a busy client costs no write for each request.
    """
    row = None
    if text.startswith(PREFIX) and len(text) <= _LENGTH_LIMIT:
        wanted = digest(text)
        with reading(engine) as connection:
            row = connection.execute(select(tokens.c.digest, *_COLUMNS).where(tokens.c.digest == wanted)).first()
        # the index has compared them already, byte by byte; this one takes the same time whatever they hold
        row = row if row is not None and hmac.compare_digest(row[0], wanted) else None
    if row is None:
        raise TokenRefused("the token is not known")
    token = Token(*row[1:])
    check(token, now)
    if token.last_used_at is None or token.last_used_at <= now - _NOTED_EVERY:
        with writing(engine) as connection:
            connection.execute(update(tokens).where(tokens.c.id == token.id).values(last_used_at=now))
    return token


def check(token: Token, now: dt.datetime) -> None:
    """Raises `TokenRefused` where `token` is over."""
    if token.revoked_at is not None:
        raise TokenRefused("the token was revoked")
    if token.expires_at is not None and token.expires_at <= now:
        raise TokenRefused(f"the token expired on {token.expires_at.date()}")


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


def digest(text: str) -> str:
    """SHA-256 of a secret, for storage.

    It is 256 random bits: nothing is gained by a slow hash, and every request pays for it.
    """
    return hashlib.sha256(text.encode(errors="backslashreplace")).hexdigest()
