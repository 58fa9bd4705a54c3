"""The route that tells what moves while it moves: a bracket's changes as server-sent events. Open to everybody."""

from collections.abc import AsyncIterator, Mapping
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Header, Query, Request, Response
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from missing_table.api.limits import client_of
from missing_table.api.problems import Problem, answer, refuses
from missing_table.api.reading import AgeGroup, Division, League, Season
from missing_table.api.service import Shared
from missing_table.api.watching import Full, Watched, Watching
from missing_table.bracket import Asked, bracket_answer
from missing_table.match_data import NO_CONTROL_CHARACTERS
from missing_table.reader import Found
from missing_table.store.engine import reading

router = APIRouter(prefix="/api", tags=["read"])

HEARTBEAT: Final = 15.0
"""Seconds of silence after which a comment says that the stream is still there: proxies end one that is silent."""
RETRY: Final = 2_000
"""Milliseconds after which a client comes back that lost its stream."""
NO_ROOM: Final = "30"
"""Seconds that a client is asked to wait where too many streams are open."""
_EVENT_STREAM: Final = "text/event-stream"
_EXAMPLE: Final = """\
retry: 2000

id: 1f0c8a
event: changed
data: {"season":"2026-27","league":"Homegrown","age_group":"U15","division":"Northeast"}

"""
_Version = Annotated[
    str | None,
    Query(
        max_length=200,
        pattern=NO_CONTROL_CHARACTERS,
        description="The version that the client has, as an event's `id` says it: if it is another by now, the first "
        "event comes at once. The header `Last-Event-ID` stands before it.",
    ),
]


@router.get(
    "/live",
    response_class=Response,
    responses=refuses(404, 409, 422, 429, 503)
    | {200: {"content": {_EVENT_STREAM: {"schema": {"type": "string"}, "example": _EXAMPLE}}}},
    summary="The changes of a bracket, as they come",
)
def live(
    request: Request,
    service: Shared,
    season: Season = None,
    league: League = None,
    age_group: AgeGroup = None,
    division: Division = None,
    seen: _Version = None,
    last_event_id: Annotated[str | None, Header(max_length=200)] = None,
) -> Response:
    """Server-sent events (`EventSource` in a browser). The bracket is named as for its table. An event `changed` says
    that something of it is another within a second of the commit, its `id` is the version that it has then, and its
    `data` the bracket; what changed is read where it always is. The stream stays open, with a comment every 15
    seconds, also while the database is away.
    """
    with reading(service.engine) as connection:
        found = service.reader.find(connection, Asked(season, league, age_group, division))
    return _Stream(request.app.state.watching, found, last_event_id or seen)


class _Stream(Response):
    """Takes its place among the streams when it is sent, and gives it back whatever way it ends."""

    def __init__(self, watching: Watching, found: Found, seen: str | None) -> None:
        super().__init__()
        self._watching = watching
        self._found = found
        self._seen = seen or found.version

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._watching.joined(self._found, client_of(scope)) as watched:
            if isinstance(watched, str):
                response = answer(_TOO_MANY[watched])
            else:
                # not to be kept by anybody, nor gathered by a proxy
                headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
                response = StreamingResponse(self._events(watched), headers=headers, media_type=_EVENT_STREAM)
            await response(scope, receive, send)

    async def _events(self, watched: Watched) -> AsyncIterator[str]:
        yield f"retry: {RETRY}\n" + (f"id: {self._seen}\n\n" if self._seen == self._found.version else "\n")
        data = bracket_answer(self._found.bracket).model_dump_json()
        async for version in watched.versions(self._seen, HEARTBEAT):
            yield f"id: {version}\nevent: changed\ndata: {data}\n\n" if version is not None else ": still here\n\n"


_TOO_MANY: Final[Mapping[Full, Problem]] = {
    "all": Problem(
        HTTPStatus.SERVICE_UNAVAILABLE,
        f"too many streams are open here: come back in {NO_ROOM} seconds, or read the table now and then",
        headers={"Retry-After": NO_ROOM},
    ),
    "client": Problem(
        HTTPStatus.TOO_MANY_REQUESTS,
        f"too many streams are open from your address: close one, or come back in {NO_ROOM} seconds",
        headers={"Retry-After": NO_ROOM},
    ),
}
