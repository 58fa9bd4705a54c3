"""`python -m fuzz [--seed N] [--count N]`: the long form; prints how each kind of input ended."""

import argparse
import secrets
import sys
import tempfile
import time
from pathlib import Path

from private_services import PostgreSQL, RabbitMQ, ServiceMissing

from fuzz.run import run
from surfaces import System

COUNT = 100_000


def main() -> int:
    """Returns the exit code: 0 only if every input is accounted for, and nothing went wrong."""
    parser = argparse.ArgumentParser(prog="fuzz", description=__doc__)
    parser.add_argument("--seed", type=int, default=secrets.randbits(32), help="the same seed makes the same inputs")
    parser.add_argument("--count", type=int, default=COUNT)
    options = parser.parse_args()
    print(f"seed {options.seed}, {options.count} inputs", flush=True)
    rabbitmq, postgresql = RabbitMQ(), PostgreSQL()
    try:
        rabbitmq.start()
        postgresql.start()
        with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
            system = System(
                Path(folder),
                RABBITMQ_URL=rabbitmq.url,
                DATABASE_URL=postgresql.create_database(),
                MISSING_TABLE_EMBEDDED="0",
            )
            try:
                system.migrate()
                started = time.monotonic()
                tally = run(system, options.seed, options.count)
            finally:
                system.stop()
    except ServiceMissing as missing:
        print(missing, file=sys.stderr)
        return 2
    finally:
        rabbitmq.stop()
        postgresql.remove()
    print(tally.table())
    print(f"{tally.accounted} of {tally.published} accounted for in {time.monotonic() - started:.0f} s")
    for line in tally.wrong[:20]:
        print(f"WRONG {line}")
    return 1 if tally.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
