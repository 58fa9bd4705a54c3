"""One installation per test: embedded, or on a RabbitMQ and a PostgreSQL of the test's own."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from surfaces import System


@pytest.fixture
def servers(tmp_path: Path, broker_url: str, postgres_url: str) -> Iterator[System]:
    """On RabbitMQ and PostgreSQL, where nothing may fall back to the embedded folder."""
    system = System(tmp_path, RABBITMQ_URL=broker_url, DATABASE_URL=postgres_url, MISSING_TABLE_EMBEDDED="0")
    yield system
    system.stop()


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[System]:
    """Without any server."""
    system = System(tmp_path)
    yield system
    system.stop()


@pytest.fixture(params=["servers", "embedded"])
def system(request: pytest.FixtureRequest) -> System:
    """Both, in turn."""
    found: System = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def unused_ports() -> list[int]:
    """Four ports of this machine that nobody listens on."""
    with ExitStack() as open_sockets:
        probes = [open_sockets.enter_context(socket.socket()) for _ in range(4)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


@pytest.fixture
def unused_port(unused_ports: list[int]) -> int:
    """A port of this machine that nobody listens on."""
    return unused_ports[0]
