"""Everything that can go wrong in a request, as problem details (RFC 9457): a status and one sentence, no traceback."""

import json
import traceback
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from missing_table.answers import BracketAnswer, MatchAnswer, TeamNameAnswer
from missing_table.bracket import UnclearBracket, UnknownBracket, bracket_answer
from missing_table.errors import (
    DatabaseAway,
    MissingTableError,
    NotFound,
    Refused,
    SchemaOutOfStep,
    Unclear,
)
from missing_table.store.engine import reason, refuses_content
from missing_table.story import UnknownMatch
from missing_table.team import UnknownTeam, team_name

MEDIA_TYPE: Final = "application/problem+json"
RETRY_AFTER: Final = "5"
"""Seconds that a client is asked to wait where the database is away."""
_STATUS: Final[tuple[tuple[type[MissingTableError], int], ...]] = (
    (NotFound, HTTPStatus.NOT_FOUND),
    (Unclear, HTTPStatus.CONFLICT),
    (Refused, HTTPStatus.CONFLICT),
    (DatabaseAway, HTTPStatus.SERVICE_UNAVAILABLE),
    (SchemaOutOfStep, HTTPStatus.SERVICE_UNAVAILABLE),
)

_EXAMPLES: Final[Mapping[int, str]] = {
    401: "the token is not known, or was revoked",
    403: "the token 'scraper' may only submit: this needs one of scope admin",
    404: "there is no match 4711",
    406: "this address answers with application/json, and `Accept` refuses that",
    409: "division is missing; known are: Florida, Northeast",
    413: "the body has more than 10,485,760 bytes: send fewer matches at a time",
    415: "the body says that it is text/plain: send application/json",
    422: "limit: should be greater than or equal to 1",
    429: "too many requests from your address: wait 1 second",
    503: "the database cannot be used just now",
}
"""For the description: what the sentence of each status may be."""
_NOTHING_HERE: Final = "there is nothing at this address; /docs lists what there is"

log = structlog.get_logger()


class FieldProblem(BaseModel):
    """What is wrong with one field."""

    index: int | None = Field(None, description="Which item of an array, from 0.")
    field: str
    problem: str


class ProblemDetails(BaseModel):
    """An error, in the form of RFC 9457."""

    model_config = ConfigDict(extra="allow")

    type: str = "about:blank"
    title: str
    status: int
    detail: str = Field(description="One sentence for a person.")
    field: str | None = Field(None, description="The field at fault, where there is one.")
    index: int | None = Field(None, description="Which item of an array is at fault, from 0.")
    errors: list[FieldProblem] | None = Field(None, description="Every field at fault.")
    nearest: list[BracketAnswer | TeamNameAnswer | MatchAnswer] | None = Field(
        None, description="What is most like what was asked for."
    )
    choices: list[BracketAnswer] | None = Field(None, description="What it may have meant.")


def _inlined(schema: Any, definitions: Mapping[str, Any]) -> Any:
    """`schema` with each definition in the place of the reference to it: in a response there is no room for them."""
    if isinstance(schema, list):
        return [_inlined(part, definitions) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _inlined(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    return {name: _inlined(part, definitions) for name, part in schema.items() if name != "$defs"}


_SCHEMA: Final = ProblemDetails.model_json_schema()
_PROBLEM: Final = _inlined(_SCHEMA, _SCHEMA["$defs"])


class Problem(Exception):
    """Ends a request with this problem."""

    def __init__(self, status: int, detail: str, *, headers: Mapping[str, str] | None = None, **members: Any) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = dict(headers or {})
        self.members = members


def answer(problem: Problem) -> Response:
    """The response that `problem` ends a request with."""
    body = json.dumps(_members(problem), ensure_ascii=False)
    return Response(body, problem.status, headers=problem.headers, media_type=MEDIA_TYPE)


def _members(problem: Problem) -> dict[str, Any]:
    return {
        "type": "about:blank",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.detail,
    } | {name: value for name, value in problem.members.items() if value is not None}


def refuses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """For the description of a route: the problems that it may end with."""
    return {
        status: {
            "description": HTTPStatus(status).phrase,
            "content": {MEDIA_TYPE: {"schema": _PROBLEM, "example": _members(Problem(status, _EXAMPLES[status]))}},
        }
        for status in statuses
    }


def from_error(error: MissingTableError) -> Problem:
    """An error of missing-table as a problem."""
    status = next((status for kind, status in _STATUS if isinstance(error, kind)), HTTPStatus.INTERNAL_SERVER_ERROR)
    members: dict[str, Any] = {}
    if isinstance(error, UnknownBracket):
        members["nearest"] = [bracket_answer(bracket).model_dump() for bracket in error.nearest]
    if isinstance(error, UnknownMatch):
        members["nearest"] = [match.model_dump(mode="json") for match in error.nearest]
    if isinstance(error, UnknownTeam):
        members["nearest"] = [team_name(team).model_dump() for team in error.nearest]
    if isinstance(error, UnclearBracket):
        members["choices"] = [bracket_answer(bracket).model_dump() for bracket in error.choices]
    headers = {"Retry-After": RETRY_AFTER} if status == HTTPStatus.SERVICE_UNAVAILABLE else {}
    return Problem(status, str(error), headers=headers, **members)


def from_database(error: SQLAlchemyError, path: str) -> Problem:
    """An error of the database that has no sentence of its own, as a problem; what is known of it goes to the log.

    What names its reason is a `DatabaseAway` by now. This is a pool with no connection left, and the like, or something
    that the database does not take: a fault of ours, which will not pass.
    """
    said = {"path": path, "kind": type(error).__name__}
    if isinstance(error, DBAPIError) and refuses_content(error):
        trace = "".join(traceback.format_tb(error.__traceback__))
        log.error("database_refused", **said, reason=reason(error), traceback=trace)
        return Problem(
            HTTPStatus.INTERNAL_SERVER_ERROR,
            "the database refused this, so nothing was done: missing-table has a fault of its own, its log says more",
        )
    log.error("database_error", **said)
    return from_error(DatabaseAway("the database cannot be used just now"))


def install(app: FastAPI) -> None:
    """Makes `app` answer every error with problem details."""

    @app.exception_handler(Problem)
    async def _problem(_request: Request, problem: Problem) -> Response:
        return answer(problem)

    @app.exception_handler(MissingTableError)
    async def _ours(request: Request, error: MissingTableError) -> Response:
        problem = from_error(error)
        if problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            log.warning("request_failed", path=request.url.path, status=problem.status, reason=str(error))
        return answer(problem)

    @app.exception_handler(SQLAlchemyError)
    async def _database(request: Request, error: SQLAlchemyError) -> Response:
        return answer(from_database(error, request.url.path))

    @app.exception_handler(RequestValidationError)
    async def _parameters(_request: Request, error: RequestValidationError) -> Response:
        if any(found["loc"][0] == "path" for found in error.errors()):
            return answer(Problem(HTTPStatus.NOT_FOUND, _NOTHING_HERE))
        errors = [
            {"field": ".".join(str(part) for part in found["loc"][1:]) or "request", "problem": _sentence(found["msg"])}
            for found in error.errors()
        ]
        detail = "; ".join(f"{found['field']}: {found['problem']}" for found in errors)
        return answer(Problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail, field=errors[0]["field"], errors=errors))

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> Response:
        detail = error.detail
        if error.status_code == HTTPStatus.NOT_FOUND:
            detail = _NOTHING_HERE
        elif error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            allowed = _methods_at(request) or "GET"  # of files, which are no route
            detail = f"this address does not take {request.method}; it takes {allowed}"
            return answer(Problem(error.status_code, detail, headers={"Allow": allowed}))
        elif error.status_code == HTTPStatus.BAD_REQUEST:  # FastAPI's word for a body that is no text at all
            return answer(Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "the body is not JSON", field="body"))
        return answer(Problem(error.status_code, detail, headers=error.headers))


class Caught:
    """Answers what nothing else has caught, a bug of ours, and logs it. A layer, since Starlette's own handler for
    that answers outside all others, without their headers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception as error:
            if begun or scope["type"] != "http":
                raise
            trace = "".join(traceback.format_exception(error))
            log.error("request_broke", path=scope["path"], kind=type(error).__name__, traceback=trace)
            sorry = "missing-table has a fault of its own: its log says more"
            await answer(Problem(HTTPStatus.INTERNAL_SERVER_ERROR, sorry))(scope, receive, send)


def _methods_at(request: Request) -> str:
    """Every method that some route takes at this address, as the header `Allow` has them."""
    routes = request.app.routes
    return ", ".join(
        method
        for method in ("DELETE", "GET", "PATCH", "POST", "PUT")
        if any(route.matches({**request.scope, "method": method})[0] is Match.FULL for route in routes)
    )


def _sentence(message: str) -> str:
    message = message.removeprefix("Value error, ").removeprefix("Input ")
    return message[:1].lower() + message[1:]
