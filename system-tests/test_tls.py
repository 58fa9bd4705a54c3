"""The whole pipeline over amqps, with certificates of an authority of the test's own, on both sides."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
from private_services import RabbitMQ
from private_services.owned import free_port

from surfaces import MESSAGES, TABLE, System, eventually


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory, rabbitmq: RabbitMQ) -> Iterator[dict[str, str]]:
    """RabbitMQ that speaks TLS only with who shows a certificate of our authority: the environment of one who may."""
    assert rabbitmq.running, "it says in the agreed way where RabbitMQ is missing"
    authority = trustme.CA()
    server, client = authority.issue_cert("localhost"), authority.issue_cert("client@localhost")
    folder = tmp_path_factory.mktemp("certificates")
    authority.cert_pem.write_to_path(str(folder / "authority.pem"))
    for name, certificate in (("server", server), ("client", client)):
        certificate.cert_chain_pems[0].write_to_path(str(folder / f"{name}.pem"))
        certificate.private_key_pem.write_to_path(str(folder / f"{name}.key"))
    port = free_port()
    node = RabbitMQ(
        conf=[
            f"listeners.ssl.default = 127.0.0.1:{port}",
            f"ssl_options.cacertfile = {folder}/authority.pem",
            f"ssl_options.certfile = {folder}/server.pem",
            f"ssl_options.keyfile = {folder}/server.key",
            "ssl_options.verify = verify_peer",
            "ssl_options.fail_if_no_peer_cert = true",
        ],
        plugins=(),
    )
    node.start()
    yield {
        "RABBITMQ_URL": f"amqps://{node.user}:{node.password}@localhost:{port}//",
        "RABBITMQ_CA_FILE": str(folder / "authority.pem"),
        "RABBITMQ_CERT_FILE": str(folder / "client.pem"),
        "RABBITMQ_KEY_FILE": str(folder / "client.key"),
    }
    node.stop()


@pytest.fixture
def over_tls(tmp_path: Path, postgres_url: str, secured: dict[str, str]) -> Iterator[System]:
    system = System(tmp_path, DATABASE_URL=postgres_url, MISSING_TABLE_EMBEDDED="0", **secured)
    yield system
    system.stop()


def test_scraper_worker_and_api_meet_over_tls(over_tls: System) -> None:
    over_tls.migrate()
    over_tls.start_league()
    over_tls.start_worker()
    over_tls.scrape("--use-queue")
    eventually(lambda: over_tls.count("outcomes") == MESSAGES)
    over_tls.start_api()
    over_tls.scrape("--no-use-queue")
    eventually(lambda: over_tls.count("outcomes") == 2 * MESSAGES)
    assert over_tls.outcomes() == {"created": MESSAGES, "unchanged": MESSAGES}


def test_a_broker_that_is_not_trusted_gets_nothing(over_tls: System) -> None:
    del over_tls.environment["RABBITMQ_CA_FILE"]
    over_tls.migrate()
    over_tls.start_league()
    done = over_tls.scrape("--use-queue", exit_code=4, MLS_SCRAPER_SEND_ATTEMPTS="1")
    assert "certificate" in done.stderr
    worker = over_tls.start(TABLE, "worker")
    assert "certificate" in worker.wait_for("waiting for the broker")
