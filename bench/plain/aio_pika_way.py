"""Batches by hand: messages gathered with aio-pika, stored together, acknowledged together.

`python -m plain.aio_pika_way`, with RABBITMQ_URL and DATABASE_URL set. It says `consuming` when it is.
"""

import asyncio
import contextlib
import json
import os
from typing import Any, Final

import aio_pika
import psycopg
from aio_pika.abc import AbstractIncomingMessage

from plain.table import UPSERT, row

BATCH: Final = 500
WAIT: Final = 0.03
"""Seconds that a message waits for company."""


async def main() -> None:
    """Until it is stopped."""
    database = await psycopg.AsyncConnection.connect(os.environ["DATABASE_URL"])
    async with await aio_pika.connect(os.environ["RABBITMQ_URL"]) as connection:
        channel = await connection.channel()
        await channel.set_qos(prefetch_count=2 * BATCH)
        queue = await channel.declare_queue("matches", durable=True)
        waiting: asyncio.Queue[AbstractIncomingMessage] = asyncio.Queue()
        await queue.consume(waiting.put)
        print("consuming", flush=True)
        while True:
            batch = await _gather(waiting)
            rows: list[dict[str, Any]] = [row(json.loads(message.body)[0][0]) for message in batch]
            async with database.cursor() as cursor:
                await cursor.executemany(UPSERT, rows)
            await database.commit()
            await batch[-1].ack(multiple=True)


async def _gather(waiting: asyncio.Queue[AbstractIncomingMessage]) -> list[AbstractIncomingMessage]:
    batch = [await waiting.get()]
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(WAIT):
            while len(batch) < BATCH:
                batch.append(await waiting.get())
    return batch


if __name__ == "__main__":
    asyncio.run(main())
