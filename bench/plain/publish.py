"""Matches to a durable queue in the ways in which it is usually done; the seconds that it took, as JSON.

`python -m plain.publish WAY URL FILE COUNT QUEUE`: COUNT of the messages in FILE, a JSON object on each line, to a
QUEUE that is `classic` or `quorum`.
"""

import asyncio
import json
import sys
import time
import uuid
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any, Final

import aio_pika
import pika
from celery import Celery
from kombu import Exchange, Queue

from plain import bare

TASK: Final = "missing_table.tasks.process_match_data"
Messages = list[dict[str, Any]]


def send_task(url: str, messages: Messages, queue_type: str, *, confirm: bool) -> None:
    """Celery's own way: one `send_task` after the other, over one connection. It declares the queue, so it knows it."""
    app = Celery("plain", broker=url, set_as_current=False)
    app.conf.broker_transport_options = {"confirm_publish": confirm}
    arguments = {"x-queue-type": "quorum"} if queue_type == "quorum" else None
    queue = Queue("matches", Exchange("matches"), routing_key="matches", queue_arguments=arguments)
    with app.producer_or_acquire() as producer:
        for message in messages:
            app.send_task(TASK, args=[message], queue=queue, routing_key="matches", producer=producer)
    app.close()


def pika_each(url: str, messages: Messages) -> None:
    """A connection, a channel in confirm mode and one message, for each match."""
    parameters = pika.URLParameters(url)
    for message in messages:
        connection = pika.BlockingConnection(parameters)
        channel = connection.channel()
        channel.confirm_delivery()
        channel.basic_publish("matches", "matches", _body(message), _properties(), mandatory=True)
        connection.close()


async def aio_pika_gathered(url: str, messages: Messages) -> None:
    """One connection, and the confirms of a hundred messages awaited together."""
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel(publisher_confirms=True)
        exchange = await channel.get_exchange("matches", ensure=False)
        for start in range(0, len(messages), 100):
            await asyncio.gather(
                *(
                    exchange.publish(
                        aio_pika.Message(
                            _body(message),
                            content_type="application/json",
                            content_encoding="utf-8",
                            delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
                            headers=bare.celery_headers(TASK) | {"id": str(uuid.uuid4())},
                        ),
                        routing_key="matches",
                    )
                    for message in messages[start : start + 100]
                )
            )


def one_over_and_over(url: str, messages: Messages) -> float:
    """One message, encoded once, as often as there are matches: what the broker and a socket can do."""
    body = _body(messages[0])
    (encoded,) = bare.frames([body], "matches", "matches", bare.celery_headers(TASK))
    began = time.perf_counter()
    bare.publish(url, [encoded] * len(messages))
    return time.perf_counter() - began


def _body(message: dict[str, Any]) -> bytes:
    return bare.celery_body(json.dumps(message).encode())


def _properties() -> pika.BasicProperties:
    return pika.BasicProperties(
        content_type="application/json",
        content_encoding="utf-8",
        delivery_mode=2,
        headers=bare.celery_headers(TASK) | {"id": str(uuid.uuid4())},
    )


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


WAYS: Final[dict[str, Callable[[str, Messages, str], float]]] = {
    "send_task confirmed": lambda url, messages, kind: _timed(lambda: send_task(url, messages, kind, confirm=True)),
    "send_task unconfirmed": lambda url, messages, kind: _timed(lambda: send_task(url, messages, kind, confirm=False)),
    "pika each": lambda url, messages, _: _timed(lambda: pika_each(url, messages)),
    "aio-pika": lambda url, messages, _: _timed(lambda: asyncio.run(aio_pika_gathered(url, messages))),
    "bare": lambda url, messages, _: one_over_and_over(url, messages),
}


def main(way: str, url: str, file: str, count: str, queue_type: str) -> None:
    with Path(file).open() as lines:
        messages = [json.loads(line) for line in islice(lines, int(count))]
    print(json.dumps({"seconds": WAYS[way](url, messages, queue_type)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
