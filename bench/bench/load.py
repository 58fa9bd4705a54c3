"""Requests over HTTP: at a fixed rate, whatever the answers do, or as many as there can be."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import cycle
from typing import Final

import aiohttp

CONNECTIONS: Final = 16
"""That ask for as much as there can be."""
TIMEOUT: Final = 10
"""Seconds."""


@dataclass(frozen=True, slots=True)
class Request:
    """An address, and the ETag that is already known of it."""

    url: str
    etag: str | None = None

    @property
    def headers(self) -> dict[str, str]:
        return {"If-None-Match": self.etag} if self.etag else {}


@dataclass(slots=True)
class Load:
    """What came of it: milliseconds of each answer, and what was no good answer."""

    milliseconds: list[float] = field(default_factory=list)
    errors: int = 0
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Good answers a second."""
        return len(self.milliseconds) / self.seconds


def at_rate(requests: Sequence[Request], rate: float, seconds: float) -> Load:
    """So many requests a second, in turn. The time of each counts from when it was due, so that waiting counts."""
    return asyncio.run(_at_rate(requests, rate, seconds))


def at_most(requests: Sequence[Request], seconds: float) -> Load:
    """As many as `CONNECTIONS` connections get answered."""
    return asyncio.run(_at_most(requests, seconds))


def known(urls: Sequence[str]) -> list[Request]:
    """The same addresses with the ETags that they have; without, where they have none."""
    return asyncio.run(_known(urls))


async def _at_rate(requests: Sequence[Request], rate: float, seconds: float) -> Load:
    load = Load()
    async with _session() as session:
        start = time.perf_counter()
        running: list[asyncio.Task[None]] = []
        for nth, request in zip(range(int(rate * seconds)), cycle(requests), strict=False):
            due = start + nth / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            running.append(asyncio.create_task(_ask(session, request, due, load)))
        await asyncio.gather(*running)
        load.seconds = time.perf_counter() - start
    return load


async def _at_most(requests: Sequence[Request], seconds: float) -> Load:
    load = Load()
    async with _session() as session:
        start = time.perf_counter()

        async def ask_on(first: int) -> None:
            for request in cycle([*requests[first:], *requests[:first]]):
                now = time.perf_counter()
                if now - start > seconds:
                    return
                await _ask(session, request, now, load)

        await asyncio.gather(*(ask_on(nth % len(requests)) for nth in range(CONNECTIONS)))
        load.seconds = time.perf_counter() - start
    return load


async def _known(urls: Sequence[str]) -> list[Request]:
    found = []
    async with _session() as session:
        for url in urls:
            async with session.get(url) as answer:
                answer.raise_for_status()
                found.append(Request(url, answer.headers.get("ETag")))
    return found


async def _ask(session: aiohttp.ClientSession, request: Request, due: float, load: Load) -> None:
    expected = 304 if request.etag else 200
    try:
        async with session.get(request.url, headers=request.headers) as answer:
            await answer.read()
            good = answer.status == expected
    except (aiohttp.ClientError, TimeoutError):
        good = False
    if good:
        load.milliseconds.append(1000 * (time.perf_counter() - due))
    else:
        load.errors += 1


def _session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), timeout=aiohttp.ClientTimeout(total=TIMEOUT))
