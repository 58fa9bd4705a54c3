"""API, pages and a worker under one command: the worker is a process of its own, watched by this one."""

import contextlib
import os
import signal
import subprocess
import sys
import threading

from missing_table.api import serve
from missing_table.ingest.envelope import QUEUE
from missing_table.settings import Settings
from missing_table.worker.spool import SpoolFolder

GRACE = 20
"""Seconds that the worker has to finish the batch in hand."""


def run(settings: Settings, host: str, port: int) -> int:
    """Serves until SIGTERM or Ctrl-C, or until the worker dies; returns the exit code.

    Raises `ConfigurationProblem` where a worker is at work in the embedded folder already.
    """
    if settings.broker() is None:
        SpoolFolder(settings.home.expanduser(), QUEUE).lock().close()
    worker = subprocess.Popen([sys.executable, "-m", "missing_table", "worker"], start_new_session=True)
    leaving = threading.Event()

    def watch() -> None:
        worker.wait()
        if not leaving.is_set():
            print(f"error: the worker ended with exit code {worker.returncode}", file=sys.stderr)
            os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()
    try:
        with contextlib.suppress(KeyboardInterrupt, SystemExit):
            serve(settings, host, port)
        return 1 if worker.poll() else 0
    finally:
        leaving.set()
        _stop(worker)


def _stop(worker: subprocess.Popen[bytes]) -> None:
    worker.terminate()
    try:
        worker.wait(timeout=GRACE)
    except subprocess.TimeoutExpired:
        worker.kill()
        worker.wait()
