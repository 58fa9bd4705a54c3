"""The routes that read: tables, brackets, matches, and what became of a message. Open to everybody."""

import datetime as dt
import re
from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated, Any, Final, Literal

import msgspec
from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BeforeValidator

from missing_table.answers import BracketList, MatchList, MatchStoryAnswer, TableAnswer, TaskAnswer
from missing_table.api import cursors
from missing_table.api.cursors import Cursor
from missing_table.api.forms import CSV, FORMS, JSON, VARIES, Form, OnlyJson
from missing_table.api.held import answer, compressed
from missing_table.api.problems import Problem, refuses
from missing_table.api.service import LARGEST_ID, Id, Service, Shared
from missing_table.as_csv import matches_csv, table_csv
from missing_table.bracket import Asked, bracket_answer, stored_answers
from missing_table.ingest.names import name_key
from missing_table.ingest.statement import is_season
from missing_table.match_data import NO_CONTROL_CHARACTERS, Status
from missing_table.standings import Bracket
from missing_table.store import read
from missing_table.store.engine import glancing, reading
from missing_table.store.read import Order, Wanted
from missing_table.story import match_story

router = APIRouter(prefix="/api", tags=["read"])


def _text(example: str) -> Any:
    return Query(max_length=200, pattern=NO_CONTROL_CHARACTERS, examples=[example])


Season = Annotated[str | None, _text("2026-27")]
League = Annotated[str | None, _text("Homegrown")]
AgeGroup = Annotated[str | None, _text("U15")]
Division = Annotated[str | None, _text("Northeast")]


def _written_out(value: str) -> str:
    """Pydantic takes a number for seconds since 1970, which nobody means here."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        raise ValueError("must be a day, such as 2026-09-05")
    return value


Day = Annotated[dt.date, BeforeValidator(_written_out)]


@router.get(
    "/table",
    response_model=TableAnswer,
    responses=refuses(404, 406, 409, 422, 429, 503) | FORMS,
    summary="The table of a bracket",
)
def table(
    request: Request,
    service: Shared,
    form: Form,
    season: Season = None,
    league: League = None,
    age_group: AgeGroup = None,
    division: Division = None,
) -> Response:
    """A league is the default one and a season the newest with matches, unless given; an age group or a division
    may be left out where only one fits.
    """
    asked = Asked(season, league, age_group, division)
    reader = service.reader
    with glancing(service.engine) as connection:
        found = reader.glance(connection, asked)
    held = reader.kept.held(("table", form, found.bracket), found.version) if found is not None else None
    response = answer(request, held or _table(service, form, asked), CSV if form == "csv" else JSON)
    response.headers.add_vary_header(VARIES["Vary"])
    return response


def _table(service: Service, form: Literal["json", "csv"], asked: Asked) -> bytes:
    reader = service.reader
    with reading(service.engine) as connection:
        found = reader.find(connection, asked)

        def make() -> bytes:
            table = reader.view(connection, found).table
            return compressed((table_csv(table.rows) if form == "csv" else table.model_dump_json()).encode())

        return reader.kept.get(("table", form, found.bracket), found.version, make)


@router.get(
    "/brackets",
    dependencies=[OnlyJson],
    responses=refuses(404, 406, 422, 429, 503),
    summary="Every bracket, narrowed and in pages",
)
def brackets(
    service: Shared,
    season: Season = None,
    league: League = None,
    age_group: AgeGroup = None,
    division: Division = None,
    limit: Annotated[int, Query(ge=1, le=5000)] = 1000,
    cursor: Cursor = None,
) -> BracketList:
    """Season × league × age group × division, each with the rules that order its table."""
    asked = Asked(season, league, age_group, division)
    after = cursors.decode("brackets", cursor, tuple[str, str, str, str])
    with reading(service.engine) as connection:
        every = service.reader.brackets(connection)
    found = [
        bracket for bracket in every if _fits(bracket, asked) and (after is None or read.bracket_order(bracket) > after)
    ]
    more = cursors.encode("brackets", read.bracket_order(found[limit - 1])) if len(found) > limit else None
    return BracketList(items=[bracket_answer(bracket) for bracket in found[:limit]], next=more)


def _fits(bracket: Bracket, asked: Asked) -> bool:
    parts = ((asked.part(name), getattr(bracket, name)) for name in Bracket._fields)
    return all(part is None or name_key(part) == name_key(value or "") for part, value in parts)


@router.get(
    "/matches",
    response_model=MatchList,
    responses=refuses(404, 406, 422, 429, 503) | FORMS,
    summary="Matches, narrowed, sorted and in pages",
)
def matches(
    request: Request,
    service: Shared,
    form: Form,
    season: Season = None,
    league: League = None,
    age_group: AgeGroup = None,
    division: Division = None,
    team: Annotated[
        str | None,
        Query(
            max_length=200,
            pattern=NO_CONTROL_CHARACTERS,
            description="A name, without regard to case and accents, or a source's id of the squad.",
        ),
    ] = None,
    date_from: Annotated[Day | None, Query(alias="from", description="The first day, YYYY-MM-DD.")] = None,
    date_to: Annotated[Day | None, Query(alias="to", description="The last day, YYYY-MM-DD.")] = None,
    status: Status | None = None,
    sort: Annotated[
        Order, Query(description="By `id` (as they were first stored), `date` or `updated`; `-` for the last first.")
    ] = "id",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    cursor: Cursor = None,
) -> Response:
    """By id nothing is lost between pages while matches move. `next`, and the header `Link` with `rel="next"`, lead
    to the next page. Refused (422) is what no match can fit: days from the later to the earlier, and a season that is
    neither written as 2026-27 nor the name of one that is stored.
    """
    asked = Asked(season, league, age_group, division)
    if date_from is not None and date_to is not None and date_from > date_to:
        raise _unfit("from", f"is {date_from}, after `to`, which is {date_to}: give the earlier day first")
    after = cursors.decode(f"matches {sort}", cursor, _KEYS[sort.removeprefix("-")])
    with reading(service.engine) as connection:
        known = service.reader.brackets(connection)
        _check_season(known, asked)
        where = _spellings(known, asked)
        wanted = Wanted(**where, team=team or None, date_from=date_from, date_to=date_to, status=status)
        found = read.listed(connection, wanted, limit=limit + 1, order=sort, after=after)
        page = found[:limit]
        items = stored_answers(connection, page)
    more = cursors.encode(f"matches {sort}", read.order_key(page[-1], sort)) if len(found) > limit else None
    link = {"Link": f'<{request.url.include_query_params(cursor=more)}>; rel="next"'} if more else {}
    headers = {**VARIES, **link}
    if form == "csv":
        return Response(matches_csv(items), media_type=CSV, headers=headers)
    return Response(MatchList(items=items, next=more).model_dump_json(), media_type=JSON, headers=headers)


def _check_season(known: Sequence[Bracket], asked: Asked) -> None:
    season = asked.part("season")
    stored = {name_key(bracket.season) for bracket in known}
    if season is not None and not is_season(season) and name_key(season) not in stored:
        raise _unfit("season", f"is {season!r}, and no season is called that: write it as 2026-27")


def _unfit(field: str, what: str) -> Problem:
    """The problem of a parameter that no match can fit."""
    return Problem(
        HTTPStatus.UNPROCESSABLE_ENTITY, f"{field}: {what}", field=field, errors=[{"field": field, "problem": what}]
    )


def _spellings(known: Sequence[Bracket], asked: Asked) -> dict[str, set[str]]:
    """Each part that is asked for in all the ways that it is stored: case and accents don't matter, as for a table."""
    found = {name: part for name in Bracket._fields if (part := asked.part(name)) is not None}
    stored = {name: {getattr(bracket, name) or "" for bracket in known} for name in found}
    return {
        name: {part} | {value for value in stored[name] if name_key(value) == name_key(part)}
        for name, part in found.items()
    }


_Id = Annotated[int, msgspec.Meta(ge=0, le=LARGEST_ID)]
_KEYS: Final[dict[str, type[tuple[Any, ...]]]] = {
    "id": tuple[_Id],
    "date": tuple[dt.date, _Id],
    "updated": tuple[dt.datetime, _Id],
}


@router.get(
    "/matches/task/{task_id}",
    dependencies=[OnlyJson],
    responses=refuses(404, 406, 422, 429, 503),
    summary="What became of a message",
)
def task(
    service: Shared, task_id: Annotated[str, Path(min_length=1, max_length=200, pattern=NO_CONTROL_CHARACTERS)]
) -> TaskAnswer:
    """Known for thirty days: created, updated, unchanged, stale or quarantined."""
    with reading(service.engine) as connection:
        found = read.outcome(connection, task_id)
    if found is None:
        raise Problem(HTTPStatus.NOT_FOUND, f"{task_id}: not processed yet, or never sent")
    return TaskAnswer(**found._asdict())


@router.get(
    "/matches/{id:int}",
    dependencies=[OnlyJson],
    responses=refuses(404, 406, 422, 429, 503),
    summary="A match and all that happened to it",
)
def match(service: Shared, id: Id) -> MatchStoryAnswer:  # noqa: A002 (the path's word)
    """Its fields, the history of every change, what a person pinned, and where a source says otherwise."""
    with reading(service.engine) as connection:
        return match_story(connection, id)
