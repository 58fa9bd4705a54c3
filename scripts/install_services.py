"""Installs RabbitMQ, PostgreSQL, Chromium and libfaketime for the tests: through apt when root, else says what lacks.

Nothing is started: every test session starts its own and removes them.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

PACKAGES = {
    "rabbitmq-server": Path("/usr/lib/rabbitmq/bin/rabbitmq-server"),
    "postgresql": Path("/usr/lib/postgresql"),
    "chromium": Path("/usr/bin/chromium"),
    "libfaketime": Path(f"/usr/lib/{os.uname().machine}-linux-gnu/faketime/libfaketime.so.1"),
}


def main() -> int:
    """Returns the exit code: 0 also where nothing can be installed, for the tests then say what they skip."""
    missing = [name for name, program in PACKAGES.items() if not program.exists()]
    if not missing:
        return 0
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        print(f"not installed: {', '.join(missing)} (as root: apt-get install {' '.join(missing)})")
        return 0
    print(f"installing {', '.join(missing)}", flush=True)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update"], ["apt-get", "install", "--yes", "--no-install-recommends", *missing]):
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        if done.returncode != 0:
            print(done.stdout.decode(errors="replace")[-3000:], file=sys.stderr)
            print(f"error: {' '.join(command)} failed", file=sys.stderr)
            return done.returncode
    return 0


sys.exit(main())
