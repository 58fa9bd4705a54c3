"""Where a run sends to, and where it sends the rest when that is away."""

import itertools
import json
import socket
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from match_scraper.delivery.api_client import MissingTableClient
from match_scraper.delivery.base import Confirmed, M, Message, Refused
from match_scraper.delivery.choose import choose_destinations
from match_scraper.delivery.ledger import Ledger
from match_scraper.delivery.queue_client import MatchQueueClient
from match_scraper.delivery.spool import SpoolFolder
from match_scraper.errors import NotDelivered, UsageProblem, worst_exit_code
from match_scraper.scrape import Run, send
from match_scraper.settings import Settings, load_settings

from .api_server import Api
from .conftest import Broker, MakeMatch

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
    (chosen,) = choose_destinations(settings(home, **BROKER), use_queue=True)
    assert isinstance(chosen, MatchQueueClient)
    assert chosen.key == "amqp://broker.example:5672///matches"


def test_without_a_broker_the_queue_is_the_embedded_folder(home: Path) -> None:
    (home / "missing-table.json").touch()
    (chosen,) = choose_destinations(settings(home), use_queue=True)
    assert isinstance(chosen, SpoolFolder)


def test_a_folder_that_nobody_set_up_is_not_written_into(home: Path) -> None:
    with pytest.raises(UsageProblem, match=r"(?s)RABBITMQ_URL.*missing-table migrate"):
        choose_destinations(settings(home), use_queue=True)
    assert list(home.iterdir()) == []


def test_the_embedded_folder_can_be_ruled_out(home: Path) -> None:
    (home / "missing-table.json").touch()
    with pytest.raises(UsageProblem, match="MISSING_TABLE_EMBEDDED=0"):
        choose_destinations(settings(home, missing_table_embedded=False), use_queue=True)


def test_without_the_queue_it_is_the_api(home: Path) -> None:
    (chosen,) = choose_destinations(
        settings(home, **BROKER, missing_table_api_base_url="http://api.example:8000/"), use_queue=False
    )
    assert isinstance(chosen, MissingTableClient)
    assert chosen.key == "http://api.example:8000"
    chosen.close()


def test_a_fallback_stands_behind_a_queue_of_either_kind_and_not_alone(home: Path) -> None:
    queue, api = choose_destinations(settings(home, **BROKER), use_queue=True, fallback_api=True)
    assert isinstance(queue, MatchQueueClient)
    assert isinstance(api, MissingTableClient)
    assert "S3CRET" not in queue.name + api.name
    api.close()
    (home / "missing-table.json").touch()
    folder, api = choose_destinations(settings(home), use_queue=True, fallback_api=True)
    assert (type(folder), type(api)) == (SpoolFolder, MissingTableClient)
    api.close()
    with pytest.raises(UsageProblem, match="--fallback-api goes with --use-queue"):
        choose_destinations(settings(home), use_queue=False, fallback_api=True)


class Taking:
    """Takes so many matches, reading `ahead` further, refuses each that is in `refusing`, and is then away."""

    def __init__(self, key: str, count: int = 10**9, ahead: int = 0, refusing: frozenset[int] = frozenset()) -> None:
        self.key = self.name = key
        self._count, self._ahead, self._refusing = count, ahead, refusing

    def send(self, messages: Iterable[M], *, confirmed: Confirmed[M], refused: Refused[M]) -> None:
        source = iter(messages)
        for number, match in enumerate(itertools.islice(source, self._count)):
            if number in self._refusing:
                refused(match, "no")
            else:
                confirmed(match, f"task {number}")
        if list(itertools.islice(source, self._ahead)):
            raise NotDelivered("It is away.")

    def close(self) -> None:
        """Holds nothing."""


class Remembered:
    """What was confirmed, by the key of who did."""

    def __init__(self) -> None:
        self.by: dict[str, list[Message]] = {}

    def unsent(self, messages: Iterable[M], destinations: Collection[str]) -> list[M]:
        known = [message for key in destinations for message in self.by.get(key, [])]
        return [message for message in messages if message not in known]

    def record(self, message: Message, destination: str) -> None:
        self.by.setdefault(destination, []).append(message)

    def forget(self, messages: Iterable[Message], destinations: Collection[str]) -> None:
        gone = list(messages)
        for key in destinations:
            self.by[key] = [message for message in self.by.get(key, []) if message not in gone]


@given(
    total=st.integers(0, 30),
    count=st.integers(0, 30),
    ahead=st.integers(1, 5),
    refusing=st.frozensets(st.integers(0, 30)),
    last_refuses=st.frozensets(st.integers(0, 30)),
)
def test_what_the_first_does_not_take_the_next_gets_in_order(
    total: int,
    count: int,
    ahead: int,
    refusing: frozenset[int],
    last_refuses: frozenset[int],
    make_match: MakeMatch,
) -> None:
    run = Run(messages=[make_match(number) for number in range(total)])
    memory = Remembered()
    first, second = Taking("first", count, ahead, refusing), Taking("second", refusing=last_refuses)
    send(run, [first, second], memory)
    taken = [match for number, match in enumerate(run.messages[:count]) if number not in refusing]
    rest = [match for match in run.messages if match not in taken]
    assert memory.by.get("first", []) == taken
    assert memory.by.get("second", []) == [match for number, match in enumerate(rest) if number not in last_refuses]
    assert [match for match, _ in run.refused] == [m for number, m in enumerate(rest) if number in last_refuses]
    assert (run.unsent, run.confirmed + len(run.refused)) == ([], total)
    assert len(run.notices) == (1 if rest else 0)
    assert worst_exit_code(run.problems) == (4 if run.refused else 0)


def test_where_nobody_takes_it_all_the_rest_is_unsent(make_match: MakeMatch) -> None:
    run = Run(messages=[make_match(number) for number in range(10)])
    send(run, [Taking("first", 3, 5), Taking("second", 4, 1)], Remembered())
    assert [match.match_id for match in run.unsent] == ["7", "8", "9"]
    assert (run.confirmed, worst_exit_code(run.problems)) == (7, 4)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "ledger.sqlite3") as ledger:
        yield ledger
        assert ledger.notices == []


def test_with_the_broker_down_everything_goes_over_http_and_a_second_run_sends_nothing(
    api: Api, ledger: Ledger, make_match: MakeMatch
) -> None:
    matches = [make_match(number) for number in range(450)]
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        queue = MatchQueueClient(f"amqp://u:p@127.0.0.1:{nobody.getsockname()[1]}/", attempts=2, sleep=lambda _: None)
        http = MissingTableClient(api.url, None)
        run = Run(messages=matches)
        send(run, [queue, http], ledger)
        assert (run.confirmed, run.unsent, run.problems) == (450, [], [])
        assert "tried 2 times). What is left goes to the API at http://127.0.0.1:" in run.notices[0]
        assert [match["match_id"] for _, _, sent in api.requests for match in sent] == [m.match_id for m in matches]
        again = Run(messages=matches)
        send(again, [queue, http], ledger)
        assert (again.unchanged, again.sent, again.notices) == (450, 0, [])
        http.close()
    # What the API has taken the broker has never seen: a run that knows only of the broker sends it there, too.
    assert ledger.unsent(matches, [http.key]) == []
    assert ledger.unsent(matches, [queue.key]) == matches


def test_a_broker_that_dies_midway_leaves_the_rest_to_the_api_and_each_is_noted_where_it_went(
    broker: Broker, api: Api, ledger: Ledger, make_match: MakeMatch
) -> None:
    broker.declare()
    matches = [make_match(number) for number in range(2000)]
    queue = MatchQueueClient(broker.url, window=200, attempts=2, first_wait=0.01)
    http = MissingTableClient(api.url, None)
    confirmed = 0

    def killing() -> None:
        nonlocal confirmed
        confirmed += 1
        if confirmed == 700:
            broker.node.kill()

    run = Run(messages=matches)
    send(run, [queue, http], ledger, each=killing)
    http.close()
    broker.node.start()
    over_http = [int(match["match_id"]) for _, _, sent in api.requests for match in sent]
    in_the_queue = {int(json.loads(message.body)[0][0]["match_id"]) for message in broker.take()}
    assert (run.confirmed, run.unsent, run.problems) == (2000, [], [])
    # Once over HTTP at the most, and never where the broker had confirmed it.
    assert over_http == [int(match.match_id or 0) for match in ledger.unsent(matches, [queue.key])]
    assert 0 < len(over_http) <= 1300
    assert set(range(2000)) - set(over_http) <= in_the_queue
    assert ledger.unsent(matches, [queue.key, http.key]) == []


def test_what_a_broker_without_a_queue_sends_back_goes_over_http(
    broker: Broker, api: Api, ledger: Ledger, make_match: MakeMatch
) -> None:
    broker.declare_exchange()
    queue, http = MatchQueueClient(broker.url), MissingTableClient(api.url, None)
    run = Run(messages=[make_match(number) for number in range(50)])
    send(run, [queue, http], ledger)
    queue.close()
    http.close()
    assert (run.confirmed, run.refused, run.problems, sum(api.sizes)) == (50, [], [], 50)
    assert "refused 50 matches: exchange 'matches' has no queue" in run.notices[0]
