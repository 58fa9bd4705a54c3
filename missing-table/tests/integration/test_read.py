"""What readers get from the database, on SQLite and on PostgreSQL."""

import csv
import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, text

from missing_table.api.in_request import InRequest
from missing_table.bracket import Asked, UnclearBracket, UnknownBracket, doubled_among, view
from missing_table.ingest.pipeline import Ingest
from missing_table.match_data import MatchData
from missing_table.standings import Bracket
from missing_table.store import read
from missing_table.store.engine import reading
from missing_table.store.read import Wanted

DATA = Path(__file__).parents[1] / "data"
Enter = Callable[..., Any]


@pytest.fixture
def enter(engine: Engine) -> Enter:
    """Stores matches, each given by what differs from a plain one; returns their ids."""
    ingest = Ingest(engine, default_league="Homegrown", message_limit=100_000)

    def enter(*matches: dict[str, Any]) -> list[int]:
        refs = []
        for match in matches:
            plain = {
                "date": "2026-09-05",
                "season": "2026-27",
                "age_group": "U15",
                "match_type": "League",
                "division": "Northeast",
            }
            entered = ingest.enter(
                MatchData.model_validate(plain | match), now=dt.datetime(2026, 10, 5, tzinfo=dt.UTC), by="test"
            )
            assert entered.processed.match_ref is not None
            refs.append(entered.processed.match_ref)
        return refs

    return enter


def game(home: str, away: str, **fields: Any) -> dict[str, Any]:
    return {"home_team": home, "away_team": away, **fields}


def test_an_empty_database_has_no_brackets(engine: Engine) -> None:
    with reading(engine) as connection:
        assert read.brackets(connection) == []
        assert read.newest_season(connection, "Homegrown") is None
        assert read.listed(connection, Wanted(), limit=10) == []
        assert read.story(connection, 1) is None
        assert read.outcome(connection, "nothing") is None
        with pytest.raises(UnknownBracket, match="no match is stored yet"):
            view(connection, Asked(), default_league="Homegrown")


def test_the_brackets_are_those_that_a_side_is_filed_in(engine: Engine, enter: Enter) -> None:
    enter(
        game("A", "B"),
        game("C", "D"),
        game("A", "B", season="2025-26"),
        game("A", "B", age_group="U14", division="Florida"),
        game("A", "C", division=None),
        game("A", "B", league="Academy", division="East", away_age_group="U16"),
        game("E", "F", away_division="Frontier"),
    )
    with reading(engine) as connection:
        assert read.brackets(connection) == [
            Bracket("2025-26", "Homegrown", "U15", "Northeast"),
            Bracket("2026-27", "Academy", "U15", "East"),
            Bracket("2026-27", "Academy", "U16", "East"),
            Bracket("2026-27", "Homegrown", "U14", "Florida"),
            Bracket("2026-27", "Homegrown", "U15", None),
            Bracket("2026-27", "Homegrown", "U15", "Frontier"),
            Bracket("2026-27", "Homegrown", "U15", "Northeast"),
        ]
        assert read.newest_season(connection, "Homegrown") == "2026-27"


def test_a_bracket_holds_its_own_matches_and_the_guests_of_others(engine: Engine, enter: Enter) -> None:
    here, across, _, undivided = enter(
        game("A", "B", score_home=1, score_away=0),
        game("Old", "Guest", age_group="U16", away_age_group="U15", date="2026-09-01", score_home=2, score_away=3),
        game("A", "B", age_group="U14"),
        game("X", "Y", division=None),
    )
    with reading(engine) as connection:
        assert [m.id for m in read.in_bracket(connection, Bracket("2026-27", "Homegrown", "U15", "Northeast"))] == [
            across,
            here,
        ]
        assert [m.id for m in read.in_bracket(connection, Bracket("2026-27", "Homegrown", "U15", None))] == [undivided]
        found = view(connection, Asked(age_group="U15", division="Northeast"), default_league="Homegrown")
        assert [(row.team, row.points) for row in found.table.rows] == [("Guest", 3), ("A", 3), ("B", 0)]
        above = view(connection, Asked(age_group="U16"), default_league="Homegrown")
        assert [row.team for row in above.table.rows] == ["Old"]


def test_a_bracket_is_read_through_its_indexes(engine: Engine, enter: Enter) -> None:
    enter(*(game(f"T{n}", f"S{n}", division=f"D{n % 50}", match_id=str(n)) for n in range(200)))
    statements: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        statements.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    with reading(engine) as connection:
        read.in_bracket(connection, Bracket("2026-27", "Homegrown", "U15", "D7"))
        event.remove(engine, "before_cursor_execute", note)
        ((statement, parameters),) = [found for found in statements if "matches" in found[0]]
        if engine.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL enable_seqscan = off"))  # so few rows would be read whole
        explain = "EXPLAIN " if engine.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN "
        plan = "\n".join(str(row) for row in connection.exec_driver_sql(explain + statement, parameters))
    assert "ix_matches_bracket" in plan
    assert "ix_matches_away_bracket" in plan
    assert "Seq Scan" not in plan
    assert "SCAN matches" not in plan


def test_open_parts_are_found_where_only_one_fits(engine: Engine, enter: Enter) -> None:
    enter(
        game("A", "B"),
        game("A", "B", season="2025-26", division="Florida"),
        game("C", "D", age_group="U14"),
        game("E", "F", age_group="U14", division="Florida"),
    )

    def seen(**parts: str) -> Bracket:
        with reading(engine) as connection:
            return view(connection, Asked(**parts), default_league="Homegrown").bracket

    u15 = Bracket("2026-27", "Homegrown", "U15", "Northeast")
    assert seen(age_group="U15") == u15
    assert seen(season="26-27", league="homegrown", age_group="u15", division="NORTHEAST") == u15
    assert seen(season="", league=" ", age_group="U15", division="") == u15
    assert seen(season="2025-26") == Bracket("2025-26", "Homegrown", "U15", "Florida")
    with pytest.raises(UnclearBracket, match="division is missing; known are: Florida, Northeast"):
        seen(age_group="U14")
    with pytest.raises(UnclearBracket, match="age_group is missing; known are: U14, U15"):
        seen()
    with pytest.raises(
        UnknownBracket, match="there is no 2026-27 Homegrown U15 Nothreast; the nearest are: "
    ) as caught:
        seen(season="2026-27", age_group="U15", division="Nothreast")
    assert caught.value.nearest[0] == u15


def test_the_table_names_teams_as_they_are_known(engine: Engine, enter: Enter) -> None:
    enter(
        game("New York SC", "B", home_team_id="5941", match_id="1", score_home=1, score_away=0),
        game("NYSC", "C", home_team_id="5941", match_id="2", date="2026-09-06"),
    )
    with reading(engine) as connection:
        found = view(connection, Asked(age_group="U15"), default_league="Homegrown")
    assert [(row.team, row.team_id, row.played) for row in found.table.rows] == [
        ("New York SC", "5941", 1),
        ("C", None, 0),
        ("B", None, 1),
    ]
    assert {match.home_team for match in found.matches} == {"New York SC"}
    assert found.table.observed_at is None  # only a person stated them


def test_two_numbers_for_one_match_count_once(engine: Engine, enter: Enter) -> None:
    first, second, third, fourth = enter(
        game("A", "B", match_id="1", score_home=1, score_away=0),
        game("B", "A", match_id="2", score_home=0, score_away=1),
        game("C", "D", match_id="3", date="2027-06-08", status="postponed"),
        game("D", "C", match_id="4", date="2027-06-08", status="postponed"),
    )
    with reading(engine) as connection:
        found = view(connection, Asked(age_group="U15"), default_league="Homegrown")
        assert {match.id: match.possible_duplicate_of for match in found.matches} == {
            first: None,
            second: first,
            third: None,
            fourth: None,
        }
        assert sum(row.played for row in found.table.rows) == 2
        alone = read.listed(connection, Wanted(), after=(first,), limit=1)
        assert doubled_among(connection, alone) == {second: first}
        assert doubled_among(connection, []) == {}


def test_lists_are_narrowed_and_paged(engine: Engine, enter: Enter) -> None:
    ids = enter(
        game("Ábaco", "B", date="2026-09-01", score_home=1, score_away=0),
        game("C", "Abaco", date="2026-09-02"),
        game("C", "D", date="2026-09-03", status="postponed", home_team_id="77"),
        game("C", "D", date="2026-09-04", age_group="U14", league="Academy", away_division="East"),
        game("E", "F", date="2026-09-05", season="2025-26"),
    )

    def found(limit: int = 10, after: int = 0, **wanted: Any) -> list[int]:
        with reading(engine) as connection:
            page = read.listed(connection, Wanted(**wanted), after=(after,), limit=limit)
        return [ids.index(match.id) for match in page]

    assert found() == [0, 1, 2, 3, 4]
    assert found(limit=2) == [0, 1]
    assert found(limit=2, after=ids[1]) == [2, 3]
    assert found(team="abaco") == [0, 1]
    assert found(team="77") == [1, 2]  # C had no number before
    assert found(team="nobody") == []
    assert found(date_from=dt.date(2026, 9, 2), date_to=dt.date(2026, 9, 4)) == [1, 2, 3]
    assert found(status="postponed") == [2]
    assert found(season=["2025-26"]) == [4]
    assert found(league=["Academy"]) == [3]
    assert found(age_group=["U14"]) == [3]
    assert found(division=["East"]) == [3]
    assert found(age_group=["U15"], division=["Northeast", "Elsewhere"], season=["2026-27"]) == [0, 1, 2]


def test_a_match_has_its_story(engine: Engine, enter: Enter) -> None:
    (ref,) = enter(game("A", "B", match_id="1", score_home=1, score_away=0))
    enter(game("A", "B", match_id="1", score_home=2, score_away=0))
    with reading(engine) as connection:
        story = read.story(connection, ref)
    assert story is not None
    assert story.match.score_home == 2
    changes = [(entry.field, entry.old, entry.new, entry.source) for entry in story.history]
    assert ("score_home", 1, 2, "test") in changes
    assert story.disputes == []
    assert "result" in story.pinned


def test_a_real_bracket_comes_out_in_the_leagues_order(engine: Engine) -> None:
    known = next(b for b in json.loads((DATA / "brackets.json").read_text(encoding="utf-8")) if b["age"] == "U15")
    messages = []
    with (DATA / "U15_Northeast.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            scores = [int(row[side]) if row[side] else None for side in ("home_score", "away_score")]
            message = game(row["home_team"], row["away_team"]) | {
                "date": row["start"][:10],
                "season": "2026-27",
                "age_group": "U15",
                "match_type": "League",
                "division": "Northeast",
                "match_id": row["match_id"],
                "home_team_id": row["home_id"],
                "away_team_id": row["away_id"],
                "score_home": scores[0],
                "score_away": scores[1],
                "observed_at": "2026-10-05T04:40:03Z",
            }
            messages.append(MatchData.model_validate(message))
    InRequest(Ingest(engine, default_league="Homegrown", message_limit=100_000)).submit(messages, {})
    with reading(engine) as connection:
        found = view(connection, Asked(age_group="U15"), default_league="Homegrown")
    assert len(found.matches) == 190
    assert {row.team_id: row.position for row in found.table.rows} == known["pos"]
    assert {row.team_id: row.team for row in found.table.rows} == known["teams"]
