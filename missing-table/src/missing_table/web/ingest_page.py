"""The maintainer's page: how the ingest is, what waits for a decision, and one button for each."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Final

from fastapi import Request, Response
from starlette.responses import RedirectResponse

from missing_table.api.deciding import discarded, retried
from missing_table.api.service import Service
from missing_table.clock import utc_now
from missing_table.errors import Refused
from missing_table.ingest import disputes, duplicates, merging, unmerging, vanished
from missing_table.overview import MOST_PAGES, SHOWN, overview
from missing_table.web.rendering import page
from missing_table.web.routing import LONGEST, number
from missing_table.web.session import FormRefused, Sent, Visitor, signed_in_router

router = signed_in_router()

DONE: Final = {
    "retry": "The message was processed.",
    "discard": "The message was given up.",
    "alias": "The name is an alias now. It can be undone below.",
    "confirm": "The team is one of its own.",
    "unmerge": "The team is there again.",
    "keep": "Our value stands until the source says something else.",
    "take": "The source’s value stands.",
    "unpin": "The match follows its source again.",
    "same": "The two are one match.",
    "separate": "Both matches count.",
    "cancel": "The match is cancelled.",
    "stays": "The match stays.",
}
"""What is said after each action."""


@router.api_route("/ingest", methods=["GET", "HEAD"])
def ingest(request: Request, visit: Visitor) -> Response:
    """How the ingest is."""
    service: Service = request.app.state.service
    asked = number(request.query_params.get("page", "")) or 1
    found = overview(service.engine, service.backlog, utc_now(), min(asked, MOST_PAGES))
    done = DONE.get(request.query_params.get("done", ""))
    return page("ingest.html", ingest=found, shown=SHOWN, visit=visit, done=done, verdicts=disputes.VERDICTS)


@router.post("/ingest")
def act(request: Request, visit: Visitor, sent: Sent) -> Response:
    """Carries out one decision, and shows the page again."""
    service: Service = request.app.state.service
    name = sent.get("do", "")
    action = _ACTIONS.get(name)
    if action is None:
        raise FormRefused(HTTPStatus.UNPROCESSABLE_ENTITY, "This form does not say what to do.")
    action(service, sent, visit.name)
    return RedirectResponse(f"/ingest?done={name}", HTTPStatus.SEE_OTHER)


def _number(sent: Mapping[str, str], field: str) -> int:
    found = number(sent.get(field, ""))
    if found is None:
        raise FormRefused(HTTPStatus.UNPROCESSABLE_ENTITY, f"This form has no number as {field}.")
    return found


def _retry(service: Service, sent: Mapping[str, str], _by: str) -> None:
    ref = _number(sent, "id")
    _, why = retried(service, ref, utc_now())
    if why is not None:
        raise Refused(f"message {ref} failed again: {why}")


def _discard(service: Service, sent: Mapping[str, str], _by: str) -> None:
    discarded(service, _number(sent, "id"))


def _alias(service: Service, sent: Mapping[str, str], by: str) -> None:
    ref = _number(sent, "id")
    named = sent.get("team", "").strip()[:LONGEST]
    if not named:
        raise FormRefused(HTTPStatus.UNPROCESSABLE_ENTITY, "This form names no team.")
    merging.make_alias(service.engine, ref, merging.meant(service.engine, ref, named), utc_now(), by=by)


def _confirm(service: Service, sent: Mapping[str, str], _by: str) -> None:
    merging.confirm(service.engine, _number(sent, "id"))


def _unmerge(service: Service, sent: Mapping[str, str], by: str) -> None:
    unmerging.unmerge(service.engine, _number(sent, "id"), utc_now(), by=by)


def _verdict(verdict: disputes.Verdict) -> Callable[[Service, Mapping[str, str], str], None]:
    def settle(service: Service, sent: Mapping[str, str], by: str) -> None:
        disputes.settle(service.engine, _number(sent, "id"), sent.get("register", ""), verdict, utc_now(), by=by)

    return settle


def _same(service: Service, sent: Mapping[str, str], by: str) -> None:
    duplicates.same_match(service.engine, _number(sent, "id"), _number(sent, "of"), utc_now(), by=by)


def _separate(service: Service, sent: Mapping[str, str], by: str) -> None:
    duplicates.two_matches(service.engine, _number(sent, "id"), utc_now(), by=by)


def _cancel(service: Service, sent: Mapping[str, str], by: str) -> None:
    vanished.cancel(service.engine, _number(sent, "id"), utc_now(), by=by)


def _stays(service: Service, sent: Mapping[str, str], by: str) -> None:
    vanished.keep(service.engine, _number(sent, "id"), utc_now(), by=by)


_ACTIONS: Final[Mapping[str, Callable[[Service, Mapping[str, str], str], None]]] = {
    "retry": _retry,
    "discard": _discard,
    "alias": _alias,
    "confirm": _confirm,
    "unmerge": _unmerge,
    **{verdict: _verdict(verdict) for verdict in disputes.VERDICTS},
    "same": _same,
    "separate": _separate,
    "cancel": _cancel,
    "stays": _stays,
}
