"""The routes that write: matches and official tables submitted to the queue, and a person's own entry."""

from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Annotated, Any, Final

import msgspec
import structlog
from fastapi import APIRouter, Depends, Request, Response

from missing_table.answers import ChangeAnswer, EnteredAnswer, SubmittedAnswer
from missing_table.api.problems import Problem, refuses
from missing_table.api.service import Admin, Body, Service, Shared, Writer
from missing_table.bracket_data import BracketData
from missing_table.ingest.envelope import RUN_ID, Message, Refusal, read_bracket, read_match, usable_id
from missing_table.match_data import MatchData
from missing_table.tracing import TRACEPARENT

log = structlog.get_logger()
router = APIRouter(prefix="/api", tags=["write"])

SHOWN: Final = 100
"""How many problems one answer lists."""
NAMED: Final = 10
"""How many task ids one line of the log has."""
_MATCH: Final = MatchData.model_json_schema()
_MATCH_EXAMPLE: Final = _MATCH.pop("examples")[0]
_BRACKET: Final = BracketData.model_json_schema()
_BRACKET_EXAMPLE: Final = _BRACKET.pop("examples")[0]
_BRACKET["properties"]["teams"]["items"] = _BRACKET.pop("$defs")["BracketTeam"]  # a reference would lead nowhere


def _takes(schema: dict[str, Any], example: dict[str, Any]) -> dict[str, Any]:
    content = {"application/json": {"schema": schema, "example": example}}
    return {"requestBody": {"required": True, "content": content}}


def _one_or_many(schema: dict[str, Any]) -> dict[str, Any]:
    return {"oneOf": [schema, {"type": "array", "items": schema}]}


async def _carried(request: Request) -> dict[str, str]:
    found = {RUN_ID: request.headers.get("X-Run-Id"), TRACEPARENT: request.headers.get(TRACEPARENT)}
    return {name: usable for name, value in found.items() if (usable := usable_id(value))}


Carried = Annotated[Mapping[str, str], Depends(_carried)]
"""What a submission's messages are to bear: which run of the producer sent them, and which trace they belong to."""


@router.post(
    "/matches/submit",
    status_code=HTTPStatus.ACCEPTED,
    openapi_extra=_takes(_one_or_many(_MATCH), _MATCH_EXAMPLE),
    responses=refuses(401, 413, 415, 422, 429, 503),
    summary="Submit one match or many",
)
def submit(token: Writer, service: Shared, carried: Carried, body: Body) -> SubmittedAnswer:  # noqa: ARG001 (the token is the permission)
    """Takes an object or an array of matches, all or none, and answers with a task id for each.

    They go to the queue; where the broker is away they are stored before the answer. What became of each is at
    `/api/matches/task/{task_id}`.
    """
    return _submitted(service, _json(body), read_match, carried)


@router.post(
    "/brackets/submit",
    status_code=HTTPStatus.ACCEPTED,
    openapi_extra=_takes(_one_or_many(_BRACKET), _BRACKET_EXAMPLE),
    responses=refuses(401, 413, 415, 422, 429, 503),
    summary="Submit the official table of one bracket or of many",
)
def submit_brackets(token: Writer, service: Shared, carried: Carried, body: Body) -> SubmittedAnswer:  # noqa: ARG001 (as above)
    """As matches are submitted: an object or an array, all or none. Submit the matches of a bracket first."""
    return _submitted(service, _json(body), read_bracket, carried)


def _submitted(
    service: Service, payload: Any, read: Callable[[Any], Message], carried: Mapping[str, str]
) -> SubmittedAnswer:
    if not isinstance(payload, list):
        try:
            return _handed_on(service, [read(payload)], carried)
        except Refusal as refusal:
            raise _unprocessable(refusal) from None
    messages: list[Message] = []
    errors: list[dict[str, Any]] = []
    for index, item in enumerate(payload):
        try:
            messages.append(read(item))
        except Refusal as refusal:
            errors += _errors(refusal, index=index)
    if errors:
        first = errors[0]
        raise Problem(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            f"item {first['index']}: {first['field']} {first['problem']}; nothing was taken",
            index=first["index"],
            field=first["field"],
            errors=errors[:SHOWN],
        )
    return _handed_on(service, messages, carried) if messages else SubmittedAnswer(task_ids=[])


def _handed_on(service: Service, messages: Sequence[Message], carried: Mapping[str, str]) -> SubmittedAnswer:
    task_ids = service.submitter.submit(messages, carried)
    log.info("submitted", messages=len(messages), run_id=carried.get(RUN_ID), task_ids=task_ids[:NAMED])
    return SubmittedAnswer(task_ids=task_ids)


@router.post(
    "/matches",
    openapi_extra=_takes(_MATCH, _MATCH_EXAMPLE),
    responses=refuses(401, 403, 413, 415, 422, 429, 503) | {201: {"model": EnteredAnswer, "description": "Created"}},
    summary="Enter or correct a match by hand",
)
def enter(token: Admin, service: Shared, body: Body, response: Response) -> EnteredAnswer:
    """Stores one match at once, as a person's word: what it states is pinned, and no source changes it.

    Needs a token of scope admin.
    """
    message = _match(_json(body))
    try:
        entered = service.submitter.enter(message, by=token.name)
    except Refusal as refusal:
        raise _unprocessable(refusal) from None
    ref = entered.processed.match_ref
    assert ref is not None
    if entered.processed.outcome == "created":
        response.status_code = HTTPStatus.CREATED
        response.headers["Location"] = f"/api/matches/{ref}"
    changes = [ChangeAnswer(field=change.field, old=change.old, new=change.new) for change in entered.changes]
    return EnteredAnswer(outcome=entered.processed.outcome, id=ref, changes=changes)


def _json(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        detail = f"the body is not JSON: {error}"
    except RecursionError:
        detail = "the body is JSON nested too deeply"
    raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail, field="body")


def _match(payload: Any) -> MatchData:
    try:
        return read_match(payload)
    except Refusal as refusal:
        raise _unprocessable(refusal) from None


def _unprocessable(refusal: Refusal) -> Problem:
    errors = _errors(refusal)
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, refusal.reason, field=errors[0]["field"], errors=errors[:SHOWN])


def _errors(refusal: Refusal, **where: int) -> list[dict[str, Any]]:
    named = [{"field": found.field, "problem": found.problem} for found in refusal.problems]
    return [where | found for found in named or [{"field": "match", "problem": refusal.reason}]]
