"""Calls that Celery's consuming loop makes some time later, and none too late."""

from collections import deque
from collections.abc import Callable
from typing import Any


class Later:
    """Has the consuming loop of `c`, Celery's consumer, make calls.

    A timer's entry only notes what is due: an error in the entry itself would be logged and swallowed by kombu's loop.
    What is due is called between the timers and the wait for the broker. (`call_soon` alone would be looked at only
    after that wait, and where nothing arrives it takes up to two seconds.)
    """

    def __init__(self, c: Any) -> None:
        self._c = c
        self._due: deque[Callable[[], None]] = deque()
        if c.hub is not None:
            c.hub.on_tick.add(self._call_what_is_due)

    def call(self, seconds: float, call: Callable[[], None]) -> Any:
        """Has the call made in so many seconds; returns the timer's entry, to cancel it."""
        if self._c.hub is not None:
            return self._c.timer.call_after(seconds, self._due.append, (call,))
        # a transport that blocks: its timer is a thread, and its loop does what is pending whenever it comes by
        return self._c.timer.call_after(seconds, self._c.call_soon, (call,))

    def _call_what_is_due(self) -> None:
        while self._due:
            self._due.popleft()()
