"""Serving: the process as a whole, from the check before it starts to its orderly end."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from private_services.program import Program

from missing_table.api import serve
from missing_table.errors import ConfigurationProblem, SchemaOutOfStep
from missing_table.settings import Settings
from missing_table.store import engine as engines
from missing_table.store import schema
from worker_process import PATIENCE

PROGRAM = """
from missing_table.api import serve
from missing_table.settings import load_settings
serve(load_settings(), "127.0.0.1", 0)
"""


def test_it_does_not_start_on_a_database_that_is_out_of_step(settings: Settings) -> None:
    with pytest.raises(SchemaOutOfStep, match="run `missing-table migrate`"):
        serve(settings, "127.0.0.1", 0)


def test_a_taken_port_is_said_in_words(settings: Settings) -> None:
    engine = engines.create(settings.database())
    schema.migrate(engine)
    engine.dispose()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(
            ConfigurationProblem, match=f"cannot listen on 127.0.0.1 port {port}: Address already in use"
        ):
            serve(settings, "127.0.0.1", port)
    with pytest.raises(ConfigurationProblem, match="cannot listen on no such host"):
        serve(settings, "no such host", 8000)


def test_it_serves_and_leaves_in_order(tmp_path: Path) -> None:
    engine = engines.create(f"sqlite:///{tmp_path / 'missing-table.db'}")
    schema.migrate(engine)
    engine.dispose()
    environment = os.environ | {"MISSING_TABLE_HOME": str(tmp_path), "DATABASE_URL": "", "RABBITMQ_URL": ""}
    with Program([sys.executable, "-c", PROGRAM], env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        address = process.stderr.readline().removeprefix("API and pages on ").strip()
        assert httpx.get(f"{address}/ready", timeout=PATIENCE).json() == {"status": "ready"}
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=PATIENCE) == 0
        assert process.stderr.read() == ""
