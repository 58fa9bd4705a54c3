"""The routes that read: tables, brackets, matches, and what became of a message. Open to everybody."""

import datetime as dt
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Path, Query

from missing_table.answers import (
    BracketList,
    MatchList,
    MatchStoryAnswer,
    TableAnswer,
    TaskAnswer,
)
from missing_table.api.problems import Problem, refuses
from missing_table.api.service import Shared
from missing_table.bracket import Asked, bracket_answer, doubled_among, match_answers, view
from missing_table.match_data import NO_CONTROL_CHARACTERS, Status
from missing_table.store import read
from missing_table.store.engine import reading
from missing_table.store.read import Wanted
from missing_table.story import match_story

router = APIRouter(prefix="/api", tags=["read"])

Text = Annotated[str | None, Query(max_length=200, pattern=NO_CONTROL_CHARACTERS)]
_LARGEST: Final = 2**63 - 1


@router.get("/table", responses=refuses(404, 422, 503), summary="The table of a bracket")
def table(
    service: Shared, season: Text = None, league: Text = None, age_group: Text = None, division: Text = None
) -> TableAnswer:
    """A league is the default one and a season the newest with matches, unless given; an age group or a division
    may be left out where only one fits.
    """
    asked = Asked(season, league, age_group, division)
    with reading(service.engine) as connection:
        return view(connection, asked, default_league=service.settings.default_league).table


@router.get("/brackets", responses=refuses(503), summary="Every bracket")
def brackets(service: Shared) -> BracketList:
    """Season × league × age group × division, each with the rules that order its table."""
    with reading(service.engine) as connection:
        return BracketList(items=[bracket_answer(bracket) for bracket in read.brackets(connection)])


@router.get("/matches", responses=refuses(422, 503), summary="Matches, narrowed and in pages")
def matches(
    service: Shared,
    season: Text = None,
    league: Text = None,
    age_group: Text = None,
    division: Text = None,
    team: Annotated[
        str | None,
        Query(
            max_length=200,
            pattern=NO_CONTROL_CHARACTERS,
            description="A name, without regard to case and accents, or a source's id of the squad.",
        ),
    ] = None,
    date_from: Annotated[dt.date | None, Query(alias="from", description="The first day, YYYY-MM-DD.")] = None,
    date_to: Annotated[dt.date | None, Query(alias="to", description="The last day, YYYY-MM-DD.")] = None,
    status: Status | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    cursor: Annotated[
        str | None, Query(pattern="^[0-9]{1,18}$", description="What the page before gave as `next`.")
    ] = None,
) -> MatchList:
    """In the order in which they were first stored, so that nothing is lost between pages while matches move."""
    asked = Asked(season, league, age_group, division)
    wanted = Wanted(
        season=asked.part("season"),
        league=asked.part("league"),
        age_group=asked.part("age_group"),
        division=asked.part("division"),
        team=team or None,
        date_from=date_from,
        date_to=date_to,
        status=status,
    )
    with reading(service.engine) as connection:
        found = read.listed(connection, wanted, after=int(cursor or 0), limit=limit + 1)
        page = found[:limit]
        items = match_answers(page, doubled_among(connection, page))
    return MatchList(items=items, next=str(page[-1].id) if len(found) > limit else None)


@router.get("/matches/task/{task_id}", responses=refuses(404, 422, 503), summary="What became of a message")
def task(
    service: Shared, task_id: Annotated[str, Path(min_length=1, max_length=200, pattern=NO_CONTROL_CHARACTERS)]
) -> TaskAnswer:
    """Known for thirty days: created, updated, unchanged, stale or quarantined."""
    with reading(service.engine) as connection:
        found = read.outcome(connection, task_id)
    if found is None:
        raise Problem(HTTPStatus.NOT_FOUND, f"{task_id}: not processed yet, or never sent")
    return TaskAnswer(**found._asdict())


@router.get("/matches/{id}", responses=refuses(404, 422, 503), summary="A match and all that happened to it")
def match(service: Shared, id: Annotated[int, Path(ge=1, le=_LARGEST)]) -> MatchStoryAnswer:  # noqa: A002 (the path's word)
    """Its fields, the history of every change, what a person pinned, and where a source says otherwise."""
    with reading(service.engine) as connection:
        return match_story(connection, id)
