"""What is submitted while the broker is away: it is asked once, and then the message is stored in the request."""

import socket
import threading
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from missing_table.api.handover import ToBroker
from missing_table.ingest.envelope import Delivery
from missing_table.match_data import MatchData
from pages import PLAIN


class Stored:
    """Notes what is to be stored in the request."""

    def __init__(self) -> None:
        self.task_ids: list[str | None] = []

    def process(self, deliveries: Sequence[Delivery]) -> None:
        self.task_ids += [each.task_id for each in deliveries]


@pytest.fixture
def slammed() -> Iterator[tuple[str, list[Any]]]:
    """The URL of a broker that hangs up at once, and who called."""
    calls: list[Any] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            while True:
                try:
                    caller, address = listener.accept()
                except OSError:
                    return
                calls.append(address)
                caller.close()

        thread = threading.Thread(target=answer)
        thread.start()
        yield f"amqp://somebody:secret@127.0.0.1:{listener.getsockname()[1]}//", calls
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_a_broker_that_is_away_is_tried_once_and_not_again_at_once(slammed: tuple[str, list[Any]]) -> None:
    url, calls = slammed
    stored = Stored()
    submitter = ToBroker(url, None, stored)  # type: ignore[arg-type]
    task_ids = [task for _ in range(3) for task in submitter.submit([MatchData.model_validate(PLAIN)], {})]
    assert stored.task_ids == task_ids
    assert len(calls) == 1
