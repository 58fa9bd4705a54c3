"""What a request may bring: so many bytes and no more, and to the API nothing that says it is no JSON."""

from http import HTTPStatus
from typing import Final

from fastapi import HTTPException
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from missing_table.api.problems import Problem, answer

_BRINGS_NOTHING: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class Bounded:
    """Ends a request that brings too much (413), and under `/api/` one whose body says that it is not JSON (415).

    A body that does not say what it is may be JSON: there is nothing else that it could be.
    """

    def __init__(self, app: ASGIApp, limit: int) -> None:
        """`limit` is in bytes."""
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in _BRINGS_NOTHING:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        announced = headers.get("content-length", "")
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        if announced.isdecimal() and int(announced) > 2 * self._limit:
            await answer(_too_large(self._limit))(scope, receive, send)
        elif scope["path"].startswith("/api/") and announced != "0" and kind and not _is_json(kind):
            await answer(_not_json(kind))(scope, receive, send)
        else:
            await self._app(scope, self._counting(receive), send)

    def _counting(self, receive: Receive) -> Receive:
        size = 0

        async def counting() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size <= self._limit:
                return message
            while message.get("more_body") and size <= 2 * self._limit:
                # a little too much is read to its end, so that the client gets to see the answer
                message = await receive()
                size += len(message.get("body", b""))
            refused = _too_large(self._limit)
            # FastAPI lets nothing else through while it reads a body
            raise HTTPException(refused.status, refused.detail, refused.headers)

        return counting


def _is_json(kind: str) -> bool:
    return kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))


def _not_json(kind: str) -> Problem:
    return Problem(
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        f"the body says that it is {kind[:100]}: send application/json",
        headers={"Accept": "application/json"},
    )


def _too_large(limit: int) -> Problem:
    return Problem(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        f"the body has more than {limit:,} bytes: send fewer matches at a time",
        headers={"Connection": "close"},
    )
