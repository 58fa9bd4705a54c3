"""amqps: whom we trust, and how we prove who we are."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import amqp
import pytest
import trustme
from private_services import RabbitMQ
from private_services.owned import free_port

from match_scraper.delivery.queue_client import MatchQueueClient
from match_scraper.errors import NotDelivered
from match_scraper.match_data import MatchData

from .conftest import MakeMatch, Told

# Says in the agreed way where RabbitMQ is missing.
pytestmark = pytest.mark.usefixtures("rabbitmq")


@dataclass(frozen=True)
class Secured:
    """A node that speaks TLS only with who shows a certificate of `ca`."""

    node: RabbitMQ
    port: int
    ca: Path
    other_ca: Path
    certificate: Path

    def url(self, host: str = "localhost") -> str:
        return f"amqps://{self.node.user}:{self.node.password}@{host}:{self.port}/"

    def count(self) -> int:
        with amqp.Connection(
            f"127.0.0.1:{self.node.port}", userid=self.node.user, password=self.node.password
        ) as connection:
            return int(connection.channel().queue_declare("matches", passive=True).message_count)


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    folder = tmp_path_factory.mktemp("tls")
    authority, other = trustme.CA(), trustme.CA()
    server, client = authority.issue_cert("localhost"), authority.issue_cert("scraper@example.org")
    ca, other_ca, server_file, client_file = (folder / f"{name}.pem" for name in ("ca", "other-ca", "server", "client"))
    authority.cert_pem.write_to_path(str(ca))
    other.cert_pem.write_to_path(str(other_ca))
    server.private_key_and_cert_chain_pem.write_to_path(str(server_file))
    client.private_key_and_cert_chain_pem.write_to_path(str(client_file))
    port = free_port()
    node = RabbitMQ(
        conf=[
            f"listeners.ssl.default = 127.0.0.1:{port}",
            f"ssl_options.cacertfile = {ca}",
            f"ssl_options.certfile = {server_file}",
            f"ssl_options.keyfile = {server_file}",
            "ssl_options.verify = verify_peer",
            "ssl_options.fail_if_no_peer_cert = true",
        ],
        plugins=(),
    )
    node.start()
    try:
        with amqp.Connection(f"127.0.0.1:{node.port}", userid=node.user, password=node.password) as connection:
            channel = connection.channel()
            channel.exchange_declare("matches", "direct", durable=True, auto_delete=False)
            channel.queue_declare("matches", durable=True, auto_delete=False)
            channel.queue_bind("matches", "matches", "matches")
        node.settle()  # a test kills it
        yield Secured(node, port, ca, other_ca, client_file)
    finally:
        node.stop()


def test_matches_go_over_tls_with_a_certificate_of_ours(secured: Secured, make_match: MakeMatch) -> None:
    before = secured.count()
    client = MatchQueueClient(secured.url(), ca_file=secured.ca, cert_file=secured.certificate, window=100)
    # Enough for many TLS records at once, in both directions.
    client.submit_matches_batch(make_match(number) for number in range(1500))
    client.close()
    assert secured.count() - before == 1500


def test_a_broker_that_is_not_trusted_gets_nothing(secured: Secured, make_match: MakeMatch) -> None:
    client = MatchQueueClient(secured.url(), ca_file=secured.other_ca, cert_file=secured.certificate, attempts=1)
    with pytest.raises(NotDelivered, match="certificate that is not trusted"):
        client.submit_match(make_match(1))


def test_a_certificate_for_another_host_is_not_trusted(secured: Secured, make_match: MakeMatch) -> None:
    client = MatchQueueClient(secured.url("127.0.0.1"), ca_file=secured.ca, cert_file=secured.certificate, attempts=1)
    with pytest.raises(NotDelivered, match=r"not trusted: .*127\.0\.0\.1"):
        client.submit_match(make_match(1))


def test_without_a_certificate_of_ours_the_broker_does_not_let_us_in(secured: Secured, make_match: MakeMatch) -> None:
    client = MatchQueueClient(secured.url(), ca_file=secured.ca, first_wait=0.01)
    with pytest.raises(NotDelivered, match=r"wants to see a certificate of ours.* set RABBITMQ_CERT_FILE") as problem:
        client.submit_match(make_match(1))
    assert secured.node.password not in str(problem.value)


def test_a_ca_file_that_is_not_there_is_said(secured: Secured, make_match: MakeMatch, tmp_path: Path) -> None:
    client = MatchQueueClient(secured.url(), ca_file=tmp_path / "absent.pem")
    with pytest.raises(NotDelivered, match="TLS file cannot be read"):
        client.submit_match(make_match(1))


def test_tls_to_a_port_that_speaks_none_is_said(secured: Secured, make_match: MakeMatch) -> None:
    node = secured.node
    client = MatchQueueClient(f"amqps://{node.user}:{node.password}@localhost:{node.port}/", ca_file=secured.ca)
    with pytest.raises(NotDelivered, match="TLS handshake failed"):
        client.submit_match(make_match(1))


def test_a_broker_killed_midway_loses_nothing_over_tls_either(
    secured: Secured, make_match: MakeMatch, told: Told
) -> None:
    before = secured.count()

    def killing() -> Iterator[MatchData]:
        for number in range(2000):
            if number == 1000:
                secured.node.kill()
            yield make_match(number)

    client = MatchQueueClient(
        secured.url(),
        ca_file=secured.ca,
        cert_file=secured.certificate,
        window=200,
        sleep=lambda _: secured.node.start(),
    )
    client.send(killing(), **told.callbacks)
    client.close()
    assert told.refused == []
    assert sorted(told.numbers) == list(range(2000))
    assert secured.count() - before >= 2000
