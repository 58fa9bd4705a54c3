"""The private services as pytest fixtures: one of each for a session, a fresh corner of it for every test."""

import os
from collections.abc import Iterator

import pytest

from private_services.owned import ServiceMissing
from private_services.postgresql import PostgreSQL
from private_services.rabbitmq import RabbitMQ


@pytest.hookimpl(tryfirst=True)
def pytest_configure() -> None:
    """What Hypothesis generates may take its time: on a busy machine a deadline fails what is right."""
    from hypothesis import settings

    settings.register_profile("unhurried", deadline=None)
    settings.load_profile("unhurried")


def _must_have_services() -> bool:
    """Where a missing service is a failure: who is root can install it, and CI must not skip in silence."""
    return os.geteuid() == 0 or os.environ.get("CI", "").lower() == "true"


def _unavailable(name: str, reason: ServiceMissing) -> None:
    if _must_have_services():
        pytest.fail(f"{reason}", pytrace=False)
    pytest.skip(f"{name}: {reason}")


@pytest.fixture(scope="session")
def rabbitmq() -> Iterator[RabbitMQ]:
    """A RabbitMQ node for the whole session. A test that kills it brings it back."""
    try:
        node = RabbitMQ()
    except ServiceMissing as missing:
        _unavailable("RabbitMQ", missing)
        raise
    node.start()
    try:
        yield node
    finally:
        node.stop()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """A PostgreSQL cluster for the whole session, without fsync. A test that stops it brings it back."""
    try:
        cluster = PostgreSQL(durable=False)
    except ServiceMissing as missing:
        _unavailable("PostgreSQL", missing)
        raise
    cluster.start()
    try:
        yield cluster
    finally:
        cluster.remove()


@pytest.fixture
def virtual_host(rabbitmq: RabbitMQ) -> Iterator[str]:
    """The name of a virtual host that only this test uses, empty at first."""
    rabbitmq.start()  # does nothing, unless an earlier test failed with the node killed
    name = rabbitmq.virtual_host()
    yield name
    rabbitmq.start()
    rabbitmq.remove_virtual_host(name)


@pytest.fixture
def broker_url(rabbitmq: RabbitMQ, virtual_host: str) -> str:
    """The AMQP URL of a virtual host that only this test uses."""
    return rabbitmq.url_for(virtual_host)


@pytest.fixture
def postgres_url(postgresql: PostgreSQL) -> Iterator[str]:
    """The plain `postgresql://` URL of a database that only this test uses, empty at first."""
    postgresql.start()
    url = postgresql.create_database()
    yield url
    postgresql.start()
    postgresql.drop_database(url.rpartition("/")[2])
