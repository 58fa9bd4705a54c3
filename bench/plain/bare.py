"""Messages to a queue as fast as a socket takes them: frames made beforehand, confirms counted as they come in.

It fills queues for the other measurements, and with one message over and over it is the limit of what publishing
with confirms can reach from Python.
"""

import json
import socket
import struct
import time
import uuid
from collections.abc import Iterable, Iterator
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import amqp
import pika
import pika.frame
import pika.spec

_WINDOW: Final = 4000
_CHUNK: Final = 200
_PLACE: Final = str(uuid.UUID(int=0))
"""Where a task id goes."""


def celery_headers(task: str) -> dict[str, Any]:
    """What Celery needs in order to run `task`; message protocol 2."""
    return {
        "lang": "py",
        "task": task,
        "id": _PLACE,
        "root_id": _PLACE,
        "parent_id": None,
        "group": None,
        "origin": "bench",
    }


def celery_body(payload: bytes) -> bytes:
    """The arguments of a task with one argument."""
    return b"[[" + payload + b'],{},{"callbacks":null,"errbacks":null,"chain":null,"chord":null}]'


def dramatiq_body(payload: bytes) -> bytes:
    """The same for dramatiq's actor `store`."""
    head = {
        "queue_name": "matches",
        "actor_name": "store",
        "kwargs": {},
        "options": {},
        "message_id": str(uuid.uuid4()),
        "message_timestamp": int(time.time() * 1000),
    }
    return json.dumps(head).encode()[:-1] + b',"args":[' + payload + b"]}"


def frames(bodies: Iterable[bytes], exchange: str, routing_key: str, headers: dict[str, Any]) -> Iterator[bytes]:
    """Each body as the three frames of a persistent message with an id of its own."""
    method = pika.frame.Method(1, pika.spec.Basic.Publish(exchange=exchange, routing_key=routing_key)).marshal()
    properties = pika.spec.BasicProperties(
        content_type="application/json",
        content_encoding="utf-8",
        delivery_mode=2,
        correlation_id=_PLACE,
        headers=headers,
    )
    template = pika.frame.Header(1, 0, properties).marshal()
    place = _PLACE.encode()
    # after type (1), channel (2) and size (4) of the frame, and class (2) and weight (2) of the header
    before, after = template[:11], template[19:]
    for body in bodies:
        size = struct.pack(">Q", len(body))
        header = before + size + after.replace(place, str(uuid.uuid4()).encode())
        yield method + header + struct.pack(">BHL", 3, 1, len(body)) + body + b"\xce"


def connect(url: str) -> amqp.Connection:
    """A connection to the broker of an AMQP URL."""
    parts = urlsplit(url)
    # py-amqp gives up on a broker that has not taken what was written within a second; this much takes longer
    no_limit = {socket.TCP_USER_TIMEOUT: 0} if hasattr(socket, "TCP_USER_TIMEOUT") else {}
    connection = amqp.Connection(
        f"{parts.hostname}:{parts.port or 5672}",
        userid=unquote(parts.username or "guest"),
        password=unquote(parts.password or "guest"),
        virtual_host=unquote(parts.path[1:]) or "/",
        socket_settings=no_limit,
    )
    connection.connect()
    return connection


def declare(url: str, *, quorum: bool = False) -> None:
    """Makes exchange and queue `matches`, durable, and binds them."""
    with connect(url) as connection, connection.channel() as channel:
        channel.exchange_declare("matches", "direct", durable=True, auto_delete=False)
        arguments = {"x-queue-type": "quorum"} if quorum else None
        channel.queue_declare("matches", durable=True, exclusive=False, auto_delete=False, arguments=arguments)
        channel.queue_bind("matches", "matches", "matches")


def publish(url: str, messages: list[bytes]) -> None:
    """Sends messages, given as frames, and returns when the broker has confirmed all of them."""
    unconfirmed: set[int] = set()
    oldest = 1

    def on_ack(tag: int, multiple: bool) -> None:
        nonlocal oldest
        if multiple:
            unconfirmed.difference_update(range(oldest, tag + 1))
            oldest = tag + 1
        else:
            unconfirmed.discard(tag)

    with connect(url) as connection:
        channel = connection.channel()
        channel.confirm_select()
        channel.events["basic_ack"].add(on_ack)
        for start in range(0, len(messages), _CHUNK):
            chunk = messages[start : start + _CHUNK]
            connection.sock.sendall(b"".join(chunk))
            unconfirmed.update(range(start + 1, start + len(chunk) + 1))
            while len(unconfirmed) > _WINDOW:
                connection.drain_events(timeout=30)
        while unconfirmed:
            connection.drain_events(timeout=30)
