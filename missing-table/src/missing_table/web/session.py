"""Who is signed in, and whether a form is theirs: cookie, origin, and a token of its own in each form.

A form is taken where its session made it, where the browser does not say that another site sent it, and once.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable, Coroutine, Mapping
from http import HTTPStatus
from typing import Annotated, Any, Final
from urllib.parse import parse_qsl, quote, urlsplit

from fastapi import APIRouter, Depends, Request, Response
from fastapi.routing import APIRoute
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import RedirectResponse

from missing_table.api.service import Service
from missing_table.clock import utc_now
from missing_table.errors import DatabaseAway, MissingTableError, NotFound, Refused, Unclear
from missing_table.store import sessions
from missing_table.store.sessions import LASTS, Session
from missing_table.web.rendering import page, sentence
from missing_table.web.routing import failed

FORM_TOKEN: Final = "form_token"
LARGEST_FORM: Final = 65_536
"""Bytes."""
MOST_FIELDS: Final = 100


class NotSignedIn(Exception):
    """The page needs a session; the browser is sent to where one begins."""


class FormRefused(Exception):
    """A form that is not taken: a status, a sentence, and where it may be sent again, after how many seconds."""

    def __init__(self, status: int, reason: str, *, retry_after: int | None = None) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.headers = {"Retry-After": str(retry_after)} if retry_after is not None else {}


class Visit:
    """One request of somebody who is signed in."""

    def __init__(self, session: Session, secret: str) -> None:
        self.session = session
        self.name = session.name
        """Who it is, for the history."""
        self._secret = secret

    def form_token(self) -> str:
        """What makes one form this session's own; another one each time."""
        nonce = secrets.token_urlsafe(16)
        return f"{nonce}.{self._sealed(nonce)}"

    def made(self, form_token: str) -> bool:
        """Whether `form_token` is one of this session's."""
        nonce, _, seal = form_token.partition(".")
        return hmac.compare_digest(self._sealed(nonce).encode(), seal.encode(errors="replace"))

    def _sealed(self, nonce: str) -> str:
        return hmac.new(self._secret.encode(), f"form {nonce}".encode(errors="replace"), hashlib.sha256).hexdigest()


def cookie_name(request: Request) -> str:
    """Over TLS a name that a browser ties to this host; without TLS it would not take that."""
    return "__Host-missing-table" if request.url.scheme == "https" else "missing-table-session"


def give_cookie(request: Request, response: Response, secret: str) -> None:
    """Has the browser keep the session."""
    response.set_cookie(
        cookie_name(request),
        secret,
        max_age=int(LASTS.total_seconds()),
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )


def take_cookie(request: Request, response: Response) -> None:
    """Has the browser forget the session."""
    response.delete_cookie(
        cookie_name(request), path="/", secure=request.url.scheme == "https", httponly=True, samesite="lax"
    )


def _visit(request: Request) -> Visit:
    service: Service = request.app.state.service
    secret = request.cookies.get(cookie_name(request))
    session = sessions.find(service.engine, secret, utc_now()) if secret else None
    if session is None or secret is None:
        raise NotSignedIn
    return Visit(session, secret)


Visitor = Annotated[Visit, Depends(_visit)]


def check_origin(request: Request) -> None:
    """Raises `FormRefused` where the browser says that another site sent this."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    foreign = site not in (None, "same-origin", "none")
    if origin is not None:
        try:
            host = urlsplit(origin).netloc.lower()
        except ValueError:  # what is no address is none of ours
            host = None
        foreign = foreign or host != request.headers.get("host", "").lower()
    if foreign:
        raise FormRefused(HTTPStatus.FORBIDDEN, "This form was sent from another site, so nothing was done.")


async def _fields(request: Request) -> dict[str, str]:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise FormRefused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "This is not a form of these pages.")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_FORM:
            raise FormRefused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "This form is too large.")
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError:  # not UTF-8, or too many
        raise FormRefused(HTTPStatus.BAD_REQUEST, "This form cannot be read.") from None
    return dict(pairs)


Fields = Annotated[dict[str, str], Depends(_fields)]
"""What a form says, whoever sent it."""


def _sent(request: Request, visit: Visitor, fields: Fields) -> Mapping[str, str]:
    check_origin(request)
    form_token = fields.pop(FORM_TOKEN, "")
    if not visit.made(form_token):
        raise FormRefused(
            HTTPStatus.FORBIDDEN, "This form is not of your session, so nothing was done. Load the page again."
        )
    service: Service = request.app.state.service
    if not sessions.take(service.engine, visit.session, form_token):
        raise FormRefused(HTTPStatus.CONFLICT, "This form was sent before, and is not taken a second time.")
    return fields


Sent = Annotated[Mapping[str, str], Depends(_sent)]
"""What a form says that is this session's, and was not sent before."""


def seems_signed_in(request: Request) -> bool:
    """Whether the browser keeps a session; whether it is one that lasts is asked where that matters."""
    return cookie_name(request) in request.cookies


def _asked_for(request: Request) -> str:
    """The page to come back to; of a form that was sent only where it goes."""
    query = request.url.query if request.method in ("GET", "HEAD") else ""
    return f"{request.url.path}?{query}" if query else request.url.path


class SignedInRoute(APIRoute):
    """A route of pages for who is signed in; what goes wrong is a page, and nothing is kept by a browser or a proxy."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """What answers a request."""
        handler = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                response = await handler(request)
            except NotSignedIn:
                response = RedirectResponse(f"/sign-in?next={quote(_asked_for(request))}", HTTPStatus.SEE_OTHER)
            except FormRefused as refused:
                response = page("refused.html", refused.status, reason=refused.reason)
                response.headers.update(refused.headers)
            except NotFound as error:
                response = page("refused.html", HTTPStatus.NOT_FOUND, reason=sentence(str(error)))
            except (Refused, Unclear) as error:
                response = page("refused.html", HTTPStatus.CONFLICT, reason=sentence(str(error)))
            except MissingTableError as error:
                away = isinstance(error, DatabaseAway)
                reason = sentence(str(error))
                response = page("sorry.html", HTTPStatus.SERVICE_UNAVAILABLE, reason=reason, away=away)
            except SQLAlchemyError as error:
                response = failed(request, error)
            response.headers["Cache-Control"] = "no-store"
            return response

        return answer


def signed_in_router() -> APIRouter:
    """A router for the maintainer's pages."""
    return APIRouter(route_class=SignedInRoute, include_in_schema=False)
