"""Answers that are held in memory: compressed once, not for each who asks, since nearly everybody takes them so."""

import gzip
from typing import Final

from fastapi import Request, Response

LEVEL: Final = 5


def compressed(body: bytes) -> bytes:
    """`body` as it is held: the same bytes from every process, so that its tag is the same, too."""
    return gzip.compress(body, LEVEL, mtime=0)


def answer(request: Request, held: bytes, media_type: str) -> Response:
    """The answer that holds what `compressed` gave, in the form that the reader takes."""
    if "gzip" not in request.headers.get("Accept-Encoding", ""):
        return Response(gzip.decompress(held), media_type=media_type)
    headers = {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
    return Response(held, media_type=media_type, headers=headers)
