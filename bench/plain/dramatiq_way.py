"""The same with dramatiq: an actor for each match. `dramatiq plain.dramatiq_way`, RABBITMQ_URL and DATABASE_URL set."""

import os
import threading
from typing import Any

import dramatiq
import psycopg
from dramatiq.brokers.rabbitmq import RabbitmqBroker

from plain.table import UPSERT, row

dramatiq.set_broker(RabbitmqBroker(url=os.environ["RABBITMQ_URL"]))
_local = threading.local()


@dramatiq.actor(queue_name="matches")
def store(match: dict[str, Any]) -> None:
    """Stores one match, over a connection of this thread's own."""
    connection = getattr(_local, "connection", None)
    if connection is None:
        connection = _local.connection = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
    connection.execute(UPSERT, row(match))
