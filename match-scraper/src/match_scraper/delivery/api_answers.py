"""What an answer of the API to a chunk of matches means."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from match_scraper.errors import NotDelivered, NotKnownThere
from match_scraper.retry_after import seconds_until_retry

BRACKETS = "/api/brackets/submit"
"""What a missing-table that is older than the second message does not have."""
_BUSY = {429: "is busy", 502: "is away (bad gateway)", 503: "is away for the moment", 504: "is away (gateway timeout)"}


@dataclass(frozen=True, slots=True)
class Accepted:
    """All were taken, each under a task id, in order."""

    task_ids: list[str]


@dataclass(frozen=True, slots=True)
class Refused:
    """None was taken, because of these."""

    reasons: Mapping[int, str] = field(default_factory=dict)
    """By the index within the chunk; empty if the answer does not say which."""
    summary: str = "the API refused it"


@dataclass(frozen=True, slots=True)
class TooLarge:
    """None was taken; fewer at a time may be."""


@dataclass(frozen=True, slots=True)
class AskAgain:
    """It may go well in a while."""

    sentence: str
    seconds: float | None = None
    """The wait that it asks for."""


def read_answer(response: httpx.Response, count: int, name: str) -> Accepted | Refused | TooLarge | AskAgain:
    """What this answer to `count` matches from the API called `name` means.

    Raises `NotDelivered` for an answer after which there is nothing more to try: a wrong token, an address
    where there is no missing-table, a fault on its side.
    """
    status = response.status_code
    if status == 202:
        task_ids = _task_ids(response)
        if task_ids is None or len(task_ids) != count:
            raise NotDelivered(
                f"{name} answered 202, but not with one task id for each of the {count} matches: is it missing-table?"
            )
        return Accepted(task_ids)
    if status in _BUSY:
        return AskAgain(f"{name} {_BUSY[status]} ({status})", seconds_until_retry(response.headers))
    if status == 413:
        return TooLarge()
    if status == 422:
        return _refusals(_json(response), count)
    if status in (404, 405) and response.request.url.path.endswith(BRACKETS):
        raise NotKnownThere(
            f"{name} has no {BRACKETS} ({status}), so no official table was sent: missing-table is older than "
            "match-scraper. Upgrade it, or use --no-brackets."
        )
    raise NotDelivered(_for_good(response, name))


def _for_good(response: httpx.Response, name: str) -> str:
    status = response.status_code
    if status == 401:
        return (
            f"{name} does not know the token (401): make one there with `missing-table token create --name "
            "match-scraper --scope submit`, and set MISSING_TABLE_API_TOKEN to what it prints."
        )
    if status == 403:
        return (
            f"{name} knows the token, but does not let it submit matches (403): make another one there with "
            "`missing-table token create --name match-scraper --scope submit`."
        )
    if status in (404, 405):
        address = response.request.url.path
        return f"{name} has no {address} ({status}): is MISSING_TABLE_API_BASE_URL missing-table's address?"
    if response.is_redirect:
        return (
            f"{name} redirects to {response.headers.get('Location', 'nowhere')} ({status}), and a token is not carried "
            "elsewhere: set MISSING_TABLE_API_BASE_URL to the final address."
        )
    if status >= 500:
        return f"{name} has a fault of its own ({status} {response.reason_phrase}): see its log."
    detail = _text(_json(response))
    return f"{name} gave an answer that missing-table does not give ({status} {response.reason_phrase}){detail}."


def _task_ids(response: httpx.Response) -> list[str] | None:
    answer = _json(response)
    task_ids = answer.get("task_ids") if isinstance(answer, dict) else None
    if isinstance(task_ids, list) and all(isinstance(task_id, str) and task_id for task_id in task_ids):
        return task_ids
    return None


def _refusals(answer: Any, count: int) -> Refused:
    """What a 422 says: one sentence, and `errors`, each with the index of a match, its field and the problem."""
    errors = answer.get("errors") if isinstance(answer, dict) else None
    reasons: dict[int, str] = {}
    for error in errors if isinstance(errors, list) else ():
        index = error.get("index") if isinstance(error, dict) else None
        if isinstance(index, int) and 0 <= index < count:
            reason = f"{error.get('field', 'match')}: {error.get('problem', 'refused')}"
            reasons[index] = f"{reasons[index]}; {reason}" if index in reasons else reason
    return Refused(reasons, _text(answer).removeprefix(": ") or "the API refused it")


def _json(response: httpx.Response) -> Any:
    """The decoded body, or None where it is not JSON: a proxy's page, or garbage."""
    try:
        return response.json()
    except (ValueError, UnicodeDecodeError):
        return None


def _text(answer: Any) -> str:
    detail = answer.get("detail") if isinstance(answer, dict) else None
    return f": {detail[:300]}" if isinstance(detail, str) and detail else ""
