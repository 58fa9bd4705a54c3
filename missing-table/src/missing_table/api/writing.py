"""The routes that write: matches and official tables submitted to the queue, and a person's own entry."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Annotated, Any, Final

import msgspec
import structlog
from fastapi import APIRouter, Depends, Query, Request, Response

from missing_table.answers import ChangeAnswer, EnteredAnswer, SubmittedAnswer
from missing_table.api.problems import Problem, refuses
from missing_table.api.service import Admin, Body, Id, Service, Shared, Writer
from missing_table.bracket_data import BracketData
from missing_table.clock import utc_now
from missing_table.ingest.correcting import correct
from missing_table.ingest.correction import CORRECTABLE
from missing_table.ingest.envelope import RUN_ID, Message, Refusal, read_bracket, read_match, usable_id
from missing_table.ingest.filing import UnknownBrackets
from missing_table.ingest.merge import Change
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
_CORRECTION: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        name: shape if "anyOf" in shape else {"anyOf": [shape, {"type": "null"}]}
        for name, shape in _MATCH["properties"].items()
        if name in CORRECTABLE
    },
    "additionalProperties": False,
}
_CORRECTION_EXAMPLE: Final = {"date": "2026-09-06", "score_home": 3, "score_away": 1}
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


NewBrackets = Annotated[
    bool,
    Query(
        description="The bracket may be new: else one that is not among those of its season is refused.",
        examples=[True],
    ),
]


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
def enter(
    token: Admin, service: Shared, body: Body, response: Response, new_brackets: NewBrackets = False
) -> EnteredAnswer:
    """Stores one match at once, as a person's word: what it states is pinned, and no source changes it.

    A season, a zone or a forfeit that a person cannot mean is refused, and so is a bracket that is not known, unless
    `new_brackets` says that it is meant. Needs a token of scope admin.
    """
    message = _match(_json(body))
    try:
        entered = service.submitter.enter(message, by=token.name, new_brackets=new_brackets)
    except Refusal as refusal:
        raise _unprocessable(refusal) from None
    ref = entered.processed.match_ref
    assert ref is not None
    if entered.processed.outcome == "created":
        response.status_code = HTTPStatus.CREATED
        response.headers["Location"] = f"/api/matches/{ref}"
    return _entered(entered.processed.outcome, ref, entered.changes)


@router.patch(
    "/matches/{id:int}",
    openapi_extra=_takes(_CORRECTION, _CORRECTION_EXAMPLE),
    responses=refuses(401, 403, 404, 409, 413, 415, 422, 429, 503),
    summary="Correct a match that is stored",
)
def correct_match(
    token: Admin, service: Shared, ref: Id, body: Body, new_brackets: NewBrackets = False
) -> EnteredAnswer:
    """Changes the fields that are given, as a person's word, and pins what they state. The match stays the one it is.

    Null takes back what a person said of a field: where its source says otherwise that stands again, else nothing
    does. A match without its goals does not count; with `status` cancelled it is said why. Refused (409) where
    another match is that one already. A bracket that is not known is refused, unless `new_brackets` says that it is
    meant. Needs a token of scope admin.
    """
    given = _json(body)
    if not isinstance(given, dict):
        raise _unprocessable(Refusal("a correction is an object with the fields to change"))
    unknown = sorted(given.keys() - set(CORRECTABLE))
    if unknown:
        errors = [{"field": name[:200], "problem": "is no field that can be corrected"} for name in unknown[:SHOWN]]
        detail = f"{errors[0]['field']} {errors[0]['problem']}"
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail, field=errors[0]["field"], errors=errors)
    default_league = service.settings.default_league
    try:
        kept, decided = correct(
            service.engine,
            ref,
            given,
            utc_now(),
            by=token.name,
            default_league=default_league,
            new_brackets=new_brackets,
        )
    except Refusal as refusal:
        raise _unprocessable(refusal) from None
    return _entered("updated" if decided.changes else "unchanged", kept, decided.changes)


def _entered(outcome: str, ref: int, changes: Iterable[Change]) -> EnteredAnswer:
    listed = [ChangeAnswer(field=change.field, old=change.old, new=change.new) for change in changes]
    return EnteredAnswer(outcome=outcome, id=ref, changes=listed)


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
    meant = "; if it is meant, say `?new_brackets=true`" if isinstance(refusal, UnknownBrackets) else ""
    return Problem(
        HTTPStatus.UNPROCESSABLE_ENTITY, refusal.reason + meant, field=errors[0]["field"], errors=errors[:SHOWN]
    )


def _errors(refusal: Refusal, **where: int) -> list[dict[str, Any]]:
    named = [{"field": found.field, "problem": found.problem} for found in refusal.problems]
    return [where | found for found in named or [{"field": "match", "problem": refusal.reason}]]
