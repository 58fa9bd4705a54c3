"""A team's matches as the team sees them."""

import datetime as dt
from typing import Any

from missing_table.web.match_days import match_days
from missing_table.web.team_matches import TeamMatches, team_match, team_matches
from pages import match_answer

NOW = dt.datetime(2026, 10, 5, 21, tzinfo=dt.UTC)
US, THEM = 1, 2


def test_its_own_goals_come_first_at_home_and_away() -> None:
    result = {"score_home": 2, "score_away": 1, "status": "completed"}
    at_home = team_match(match_answer(**result), US, NOW)
    away = team_match(match_answer(**result), THEM, NOW)
    assert (at_home.opponent, at_home.at_home, at_home.letter, at_home.score) == ("They", True, "W", "2–1")
    assert (away.opponent, away.at_home, away.letter, away.score) == ("We", False, "L", "1–2")


def test_a_level_score_is_a_draw_whatever_the_shootout() -> None:
    shootout = match_answer(
        score_home=1, score_away=1, penalty_home=4, penalty_away=2, league="Flex", match_type="Flex"
    )
    assert team_match(shootout, US, NOW).notes == ["4–2 on penalties"]
    seen = team_match(shootout, THEM, NOW)
    assert (seen.letter, seen.score, seen.notes) == ("D", "1–1", ["2–4 on penalties"])


def test_what_stands_in_the_place_of_a_score() -> None:
    def time(**fields: Any) -> str:
        return team_match(match_answer(**fields), US, NOW).time

    assert time(match_time="12:30") == "12:30"
    assert time() == ""
    assert time(status="postponed") == "Postponed"
    assert time(status="tbd") == "No score yet"
    assert time(date=NOW.date() - dt.timedelta(days=1)) == "No score yet"


def test_what_does_not_count_says_so() -> None:
    assert team_match(match_answer(match_type="Friendly"), US, NOW).notes == ["Friendly, not in the table"]
    assert team_match(match_answer(possible_duplicate_of=3), US, NOW).notes == ["Perhaps entered twice, counted once"]
    assert team_match(match_answer(status="forfeit", score_home=3, score_away=0), US, NOW).notes == ["Forfeit"]


def ids(found: TeamMatches) -> list[list[int]]:
    parts = (found.played, found.waiting, found.to_come, found.parked)
    return [[each.id for each in part] for part in parts]


def test_the_latest_result_and_the_next_match_come_first() -> None:
    ordered = [
        match_answer(id=1, score_home=1, score_away=0),
        match_answer(id=2, status="tbd"),
        match_answer(id=3),
        match_answer(id=4, status="postponed"),
    ]
    assert ids(team_matches(ordered, US, NOW, NOW)) == [[2, 1], [], [3], [4]]


def test_its_matches_are_parted_as_on_the_page_of_the_bracket() -> None:
    past, soon = NOW.date() - dt.timedelta(days=2), NOW.date() + dt.timedelta(days=2)
    matches = [
        match_answer(id=1, date=past),
        match_answer(id=2, date=past, status="cancelled"),
        match_answer(id=3),
        match_answer(id=4, date=soon),
    ]
    later = NOW + dt.timedelta(days=1)
    found, days = team_matches(matches, US, NOW, later), match_days(matches, NOW, later, every=True)
    of_bracket = [[m.id for day in part for m in day.matches] for part in (days.played, days.waiting, days.to_come)]
    assert ids(found) == [*of_bracket, [m.id for m in days.parked]] == [[1], [3], [4], [2]]
    assert [each.time for each in found.waiting] == ["No score yet"]
