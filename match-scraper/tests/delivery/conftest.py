"""What the tests of sending share: matches to send, and a broker to send them to."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import amqp
import pytest
from private_services import RabbitMQ

from match_scraper.match_data import MatchData

from .api_server import Api

MakeMatch = Callable[..., MatchData]
LEAST = {
    "home_team": "A",
    "away_team": "B",
    "date": "2026-09-05",
    "season": "2026-27",
    "age_group": "U14",
    "match_type": "League",
}
"""What every message has, and no more."""


@pytest.fixture(scope="session")
def make_match() -> MakeMatch:
    """`make_match(7)`: match number 7; `make_match(7, score_home=1)`: with another score."""

    def make(number: int = 1, **changes: Any) -> MatchData:
        fields: dict[str, Any] = {
            "home_team": "FC Westchester",
            "away_team": "Žalgiris – TSF Academy",
            "date": "2026-09-05",
            "match_time": "12:00",
            "timezone": "America/New_York",
            "season": "2026-27",
            "age_group": "U14",
            "match_type": "League",
            "league": "Homegrown",
            "division": "Northeast",
            "score_home": 4,
            "score_away": 1,
            "status": "completed",
            "match_id": str(number),
            "home_team_id": "5656",
            "away_team_id": "6103",
            "source": "mls-next",
            "observed_at": "2026-10-05T04:40:03Z",
        }
        return MatchData.model_validate(fields | changes)

    return make


class Broker:
    """One virtual host of the session's RabbitMQ, looked at from the consumer's side."""

    def __init__(self, node: RabbitMQ, virtual_host: str) -> None:
        self.node = node
        self.virtual_host = virtual_host
        self.url = node.url_for(virtual_host)

    def connect(self) -> amqp.Connection:
        connection = amqp.Connection(
            f"127.0.0.1:{self.node.port}",
            userid=self.node.user,
            password=self.node.password,
            virtual_host=self.virtual_host,
        )
        connection.connect()
        return connection

    def declare_exchange(self) -> None:
        with self.connect() as connection:
            connection.channel().exchange_declare("matches", "direct", durable=True, auto_delete=False)

    def declare(self, **arguments: Any) -> None:
        """Exchange and queue as missing-table has them; `arguments` of the queue with _ for -."""
        self.declare_exchange()
        with self.connect() as connection:
            channel = connection.channel()
            channel.queue_declare(
                "matches",
                durable=True,
                auto_delete=False,
                arguments={name.replace("_", "-"): value for name, value in arguments.items()},
            )
            channel.queue_bind("matches", "matches", "matches")
        if arguments.get("x_queue_type") == "quorum":
            self.node.settle()

    def count(self) -> int:
        """How many messages wait in the queue."""
        with self.connect() as connection:
            return int(connection.channel().queue_declare("matches", passive=True).message_count)

    def take(self) -> list[amqp.Message]:
        """All messages of the queue, taken out of it."""
        messages = []
        with self.connect() as connection:
            channel = connection.channel()
            while (message := channel.basic_get("matches", no_ack=True)) is not None:
                messages.append(message)
        return messages


@pytest.fixture
def broker(rabbitmq: RabbitMQ, virtual_host: str) -> Iterator[Broker]:
    """An empty virtual host: no exchange, no queue."""
    yield Broker(rabbitmq, virtual_host)
    rabbitmq.resume()


@pytest.fixture
def api() -> Iterator[Api]:
    """A server that takes all it gets."""
    api = Api()
    thread = threading.Thread(target=api.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield api
    api.server.shutdown()
    thread.join()
    api.server.server_close()


class Told:
    """What a destination has told about each match."""

    def __init__(self) -> None:
        self.confirmed: list[tuple[MatchData, str]] = []
        self.refused: list[tuple[MatchData, str]] = []

    @property
    def callbacks(self) -> dict[str, Any]:
        return {
            "confirmed": lambda match, task_id: self.confirmed.append((match, task_id)),
            "refused": lambda match, reason: self.refused.append((match, reason)),
        }

    @property
    def numbers(self) -> list[int]:
        """The match ids of what was confirmed, in that order."""
        return [int(match.match_id or 0) for match, _ in self.confirmed]


@pytest.fixture
def told() -> Told:
    """Nothing yet."""
    return Told()
