"""The ledger: a run sends what is new, and no fault of the ledger ever stops a run."""

import datetime as dt
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from match_scraper.delivery.ledger import EXPIRES_AFTER, Ledger, content, identity
from match_scraper.match_data import MatchData

from .conftest import LEAST, MakeMatch

NOW = dt.datetime(2026, 10, 5, 12, tzinfo=dt.UTC)
HERE = "amqp://broker:5672///matches"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "ledger.sqlite3"


def ledger_at(path: Path, now: dt.datetime = NOW) -> Ledger:
    return Ledger(path, now=lambda: now)


def remember(path: Path, *matches: MatchData, now: dt.datetime = NOW, by: str = HERE) -> None:
    with ledger_at(path, now) as ledger:
        for match in matches:
            ledger.record(match, by)
        assert ledger.notices == []


def unsent(path: Path, *matches: MatchData, now: dt.datetime = NOW, to: tuple[str, ...] = (HERE,)) -> list[MatchData]:
    with ledger_at(path, now) as ledger:
        found = ledger.unsent(matches, to)
        assert ledger.notices == []
    return found


def test_what_was_confirmed_is_not_sent_again(path: Path, make_match: MakeMatch) -> None:
    first, second = make_match(1), make_match(2)
    assert unsent(path, first, second) == [first, second]
    remember(path, first)
    assert unsent(path, first, second) == [second]


def test_a_later_look_at_the_same_match_is_nothing_new(path: Path, make_match: MakeMatch) -> None:
    remember(path, make_match(1))
    assert unsent(path, make_match(1, observed_at="2026-10-06T04:40:03Z")) == []


@pytest.mark.parametrize(
    "change",
    [
        {"score_home": 5},
        {"status": "tbd", "score_home": None, "score_away": None},
        {"notes": "moved"},
        {"league": "Flex"},
    ],
)
def test_any_change_is_sent(path: Path, make_match: MakeMatch, change: dict[str, object]) -> None:
    remember(path, make_match(1))
    changed = make_match(1, **change)
    assert unsent(path, changed) == [changed]
    remember(path, changed)
    assert unsent(path, changed) == []
    assert unsent(path, make_match(1)) == [make_match(1)]


def test_another_destination_has_confirmed_nothing(path: Path, make_match: MakeMatch) -> None:
    remember(path, make_match(1))
    there = "http://127.0.0.1:8000"
    assert unsent(path, make_match(1), to=(there,)) == [make_match(1)]
    assert unsent(path, make_match(1), to=(there, HERE)) == []


@pytest.mark.parametrize("observed", [None, "2026-10-05T04:40:03Z"])
def test_what_goes_back_to_what_it_was_is_sent_again_whoever_took_what_was_between(
    path: Path, make_match: MakeMatch, observed: str | None
) -> None:
    as_it_was, between = make_match(1, observed_at=observed), make_match(1, observed_at=observed, score_home=5)
    remember(path, as_it_was, make_match(2))
    remember(path, between, now=NOW + dt.timedelta(hours=6), by="https://there")
    later = NOW + dt.timedelta(hours=12)
    for to in ((HERE,), (HERE, "https://there")):
        assert unsent(path, as_it_was, make_match(2), to=to, now=later) == [as_it_was]
    assert unsent(path, between, to=("https://there",), now=later) == []
    remember(path, as_it_was, now=later)
    assert unsent(path, as_it_was, to=(HERE, "https://there"), now=later) == []


def test_after_seven_days_a_match_is_sent_again(path: Path, make_match: MakeMatch) -> None:
    remember(path, make_match(1))
    almost = NOW + EXPIRES_AFTER - dt.timedelta(minutes=1)
    assert unsent(path, make_match(1), now=almost) == []
    assert unsent(path, make_match(1), now=NOW + EXPIRES_AFTER) == [make_match(1)]


def test_what_a_wrong_clock_noted_in_the_future_does_not_hold(path: Path, make_match: MakeMatch) -> None:
    remember(path, make_match(1), now=NOW + dt.timedelta(days=1))
    assert unsent(path, make_match(1)) == [make_match(1)]


def test_expired_entries_are_removed(path: Path, make_match: MakeMatch) -> None:
    remember(path, make_match(1))
    remember(path, make_match(2), now=NOW + EXPIRES_AFTER)
    with sqlite3.connect(path) as database:
        assert database.execute("SELECT identity FROM confirmed").fetchall() == [(identity(make_match(2)),)]
    database.close()


def test_of_two_overlapping_runs_the_newer_look_stays(path: Path, make_match: MakeMatch) -> None:
    older = make_match(1, score_home=1, observed_at="2026-10-05T04:00:00Z")
    newer = make_match(1, score_home=2, observed_at="2026-10-05T05:00:00Z")
    remember(path, newer)
    remember(path, older)
    # Were it otherwise, a source that goes back to the older score would never be heard.
    again = make_match(1, score_home=1, observed_at="2026-10-05T06:00:00Z")
    assert unsent(path, again) == [again]
    assert unsent(path, newer) == []


def test_what_is_recorded_is_there_after_a_kill(path: Path) -> None:
    program = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from match_scraper.delivery.ledger import Ledger\n"
        "from match_scraper.match_data import MatchData\n"
        "ledger = Ledger(Path(sys.argv[1]))\n"
        "base = dict(home_team='A', away_team='B', date='2026-09-05', season='2026-27', age_group='U14',\n"
        "            match_type='League')\n"
        "for number in range(1000):\n"
        "    ledger.record(MatchData.model_validate(base | {'match_id': str(number)}), 'here')\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", program, str(path)], check=False)
    assert done.returncode == -9
    with Ledger(path) as ledger:
        matches = [MatchData.model_validate(LEAST | {"match_id": str(number)}) for number in range(1000)]
        assert len(ledger.unsent(matches, ["here"])) <= 200


def test_two_runs_at_once_both_get_their_word_in(path: Path, make_match: MakeMatch) -> None:
    notices: list[str] = []

    def run(numbers: range) -> None:
        with ledger_at(path) as ledger:
            for number in numbers:
                ledger.record(make_match(number), HERE)
            ledger.flush()
            notices.extend(ledger.notices)

    runs = [threading.Thread(target=run, args=(range(start, start + 1500),)) for start in (0, 1000, 2000)]
    for each in runs:
        each.start()
    for each in runs:
        each.join()
    assert notices == []
    assert unsent(path, *(make_match(number) for number in range(3500))) == []


def test_many_runs_may_begin_at_once_on_a_file_that_is_not_there_yet(path: Path, make_match: MakeMatch) -> None:
    together = threading.Barrier(8)
    notices: list[str] = []

    def begin(number: int) -> None:
        together.wait()
        with ledger_at(path) as ledger:
            ledger.record(make_match(number), HERE)
        notices.extend(ledger.notices)

    runs = [threading.Thread(target=begin, args=(number,)) for number in range(8)]
    for each in runs:
        each.start()
    for each in runs:
        each.join()
    assert notices == []
    assert unsent(path, *(make_match(number) for number in range(8))) == []


def damaged(path: Path) -> None:
    path.write_bytes(b"this is no database" * 500)


def damaged_inside(path: Path) -> None:
    remember(path, *(MatchData.model_validate(LEAST | {"match_id": str(number)}) for number in range(2000)))
    whole = bytearray(path.read_bytes())
    whole[5000:-4096] = b"\xa5" * (len(whole) - 5000 - 4096)
    path.write_bytes(bytes(whole))


@pytest.mark.parametrize("harm", [damaged, damaged_inside])
def test_a_damaged_ledger_is_set_aside(path: Path, make_match: MakeMatch, harm: Callable[[Path], None]) -> None:
    path.parent.mkdir()
    harm(path)
    with ledger_at(path) as ledger:
        assert "damaged" in ledger.notices[0]
        assert ledger.unsent([make_match(1)], [HERE]) == [make_match(1)]
        ledger.record(make_match(1), HERE)
    assert path.with_name("ledger.sqlite3.damaged").exists()
    assert unsent(path, make_match(1)) == []


def test_a_ledger_of_another_form_starts_anew(path: Path, make_match: MakeMatch) -> None:
    path.parent.mkdir()
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE confirmed (something TEXT)")
        database.execute("PRAGMA user_version = 99")
    database.close()
    remember(path, make_match(1))
    assert unsent(path, make_match(1)) == []


def test_a_ledger_that_cannot_be_written_does_not_stop_a_run(tmp_path: Path, make_match: MakeMatch) -> None:
    (tmp_path / "state").write_text("in the way")
    with ledger_at(tmp_path / "state" / "ledger.sqlite3") as ledger:
        assert "cannot be used" in ledger.notices[0]
        assert ledger.unsent([make_match(1)], [HERE]) == [make_match(1)]
        ledger.record(make_match(1), HERE)
        ledger.flush()
        assert len(ledger.notices) == 1


def test_a_ledger_that_fails_midway_does_not_stop_a_run(path: Path, make_match: MakeMatch) -> None:
    with ledger_at(path) as ledger:
        with sqlite3.connect(path) as database:
            database.execute("DROP TABLE confirmed")
        database.close()
        ledger.record(make_match(1), HERE)
        ledger.flush()
        assert ledger.unsent([make_match(1)], [HERE]) == [make_match(1)]
        assert any("could not be written" in notice for notice in ledger.notices)


fields = {
    "match_id": st.none() | st.sampled_from(["1", "2"]),
    "source": st.none() | st.just("modular11"),
    "season": st.sampled_from(["2025-26", "2026-27"]),
    "league": st.none() | st.just("Flex"),
    "home_team": st.sampled_from(["A", "A B"]),
    "score_home": st.just(0),
    "score_away": st.sampled_from([0, 1]),
}
any_match = st.fixed_dictionaries(fields).map(lambda changes: MatchData.model_validate(LEAST | changes))


@given(any_match, any_match)
def test_same_content_means_same_message(one: MatchData, other: MatchData) -> None:
    assert (content(one) == content(other)) == (one.payload() == other.payload())
    if content(one) == content(other):
        assert identity(one) == identity(other)


@given(any_match, any_match)
def test_a_match_is_told_by_its_number_or_else_by_its_nature(one: MatchData, other: MatchData) -> None:
    def of(match: MatchData) -> tuple[object, ...]:
        if match.match_id is not None:
            return (match.source or "mls-next", match.season, match.match_id)
        return (match.source or "mls-next", match.season, match.league, match.home_team, "natural")

    assert (identity(one) == identity(other)) == (of(one) == of(other))
