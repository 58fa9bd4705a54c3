"""The Celery envelope of a message: what any Celery worker needs in order to know what to do with the message.

Message protocol 2, as https://docs.celeryq.dev/en/stable/internals/protocol.html has it: the headers say which
task and under which id, the body holds the arguments.
"""

import datetime as dt
import os
import socket
import uuid
from collections.abc import Mapping
from typing import Any

import msgspec

from match_scraper.match_data import MatchData

from .base import Message

TASK = "missing_table.tasks.process_match_data"
BRACKET_TASK = "missing_table.tasks.process_bracket"
TASKS = (TASK, BRACKET_TASK)
EXCHANGE = "matches"
ROUTING_KEY = "matches"
CONTENT_TYPE = "application/json"
CONTENT_ENCODING = "utf-8"
PERSISTENT = 2

_AFTER_PAYLOAD = b'],{},{"callbacks":null,"errbacks":null,"chain":null,"chord":null}]'
_encode = msgspec.json.Encoder().encode


def new_task_id() -> str:
    """A task id that nobody else has: 36 characters."""
    return str(uuid.uuid4())


def task_of(message: Message) -> str:
    """The task that stores this message."""
    return TASK if isinstance(message, MatchData) else BRACKET_TASK


def body(message: Message) -> bytes:
    """The arguments of the task as JSON: positional ones, named ones, what follows the task (nothing)."""
    return b"[[" + _encode(message.payload()) + _AFTER_PAYLOAD


def origin() -> str:
    """Who sends, in Celery's form: program and process at host."""
    return f"match-scraper-{os.getpid()}@{socket.gethostname()}"


def submitted_at() -> str:
    """Now, as header `submitted_at` has it: UTC, 32 characters."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="microseconds")


def headers(task: str, task_id: str, moment: str, carried: Mapping[str, str]) -> dict[str, Any]:
    """The headers of one task: those that the protocol asks for, and ours. Whoever reads them takes each apart.

    Parameters: `moment` is when it is sent, see `submitted_at`; `carried` is what every message of the run bears.
    """
    return {
        "lang": "py",
        "task": task,
        "id": task_id,
        "root_id": task_id,
        "parent_id": None,
        "group": None,
        "origin": origin(),
        "submitted_at": moment,
        **carried,
    }
