"""Every answer to a read bears an entity tag; who has it already gets 304 and no body.

The tag is made of the body, so that it holds across processes and programs, whatever the body was made of. What costs
time is to make the body, and `reader` spares that.
"""

import hashlib
from http import HTTPStatus
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_TAGGED: Final = ("application/json", "text/csv", "text/calendar", "text/html")
_OF_A_BODY: Final = (b"content-length", b"content-type", b"content-encoding")


class Conditional:
    """Tags what is answered to GET and HEAD in one piece. A stream goes through as it comes.

    A route that reads need not know HEAD: it is asked as with GET, and its body is left out.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        start: Message | None = None
        ended = False
        for_head = scope["method"] == "HEAD" and scope["path"].startswith(("/api/", "/teams/"))

        async def send_on(message: Message) -> None:
            nonlocal ended
            if for_head and message["type"] == "http.response.body":  # a stream would not end by itself
                if not ended:
                    ended = True
                    await send({"type": message["type"], "body": b""})
                return
            await send(message)

        async def tagging(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start" and _may_be_tagged(message):
                start = message
                return
            if start is None or message["type"] != "http.response.body":
                await send_on(message)
                return
            begun, start = start, None
            body: bytes = message.get("body", b"")
            if message.get("more_body", False):
                await send(begun)
                await send(message)
                return
            if body:
                _tag(begun, body)
            if for_head:
                body = b""
            if _is_had(Headers(scope=scope), Headers(raw=begun["headers"])):
                begun, body = _not_modified(begun), b""
            await send(begun)
            await send({**message, "body": body})

        if not for_head:
            await self._app(scope, receive, tagging)
            return
        scope["method"] = "GET"  # in its place, since what is around this layer looks there for the route
        try:
            await self._app(scope, receive, tagging)
        finally:
            scope["method"] = "HEAD"


def _may_be_tagged(start: Message) -> bool:
    headers = Headers(raw=start["headers"])
    return (
        start["status"] == HTTPStatus.OK
        and headers.get("content-type", "").partition(";")[0] in _TAGGED
        and "no-store" not in headers.get("cache-control", "")
    )


def _tag(start: Message, body: bytes) -> None:
    headers = MutableHeaders(scope=start)
    headers.setdefault("ETag", f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"')
    headers.setdefault("Cache-Control", "no-cache")  # to be kept, and asked about each time


def _is_had(asked: Headers, answered: Headers) -> bool:
    tag = answered.get("etag")
    if tag is None or "if-none-match" not in asked:
        return False
    had = (part.strip().removeprefix("W/") for part in ",".join(asked.getlist("if-none-match")).split(","))
    return any(part in ("*", tag) for part in had)


def _not_modified(start: Message) -> Message:
    headers = [(name, value) for name, value in start["headers"] if name.lower() not in _OF_A_BODY]
    return {**start, "status": int(HTTPStatus.NOT_MODIFIED), "headers": headers}
