"""How many messages wait in the queue, and how many among the dead letters."""

import threading
import time
from collections.abc import Callable
from typing import Final, NamedTuple

import structlog
from amqp.exceptions import AMQPError
from kombu import Connection

from missing_table.ingest.envelope import QUEUE
from missing_table.settings import Settings
from missing_table.worker.spool import SpoolFolder
from missing_table.worker.topology import DEAD_QUEUE

log = structlog.get_logger()

LOOK_FOR: Final = 2.0
"""Seconds that the broker has to answer."""
LASTS: Final = 10.0
"""Seconds for which an answer does, so that the broker is not asked for every page and every scrape."""


class Backlog(NamedTuple):
    """Messages that nobody has taken yet."""

    waiting: int
    dead: int


def look(settings: Settings) -> Backlog | None:
    """What waits now; None where the broker does not say."""
    broker = settings.broker()
    if broker is None:
        folder = SpoolFolder(settings.home.expanduser(), QUEUE)
        return Backlog(folder.size(), 0) if folder.root.exists() else None
    try:
        with Connection(broker, ssl=settings.broker_tls() or False, connect_timeout=LOOK_FOR) as connection:
            connection.connection.sock.settimeout(LOOK_FOR)  # connected is not yet answered: it would wait for ever
            return Backlog(_ready(connection, QUEUE), _ready(connection, DEAD_QUEUE))
    except (OSError, AMQPError) as error:
        log.info("backlog_unknown", reason=str(error).strip() or type(error).__name__)
        return None


def _ready(connection: Connection, queue: str) -> int:
    with connection.channel() as channel:
        return int(channel.queue_declare(queue, passive=True).message_count)


class Watched:
    """The backlog as it was at most `LASTS` seconds ago. For several threads."""

    def __init__(self, look: Callable[[], Backlog | None], clock: Callable[[], float] = time.monotonic) -> None:
        self._look = look
        self._clock = clock
        self._lock = threading.Lock()
        self._seen: Backlog | None = None
        self._until = float("-inf")

    def now(self) -> Backlog | None:
        """What waits; None where nobody knows."""
        with self._lock:
            if self._clock() >= self._until:
                self._seen = self._look()
                self._until = self._clock() + LASTS
            return self._seen
