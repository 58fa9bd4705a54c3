"""The routes of the maintainer: how the ingest is, and the decisions that wait. All need a token of scope admin."""

import datetime as dt
from http import HTTPStatus
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from missing_table.answers import Answer
from missing_table.api.problems import Problem, refuses
from missing_table.api.service import LARGEST_ID, Admin, Id, Service, Shared
from missing_table.clock import utc_now
from missing_table.errors import NotFound
from missing_table.ingest import disputes, duplicates, merging, unmerging, vanished
from missing_table.ingest.names import Team
from missing_table.ingest.pipeline import Ingest
from missing_table.overview import MOST_PAGES, IngestAnswer, MatchLine, NamedTeam, line, overview
from missing_table.store import quarantine
from missing_table.store.engine import reading, writing

router = APIRouter(prefix="/api", tags=["decide"])

_REFUSES: Final[dict[int | str, dict[str, Any]]] = refuses(401, 403, 404, 409, 422, 429, 503)
_REFUSES_A_BODY: Final = _REFUSES | refuses(413, 415)


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AliasOf(_Asked):
    """Which team the provisional one is."""

    team: int = Field(ge=1, le=LARGEST_ID, description="The id of the team that it is.")


class AboutDispute(_Asked):
    """A verdict about one register."""

    register_: str = Field(alias="register", max_length=20, description="As in the dispute: result, schedule, sides …")
    verdict: disputes.Verdict = Field(
        description="keep: ours, until the source says something else. take: theirs, and pinned. "
        "unpin: whatever the sources say, now and later."
    )


class AboutDuplicate(_Asked):
    """Whether two numbers are one match."""

    verdict: Literal["same", "separate"]
    of: int | None = Field(
        None, strict=True, ge=1, le=LARGEST_ID, description="For same: the match that it is, which is kept."
    )


class AboutVanished(_Asked):
    """What is to become of a match that its source does not state any more."""

    verdict: Literal["cancel", "keep"]


class RetriedAnswer(Answer):
    """What a message in quarantine came to."""

    outcome: str
    reason: str | None = Field(description="Why it failed again, where it did.")


@router.get(
    "/ingest", responses=refuses(401, 403, 422, 429, 503), summary="How the ingest is, and what waits for a decision"
)
def ingest(
    token: Admin,  # noqa: ARG001 (the token is the permission)
    service: Shared,
    page: Annotated[int, Query(ge=1, le=MOST_PAGES, description="Which hundred of what waits.", examples=[2])] = 1,
) -> IngestAnswer:
    """Runs, outcomes, queue and quarantine, the decisions that wait, and what changed in a day."""
    return overview(service.engine, service.backlog, utc_now(), page)


@router.post("/quarantine/{id}/retry", responses=_REFUSES, summary="Process a quarantined message once more")
def retry(token: Admin, service: Shared, ref: Id) -> RetriedAnswer:  # noqa: ARG001
    """After what was wrong has been mended."""
    outcome, reason = retried(service, ref, utc_now())
    return RetriedAnswer(outcome=outcome, reason=reason)


@router.post(
    "/quarantine/{id}/discard", status_code=HTTPStatus.NO_CONTENT, responses=_REFUSES, summary="Give up on a message"
)
def discard(token: Admin, service: Shared, ref: Id) -> None:  # noqa: ARG001
    """It is kept for thirty days more."""
    discarded(service, ref)


@router.post("/teams/{id}/alias", responses=_REFUSES_A_BODY, summary="A provisional team is another team")
def alias(token: Admin, service: Shared, ref: Id, asked: AliasOf) -> NamedTeam:
    """Its name becomes an alias, its matches the other's. Refused (409) where the two met."""
    merged = merging.make_alias(service.engine, ref, asked.team, utc_now(), by=token.name)
    return _team(merged.kept)


@router.post("/teams/{id}/confirm", responses=_REFUSES, summary="A provisional team is a team of its own")
def confirm(token: Admin, service: Shared, ref: Id) -> NamedTeam:  # noqa: ARG001
    """It is no longer listed among the provisional ones."""
    return _team(merging.confirm(service.engine, ref))


@router.post("/teams/{id}/unmerge", responses=_REFUSES, summary="Undo that a team became an alias")
def unmerge(token: Admin, service: Shared, ref: Id) -> NamedTeam:
    """The team is there again, with its names and matches, and with what came since under its name."""
    return _team(unmerging.unmerge(service.engine, ref, utc_now(), by=token.name))


@router.post("/matches/{id}/dispute", responses=_REFUSES_A_BODY, summary="Decide where a source and a person differ")
def dispute(token: Admin, service: Shared, ref: Id, asked: AboutDispute) -> MatchLine:
    """About one register, which is everything that is stated together with the field in dispute."""
    decided = disputes.settle(service.engine, ref, asked.register_, asked.verdict, utc_now(), by=token.name)
    return line(ref, decided.match)


@router.post("/matches/{id}/duplicate", responses=_REFUSES_A_BODY, summary="Decide whether two numbers are one match")
def duplicate(token: Admin, service: Shared, ref: Id, asked: AboutDuplicate) -> MatchLine:
    """`same`: from then on both numbers, and both ids, lead to the match `of`. `separate`: both count."""
    if asked.verdict == "separate":
        return line(ref, duplicates.two_matches(service.engine, ref, utc_now(), by=token.name))
    if asked.of is None:
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "of: say which match it is", field="of")
    return line(asked.of, duplicates.same_match(service.engine, ref, asked.of, utc_now(), by=token.name))


@router.post("/matches/{id}/vanished", responses=_REFUSES_A_BODY, summary="Decide about a match that vanished")
def decide_vanished(token: Admin, service: Shared, ref: Id, asked: AboutVanished) -> MatchLine:
    """`cancel`: it is cancelled by hand. `keep`: it stays as it is, until its source states it again."""
    decide = vanished.cancel if asked.verdict == "cancel" else vanished.keep
    return line(ref, decide(service.engine, ref, utc_now(), by=token.name).match)


def retried(service: Service, ref: int, now: dt.datetime) -> tuple[str, str | None]:
    """Processes a quarantined message once more: what it came to, and why where it failed again."""
    with reading(service.engine) as connection:
        held = quarantine.get(connection, ref)
    if held is None:
        raise _not_held(ref)
    processed, why = Ingest.of(service.settings, service.engine).retry(held, now)
    return processed.outcome, why


def discarded(service: Service, ref: int) -> None:
    """Gives up on a quarantined message. Raises `NotFound`."""
    with writing(service.engine) as connection:
        if not quarantine.settle(connection, ref, "discarded"):
            raise _not_held(ref)


def _not_held(ref: int) -> NotFound:
    return NotFound(f"there is no message {ref} in quarantine")


def _team(team: Team) -> NamedTeam:
    return NamedTeam(id=team.ref, name=team.name, age_group=team.age_group)
