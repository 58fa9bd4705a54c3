"""Fetching a document politely: only if it changed, again if the network hiccups, and never for ever.

What a retry cannot mend (a web page instead of data, a 404, a changed shape) is not retried.
"""

import datetime as dt
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import stamina
import structlog
from stamina.instrumentation import RetryDetails
from structlog.contextvars import bound_contextvars

from match_scraper.errors import Refused, SourceUnreadable
from match_scraper.retry_after import seconds_until_retry

from .base import IncompleteBodyError
from .body_cache import BodyCache, CachedBody
from .transport import Answer, TransientError, Transport, for_people

_TRANSIENT = frozenset({408, 425, 429, 500, 502, 503, 504})
_REFUSED = frozenset({401, 403})
_CHALLENGES = (b"just a moment", b"challenge-platform", b"cf-chl", b"_incapsula_resource", b"captcha")
"""What the page says that asks a visitor to prove to be a browser."""
_CHALLENGE_BYTES = 64 * 1024
"""Such a page is small; what is larger is not searched for those words."""

_log = structlog.get_logger(__name__)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Fetched(Generic[T]):
    """A document, and when it was answered."""

    document: T
    date: dt.datetime | None
    """The site's own clock when it answered, UTC."""


class _NothingCachedError(Exception):
    """304, and we have no body that it could stand for."""


class DocumentFetcher:
    """Reads documents below one base address. All waits are in seconds.

    Parameters: `pause`, the least time between the beginnings of two requests.
    """

    def __init__(
        self,
        transport: Transport,
        base_url: str,
        cache: BodyCache | None,
        *,
        attempts: int = 4,
        first_wait: float = 1.0,
        longest_wait: float = 60.0,
        pause: float = 0.0,
    ) -> None:
        self._transport = transport
        self._base_url = base_url.rstrip("/")
        self._cache = cache
        self._attempts = attempts
        self._first_wait = first_wait
        self._longest_wait = longest_wait
        self._pause = pause
        self._next_request = time.monotonic()

    def close(self) -> None:
        self._transport.close()

    def get(self, path: str, decode: Callable[[bytes], T], *, kept_since: dt.datetime | None = None) -> Fetched[T]:
        """The document at this path, decoded.

        Parameters: `decode` raises `IncompleteBodyError` for a body that was cut short (worth another attempt), and
        `SourceUnreadable` for one that is whole and wrong; an answer that the site gave at `kept_since` or later, by
        its own clock, and that is still in the cache, is taken without asking.
        Raises `Refused` where the site answers browsers only, `NotPublished` where `decode` does, else
        `SourceUnreadable`.
        """
        url = self._base_url + path
        cached = self._cache.load(url) if self._cache else None
        if cached and kept_since and cached.date and cached.date >= kept_since:
            try:
                return Fetched(decode(cached.body), cached.date)
            except (IncompleteBodyError, SourceUnreadable):
                cached = None
        with bound_contextvars(url=for_people(url)):
            try:
                return self._with_retries(url, decode, cached)
            except _NothingCachedError:
                _log.info("cache_not_usable")
            try:
                return self._with_retries(url, decode, None)
            except _NothingCachedError:
                raise SourceUnreadable(
                    f"{for_people(url)} says that nothing has changed (304), though asked for all of it"
                ) from None

    def _with_retries(self, url: str, decode: Callable[[bytes], T], cached: CachedBody | None) -> Fetched[T]:
        try:
            for attempt in stamina.retry_context(
                on=_wait_before_next,
                attempts=self._attempts,
                timeout=None,
                wait_initial=self._first_wait,
                wait_max=self._longest_wait,
                wait_jitter=self._first_wait,
            ):
                with attempt:
                    return self._once(url, decode, cached)
        except TransientError as error:
            times = "once" if self._attempts == 1 else f"{self._attempts} times"
            raise SourceUnreadable(f"{for_people(url)}: {error} (asked {times})") from error
        raise AssertionError("the last attempt neither answered nor failed")

    def _once(self, url: str, decode: Callable[[bytes], T], cached: CachedBody | None) -> Fetched[T]:
        self._wait_for_turn()
        answer = self._transport.get(url, _validators(cached))
        if answer.status == 304:
            return self._unchanged(decode, cached, answer)
        if answer.status in _REFUSED or _is_challenge(answer):
            raise Refused(f"{for_people(url)} answers browsers only: {answer.said}")
        if answer.status in _TRANSIENT:
            raise self._come_back_later(url, answer)
        if answer.status != 200:
            raise SourceUnreadable(f"{for_people(url)} answered {answer.said}")
        try:
            document = decode(answer.body)
        except IncompleteBodyError as error:
            raise TransientError(f"the answer was cut short, or is not what it should be: {error}") from error
        except SourceUnreadable as error:
            raise type(error)(f"{for_people(url)}: {error}") from error
        if self._cache:
            fresh = CachedBody(
                answer.body, answer.headers.get("ETag"), answer.headers.get("Last-Modified"), answer.date
            )
            self._cache.store(url, fresh)
        _log.info("document_fetched", bytes=len(answer.body))
        return Fetched(document, answer.date)

    def _wait_for_turn(self) -> None:
        now = time.monotonic()
        if self._next_request > now:
            time.sleep(self._next_request - now)
        self._next_request = max(now, self._next_request) + self._pause

    def _unchanged(self, decode: Callable[[bytes], T], cached: CachedBody | None, answer: Answer) -> Fetched[T]:
        if cached is None:
            raise _NothingCachedError
        try:
            document = decode(cached.body)
        except (IncompleteBodyError, SourceUnreadable) as error:
            raise _NothingCachedError from error
        return Fetched(document, answer.date)

    def _come_back_later(self, url: str, answer: Answer) -> Exception:
        wait = seconds_until_retry(answer.headers)
        if wait is not None and wait > self._longest_wait:
            return SourceUnreadable(
                f"{for_people(url)} answered {answer.said} and asks to be left alone for {wait:g} seconds, "
                f"longer than the {self._longest_wait:g} that we wait"
            )
        return TransientError(f"answered {answer.said}", wait)


def _is_challenge(answer: Answer) -> bool:
    if answer.headers.get("cf-mitigated", "").lower() == "challenge":
        return True
    if "html" not in answer.headers.get("Content-Type", "").lower() or len(answer.body) > _CHALLENGE_BYTES:
        return False
    page = answer.body.lower()
    return b"<html" in page and any(words in page for words in _CHALLENGES)


def tell_retry(details: RetryDetails, *, quiet: bool) -> None:
    """A line in the log before a document, whose `url` it bears, is asked for again."""
    tell = _log.info if quiet else _log.warning
    tell("asking_again", why=str(details.caused_by), seconds_until_then=round(details.wait_for, 1))


def _wait_before_next(error: Exception) -> bool | float:
    if not isinstance(error, TransientError):
        return False
    return True if error.wait is None else error.wait


def _validators(cached: CachedBody | None) -> dict[str, str]:
    if cached is None:
        return {"Cache-Control": "no-cache"}
    headers = {}
    if cached.etag:
        headers["If-None-Match"] = cached.etag
    if cached.last_modified:
        headers["If-Modified-Since"] = cached.last_modified
    return headers
