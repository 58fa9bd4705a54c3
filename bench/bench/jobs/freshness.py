"""Freshness: from the moment at which a match is published to the moment at which the API shows it."""

import asyncio
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import aiohttp

from bench import league
from bench.figures import Figure, Row, at_most, number, percentile
from bench.scale import Scale
from bench.stage import BENCH, LONGEST, PYTHONS, Failed, Stage, System

RATES: Final = (1, 50, 500)
"""Matches a second."""
P99: Final = 300.0
"""Milliseconds, at 50 a second."""
PROBES: Final = 20
"""Matches a second, at most, that the API is asked for."""
ASKED_EVERY: Final = 0.004
"""Seconds."""


def run(stage: Stage, scale: Scale) -> Iterator[Row]:
    """A row for each rate: the 99th of a hundred, with the median and the longest beside it."""
    seconds = {rate: (1 if rate >= 500 else 2) * scale.seconds for rate in RATES}
    messages = stage.lines(league.messages(int(sum(rate * seconds[rate] for rate in RATES))))
    with (
        stage.broker() as broker,
        stage.database(stage.migrated) as database,
        stage.system(RABBITMQ_URL=broker, DATABASE_URL=database) as system,
    ):
        system.start_worker()
        system.start_api()
        for rate in RATES:
            found = [1000 * lag for lag in asyncio.run(_lags(system, messages, rate, int(rate * seconds[rate])))]
            p99 = Figure("p99", "ms", (percentile(found, 0.99),))
            yield Row(
                "freshness",
                f"published → visible in the API, {rate}/s",
                p99,
                targets=(at_most(f"p99 ≤ {P99:.0f} ms", p99.median, P99),) if rate == 50 else (),
                note=f"p99 of {len(found)}; p50 {number(percentile(found, 0.5))}, max {number(max(found))}",
                more=(Figure("every probe", "ms", tuple(found)),),
            )


async def _lags(system: System, messages: Path, rate: int, count: int) -> list[float]:
    every = max(1, rate // PROBES)
    sender = await asyncio.create_subprocess_exec(
        *(str(PYTHONS["match-scraper"]), "-m", "ours.paced", str(messages), str(rate), str(count), str(every)),
        cwd=BENCH,
        env=os.environ | system.environment,
        stdout=asyncio.subprocess.PIPE,
    )
    assert sender.stdout is not None
    probes: list[asyncio.Task[float]] = []
    async with aiohttp.ClientSession(system.environment["MISSING_TABLE_API_BASE_URL"]) as session:
        async for line in sender.stdout:
            said = json.loads(line)
            probes.append(asyncio.create_task(_seen(session, said["task_id"], said["due"])))
        if await sender.wait() != 0:
            raise Failed("the sender ended before all was sent")
        return list(await asyncio.gather(*probes))


async def _seen(session: aiohttp.ClientSession, task_id: str, due: float) -> float:
    while True:
        async with session.get(f"/api/matches/task/{task_id}") as answer:
            if answer.status == 200:
                return time.time() - due
        if time.time() - due > LONGEST:
            raise Failed(f"{task_id} was not stored in {LONGEST:.0f} s")
        await asyncio.sleep(ASKED_EVERY)
