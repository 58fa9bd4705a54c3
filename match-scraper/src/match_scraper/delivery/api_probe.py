"""Looking at missing-table's API as a run would meet it, without sending a match."""

from collections.abc import Iterator
from typing import Any

import httpx

from match_scraper.errors import NotDelivered
from match_scraper.finding import Finding, note, ok, wrong
from match_scraper.match_data import CONTRACT, MatchData
from match_scraper.settings import without_password

SUBMIT = "/api/matches/submit"
_START = "start it (`missing-table up`, or `missing-table api`), or set MISSING_TABLE_API_BASE_URL to where it is"
_MAKE_A_TOKEN = (
    "make one there with `missing-table token create --name match-scraper --scope submit`, and set "
    "MISSING_TABLE_API_TOKEN to what it prints"
)


def probe_api(base_url: str, token: str | None, *, timeout: float) -> Iterator[Finding]:
    """What there is to say about this API, a line at a time. `timeout` is in seconds, for each step."""
    name = f"the API at {without_password(base_url)}"
    failed = NotDelivered.exit_code
    with httpx.Client(base_url=base_url, timeout=timeout) as client:
        try:
            ready = client.get("/ready")
            if ready.status_code == 503:
                yield wrong("API", f"{name} is there and not ready: {_detail(ready)}", failed)
                return
            if ready.status_code != 200:
                yield wrong("API", f"{name} is not missing-table's (/ready: {ready.status_code}); {_START}", failed)
                return
            yield ok("API", f"{name} is ready")
            yield _token(client, token)
            yield _contract(client)
        except (httpx.TransportError, httpx.DecodingError, httpx.InvalidURL) as error:
            yield wrong("API", f"{name} cannot be reached ({str(error) or type(error).__name__}): {_START}", failed)


def _token(client: httpx.Client, token: str | None) -> Finding:
    failed = NotDelivered.exit_code
    if token is None:
        return wrong("token", f"MISSING_TABLE_API_TOKEN is not set: {_MAKE_A_TOKEN}", failed)
    # It lacks everything that a match needs, so it is refused; but who asks is looked at before what is asked.
    answer = client.post(SUBMIT, json={}, headers={"Authorization": f"Bearer {token}"})
    if answer.status_code == 401:
        return wrong("token", f"the API does not know it: {_MAKE_A_TOKEN}", failed)
    if answer.status_code == 403:
        return wrong("token", f"the API knows it, but it may not submit matches: {_MAKE_A_TOKEN}", failed)
    if answer.status_code != 422:
        return wrong("token", f"the API answered {answer.status_code} where missing-table answers 422", failed)
    return ok("token", "it may submit matches")


def _contract(client: httpx.Client) -> Finding:
    """By the version that the API names; by the fields that it knows, where it names none."""
    description = _description(client.get("/openapi.json"))
    theirs, ours = _version_known(description), _version(CONTRACT)
    if theirs is not None:
        if theirs[0] != ours[0]:
            return wrong(
                "contract",
                f"the API speaks version {theirs[0]}.{theirs[1]}, and {CONTRACT} is sent: bring both up to date",
                NotDelivered.exit_code,
            )
        if theirs >= ours:
            return ok("contract", f"the API speaks version {theirs[0]}.{theirs[1]}; {CONTRACT} is sent")
    known = _fields_known(description)
    if known is None:
        return note("contract", "the API does not say which fields of a match it knows")
    unknown = [name for name in MatchData.model_fields if name not in known]
    if unknown:
        return note(
            "contract", f"the API is older, and leaves out {', '.join(unknown)}: bring missing-table up to date"
        )
    return ok("contract", f"the API knows every field that is sent ({len(MatchData.model_fields)})")


def _description(answer: httpx.Response) -> Any:
    try:
        return answer.json()
    except ValueError:
        return None


def _version_known(description: Any) -> tuple[int, int] | None:
    try:
        return _version(description["info"]["x-contract"]["match"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _version(text: str) -> tuple[int, int]:
    major, minor = text.split(".")
    return int(major), int(minor)


def _fields_known(description: Any) -> set[str] | None:
    try:
        content: Any = description["paths"][SUBMIT]["post"]["requestBody"]["content"]["application/json"]
        return set(content["schema"]["oneOf"][0]["properties"])
    except (KeyError, IndexError, TypeError):
        return None


def _detail(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["detail"])[:300]
    except (ValueError, KeyError, TypeError):
        return str(answer.status_code)
