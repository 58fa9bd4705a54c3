"""How many requests one client may make: so many a second, and some seconds' worth at once.

Counted in this process alone: behind several processes a client gets as many times the rate. That is enough to keep
one client from taking what all need; a limit for the whole belongs to the proxy in front.
"""

import ipaddress
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from missing_table.api.problems import Problem, answer

BURST: Final = 5
"""Seconds' worth of requests that may come at once."""
CLIENTS: Final = 10_000
"""How many are remembered; who was not heard of for longest is forgotten, which is in his favour."""
_UNLIMITED: Final = ("/health", "/ready", "/metrics", "/static/")
_READS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class Buckets:
    """A bucket of tokens for each client, refilled at a rate. May be used by several threads at once."""

    def __init__(self, rate: float, burst: float, clock: Callable[[], float] = time.monotonic) -> None:
        """`rate` is in tokens a second, `burst` is how many a bucket holds; a rate of 0 is no limit."""
        self._rate = rate
        self._burst = burst
        self._clock = clock
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, client: str) -> float:
        """Takes a token for `client`: 0 where there was one, else in how many seconds there will be."""
        if not self._rate:
            return 0.0
        now = self._clock()
        with self._lock:
            level, since = self._levels.pop(client, (self._burst, now))
            level = min(self._burst, level + (now - since) * self._rate)
            taken = level >= 1
            self._levels[client] = (level - 1 if taken else level, now)
            if len(self._levels) > CLIENTS:
                self._levels.popitem(last=False)
        return 0.0 if taken else (1 - level) / self._rate


class Limited:
    """Answers 429 to a client that asks too often. Whoever watches the process is not counted."""

    def __init__(self, app: ASGIApp, reads: float, writes: float) -> None:
        """`reads` and `writes` are requests a second; 0 is no limit."""
        self._app = app
        self._reads = Buckets(reads, BURST * reads)
        self._writes = Buckets(writes, BURST * writes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(_UNLIMITED):
            await self._app(scope, receive, send)
            return
        buckets = self._reads if scope["method"] in _READS else self._writes
        wait = buckets.take(client_of(scope))
        if not wait:
            await self._app(scope, receive, send)
            return
        seconds = max(1, math.ceil(wait))
        refused = Problem(
            HTTPStatus.TOO_MANY_REQUESTS,
            f"too many requests from your address: wait {seconds} second{'s' if seconds > 1 else ''}",
            headers={"Retry-After": str(seconds)},
        )
        await answer(refused)(scope, receive, send)


def client_of(scope: Scope) -> str:
    """The client's address; of an IPv6 one the network, since whoever has one address there has them all."""
    host = scope["client"][0] if scope.get("client") else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.IPv6Network((address, 64), strict=False))
    return host
