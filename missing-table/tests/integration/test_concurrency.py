"""Several workers at once: one row per match, no error, and the same rows as one worker alone would have stored."""

import random
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from messages import NOW, delivery, match, observed
from missing_table.ingest.envelope import Delivery
from missing_table.ingest.pipeline import Ingest
from missing_table.store import engine as engines
from missing_table.store import schema
from stored import count, everything, rows

WORKERS = 4
MATCHES = 40


def statements(*, numbered: bool) -> list[dict[str, Any]]:
    """Four statements about each of `MATCHES` matches, of the same moments but for two."""
    said = []
    for number in range(MATCHES):
        home, away = number % 11, 11 + number % 7
        fixture = {
            "match_id": str(number),
            "home_team": f"Team {home}",
            "home_team_id": str(home),
            "away_team": f"Team {away}",
            "away_team_id": str(away),
            "date": f"2026-09-{1 + number % 30:02}",
        }
        with_score = {"score_home": number % 5, "score_away": 1, "observed_at": observed(610)}
        said += [
            match(**fixture),
            match(**fixture, observed_at=observed(600), location="A"),
            match(**{**fixture, "match_id": fixture["match_id"] if numbered else None}, **with_score),
            match(**{**fixture, "date": "2026-12-31"}, observed_at=observed(620), status="postponed")
            if numbered and number % 3 == 0
            else match(**fixture, observed_at=observed(610), location="B"),
        ]
    return said


def shares(said: Sequence[dict[str, Any]], seed: int) -> list[list[Delivery]]:
    """All of `said` for each worker, in an order of its own."""
    dice = random.Random(seed)
    return [[delivery(payload) for payload in dice.sample(said, len(said))] for _ in range(WORKERS)]


def work(engine: Engine, share: Sequence[Delivery], batch: int, together: threading.Barrier) -> None:
    ingest = Ingest(engine, default_league="Homegrown", message_limit=100_000)
    together.wait()
    for start in range(0, len(share), batch):
        ingest.process(share[start : start + batch], NOW)


def all_at_once(engine: Engine, share_of: Sequence[Sequence[Delivery]], batch: int) -> None:
    """One thread per share; any error is the test's."""
    errors: list[BaseException] = []
    together = threading.Barrier(len(share_of))

    def guarded(share: Sequence[Delivery]) -> None:
        try:
            work(engine, share, batch, together)
        except BaseException as error:  # noqa: BLE001 (handed to the test)
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(share,)) for share in share_of]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


@pytest.fixture
def expected(tmp_path: Path) -> Any:
    """What one worker alone stores of payloads."""

    def store(said: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        engine = engines.create(f"sqlite:///{tmp_path / 'alone.db'}")
        schema.migrate(engine)
        Ingest(engine, default_league="Homegrown", message_limit=100_000).process([delivery(s) for s in said], NOW)
        found = everything(engine)
        engine.dispose()
        return found

    return store


@pytest.mark.parametrize("numbered", [True, False], ids=["numbered", "some without number"])
def test_workers_at_once_store_what_one_alone_would(engine: Engine, expected: Any, numbered: bool) -> None:
    said = statements(numbered=numbered)
    all_at_once(engine, shares(said, seed=7), batch=20)
    assert everything(engine) == expected(said)
    assert count(engine, "matches") == MATCHES
    assert count(engine, "teams") == 18
    assert count(engine, "quarantine") == 0
    outcomes = [row[0] for row in rows(engine, "outcomes", "outcome")]
    assert len(outcomes) == WORKERS * len(said)
    assert outcomes.count("created") == MATCHES


@pytest.mark.parametrize("numbered_first", [True, False])
def test_a_match_with_and_without_its_number_at_the_same_moment(engine: Engine, numbered_first: bool) -> None:
    """No index forbids the two rows: only that the workers wait for each other."""
    teams = [match(match_id="other", date="2026-01-01")]
    Ingest(engine, default_league="Homegrown", message_limit=100_000).process([delivery(s) for s in teams], NOW)
    said = [
        [match(match_id=str(number), date=f"2026-10-{1 + number % 31:02}") for number in range(31)],
        [match(match_id=None, date=f"2026-10-{1 + number % 31:02}") for number in range(31)],
    ]
    orders = said if numbered_first else said[::-1]
    all_at_once(engine, [[delivery(s) for s in each] for each in (*orders, *(each[::-1] for each in orders))], batch=1)
    assert count(engine, "matches") == 1 + 31


def test_the_same_bad_messages_at_once_are_quarantined_once_each(engine: Engine) -> None:
    bodies = [f"bad {number}".encode() for number in range(20)]
    all_at_once(engine, [[delivery(body=body) for body in bodies[::step]] for step in (1, -1, 1, -1)], batch=5)
    assert count(engine, "quarantine") == len(bodies)
    assert {row[0] for row in rows(engine, "quarantine", "seen")} == {WORKERS}


PROGRAM = """
import pickle, sys
from missing_table.ingest.pipeline import Ingest
from missing_table.store import engine, schema
print("ready", flush=True)
url, now, share = pickle.load(sys.stdin.buffer)
made = engine.create(url)
schema.migrate(made)
ingest = Ingest(made, default_league="Homegrown", message_limit=100_000)
for start in range(0, len(share), 20):
    ingest.process(share[start : start + 20], now)
"""


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_processes_at_once_from_an_empty_database(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest, expected: Any
) -> None:
    """Each brings the tables up to date first, as pods do that start together."""
    import pickle

    url = f"sqlite:///{tmp_path / 'test.db'}" if kind == "sqlite" else request.getfixturevalue("postgres_url")
    said = statements(numbered=True)
    started = [
        subprocess.Popen([sys.executable, "-W", "error", "-c", PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for _ in range(WORKERS)
    ]
    for process in started:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        process.stdout.close()
    for process, share in zip(started, shares(said, seed=3), strict=True):
        assert process.stdin is not None
        process.stdin.write(pickle.dumps((url, NOW, share)))
        process.stdin.close()
    assert [process.wait(60) for process in started] == [0] * WORKERS
    engine = engines.create(url)
    assert everything(engine) == expected(said)
    engine.dispose()
