"""When a worker counts as alive."""

import time

import pytest

from missing_table.worker import measures


@pytest.mark.parametrize(("silent_for", "alive"), [(measures.TICK, True), (measures.SILENT + 1, False)])
def test_a_loop_that_has_stopped_going_round_is_not_alive(
    monkeypatch: pytest.MonkeyPatch, silent_for: float, alive: bool
) -> None:
    found = measures.Measures()
    monkeypatch.setattr(time, "monotonic", lambda: 1_000.0)
    found.tick()
    monkeypatch.setattr(time, "monotonic", lambda: 1_000.0 + silent_for)
    assert found.alive is alive
    found.rest()
    assert found.alive, "left on purpose: nothing that a restart would mend"
