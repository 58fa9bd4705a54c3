"""Where a run sends to, and where it sends the rest when that is away."""

import itertools
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from match_scraper.delivery.api_client import MissingTableClient
from match_scraper.delivery.base import Confirmed, Refused
from match_scraper.delivery.choose import choose_destination
from match_scraper.delivery.fallback import FallbackDestination
from match_scraper.delivery.queue_client import MatchQueueClient
from match_scraper.delivery.spool import SpoolFolder
from match_scraper.errors import NotDelivered, UsageProblem
from match_scraper.match_data import MatchData
from match_scraper.settings import Settings, load_settings

from .conftest import Broker, MakeMatch, Told

BROKER = {"rabbitmq_url": "amqp://user:S3CRET@broker.example/"}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("RABBITMQ_URL", "MISSING_TABLE_EMBEDDED", "MISSING_TABLE_API_BASE_URL", "MISSING_TABLE_API_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def settings(home: Path, **changes: object) -> Settings:
    return load_settings(missing_table_home=home, **changes)


def test_the_queue_is_the_broker_that_is_named(home: Path) -> None:
    (home / "missing-table.json").touch()
    chosen = choose_destination(settings(home, **BROKER), use_queue=True)
    assert isinstance(chosen, MatchQueueClient)
    assert chosen.key == "amqp://broker.example:5672///matches"


def test_without_a_broker_the_queue_is_the_embedded_folder(home: Path) -> None:
    (home / "missing-table.json").touch()
    assert isinstance(choose_destination(settings(home), use_queue=True), SpoolFolder)


def test_a_folder_that_nobody_set_up_is_not_written_into(home: Path) -> None:
    with pytest.raises(UsageProblem, match=r"(?s)RABBITMQ_URL.*missing-table migrate"):
        choose_destination(settings(home), use_queue=True)
    assert list(home.iterdir()) == []


def test_the_embedded_folder_can_be_ruled_out(home: Path) -> None:
    (home / "missing-table.json").touch()
    with pytest.raises(UsageProblem, match="MISSING_TABLE_EMBEDDED=0"):
        choose_destination(settings(home, missing_table_embedded=False), use_queue=True)


def test_without_the_queue_it_is_the_api(home: Path) -> None:
    chosen = choose_destination(
        settings(home, **BROKER, missing_table_api_base_url="http://api.example:8000/"), use_queue=False
    )
    assert isinstance(chosen, MissingTableClient)
    assert chosen.key == "http://api.example:8000"
    chosen.close()


def test_a_fallback_stands_behind_the_broker_only(home: Path) -> None:
    chosen = choose_destination(settings(home, **BROKER), use_queue=True, fallback_api=True)
    assert isinstance(chosen, FallbackDestination)
    assert chosen.key == "amqp://broker.example:5672///matches"
    assert "S3CRET" not in chosen.name
    chosen.close()


class Taking:
    """Takes so many matches, reading `ahead` further, refuses each that is in `refusing`, and is then away."""

    key = name = "here"

    def __init__(self, count: int = 10**9, ahead: int = 0, refusing: frozenset[int] = frozenset()) -> None:
        self._count, self._ahead, self._refusing = count, ahead, refusing

    def send(self, matches: Iterable[MatchData], *, confirmed: Confirmed, refused: Refused) -> None:
        source = iter(matches)
        for number, match in enumerate(itertools.islice(source, self._count)):
            if number in self._refusing:
                refused(match, "no")
            else:
                confirmed(match, f"task {number}")
        if list(itertools.islice(source, self._ahead)):
            raise NotDelivered("It is away.")

    def close(self) -> None:
        """Holds nothing."""


@given(
    total=st.integers(0, 30),
    count=st.integers(0, 30),
    ahead=st.integers(1, 5),
    refusing=st.frozensets(st.integers(0, 30)),
)
def test_what_the_first_did_not_settle_the_second_gets_in_order(
    total: int, count: int, ahead: int, refusing: frozenset[int], make_match: MakeMatch
) -> None:
    told = Told()
    # Some are the same object, and yet each is sent.
    matches = [make_match(number // 2) for number in range(total)]
    notices: list[str] = []
    both = FallbackDestination(Taking(count, ahead, refusing), Taking(), notice=notices.append)
    both.send(iter(matches), **told.callbacks)
    first = min(count, total)
    assert len(told.confirmed) + len(told.refused) == total
    assert [match for match, _ in told.confirmed][-(total - first) or total :] == matches[first:]
    assert len(notices) == (1 if total > count else 0)


def test_a_broker_that_is_killed_midway_hands_the_rest_over(broker: Broker, make_match: MakeMatch, told: Told) -> None:
    broker.declare()

    def killing() -> Iterator[MatchData]:
        for number in range(2000):
            if number == 1000:
                broker.node.kill()
            yield make_match(number)

    notices: list[str] = []
    queue = MatchQueueClient(broker.url, window=200, attempts=2, first_wait=0.01)
    both = FallbackDestination(queue, Taking(), notice=notices.append)
    both.send(killing(), **told.callbacks)
    both.close()
    broker.node.start()
    assert sorted(told.numbers) == list(range(2000))
    assert len(notices) == 1
    assert "What is left goes to here" in notices[0]
