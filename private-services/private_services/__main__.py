"""`python -m private_services -- COMMAND ...`: run a command with a broker and a database of its own.

The command finds them in RABBITMQ_URL and DATABASE_URL. Both are gone when it ends; its exit code is passed on.
"""

import os
import subprocess
import sys

from private_services import PostgreSQL, RabbitMQ, ServiceFailed, ServiceMissing


def main(arguments: list[str]) -> int:
    """Run the command after `--` and return its exit code; 2 without a command or without the services."""
    if arguments[:1] != ["--"] or len(arguments) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        rabbitmq, postgresql = RabbitMQ(), PostgreSQL()
        try:
            rabbitmq.start()
            postgresql.start()
            environment = os.environ | {
                "RABBITMQ_URL": rabbitmq.url,
                "DATABASE_URL": postgresql.create_database("missing_table"),
            }
            try:
                return subprocess.run(arguments[1:], env=environment, check=False).returncode
            except OSError as problem:
                print(f"{arguments[1]}: {problem.strerror}", file=sys.stderr)
                return 2
        finally:
            rabbitmq.stop()
            postgresql.remove()
    except (ServiceMissing, ServiceFailed) as problem:
        print(problem, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
