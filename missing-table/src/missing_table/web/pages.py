"""The pages put together: their routes, and the files that go with them."""

from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from missing_table.web import (
    docs_page,
    entry_page,
    ingest_page,
    match_page,
    search_page,
    sign_in_page,
    team_page,
)
from missing_table.web.rendering import STATIC, page, version


class _Files(StaticFiles):
    """Static files; one that is asked for by the version of its content may be kept for good."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        asked: dict[str, list[str]] = parse_qs(scope["query_string"].decode("latin-1"))
        if response.status_code < 400 and asked.get("v") == [version(path)]:
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


def install(app: FastAPI) -> None:
    """Adds the pages but the bracket's, their style sheet and their scripts to `app`, whose errors are problem details
    so far.
    """
    as_problem: Any = app.exception_handlers[HTTPException]

    @app.exception_handler(HTTPStatus.NOT_FOUND)
    async def nothing_here(request: Request, error: HTTPException) -> Response:
        """A browser is shown a page, a program a problem."""
        if request.url.path.startswith("/api/") or "text/html" not in request.headers.get("accept", ""):
            answer: Response = await as_problem(request, error)
        else:
            answer = page("lost.html", HTTPStatus.NOT_FOUND, reason="There is nothing at this address.")
        answer.headers["Vary"] = "Accept"
        return answer

    app.mount("/static", _Files(directory=STATIC), name="static")
    for each in (team_page, match_page, search_page, docs_page, sign_in_page, ingest_page, entry_page):
        app.include_router(each.router)
