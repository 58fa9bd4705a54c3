"""The pages put together: their routes, and the files that go with them."""

from urllib.parse import parse_qs

from fastapi import FastAPI
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from missing_table.web import (
    bracket_page,
    docs_page,
    entry_page,
    ingest_page,
    match_page,
    search_page,
    sign_in_page,
    team_page,
)
from missing_table.web.rendering import STATIC, version


class _Files(StaticFiles):
    """Static files; one that is asked for by the version of its content may be kept for good."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        asked: dict[str, list[str]] = parse_qs(scope["query_string"].decode("latin-1"))
        if response.status_code < 400 and asked.get("v") == [version(path)]:
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


def install(app: FastAPI) -> None:
    """Adds the pages, their style sheet and their scripts to `app`."""
    app.mount("/static", _Files(directory=STATIC), name="static")
    for page in (bracket_page, team_page, match_page, search_page, docs_page, sign_in_page, ingest_page, entry_page):
        app.include_router(page.router)
