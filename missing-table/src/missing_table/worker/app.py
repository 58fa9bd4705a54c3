"""The Celery application: where its messages come from, and the two tasks it knows.

The settings are read when Celery first asks for its configuration, not on import.
"""

import os
import socket
import uuid
from functools import cache
from typing import Any

import msgspec
from celery import Celery
from celery.signals import celeryd_after_setup, setup_logging, worker_ready
from kombu import Exchange, Queue
from kombu.transport import TRANSPORT_ALIASES

from missing_table import logs
from missing_table.clock import utc_now
from missing_table.garbage import collect_rarely
from missing_table.ingest.envelope import BRACKET_TASK, QUEUE, TASK, Delivery
from missing_table.ingest.pipeline import Ingest
from missing_table.settings import Settings, load_settings
from missing_table.store import engine
from missing_table.worker.batches import BatchConsumer

TRANSPORT_ALIASES["amqp"] = TRANSPORT_ALIASES["amqps"] = "missing_table.worker.reading:Transport"
TRANSPORT_ALIASES["spool"] = "missing_table.worker.spool:Transport"


def configuration() -> dict[str, Any]:
    """Celery's configuration for the settings of this environment."""
    settings = load_settings()
    broker = settings.broker()
    return {
        "broker_url": broker or "spool://localhost",
        "broker_use_ssl": settings.broker_tls() or False,
        "broker_transport_options": _transport_options(settings, broker),
        "broker_connection_timeout": 5,
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        "broker_heartbeat": 60 if broker else 0,
        # no type argument: whether the queue is classic or quorum is for the broker to decide
        "task_queues": [Queue(QUEUE, Exchange(QUEUE, type="direct", durable=True), routing_key=QUEUE, durable=True)],
        "task_default_queue": QUEUE,
        "task_default_exchange": QUEUE,
        "task_default_routing_key": QUEUE,
        "task_serializer": "json",
        "accept_content": ["json"],
        "task_ignore_result": True,
        "worker_pool": "solo",
        "worker_enable_remote_control": broker is not None,
        "worker_send_task_events": False,
        "worker_cancel_long_running_tasks_on_connection_loss": False,
        "enable_utc": True,
    }


def _transport_options(settings: Settings, broker: str | None) -> dict[str, Any]:
    if broker is None:
        return {"home": str(settings.home.expanduser())}
    return {"client_properties": {"connection_name": f"missing-table-worker-{os.getpid()}@{socket.gethostname()}"}}


app = Celery("missing_table", set_as_current=False)
app.add_defaults(configuration)
app.steps["consumer"].add(BatchConsumer)


@celeryd_after_setup.connect
def leave_the_queues_to_the_batch_consumer(instance: Any, **_: Any) -> None:
    """Keeps Celery's own consumer from `matches`: it asks for a global prefetch, which a quorum queue refuses."""
    if instance.app is app:
        app.amqp.queues.deselect(list(app.amqp.queues))


@worker_ready.connect
def collect_garbage_rarely(sender: Any, **_: Any) -> None:
    """See `garbage`."""
    if sender.app is app:
        collect_rarely()


@setup_logging.connect
def log_as_the_rest_does(**_: Any) -> None:
    """Keeps Celery from setting up log lines of its own form."""
    logs.configure(load_settings().log_level)


@cache
def _ingest() -> Ingest:
    settings = load_settings()
    return Ingest.of(settings, engine.create(settings.database()))


@app.task(name=TASK, bind=True)
def process_match_data(self: Any, match_data: dict[str, Any]) -> dict[str, Any]:
    """Stores one match: what the worker does with a batch, for `.apply()`, eager mode and a plain call.

    Returns {"outcome": …, "match": its id or None}.
    """
    return _processed(self, match_data)


@app.task(name=BRACKET_TASK, bind=True)
def process_bracket(self: Any, bracket_data: dict[str, Any]) -> dict[str, Any]:
    """Stores the official table of one bracket, as `process_match_data` stores a match; `match` is None."""
    return _processed(self, bracket_data)


def _processed(task: Any, payload: dict[str, Any]) -> dict[str, Any]:
    task_id = task.request.id or str(uuid.uuid4())  # a plain call has none
    body = msgspec.json.encode([[payload], {}, {}])
    delivery = Delivery(body=body, headers={"task": task.name, "id": task_id}, correlation_id=task_id)
    ingest = _ingest()
    (processed,) = ingest.process([delivery], utc_now())
    ingest.review.work()
    return {"outcome": processed.outcome, "match": processed.match_ref}
