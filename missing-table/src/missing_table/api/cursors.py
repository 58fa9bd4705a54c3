"""Where a page of a list ended, as the text that the next one is asked for with. It means something only here."""

import base64
import binascii
import datetime as dt
from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated, Any, TypeVar

import msgspec
from fastapi import Query

from missing_table.api.problems import Problem

Key = TypeVar("Key", bound=tuple[Any, ...])
Cursor = Annotated[
    str | None,
    Query(
        max_length=1000,
        pattern="^[A-Za-z0-9_-]+$",
        description="What the page before gave as `next`; everything else must be asked as it was for that one.",
    ),
]


def encode(kind: str, key: Sequence[Any]) -> str:
    """The cursor of a page whose last item has this key, in a list of this kind."""
    return base64.urlsafe_b64encode(msgspec.json.encode([kind, *key])).decode().rstrip("=")


def decode(kind: str, cursor: str | None, key: type[Key]) -> Key | None:
    """The key that `encode` was given, None for the first page. Ends the request for a cursor of something else."""
    if not cursor:
        return None
    try:
        found = msgspec.json.decode(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)), type=list[Any])
        if found and found[0] == kind:
            after: Key = msgspec.convert(found[1:], key)
            if all(_is_in_utc(part) for part in after):
                return after
    except (binascii.Error, ValueError, msgspec.MsgspecError):
        pass
    raise Problem(
        HTTPStatus.NOT_FOUND,
        "cursor: leads to no page of this list in this order; begin again without it",
        field="cursor",
    )


def _is_in_utc(part: Any) -> bool:
    """A moment was written in UTC; one of another zone may have no such moment in UTC at all."""
    return not isinstance(part, dt.datetime) or part.utcoffset() == dt.timedelta(0)
