"""Signing in with a token of scope admin, and out again."""

import re
from http import HTTPStatus
from typing import Final

import structlog
from fastapi import Request, Response
from starlette.responses import RedirectResponse

from missing_table.api.limits import client_of
from missing_table.api.service import Service
from missing_table.clock import utc_now
from missing_table.store import sessions, tokens
from missing_table.store.tokens import TokenRefused
from missing_table.web.rendering import page, sentence
from missing_table.web.session import (
    Fields,
    FormRefused,
    Sent,
    Visitor,
    check_origin,
    give_cookie,
    signed_in_router,
    take_cookie,
)

log = structlog.get_logger()
router = signed_in_router()

PAGES: Final = re.compile(r"/ingest|/enter(\?match=[0-9]{1,18})?")
"""Where one may be led after signing in: nowhere else."""


@router.api_route("/sign-in", methods=["GET", "HEAD"])
def form(request: Request) -> Response:
    """Asks for a token."""
    return page("sign_in.html", next=_next(request.query_params.get("next")), reason=None)


@router.post("/sign-in")
def sign_in(request: Request, fields: Fields) -> Response:
    """Begins a session for who has a token of scope admin."""
    check_origin(request)
    service: Service = request.app.state.service
    if wait := service.sign_ins.take(client_of(request.scope)):
        seconds = int(wait) + 1
        raise FormRefused(
            HTTPStatus.TOO_MANY_REQUESTS,
            f"Too many attempts: wait {seconds} seconds, and sign in again.",
            retry_after=seconds,
        )
    onward, now = _next(fields.get("next")), utc_now()
    try:
        token = tokens.verify(service.engine, fields.get("token", "").strip(), now)
        if not token.may("admin"):
            raise TokenRefused("this token may only submit: signing in needs one of scope admin")
    except TokenRefused as refused:
        log.warning("sign_in_refused", reason=str(refused))
        return page("sign_in.html", HTTPStatus.FORBIDDEN, next=onward, reason=sentence(str(refused)))
    response = RedirectResponse(onward, HTTPStatus.SEE_OTHER)
    give_cookie(request, response, sessions.begin(service.engine, token, now))
    log.info("signed_in", name=token.name)
    return response


@router.post("/sign-out")
def sign_out(request: Request, visit: Visitor, sent: Sent) -> Response:  # noqa: ARG001 (that it was sent is enough)
    """Ends the session at once."""
    service: Service = request.app.state.service
    sessions.end(service.engine, visit.session)
    response = RedirectResponse("/", HTTPStatus.SEE_OTHER)
    take_cookie(request, response)
    return response


def _next(asked: str | None) -> str:
    """The page to go on to: one of ours, whatever was asked for."""
    return asked if asked is not None and PAGES.fullmatch(asked) else "/ingest"
