"""Official tables: which a source gives, what a message says of them, and when one is due."""

import datetime as dt
import json
from collections.abc import Collection, Iterable
from typing import Any

import pytest

from match_scraper.bracket_data import BracketData
from match_scraper.delivery.base import Confirmed, M, Message, Refused
from match_scraper.delivery.ledger import content, identity
from match_scraper.errors import NotDelivered, NotKnownThere
from match_scraper.match_data import MatchData
from match_scraper.official import Brackets, due, send, take_in
from match_scraper.sample_site import feeds
from match_scraper.season import Season
from match_scraper.sources.assist import read_schedule
from match_scraper.sources.base import OfficialTable, Reading, Wanted
from match_scraper.sources.feed import decode_schedule, decode_standings

GONE = object()
NORTHEAST = {"age_groups": frozenset({"U14", "U15"}), "divisions": frozenset({"Northeast"})}


def read(change: Any = None, **wanted: Any) -> Reading:
    """What is read of the sample; `change` is done to the standings document first."""
    documents = feeds.bundled()
    standings = documents.standings[feeds.HOMEGROWN]
    if change:
        change(standings["competition_season"]["competition_brackets"])
    schedule = json.dumps(documents.schedule[feeds.HOMEGROWN]).encode()
    return read_schedule(
        decode_schedule(schedule),
        decode_standings(json.dumps(standings).encode()),
        Wanted(Season(2026), "Homegrown", **(NORTHEAST | wanted)),
    )


def tables(change: Any = None, **wanted: Any) -> dict[str, OfficialTable]:
    """The official tables of the sample, by age group, after such a change."""
    return {table.age_group: table for table in read(change, **wanted).official}


def rows(brackets: list[dict[str, Any]], age_group: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = next(
        bracket["standings"]
        for bracket in brackets
        if (bracket["age_group"]["name"], bracket["name"]) == (age_group, "Northeast")
    )
    return found


def test_each_bracket_that_was_asked_for_has_its_teams_and_positions() -> None:
    found = tables()
    assert set(found) == {"U14", "U15"}
    u15 = {place.team_id: place.position for place in found["U15"].places}
    assert sorted(filter(None, u15.values())) == list(range(1, 21))
    assert found["U15"].observed_at == dt.datetime(2026, 10, 5, 4, 40, 3, tzinfo=dt.UTC)
    assert (found["U15"].season, found["U15"].league, found["U15"].division) == ("2026-27", "Homegrown", "Northeast")


def test_a_ranking_is_no_table_so_below_u15_there_are_teams_and_no_positions() -> None:
    places = tables()["U14"].places
    assert len(places) >= 21
    assert {place.position for place in places} == {None}


@pytest.mark.parametrize(
    "narrowed", [{"clubs": ("Valeo",)}, {"first_day": dt.date(2026, 9, 1)}, {"last_day": dt.date(2026, 12, 1)}]
)
def test_a_part_of_a_bracket_has_no_official_table(narrowed: dict[str, Any]) -> None:
    assert tables(**narrowed) == {}


@pytest.mark.parametrize("odd", [None, "first", 0, -1, 1000, 1.5, True, {"value": 1}])
def test_a_position_that_is_none_costs_nothing_else(odd: Any) -> None:
    def change(brackets: list[dict[str, Any]]) -> None:
        rows(brackets, "U15")[0]["position"] = odd

    places = tables(change)["U15"].places
    assert len(places) == 20
    assert sum(place.position is None for place in places) == 1
    assert [notice for notice in read(change).notices if notice.endswith("cannot be read: U15 Northeast (1)")]


@pytest.mark.parametrize("odd", [None, [], "a table", GONE])
def test_a_table_that_cannot_be_told_from_another_ranking_is_said(odd: Any) -> None:
    def change(brackets: list[dict[str, Any]]) -> None:
        for row in (row for bracket in brackets for row in bracket["standings"]):
            row["new_values"] = row.pop("tiebreaker_values")
            if odd is not GONE:
                row["tiebreaker_values"] = odd

    reading = read(change)
    assert len(reading.official) == 2
    assert {place.position for table in reading.official for place in table.places} == {None}
    (notice,) = reading.notices
    assert "official position cannot be read: U14 Northeast (22), U15 Northeast (20)" in notice
    assert read().notices == read(change, clubs=("Valeo",)).notices == ()


def test_a_team_without_a_name_has_the_one_that_it_plays_under() -> None:
    def change(brackets: list[dict[str, Any]]) -> None:
        rows(brackets, "U15")[0]["team"]["name"] = None
        rows(brackets, "U15")[1]["team"] |= {"name": None, "squad_id": 1}

    found = {place.team_id: place.team for place in tables(change)["U15"].places}
    assert found["6186"] == "Beachside of Connecticut"
    assert "1" not in found


def test_a_squad_that_stands_twice_is_stated_once() -> None:
    def change(brackets: list[dict[str, Any]]) -> None:
        rows(brackets, "U15").append(rows(brackets, "U15")[0] | {"position": 21})

    assert len(tables(change)["U15"].places) == 20


def message(*order: str, division: str = "Northeast", observed_at: str = "2026-10-05T04:40:03Z") -> BracketData:
    teams = [{"team": squad, "team_id": squad, "position": place} for place, squad in enumerate(order, 1)]
    bracket = {"season": "2026-27", "league": "Homegrown", "age_group": "U15", "division": division}
    return BracketData.model_validate(bracket | {"teams": teams, "observed_at": observed_at})


def match(**changes: Any) -> MatchData:
    plain = {"home_team": "A", "away_team": "B", "date": "2026-09-05", "season": "2026-27", "league": "Homegrown"}
    return MatchData.model_validate(
        plain | {"age_group": "U15", "division": "Northeast", "match_type": "League", "match_id": "1"} | changes
    )


def test_the_ledger_tells_a_bracket_by_its_names_and_its_content_by_its_order() -> None:
    plain = message("1", "2")
    again = message("1", "2", observed_at="2026-10-06T00:00:00Z")
    assert (identity(plain), content(plain)) == (identity(again), content(again))
    assert content(message("2", "1")) != content(plain)
    assert identity(message("1", "2", division="Florida")) != identity(plain)
    assert identity(plain) != identity(match())
    listed_otherwise = plain.model_copy(update={"teams": plain.teams[::-1]})
    assert content(listed_otherwise) == content(plain)


class Remembered:
    """What was confirmed."""

    def __init__(self) -> None:
        self.known: list[Message] = []

    def unsent(self, messages: Iterable[M], destinations: Collection[str]) -> list[M]:  # noqa: ARG002
        return [each for each in messages if each not in self.known]

    def record(self, message: Message, destination: str) -> None:  # noqa: ARG002
        self.known.append(message)

    def forget(self, messages: Iterable[Message], destinations: Collection[str]) -> None:  # noqa: ARG002
        gone = list(messages)
        self.known = [each for each in self.known if each not in gone]


class Place:
    """A destination that takes all, or does what `then` says."""

    name = key = "there"

    def __init__(self, then: Exception | None = None) -> None:
        self.then = then
        self.taken: list[Any] = []

    def send(self, messages: Iterable[M], *, confirmed: Confirmed[M], refused: Refused[M]) -> None:  # noqa: ARG002
        for each in messages:
            if self.then:
                raise self.then
            self.taken.append(each)
            confirmed(each, "a-task")

    def close(self) -> None:
        """Nothing is open."""


def taken_in(*messages: BracketData) -> Brackets:
    return Brackets(messages=list(messages), unsent=list(messages))


def nowhere(problem: NotDelivered, further: object) -> None:
    raise AssertionError(f"there is nowhere to pass anything on to: {problem}, {further}")


def test_what_is_unchanged_is_not_due_until_a_match_of_it_is() -> None:
    memory, there = Remembered(), Place()
    northeast, florida = message("1", "2"), message("3", "4", division="Florida")
    run = taken_in(northeast, florida)
    due(run, [match()], ["there"], memory, everything=False)
    assert send(run, [there], memory, passed_on=nowhere) == []
    assert (there.taken, run.confirmed, run.unsent) == ([northeast, florida], 2, [])

    quiet = taken_in(northeast, florida)
    due(quiet, [], ["there"], memory, everything=False)
    assert (quiet.unsent, quiet.unchanged) == ([], 2)

    later = taken_in(northeast, florida)
    due(later, [match(away_division="Florida", division="Northeast")], ["there"], memory, everything=False)
    assert later.unsent == [northeast, florida], "it counts in both"

    # the run ends before they are sent: the next one, with no match to send, still sends them
    rest = taken_in(northeast, florida)
    due(rest, [], ["there"], memory, everything=False)
    assert rest.unsent == [northeast, florida]


def test_full_sends_all() -> None:
    memory = Remembered()
    memory.record(message("1", "2"), "there")
    run = taken_in(message("1", "2"))
    due(run, [], ["there"], memory, everything=True)
    assert (len(run.unsent), run.unchanged) == (1, 0)


def test_an_older_missing_table_is_a_notice_and_any_other_trouble_a_problem() -> None:
    older, away = taken_in(message("1", "2")), taken_in(message("1", "2"))
    assert send(older, [Place(NotKnownThere("it is older"))], Remembered(), passed_on=nowhere) == []
    assert (older.notices, len(older.unsent)) == (["it is older"], 1)
    (problem,) = send(away, [Place(NotDelivered("it is away"))], Remembered(), passed_on=nowhere)
    assert str(problem) == "1 official table not sent: it is away"


def test_what_the_first_does_not_take_the_next_gets() -> None:
    run, next_one = taken_in(message("1", "2")), Place()
    told: list[str] = []
    places = [Place(NotDelivered("it is away")), next_one]
    problems = send(run, places, Remembered(), passed_on=lambda why, to: told.append(f"{why}: {to.name}"))
    assert (problems, told) == ([], ["it is away: there"])
    assert (len(next_one.taken), run.confirmed) == (1, 1)


def test_a_table_that_breaks_the_contract_is_a_problem_and_no_other_is_lost() -> None:
    good = tables()["U15"]
    bad = OfficialTable("2026-27", "Homegrown", "U15", "\n", good.places, good.observed_at)
    run = Brackets()
    take_in(run, [bad, good])
    assert len(run.messages) == len(run.problems) == 1
    assert "division" in str(run.problems[0])


def test_without_brackets_none_is_taken_in() -> None:
    run = Brackets(wanted=False)
    take_in(run, tables().values())
    assert run.messages == []
