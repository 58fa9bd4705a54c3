"""The league's rules, one by one, and its official table of a real Saturday."""

import csv
import datetime as dt
import json
from fractions import Fraction
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from missing_table.rules import CLASSIC, FLEX, MLS_NEXT, rules_for
from missing_table.standings import Bracket, Fixture, Row, Side, possible_duplicates, table

DATA = Path(__file__).parents[1] / "data"
HERE = Bracket("2026-27", "Homegrown", "U15", "Northeast")
NEW_YORK = ZoneInfo("America/New_York")


def season_data(age_group: str, division: str, file: str, match_type: str = "League") -> tuple[Bracket, list[Fixture]]:
    """A bracket of `tests/data` and its matches; a row's number stands for the reference of its match."""
    league = "Flex" if match_type == "Flex" else "Homegrown"
    bracket = Bracket("2026-27", league, age_group, division)
    fixtures = []
    with (DATA / file).open(encoding="utf-8", newline="") as lines:
        for number, row in enumerate(csv.DictReader(lines), 1):
            start = row["start"]
            day = (
                dt.datetime.fromisoformat(start).astimezone(NEW_YORK).date()
                if "T" in start
                else dt.date.fromisoformat(start)
            )
            scores = (int(row["home_score"]), int(row["away_score"])) if row["home_score"] else (None, None)
            pens = [int(text) for text in row["pens"].split("-")] if row["pens"] else (None, None)
            fixtures.append(
                Fixture(
                    number,
                    day,
                    match_type,
                    Side(int(row["home_id"]), row["home_team"], row["home_id"], bracket),
                    Side(int(row["away_id"]), row["away_team"], row["away_id"], bracket),
                    *scores,
                    *pens,
                )
            )
    return bracket, fixtures


def season(*results: str, bracket: Bracket = HERE, match_type: str = "League") -> list[Fixture]:
    """Matches from "A 2-1 B", "A - B" (not played) and "A 1-1 B 4-2" (shootout), one a day."""
    numbers = count(1)
    refs: dict[str, int] = {}

    def side(name: str) -> Side:
        return Side(refs.setdefault(name, len(refs) + 1), name, f"id-{name}", bracket)

    def one(text: str) -> Fixture:
        number = next(numbers)
        home, score, away, *pens = text.split()
        scores = [int(goals) for goals in score.split("-") if goals]
        shootout = [int(goals) for text in pens for goals in text.split("-")]
        day = dt.date(2026, 9, 1) + dt.timedelta(days=number)
        return Fixture(
            number, day, match_type, side(home), side(away), *(scores or (None, None)), *(shootout or (None, None))
        )

    return [one(text) for text in results]


def order(rows: list[Row]) -> list[tuple[int, str]]:
    return [(row.position, row.team) for row in rows]


def names(rows: list[Row]) -> str:
    return " ".join(row.team for row in rows)


def test_u15_northeast_stands_as_the_league_has_it() -> None:
    bracket, fixtures = season_data("U15", "Northeast", "U15_Northeast.csv")
    official = next(known["pos"] for known in json.loads((DATA / "brackets.json").read_text()) if known["age"] == "U15")
    rows = table(bracket, fixtures)
    assert {row.team_id: row.position for row in rows} == official
    assert [row.team_id for row in rows] == sorted(official, key=official.get)


def test_u14_northeast_adds_up() -> None:
    bracket, fixtures = season_data("U14", "Northeast", "U14_Northeast.csv")
    rows = table(bracket, fixtures)
    assert sum(row.played for row in rows) == 2 * 39
    assert sum(row.goal_difference for row in rows) == 0
    assert sum(row.won for row in rows) == sum(row.lost for row in rows)


def test_the_flex_sample_counts_shootouts() -> None:
    bracket, fixtures = season_data("U17", "Southeast (Pro Player Pathway)", "flex_sample.csv", "Flex")
    rows = {row.team: row for row in table(bracket, fixtures)}
    atlanta = rows["Atlanta United"]
    assert (atlanta.played, atlanta.won, atlanta.drawn, atlanta.lost) == (5, 3, 2, 0)
    assert (atlanta.shootouts_won, atlanta.shootouts_lost, atlanta.points) == (1, 1, 3 * 3 + 2 + 1)
    assert sum(row.shootouts_won for row in rows.values()) == 4


def test_a_rate_is_points_per_match_not_points() -> None:
    rows = table(HERE, season("A 1-0 B", "C 1-0 B", "C 1-1 D", "C 1-1 D"))
    assert names(rows).startswith("A C")
    assert rows[0].points_per_match == 3
    assert rows[1].points_per_match == Fraction(5, 3)


def test_two_level_teams_are_separated_by_their_own_match_first() -> None:
    # A and B have a win and a loss each; B beat A, A has by far the better goals.
    rows = table(HERE, season("B 1-0 A", "A 9-0 C", "D 1-0 B"))
    assert [row.team for row in rows if row.team in "AB"] == ["B", "A"]


def test_a_tie_of_three_that_shrinks_to_two_does_not_come_back_to_head_to_head() -> None:
    # Each has a win, a loss and no goal difference. Goals leave B and C level, B beat C, and C's away goals decide.
    rows = table(HERE, season("A 1-0 B", "B 4-3 C", "C 1-0 A"))
    assert order(rows) == [(1, "C"), (2, "B"), (3, "A")]


@pytest.mark.parametrize(
    ("why", "results", "expected"),
    [
        ("wins", ["A 1-0 X", "X 1-0 A", "X 1-0 A", "B 0-0 Y", "B 0-0 Y", "B 0-0 Y"], "A B"),
        ("goal difference", ["A 2-0 X", "B 1-0 X"], "A B"),
        ("goals for", ["B 1-0 X", "A 2-1 Y"], "A B"),
        ("away goal difference", ["A 1-0 W", "X 0-2 A", "B 2-0 Y", "Z 0-1 B"], "A B"),
        ("away goals for", ["A 1-0 W", "X 1-2 A", "B 2-1 Y", "Z 0-1 B"], "A B"),
        ("home goal difference", ["A 2-0 V", "W 0-0 A", "X 0-0 A", "B 2-0 Y", "B 0-0 Z", "U 0-0 B"], "A B"),
        ("home goals for", ["A 1-1 V", "W 0-0 A", "X 0-0 A", "B 1-1 Y", "B 0-0 Z", "U 0-0 B"], "A B"),
    ],
)
def test_each_criterion_in_its_turn(why: str, results: list[str], expected: str) -> None:
    rows = table(HERE, season(*results))
    assert [row.team for row in rows if row.team in "AB"] == expected.split(), why
    positions = {row.team: row.position for row in rows}
    assert positions["A"] < positions["B"]


def test_teams_that_nothing_separates_share_a_position_and_stand_by_name() -> None:
    rows = table(HERE, season("Élan 1-0 zeta", "Fox 1-0 Alpha", "delta 1-0 Beta"))
    assert order(rows) == [(1, "delta"), (1, "Élan"), (1, "Fox"), (4, "Alpha"), (4, "Beta"), (4, "zeta")]


def test_a_team_without_a_match_stands_above_those_who_lost_all() -> None:
    rows = table(HERE, season("A 1-0 B", "A 1-0 C", "D - A"))
    assert names(rows) == "A D B C"
    assert rows[1].played == 0
    assert rows[1].points_per_match == 0


def test_only_league_matches_count() -> None:
    played = season("A 1-0 B")
    friendly = season("B 5-0 A", "C 1-0 D", match_type="Friendly")
    flex = season("B 5-0 A", match_type="Flex")
    assert table(HERE, played + friendly + flex) == table(HERE, played)


def test_a_match_across_brackets_counts_in_each_teams_own_table_only() -> None:
    above = HERE._replace(age_group="U16")
    home, guest = season("A 1-0 B")[0], Side(9, "Guest", "id-9", HERE)
    across = Fixture(7, dt.date(2026, 10, 1), "League", Side(8, "Old", "id-8", above), guest, 2, 3)
    here, there = table(HERE, [home, across]), table(above, [home, across])
    assert [(row.team, row.points, row.goals_for) for row in here] == [("Guest", 3, 3), ("A", 3, 1), ("B", 0, 0)]
    assert [(row.team, row.played, row.lost) for row in there] == [("Old", 1, 1)]


def test_a_shootout_counts_in_flex_and_nowhere_else() -> None:
    flex = HERE._replace(league="Flex")
    rows = table(flex, season("A 1-1 B 4-2", bracket=flex, match_type="Flex"))
    assert [(row.team, row.points, row.drawn, row.shootouts_won, row.shootouts_lost) for row in rows] == [
        ("A", 2, 1, 1, 0),
        ("B", 1, 1, 0, 1),
    ]
    rows = table(HERE, season("A 1-1 B 4-2"))
    assert [(row.points, row.shootouts_won, row.shootouts_lost) for row in rows] == [(1, 0, 0), (1, 0, 0)]


def test_flex_without_its_shootout_is_a_draw_and_a_decided_match_has_none() -> None:
    flex = HERE._replace(league="Flex")
    rows = table(flex, season("A 1-1 B", "C 2-0 D 1-3", bracket=flex, match_type="Flex"))
    assert {row.team: row.points for row in rows} == {"A": 1, "B": 1, "C": 3, "D": 0}


def test_flex_asks_for_goal_difference_and_nothing_after() -> None:
    flex = HERE._replace(league="Flex")
    rows = table(flex, season("B 1-0 C", "A 3-2 D", "B 1-1 A", bracket=flex, match_type="Flex"))
    assert order(rows)[:2] == [(1, "A"), (1, "B")]


def test_classic_rules_order_by_totals_then_by_the_matches_among_the_level() -> None:
    other = HERE._replace(league="Sunday League")
    results = ["A 1-0 B", "B 1-0 C", "A 0-1 D", "B 1-0 E"]
    rows = table(other, season(*results, bracket=other))
    assert names(rows)[0] == "B"  # six points from three matches, before three from one
    rows = table(other, season("B 1-0 A", "A 1-0 C", "D 1-0 B", bracket=other))
    assert order(rows)[:3] == [(1, "D"), (2, "B"), (3, "A")]


def test_a_possible_duplicate_does_not_count_twice() -> None:
    first, second = season("A 1-0 B", "B 0-1 A")
    twice = Fixture(2, first.date, "League", second.home, second.away, 0, 1)
    assert possible_duplicates([twice, first]) == {2: 1}
    assert table(HERE, [twice, first]) == table(HERE, [first])


def test_matches_parked_on_one_day_without_a_score_are_no_duplicates() -> None:
    home, away = season("A - B", "B - A")
    parked = Fixture(2, home.date, "League", away.home, away.away)
    assert possible_duplicates([home, parked]) == {}


def test_the_latest_name_and_number_of_a_team_stand() -> None:
    older, newer = season("A 1-0 B", "A 1-0 C")
    renamed = Fixture(2, newer.date, "League", Side(1, "A United", None, HERE), newer.away, 1, 0)
    rows = table(HERE, [renamed, older])
    assert (rows[0].team, rows[0].team_id, rows[0].played) == ("A", "id-A", 2)


def test_an_empty_bracket_is_an_empty_table() -> None:
    assert table(HERE, []) == []


@pytest.mark.parametrize(
    ("league", "rules"),
    [("Homegrown", MLS_NEXT), ("academy", MLS_NEXT), ("Flex", FLEX), ("Sunday League", CLASSIC), ("", CLASSIC)],
)
def test_each_league_has_its_rules(league: str, rules: object) -> None:
    assert rules_for(league) is rules


def test_the_league_publishes_no_table_for_the_youngest() -> None:
    assert [age for age in ("U13", "U14", "U15", "U16", "U17", "U19") if MLS_NEXT.official(age)] == [
        "U15",
        "U16",
        "U17",
        "U19",
    ]
    assert not CLASSIC.official("U15")
