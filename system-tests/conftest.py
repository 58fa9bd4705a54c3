"""One installation per test: embedded, or on a RabbitMQ and a PostgreSQL of the test's own."""

import socket
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from surfaces import System

FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Notes what has failed, for the fixtures that end afterwards."""
    report = yield
    if report.failed:
        item.stash[FAILED] = True
    return report


def ended(system: System, request: pytest.FixtureRequest) -> None:
    """Ends all that was started; where the test failed, with what the processes said."""
    system.stop()
    if request.node.stash.get(FAILED, False):
        print(system.said())


@pytest.fixture
def servers(request: pytest.FixtureRequest, tmp_path: Path, broker_url: str, postgres_url: str) -> Iterator[System]:
    """On RabbitMQ and PostgreSQL, where nothing may fall back to the embedded folder."""
    system = System(tmp_path, RABBITMQ_URL=broker_url, DATABASE_URL=postgres_url, MISSING_TABLE_EMBEDDED="0")
    yield system
    ended(system, request)


@pytest.fixture
def embedded(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[System]:
    """Without any server."""
    system = System(tmp_path)
    yield system
    ended(system, request)


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
