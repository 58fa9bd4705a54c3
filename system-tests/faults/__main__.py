"""`python -m faults`: every fault in its long form, a table of what came of each, and the same as one line of JSON.

Names of faults, or parts of names, choose some of them.
"""

import sys
import time
import traceback

from private_services import PostgreSQL, RabbitMQ, ServiceFailed, ServiceMissing

from faults.audit import Row, as_json, table
from faults.cases import FAULTS, Unavailable, theatre
from faults.stage import FULL


def main(chosen: list[str]) -> int:
    """Returns the exit code: 0 only if nothing was lost, doubled or wrong. What cannot be tried here is named."""
    rows: list[Row] = []
    failed: list[str] = []
    rabbitmq, postgresql = RabbitMQ(), PostgreSQL()
    try:
        rabbitmq.start()
        postgresql.start()
        with theatre(FULL, rabbitmq, postgresql) as stage:
            for fault in FAULTS:
                if chosen and not any(part in fault.name for part in chosen):
                    continue
                started = time.monotonic()
                try:
                    rows.append(stage.play(fault))
                except Unavailable as unavailable:
                    print(f"not tried: {fault.name}: {unavailable}", flush=True)
                except (AssertionError, ServiceFailed) as problem:
                    traceback.print_exception(problem)
                    failed.append(f"{fault.name}: {problem}")
                print(f"{fault.name}: {time.monotonic() - started:.1f} s", file=sys.stderr, flush=True)
    finally:
        rabbitmq.stop()
        postgresql.remove()
    for line in failed:
        print(f"FAILED {line}")
    if rows:
        print(table(rows))
        print(as_json(rows))
    return 0 if rows and not failed and all(row.good for row in rows) else 1


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except ServiceMissing as missing:
        print(missing, file=sys.stderr)
        sys.exit(2)
