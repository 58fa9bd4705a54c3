"""The plain way to take matches from a queue: a Celery task for each match, which stores it with one upsert.

`celery -A plain.celery_way worker`, with RABBITMQ_URL and DATABASE_URL set.
"""

import os
from typing import Any

import psycopg
from celery import Celery
from celery.signals import worker_process_init
from kombu import Exchange, Queue

from plain.table import UPSERT, row

app = Celery("plain", broker=os.environ["RABBITMQ_URL"], set_as_current=False)
app.conf.update(
    task_queues=[Queue("matches", Exchange("matches"), routing_key="matches")],
    task_default_queue="matches",
    task_acks_late=True,
    task_ignore_result=True,
    worker_prefetch_multiplier=10,
    broker_connection_retry_on_startup=True,
)
_connection: psycopg.Connection | None = None


@worker_process_init.connect
def connect(**_: Any) -> None:
    """One connection to the database for each process."""
    global _connection
    _connection = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)


@app.task(name="missing_table.tasks.process_match_data")
def process_match_data(match: dict[str, Any]) -> None:
    """Stores one match; the message is acknowledged after it."""
    assert _connection is not None
    _connection.execute(UPSERT, row(match))
