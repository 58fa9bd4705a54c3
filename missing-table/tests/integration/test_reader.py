"""What a reader holds in memory is never older than it says, on both databases."""

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Engine, event

from messages import delivery, match
from missing_table.bracket import Asked, UnknownBracket
from missing_table.ingest import merging
from missing_table.ingest.pipeline import Ingest
from missing_table.match_data import MatchData
from missing_table.reader import Found, Kept, Reader
from missing_table.standings import Bracket
from missing_table.store import engine as engines
from missing_table.store import read
from missing_table.store.engine import glancing, reading

NOW = dt.datetime(2026, 10, 5, 12, tzinfo=dt.UTC)
NORTHEAST = Bracket("2026-27", "Homegrown", "U15", "Northeast")
HERE = Asked(age_group="U15", division="Northeast")
Enter = Callable[..., None]


@pytest.fixture
def enter(ingest: Ingest) -> Enter:
    """Stores a match, given by what differs from a plain one."""

    def enter(**fields: Any) -> None:
        plain = {
            "home_team": "A",
            "away_team": "B",
            "date": "2026-09-05",
            "season": "2026-27",
            "age_group": "U15",
            "match_type": "League",
            "division": "Northeast",
            "match_id": "1",
        }
        ingest.enter(MatchData.model_validate(plain | fields), now=dt.datetime.now(dt.UTC), by="test")

    return enter


@pytest.fixture
def reader() -> Reader:
    return Reader("Homegrown")


def find(engine: Engine, reader: Reader, asked: Asked = HERE) -> Found:
    with reading(engine) as connection:
        return reader.find(connection, asked)


def teams(engine: Engine, reader: Reader) -> list[str]:
    with reading(engine) as connection:
        return [row.team for row in reader.view(connection, reader.find(connection, HERE)).table.rows]


def test_the_version_moves_with_all_that_is_shown_and_with_nothing_else(
    engine: Engine, enter: Enter, reader: Reader
) -> None:
    enter()
    seen = [find(engine, reader).version]
    assert find(engine, Reader("Homegrown")).version == seen[0]  # another process says the same

    def moved() -> bool:
        seen.append(find(engine, reader).version)
        return seen[-1] != seen[-2]

    enter(match_id="2", division="Florida")
    find(engine, reader)
    enter(match_id="9", age_group="U16", home_team="Other", away_team="Others")
    assert moved()  # a team is new, and any team may be one of the bracket's under another name
    enter(score_home=1, score_away=0)
    assert moved()
    enter(match_id="3", home_team="C", age_group="U16", away_age_group="U15")
    assert moved()
    enter(match_id="2", division="Northeast")
    assert moved()
    enter(match_id="2", division="Florida")
    assert moved()
    provisional = next(found.team for found in merging.provisional(engine) if found.team.name == "C")
    merging.confirm(engine, provisional.ref)
    assert moved()
    quiet = find(engine, reader).version
    enter(match_id="4", division="Florida", home_team="A", away_team="B")
    assert find(engine, reader).version == quiet


def test_a_view_is_read_once_for_each_version(engine: Engine, enter: Enter, reader: Reader) -> None:
    enter(score_home=0, score_away=1)
    assert teams(engine, reader) == ["B", "A"]
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    assert teams(engine, reader) == ["B", "A"]
    event.remove(engine, "before_cursor_execute", note)
    assert len([statement for statement in statements if "matches" in statement]) == 1
    enter(score_home=2, score_away=1)
    assert teams(engine, reader) == ["A", "B"]


def test_the_list_knows_a_new_bracket_at_once(engine: Engine, enter: Enter, reader: Reader) -> None:
    with reading(engine) as connection:
        assert reader.brackets(connection) == []
        with pytest.raises(UnknownBracket, match="no match is stored yet"):
            reader.find(connection, HERE)
    enter()
    assert find(engine, reader, Asked(age_group="U15")).bracket == NORTHEAST
    enter(match_id="2", age_group="U16", away_age_group="U17")
    enter(match_id="3", season="2027-28")
    with reading(engine) as connection:
        assert reader.brackets(connection) == read.brackets(connection)
    # an open season is the newest, also where the same was asked before
    assert find(engine, reader, Asked(age_group="U15")).bracket.season == "2027-28"


def test_a_match_that_moves_takes_its_bracket_along(engine: Engine, enter: Enter, reader: Reader) -> None:
    enter()
    assert find(engine, reader).bracket == NORTHEAST
    enter(division="Florida")
    assert find(engine, reader, Asked(age_group="U15", division="Florida")).bracket.division == "Florida"
    with pytest.raises(UnknownBracket):
        find(engine, reader)


def test_a_glance_tells_what_find_tells_and_nothing_where_something_moved(
    engine: Engine, enter: Enter, reader: Reader
) -> None:
    def glance() -> Found | None:
        with glancing(engine) as connection:
            return reader.glance(connection, HERE)

    enter()
    assert glance() is None  # what is meant by it is not known yet
    first = find(engine, reader)
    assert glance() == first
    enter(score_home=1, score_away=0)
    moved = glance()
    assert moved is not None
    assert moved.version != first.version
    assert moved == find(engine, reader)
    enter(match_id="2", season="2027-28", date="2027-09-05")
    assert glance() is None  # another season is meant by it now
    assert find(engine, reader).bracket.season == "2027-28"
    assert glance() == find(engine, reader)


def test_a_glance_begins_no_transaction_and_leaves_the_connection_as_it_was(postgres_database: str) -> None:
    engine = engines.create(postgres_database)
    with glancing(engine) as connection:
        first = connection.exec_driver_sql("SELECT pg_current_xact_id()").scalar_one()
        assert connection.exec_driver_sql("SELECT pg_current_xact_id()").scalar_one() != first
    with reading(engine) as connection:  # the same connection again, as it is for everybody
        first = connection.exec_driver_sql("SELECT pg_current_xact_id()").scalar_one()
        assert connection.exec_driver_sql("SELECT pg_current_xact_id()").scalar_one() == first
        assert connection.exec_driver_sql("SHOW transaction_isolation").scalar_one() == "repeatable read"
    engine.dispose()


def test_however_many_ask_for_what_is_not_there_one_reads_the_list(postgres_database: str) -> None:
    engine = engines.create(postgres_database)
    ingest = Ingest(engine, default_league="Homegrown", message_limit=100_000)
    ingest.process([delivery(match())], NOW)
    reader = Reader("Homegrown")
    at_once: list[int] = []
    running = 0

    def began(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        nonlocal running
        if "each_division" in statement:
            running += 1
            at_once.append(running)

    def ended(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        nonlocal running
        if "each_division" in statement:
            running -= 1

    event.listen(engine, "before_cursor_execute", began)
    event.listen(engine, "after_cursor_execute", ended)

    def ask(number: int) -> None:
        with pytest.raises(UnknownBracket):
            find(engine, reader, Asked(age_group=f"U9{number % 10}"))

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(ask, range(80)))
    assert max(at_once) == 1
    engine.dispose()


def test_what_is_kept_stays_within_its_room() -> None:
    kept = Kept(room=10)
    made: list[str] = []

    def make(content: str) -> Callable[[], bytes]:
        def maker() -> bytes:
            made.append(content)
            return content.encode()

        return maker

    assert kept.get("a", "1", make("aaaa")) == b"aaaa"
    assert kept.get("a", "1", make("never")) == b"aaaa"
    assert kept.get("b", "1", make("bbbb")) == b"bbbb"
    assert kept.get("a", "1", make("never")) == b"aaaa"
    assert kept.get("c", "1", make("cccc")) == b"cccc"  # b was used longest ago
    assert kept.get("a", "1", make("never")) == b"aaaa"
    assert kept.get("b", "1", make("bbbb")) == b"bbbb"
    assert kept.get("a", "2", make("AAAA")) == b"AAAA"
    assert kept.get("d", "1", make("d" * 11)) == b"d" * 11  # more than there is room for: given, not kept
    assert kept.get("d", "1", make("d" * 11)) == b"d" * 11
    assert made == ["aaaa", "bbbb", "cccc", "bbbb", "AAAA", "d" * 11, "d" * 11]
