"""Routes that answer with pages, in what goes wrong too."""

from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute
from sqlalchemy.exc import SQLAlchemyError

from missing_table.api.problems import from_database
from missing_table.errors import DatabaseAway, MissingTableError, NotFound
from missing_table.web.rendering import page, sentence

LONGEST: Final = 200
"""Characters of one parameter that are looked at."""


class PageRoute(APIRoute):
    """A route whose errors are pages: one sentence, and where to go from there."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """What answers a request."""
        handler = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                return await handler(request)
            except NotFound as error:
                return page("lost.html", HTTPStatus.NOT_FOUND, reason=sentence(str(error)))
            except MissingTableError as error:
                away = isinstance(error, DatabaseAway)
                return page("sorry.html", HTTPStatus.SERVICE_UNAVAILABLE, reason=sentence(str(error)), away=away)
            except SQLAlchemyError as error:
                return failed(request, error)

        return answer


def failed(request: Request, error: SQLAlchemyError) -> Response:
    """The page for an error of the database that has no sentence of its own."""
    problem = from_database(error, request.url.path)
    reason = sentence(problem.detail)
    if problem.status == HTTPStatus.SERVICE_UNAVAILABLE:
        return page("sorry.html", problem.status, reason=reason, away=False)
    return page("refused.html", problem.status, reason=reason)


def page_router() -> APIRouter:
    """A router for pages, which the description of the API leaves out."""
    return APIRouter(route_class=PageRoute, include_in_schema=False)


def parameter(request: Request, name: str) -> str | None:
    """What the address says for `name`, without what cannot be shown, and no longer than anything that is stored."""
    value = request.query_params.get(name)
    return "".join(c for c in value[:LONGEST] if c.isprintable()) if value is not None else None


def number(name: str) -> int | None:
    """The number that a part of an address is; None where it is none that a row can have."""
    return int(name) if name.isascii() and name.isdecimal() and 0 < len(name) < 19 else None
