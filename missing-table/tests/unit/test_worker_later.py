"""Calls that the consuming loop makes later."""

from types import SimpleNamespace

import pytest
from kombu.asynchronous.hub import Hub
from kombu.asynchronous.timer import Timer

from missing_table.worker.later import Later


@pytest.fixture
def hub() -> Hub:
    return Hub(timer=Timer())


def later_on(hub: Hub) -> Later:
    return Later(SimpleNamespace(hub=hub, timer=hub.timer, call_soon=hub.call_soon))


def test_what_is_due_is_called_before_the_loop_waits_for_the_broker(hub: Hub) -> None:
    called: list[str] = []
    later = later_on(hub)
    later.call(0, lambda: called.append("first"))
    later.call(0, lambda: called.append("second"))
    cancelled = later.call(0, lambda: called.append("cancelled"))
    later.call(3600, lambda: called.append("not yet"))
    cancelled.cancel()
    next(hub.create_loop())  # once round: timers, what is due, the wait
    hub.close()
    assert called == ["first", "second"]


def test_an_error_of_such_a_call_ends_the_loop(hub: Hub) -> None:
    def fail() -> None:
        raise LookupError("not swallowed")

    later_on(hub).call(0, fail)
    with pytest.raises(LookupError, match="not swallowed"):
        next(hub.create_loop())
    hub.close()
