"""The routes about teams: one of them whole, and the search for one. Open to everybody."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from missing_table.answers import SearchAnswer, TeamAnswer
from missing_table.api.forms import OnlyJson
from missing_table.api.problems import refuses
from missing_table.api.service import LARGEST_ID, Shared
from missing_table.calendar import team_calendar
from missing_table.match_data import NO_CONTROL_CHARACTERS
from missing_table.store.engine import reading
from missing_table.team import team_answer

router = APIRouter(tags=["read"])

TeamRef = Annotated[int, Path(ge=1, le=LARGEST_ID, description="A `team_ref`, as tables and matches have it.")]
Season = Annotated[
    str | None, Query(max_length=200, pattern=NO_CONTROL_CHARACTERS, description="The newest with a match of it.")
]


@router.get("/api/teams/{id}", dependencies=[OnlyJson], responses=refuses(404, 406, 422, 429, 503), summary="A team")
def team(
    service: Shared,
    id: TeamRef,  # noqa: A002 (the path's word)
    season: Season = None,
) -> TeamAnswer:
    """Where it stands in its brackets and stood after each match day, what it has done at home and away, and its
    matches; the teams of the same name at other ages.
    """
    with reading(service.engine) as connection:
        return team_answer(connection, id, season, bracket_view=service.reader.whole)


@router.get(
    "/api/search", dependencies=[OnlyJson], responses=refuses(406, 422, 429, 503), summary="Find a team or a club"
)
def search(
    service: Shared,
    q: Annotated[
        str,
        Query(
            min_length=1,
            max_length=200,
            pattern=NO_CONTROL_CHARACTERS,
            description="A name or a part of it, with an age group or without, or a source's id of a squad.",
        ),
    ],
) -> SearchAnswer:
    """Forgives typos, accents, case and the order of words. Best first, grouped by club."""
    with reading(service.engine) as connection:
        return service.search(connection, q)


@router.get(
    "/teams/{id}.ics",
    response_class=Response,
    responses=refuses(404, 422, 429, 503) | {200: {"content": {"text/calendar": {"schema": {"type": "string"}}}}},
    summary="A team's calendar",
)
def calendar(request: Request, service: Shared, id: TeamRef, season: Season = None) -> Response:  # noqa: A002
    """To subscribe to: its matches of one season, with results once they are played, the postponed and cancelled
    ones marked. A match without a kick-off takes the whole day.
    """
    with reading(service.engine) as connection:
        found = team_calendar(
            connection,
            id,
            season,
            page=lambda ref: f"{request.base_url}matches/{ref}",
            bracket_view=service.reader.whole,
        )
    headers = {"Content-Disposition": f'inline; filename="team-{id}.ics"'}
    return Response(found, media_type="text/calendar; charset=utf-8", headers=headers)
