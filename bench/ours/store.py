"""The worker's pipeline without a broker: the same batches, straight into the database; the seconds, as JSON.

Run by missing-table's Python. `python -m ours.store FILE COUNT`, with DATABASE_URL set.
"""

import itertools
import json
import sys
import time
import uuid
from pathlib import Path

from missing_table.clock import utc_now
from missing_table.ingest.envelope import TASK, Delivery
from missing_table.ingest.pipeline import Ingest
from missing_table.settings import load_settings
from missing_table.store import engine


def main(file: str, count: str) -> None:
    with Path(file).open("rb") as lines:
        bodies = [b"[[" + line.strip() + b"],{},{}]" for line in itertools.islice(lines, int(count))]
    ids = [str(uuid.uuid4()) for _ in bodies]
    deliveries = [
        Delivery(body=body, headers={"task": TASK, "id": task_id}) for body, task_id in zip(bodies, ids, strict=True)
    ]
    settings = load_settings()
    ingest = Ingest.of(settings, engine.create(settings.database()))
    began = time.perf_counter()
    for start in range(0, len(deliveries), settings.batch_size):
        ingest.process(deliveries[start : start + settings.batch_size], utc_now())
    print(json.dumps({"seconds": time.perf_counter() - began}))


main(*sys.argv[1:])
