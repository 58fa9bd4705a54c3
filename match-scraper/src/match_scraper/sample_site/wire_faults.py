"""Faults of the wire: what goes wrong between a right document and who asked for it."""

import datetime as dt
import email.utils
from dataclasses import replace

from .fault import MATCHES, Answer, spoils
from .viewer import ASSIST_VIEWER

LONGEST_RETRY_AFTER = 3600
"""Seconds; more than anybody waits for."""
CHALLENGE = (
    b"<!DOCTYPE html><html><head><title>Just a moment...</title></head><body><h1>Checking your browser</h1>"
    b'<script src="/cdn-cgi/challenge-platform/scripts/jsd/main.js"></script></body></html>\n'
)
VIEWER_TYPE = {"Content-Type": "text/html; charset=utf-8"}


@spoils("web-page", "200 and the viewer's web page: the season is not published, or the key is wrong")
def _web_page(answer: Answer, _request: int) -> Answer:
    return replace(answer, status=200, headers=VIEWER_TYPE, body=ASSIST_VIEWER)


@spoils("always-304", "nothing has changed, it says, even to a client that knows nothing")
def _always_304(answer: Answer, _request: int) -> Answer:
    return replace(answer, status=304, body=b"")


@spoils("no-validators", "neither ETag nor Last-Modified")
def _no_validators(answer: Answer, _request: int) -> Answer:
    headers = {name: value for name, value in answer.headers.items() if name not in ("ETag", "Last-Modified")}
    return replace(answer, headers=headers)


@spoils("truncated", "the body breaks off in the middle", once_too=True)
def _truncated(answer: Answer, _request: int) -> Answer:
    return replace(answer, sent=len(answer.body) // 2)


@spoils("half-document", "half a document, declared as a whole one", once_too=True)
def _half_document(answer: Answer, _request: int) -> Answer:
    return replace(answer, body=answer.body[: len(answer.body) // 2])


@spoils("server-error", "500", once_too=True)
def _server_error(answer: Answer, _request: int) -> Answer:
    return replace(answer, status=500, headers={"Content-Type": "text/html"}, body=b"<h1>Internal Server Error</h1>")


@spoils("too-many-requests", "429 with Retry-After: 1", once_too=True)
def _too_many_requests(answer: Answer, _request: int) -> Answer:
    return replace(answer, status=429, headers={"Retry-After": "1"}, body=b"")


@spoils("too-many-requests-until-a-date", "429 with Retry-After as a date, a second after Date", once_too=True)
def _until_a_date(answer: Answer, _request: int) -> Answer:
    until = email.utils.parsedate_to_datetime(answer.headers["Date"]) + dt.timedelta(seconds=1)
    headers = {"Retry-After": email.utils.format_datetime(until, usegmt=True), "Date": answer.headers["Date"]}
    return replace(answer, status=429, headers=headers, body=b"")


@spoils("too-many-requests-for-an-hour", f"429 with Retry-After: {LONGEST_RETRY_AFTER}")
def _for_an_hour(answer: Answer, _request: int) -> Answer:
    return replace(answer, status=429, headers={"Retry-After": str(LONGEST_RETRY_AFTER)}, body=b"")


@spoils("time-out", "no answer at all", once_too=True)
def _time_out(answer: Answer, _request: int) -> Answer:
    return replace(answer, hangs=True)


@spoils("no-date", "no Date: nothing tells when the list of matches was current", of=frozenset({MATCHES}))
def _no_date(answer: Answer, _request: int) -> Answer:
    return replace(answer, headers={name: value for name, value in answer.headers.items() if name != "Date"})


@spoils("forbidden", "403 to a plain client; a browser gets its answer")
def _forbidden(answer: Answer, _request: int) -> Answer:
    if answer.to_browser:
        return answer
    return replace(answer, status=403, headers={"Content-Type": "text/html"}, body=b"<h1>403 Forbidden</h1>")


@spoils("challenge", "200 and a page that wants proof of being a browser; a browser gets its answer")
def _challenge(answer: Answer, _request: int) -> Answer:
    return answer if answer.to_browser else replace(answer, status=200, headers=VIEWER_TYPE, body=CHALLENGE)
