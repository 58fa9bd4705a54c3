"""What a request needs: the database, who takes submissions, and whether whoever asks may write."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Annotated, Final, Protocol

from fastapi import Depends, Path, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy import Engine

from missing_table.api.limits import Buckets
from missing_table.api.problems import Problem
from missing_table.backlog import Backlog
from missing_table.clock import utc_now
from missing_table.ingest.envelope import Message
from missing_table.ingest.pipeline import Entered
from missing_table.match_data import MatchData
from missing_table.reader import Reader
from missing_table.search import Search
from missing_table.settings import Settings
from missing_table.store import tokens
from missing_table.store.tokens import Scope, Token, TokenRefused

LARGEST_ID: Final = 2**63 - 1
Id = Annotated[int, Path(ge=1, le=LARGEST_ID, alias="id")]
"""The number of a row, in an address."""


class Submitter(Protocol):
    """Who takes matches and official tables. May be called by several threads at once."""

    def submit(self, messages: Sequence[Message], carried: Mapping[str, str]) -> list[str]:
        """Takes all of `messages` for storage, with these headers more, and returns their task ids, in order.

        Raises `DatabaseAway` where neither the broker nor the database takes them.
        """
        ...

    def enter(self, message: MatchData, *, by: str, new_teams: bool = True, new_brackets: bool = True) -> Entered:
        """Stores what a person says, at once. Raises as `Ingest.enter`."""
        ...


@dataclass(frozen=True, slots=True)
class Service:
    """What every route shares."""

    settings: Settings
    engine: Engine
    submitter: Submitter
    reader: Reader
    search: Search = field(default_factory=Search)
    backlog: Callable[[], Backlog | None] = field(default=lambda: None)
    """What waits in the queue; None where nobody knows."""
    sign_ins: Buckets = field(default_factory=lambda: Buckets(rate=1 / 60, burst=10))
    """How often one client may try to sign in: ten times, and then once a minute."""


async def _service(request: Request) -> Service:  # not a plain function, which would be called in a thread
    service: Service = request.app.state.service
    return service


Shared = Annotated[Service, Depends(_service)]

_bearer = HTTPBearer(auto_error=False, description="What `missing-table token create` printed.")


Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]


def _bearer_of(service: Service, credentials: HTTPAuthorizationCredentials | None, scope: Scope) -> Token:
    made_with = f"`missing-table token create --name NAME --scope {scope}`"
    if credentials is None:
        raise Problem(
            HTTPStatus.UNAUTHORIZED,
            f"this needs a token: send `Authorization: Bearer` with what {made_with} printed",
            headers={"WWW-Authenticate": 'Bearer realm="missing-table"'},
        )
    try:
        token = tokens.verify(service.engine, credentials.credentials, utc_now())
    except TokenRefused as refused:
        raise Problem(
            HTTPStatus.UNAUTHORIZED,
            f"{refused}: make one with {made_with}",
            headers={"WWW-Authenticate": 'Bearer realm="missing-table", error="invalid_token"'},
        ) from None
    if not token.may(scope):
        raise Problem(
            HTTPStatus.FORBIDDEN,
            f"the token {token.name!r} may only {token.scope}: this needs one of scope {scope}",
            headers={"WWW-Authenticate": f'Bearer realm="missing-table", error="insufficient_scope", scope="{scope}"'},
        )
    return token


def _writer(service: Shared, credentials: Credentials) -> Token:
    return _bearer_of(service, credentials, "submit")


def _admin(service: Shared, credentials: Credentials) -> Token:
    return _bearer_of(service, credentials, "admin")


Writer = Annotated[Token, Depends(_writer)]
"""The token of whoever submits. Declare it before the body, so that a stranger's is not read."""
Admin = Annotated[Token, Depends(_admin)]
"""The token of whoever corrects and decides. Declare it before the body."""


async def _body(request: Request) -> bytes:
    return await request.body()


Body = Annotated[bytes, Depends(_body)]
"""The body of the request as it came."""
