"""Fetching a document politely: only if it changed, again if the network hiccups, and never for ever.

What a retry cannot mend (a web page instead of data, a 404, a changed shape) is not retried.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import httpx
import stamina
import structlog

from match_scraper import __version__
from match_scraper.errors import NotPublished, SourceUnreadable
from match_scraper.retry_after import seconds_until_retry

from .body_cache import BodyCache, CachedBody
from .feed import IncompleteBodyError

USER_AGENT = f"match-scraper/{__version__} (youth soccer results; one read every few hours)"
MOST_BYTES = 256 * 1024 * 1024
"""No document is anywhere near this large; a body without end is not read to its end."""
WHOLE_TRANSFER = 10
"""A transfer may take this many times the time-out of a single step: a trickle is not an answer."""
_TRANSIENT = frozenset({408, 425, 429, 500, 502, 503, 504})

_log = structlog.get_logger(__name__)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Fetched(Generic[T]):
    """A document, and the body that the last run knew where it differs from this one."""

    document: T
    previous: bytes | None


class _TransientError(Exception):
    """Worth another attempt, after `wait` seconds where the server named a time."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.wait = wait


class _NothingCachedError(Exception):
    """304, and we have no body that it could stand for."""


class DocumentFetcher:
    """Reads documents below one base address. All waits are in seconds."""

    def __init__(
        self,
        base_url: str,
        cache: BodyCache | None,
        *,
        timeout: float = 30.0,
        attempts: int = 4,
        first_wait: float = 1.0,
        longest_wait: float = 60.0,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._cache = cache
        self._timeout = timeout
        self._attempts = attempts
        self._first_wait = first_wait
        self._longest_wait = longest_wait
        self._client = httpx.Client(
            timeout=timeout, follow_redirects=True, headers={"User-Agent": USER_AGENT, "Accept": "application/json"}
        )

    def close(self) -> None:
        self._client.close()

    def get(self, path: str, decode: Callable[[bytes], T]) -> Fetched[T]:
        """The document at this path, decoded.

        Parameters: `decode` raises `IncompleteBodyError` for a body that was cut short (worth another attempt), and
        `SourceUnreadable` for one that is whole and wrong.
        Raises `NotPublished` for a web page in place of data, else `SourceUnreadable`.
        """
        url = self._base_url + path
        cached = self._cache.load(url) if self._cache else None
        try:
            return self._with_retries(url, decode, cached)
        except _NothingCachedError:
            _log.info("cache_not_usable", url=url)
        try:
            return self._with_retries(url, decode, None)
        except _NothingCachedError:
            raise SourceUnreadable(f"{url} says that nothing has changed (304), though asked for all of it") from None

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
        except _TransientError as error:
            times = "once" if self._attempts == 1 else f"{self._attempts} times"
            raise SourceUnreadable(f"{url}: {error} (asked {times})") from error
        raise AssertionError("the last attempt neither answered nor failed")

    def _once(self, url: str, decode: Callable[[bytes], T], cached: CachedBody | None) -> Fetched[T]:
        response, body = self._transfer(url, cached)
        status = response.status_code
        if status == 304:
            return self._unchanged(decode, cached)
        if status in _TRANSIENT:
            raise self._come_back_later(url, response)
        if status != 200:
            raise SourceUnreadable(f"{url} answered {status} {response.reason_phrase}".rstrip())
        if "html" in response.headers.get("Content-Type", "").lower() or body.lstrip()[:1] == b"<":
            raise NotPublished(f"{url} answered with a web page, not with data")
        try:
            document = decode(body)
        except IncompleteBodyError as error:
            raise _TransientError(f"the answer was cut short, or is no JSON: {error}") from error
        except SourceUnreadable as error:
            raise SourceUnreadable(f"{url}: {error}") from error
        if self._cache:
            fresh = CachedBody(body, response.headers.get("ETag"), response.headers.get("Last-Modified"))
            self._cache.store(url, fresh)
        _log.info("document_fetched", url=url, bytes=len(body))
        return Fetched(document, cached.body if cached and cached.body != body else None)

    def _unchanged(self, decode: Callable[[bytes], T], cached: CachedBody | None) -> Fetched[T]:
        if cached is None:
            raise _NothingCachedError
        try:
            document = decode(cached.body)
        except (IncompleteBodyError, SourceUnreadable) as error:
            raise _NothingCachedError from error
        return Fetched(document, None)

    def _transfer(self, url: str, cached: CachedBody | None) -> tuple[httpx.Response, bytes]:
        headers = _validators(cached)
        deadline = time.monotonic() + WHOLE_TRANSFER * self._timeout
        try:
            with self._client.stream("GET", url, headers=headers) as response:
                chunks: list[bytes] = []
                size = 0
                for chunk in response.iter_bytes():
                    chunks.append(chunk)
                    size += len(chunk)
                    if size > MOST_BYTES:
                        raise SourceUnreadable(f"{url} answered with more than {MOST_BYTES} bytes")
                    if time.monotonic() > deadline:
                        raise _TransientError("the answer came too slowly")
                return response, b"".join(chunks)
        except httpx.TimeoutException as error:
            raise _TransientError(f"no answer within {self._timeout:g} seconds") from error
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise _TransientError(f"the connection failed: {error}") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise SourceUnreadable(f"{url}: {error}") from error

    def _come_back_later(self, url: str, response: httpx.Response) -> Exception:
        wait = seconds_until_retry(response.headers)
        said = f"{response.status_code} {response.reason_phrase}".rstrip()
        if wait is not None and wait > self._longest_wait:
            return SourceUnreadable(
                f"{url} answered {said} and asks to be left alone for {wait:g} seconds, "
                f"longer than the {self._longest_wait:g} that we wait"
            )
        return _TransientError(f"answered {said}", wait)


def _wait_before_next(error: Exception) -> bool | float:
    if not isinstance(error, _TransientError):
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
