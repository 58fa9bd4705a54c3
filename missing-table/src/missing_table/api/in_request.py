"""Takes submissions without a broker: the same pipeline as the worker's, within the request."""

import threading
import time
import uuid
from collections.abc import Mapping, Sequence

import msgspec

from missing_table.clock import utc_now
from missing_table.ingest.envelope import Delivery, Message, task_of
from missing_table.ingest.noted import note
from missing_table.ingest.pipeline import Entered, Ingest
from missing_table.match_data import MatchData
from missing_table.tracing import Tracing


class InRequest:
    """A `Submitter` that stores before it answers. One thread at a time: the pipeline holds the teams."""

    def __init__(self, ingest: Ingest, *, batch: int = 500, tracing: Tracing | None = None) -> None:
        """`batch` is how many messages one transaction stores."""
        self._ingest = ingest
        self._tracing = tracing or Tracing()
        self._batch = batch
        self._lock = threading.Lock()

    def submit(self, messages: Sequence[Message], carried: Mapping[str, str]) -> list[str]:
        """Stores `messages`; see `Submitter`."""
        deliveries = [delivery(message, str(uuid.uuid4()), carried) for message in messages]
        self.process(deliveries)
        return [str(made.task_id) for made in deliveries]

    def process(self, deliveries: Sequence[Delivery]) -> None:
        """Stores what is in `deliveries`, under the task ids that they bear. Raises `DatabaseAway`."""
        with self._lock:
            for start in range(0, len(deliveries), self._batch):
                self._store(deliveries[start : start + self._batch])
            self._ingest.review.work()

    def enter(self, message: MatchData, *, by: str, new_teams: bool = True, new_brackets: bool = True) -> Entered:
        """Stores what a person says; see `Submitter`."""
        with self._lock:
            entered = self._ingest.enter(message, now=utc_now(), by=by, new_teams=new_teams, new_brackets=new_brackets)
            self._ingest.review.work()
            return entered

    def _store(self, deliveries: Sequence[Delivery]) -> None:
        began = time.monotonic()
        processed = self._ingest.process(deliveries, utc_now())
        note(deliveries, processed, time.monotonic() - began, self._tracing)


def delivery(message: Message, task_id: str, carried: Mapping[str, str]) -> Delivery:
    """`message` as the worker would have got it from the broker."""
    payload = msgspec.Raw(message.model_dump_json(exclude_none=True).encode())
    body = msgspec.json.encode([[payload], {}, {}])
    return Delivery(body=body, headers={"task": task_of(message), "id": task_id, **carried}, timestamp=utc_now())
