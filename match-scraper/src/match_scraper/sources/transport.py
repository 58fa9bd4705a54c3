"""How one answer of a site comes here: over plain HTTP, or (`browser`) through a real browser."""

import contextlib
import datetime as dt
import email.utils
import http
import socket
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

import httpx

from match_scraper import __version__
from match_scraper.errors import SourceUnreadable

from .base import of_our_times

USER_AGENT = f"match-scraper/{__version__} (youth soccer results; one read every few hours)"
MOST_BYTES = 256 * 1024 * 1024
"""No document is anywhere near this large; a body without end is not read to its end."""
WHOLE_TRANSFER = 10
"""A transfer may take this many times the time-out of a single step: a trickle is not an answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a site said, whole."""

    status: int
    headers: httpx.Headers
    body: bytes

    @property
    def said(self) -> str:
        """The status for people, such as 404 Not Found."""
        try:
            return f"{self.status} {http.HTTPStatus(self.status).phrase}"
        except ValueError:
            return str(self.status)

    @property
    def date(self) -> dt.datetime | None:
        """When the site says that it answered, UTC."""
        try:
            moment = email.utils.parsedate_to_datetime(self.headers.get("Date", ""))
        except ValueError:
            return None
        if not of_our_times(moment):
            return None
        return moment.astimezone(dt.UTC) if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def for_people(url: str) -> str:
    """The address without user and password, and of its question only the page: that is four hundred characters."""
    parts = urlsplit(url)
    page = parse_qs(parts.query).get("open_page")
    return parts.netloc.rpartition("@")[2] + parts.path + (f", page {page[0]}" if page else "")


class TransientError(Exception):
    """Worth another attempt, after `wait` seconds where the server named a time."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.wait = wait


class Transport(Protocol):
    """One way to a site."""

    def get(self, url: str, headers: Mapping[str, str]) -> Answer:
        """The answer of this address, whatever its status.

        Raises `TransientError` where none came and another attempt may help, else `SourceUnreadable`.
        """

    def close(self) -> None:
        """Let go of connections."""


class PlainTransport:
    """Plain HTTP. `timeout` is in seconds, for a single step (connect, next bytes).

    The client's own time-out begins anew with each byte, and of its bytes not all are told: a header that does not
    end, or a compressed body of nothing, would go on for ever. So the connection is cut when its time is up.
    """

    def __init__(self, *, timeout: float, accept: str) -> None:
        self._timeout = timeout
        self._sockets: list[socket.socket] = []
        """Those of the connections that may be open: one of an earlier request may serve the next."""
        self._client = httpx.Client(
            timeout=timeout, follow_redirects=True, headers={"User-Agent": USER_AGENT, "Accept": accept}
        )

    def get(self, url: str, headers: Mapping[str, str]) -> Answer:
        late = threading.Event()
        timer = threading.Timer(WHOLE_TRANSFER * self._timeout, self._cut, [late])
        timer.daemon = True
        timer.start()
        try:
            answer = self._transfer(url, headers, late)
        except TransientError:
            if not late.is_set():
                raise
        finally:
            timer.cancel()
        if late.is_set():
            raise TransientError("the answer came too slowly")
        return answer

    def _transfer(self, url: str, headers: Mapping[str, str], late: threading.Event) -> Answer:
        def told(event: str, about: Mapping[str, Any]) -> None:
            if late.is_set():
                raise TransientError("the answer came too slowly")
            if event.endswith((".connect_tcp.complete", ".start_tls.complete")):
                opened = about["return_value"].get_extra_info("socket")
                self._sockets = [*(each for each in self._sockets if each.fileno() >= 0), opened]

        try:
            with self._client.stream("GET", url, headers=dict(headers), extensions={"trace": told}) as response:
                chunks: list[bytes] = []
                size = 0
                for chunk in response.iter_bytes():
                    chunks.append(chunk)
                    size += len(chunk)
                    if size > MOST_BYTES:
                        raise SourceUnreadable(f"{for_people(url)} answered with more than {MOST_BYTES} bytes")
                return Answer(response.status_code, response.headers, b"".join(chunks))
        except httpx.TimeoutException as error:
            raise TransientError(f"no answer within {self._timeout:g} seconds") from error
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise TransientError(f"the connection failed: {error}") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise SourceUnreadable(f"{for_people(url)}: {error}") from error

    def _cut(self, late: threading.Event) -> None:
        late.set()
        for each in self._sockets:
            with contextlib.suppress(OSError):  # it has been closed in the meantime
                socket.socket.shutdown(each, socket.SHUT_RDWR)

    def close(self) -> None:
        self._client.close()
