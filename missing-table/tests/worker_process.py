"""A worker as a real process, and what publishes to it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import amqp

from messages import body
from missing_table.clock import utc_now
from missing_table.ingest.envelope import QUEUE, RUN_ID, SUBMITTED_AT, TASK
from missing_table.worker.topology import DEAD_QUEUE

T = TypeVar("T")
PATIENCE = 60.0
"""Seconds that a condition may take to come true."""


def eventually(condition: Callable[[], T | None], patience: float = PATIENCE) -> T:
    """What `condition` returns as soon as it is true. Fails after `patience` seconds."""
    deadline = time.monotonic() + patience
    while not (found := condition()):
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.02)
    return found


class Worker:
    """`missing-table worker`, with its output in a file."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._log = folder / f"worker-{len(list(folder.glob('worker-*')))}.log"
        inherited = {
            name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "PYTHONPATH")
        }
        with self._log.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "missing_table", "worker"],
                env=inherited | dict(environment) | {"PYTHONUNBUFFERED": "1"},
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def output(self) -> str:
        return self._log.read_text()

    @property
    def events(self) -> list[dict[str, Any]]:
        """The log so far."""
        return [json.loads(line) for line in self.output.splitlines() if line.startswith("{")]

    def wait_for(self, words: str, times: int = 1) -> None:
        """Returns once its output holds `words` so often."""

        def said() -> bool:
            assert self.process.poll() is None or self.output.count(words) >= times, self.output
            return self.output.count(words) >= times

        eventually(said)

    def kill(self) -> None:
        """kill -9."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def terminate(self) -> int:
        """SIGTERM; its exit code."""
        self.process.terminate()
        return self.process.wait(PATIENCE)


class Producer:
    """Publishes with confirms: what it returns from is in the broker. Reconnects."""

    def __init__(self, url: str) -> None:
        from kombu import Connection

        self._parts = Connection(url).info()
        self._channel: Any = None
        self._connection: Any = None

    def declare(self, **arguments: Any) -> None:
        """Exchange and queue, the queue with `arguments`."""
        channel = self._open()
        channel.exchange_declare(QUEUE, "direct", durable=True, auto_delete=False)
        channel.queue_declare(QUEUE, durable=True, auto_delete=False, arguments=arguments)
        channel.queue_bind(QUEUE, QUEUE, QUEUE)

    def declare_dead(self) -> None:
        """The queue of dead letters, as the worker would."""
        self._open().queue_declare(DEAD_QUEUE, durable=True, auto_delete=False)

    def send(self, payload: Any, task_id: str, *, to: str = QUEUE) -> None:
        """One match; to another queue than the usual one without the exchange."""
        headers = {"task": TASK, "id": task_id, RUN_ID: "run-of-a-test", SUBMITTED_AT: utc_now().isoformat()}
        self.send_raw(body(payload), to=to, headers=headers, correlation_id=task_id)

    def send_all(self, payloads: Iterable[tuple[Any, str]]) -> None:
        """Many matches, over reconnects: each again until the broker confirms it."""
        for payload, task_id in payloads:
            eventually(lambda: self._sent(payload, task_id))  # noqa: B023 (called at once)

    def send_raw(self, made: bytes, *, to: str = QUEUE, **properties: Any) -> None:
        """Anything."""
        full = {"content_type": "application/json", "content_encoding": "utf-8", "delivery_mode": 2}
        self.publish(
            amqp.basic_message.Message(made, **{"application_headers": None, **full, **_named(properties)}), to
        )

    def publish(self, message: Any, to: str = QUEUE) -> None:
        exchange = QUEUE if to == QUEUE else ""
        self._open().basic_publish_confirm(message, exchange=exchange, routing_key=to, mandatory=True, timeout=10)

    def waiting(self) -> int:
        """How many messages are ready in the queue."""
        return int(self._open().queue_declare(QUEUE, passive=True).message_count)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.collect()
        self._connection = self._channel = None

    def _sent(self, payload: Any, task_id: str) -> bool:
        try:
            self.send(payload, task_id)
        except (OSError, amqp.exceptions.AMQPError):
            self.close()
            return False
        return True

    def _open(self) -> Any:
        if self._channel is None:
            info = self._parts
            self._connection = amqp.Connection(
                host=f"{info['hostname']}:{info['port']}",
                userid=info["userid"],
                password=info["password"],
                virtual_host=info["virtual_host"],
                confirm_publish=True,
                connect_timeout=5,
                read_timeout=20,
                write_timeout=20,
            )
            self._connection.connect()
            self._channel = self._connection.channel()
        return self._channel


def _named(properties: dict[str, Any]) -> dict[str, Any]:
    headers = properties.pop("headers", None)
    return properties if headers is None else properties | {"application_headers": headers}


def spooled(payload: Any, task_id: str, **changed: Any) -> str:
    """The text of a file of the embedded queue, as `docs/08-integrations/asyncapi.yaml` has it."""
    message: dict[str, Any] = {
        "body": json.dumps([[payload], {}, {}]),
        "content-type": "application/json",
        "content-encoding": "utf-8",
        "headers": {"task": TASK, "id": task_id},
        "properties": {"correlation_id": task_id, "delivery_mode": 2, "delivery_info": {}, "delivery_tag": task_id},
    }
    return json.dumps({**message, **changed})
