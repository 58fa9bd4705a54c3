"""A person corrects a match that is stored: that very row changes, what is cleared is taken back, nothing is lost."""

import re
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine

from messages import NOW, bare, bracket, delivery, match, observed
from missing_table.clock import utc_now
from missing_table.ingest.pipeline import Ingest
from missing_table.store import tokens
from stored import count, everything, one, rows

SCORE: dict[str, Any] = {"score_home": 3, "score_away": 1}
NO_GOALS: dict[str, Any] = {"score_home": None, "score_away": None}
BY_HAND = {"season": "2026-27", "age_group": "U14", "division": "Northeast", "match_type": "League"}
NEFC = BY_HAND | {"home_team": "NEFC", "away_team": "Bayside", "date": "2026-12-05", "score_home": 2, "score_away": 0}


@pytest.fixture(autouse=True)
def signed_in(client: httpx.Client, engine: Engine) -> None:
    token = tokens.create(engine, "anna", utc_now())
    client.post("/sign-in", data={"token": token})
    client.headers["Authorization"] = f"Bearer {token}"


def say(ingest: Ingest, **fields: Any) -> None:
    """A source says so."""
    (done,) = ingest.process([delivery(match(**fields))], NOW)
    assert done.outcome != "quarantined"


def enter(client: httpx.Client, payload: dict[str, Any]) -> int:
    answer = client.post("/api/matches", json=payload)
    assert answer.status_code == 201, answer.text
    number: int = answer.json()["id"]
    return number


def correct(client: httpx.Client, ref: int = 1, *, new: bool = False, **given: Any) -> dict[str, Any]:
    answer = client.patch(f"/api/matches/{ref}", params={"new_brackets": new}, json=given)
    assert answer.status_code == 200, answer.text
    story: dict[str, Any] = client.get(f"/api/matches/{ref}").json()
    return story


def refused(client: httpx.Client, ref: int = 1, code: int = 422, **given: Any) -> str:
    answer = client.patch(f"/api/matches/{ref}", json=given)
    assert answer.status_code == code, answer.text
    return str(answer.json()["detail"])


def score(story: dict[str, Any]) -> tuple[Any, ...]:
    return (story["score_home"], story["score_away"], story["status"])


def test_a_match_without_a_number_stays_the_one_it_is(client: httpx.Client, engine: Engine) -> None:
    ref = enter(client, NEFC)
    story = correct(client, ref, date="2026-12-06")
    assert (story["id"], story["date"], score(story)) == (ref, "2026-12-06", (2, 0, "completed"))
    assert [(e["field"], e["old"], e["new"], e["source"]) for e in story["history"]] == [
        ("date", "2026-12-05", "2026-12-06", "anna")
    ]
    story = correct(client, ref, home_team="NEFC East", location="Field 2", season="2025-26")
    assert (story["home_team"], story["location"], story["season"]) == ("NEFC East", "Field 2", "2025-26")
    assert {"schedule", "sides", "result"} <= set(story["pinned"])
    assert count(engine, "matches") == 1


def test_a_match_with_a_number_stays_the_one_it_is_in_another_season(
    client: httpx.Client, ingest: Ingest, engine: Engine
) -> None:
    say(ingest)
    for season in ("2025-26", "2026-27", "2025-26"):
        story = correct(client, season=season)
    assert (story["season"], story["match_id"]) == ("2025-26", "26090")
    say(ingest, **SCORE, observed_at=observed(600))  # its source goes on calling it by the old season
    assert score(client.get("/api/matches/1").json()) == (3, 1, "completed")
    assert count(engine, "matches") == 1


def test_a_number_that_leads_to_another_match_is_taken(client: httpx.Client, ingest: Ingest) -> None:
    say(ingest)
    correct(client, season="2025-26")
    say(ingest, season="2024-25", date="2024-09-05")
    assert "already" in refused(client, 2, 409, season="2026-27")


def test_what_was_decided_before_a_correction_is_open_again(client: httpx.Client, ingest: Ingest) -> None:
    say(ingest, **SCORE)
    assert correct(client, score_home=9)["disputes"] != []
    assert client.post("/api/matches/1/dispute", json={"register": "result", "verdict": "keep"}).status_code == 200
    assert correct(client, **NO_GOALS)["disputes"] == []
    assert correct(client, score_home=9)["disputes"] != []


def test_a_correction_that_makes_it_another_match_is_refused(client: httpx.Client, ingest: Ingest) -> None:
    first, second = enter(client, NEFC), enter(client, NEFC | {"date": "2026-12-06"})
    why = refused(client, second, 409, date="2026-12-05")
    assert why.startswith(f"match {first} is NEFC against Bayside on 2026-12-05 in 2026-27 already")
    turned: dict[str, Any] = {"home_team": "Bayside", "away_team": "NEFC", "date": "2026-12-05"}
    refused(client, second, 409, **turned)
    say(ingest, match_id="1")
    say(ingest, match_id="1", season="2025-26")
    numbered, _ = sorted(match["id"] for match in client.get("/api/matches?team=5656").json()["items"])
    assert "already" in refused(client, numbered, 409, season="2025-26")
    assert client.get(f"/api/matches/{second}").json()["date"] == "2026-12-06"


def test_two_numbers_of_one_day_are_still_a_possible_duplicate(client: httpx.Client, ingest: Ingest) -> None:
    say(ingest, match_id="1", **SCORE)
    say(ingest, match_id="2", date="2026-09-06", **SCORE)
    assert correct(client, 2, date="2026-09-05")["possible_duplicate_of"] == 1


def test_a_score_that_only_a_person_entered_is_taken_back(client: httpx.Client, ingest: Ingest) -> None:
    say(ingest)
    correct(client, **SCORE)
    story = correct(client, **NO_GOALS, status=None)
    assert (score(story), story["pinned"], story["disputes"]) == ((None, None, "scheduled"), [], [])
    say(ingest, score_home=0, score_away=0, observed_at=observed(600))
    assert score(client.get("/api/matches/1").json()) == (0, 0, "completed")


def test_what_is_cleared_is_what_the_source_says_again(client: httpx.Client, ingest: Ingest) -> None:
    say(ingest, **SCORE, notes="windy")
    correct(client, score_home=9, location="Elsewhere", notes="calm", division="Florida", new=True)
    story = correct(client, **NO_GOALS, location=None, notes=None, division=None)
    assert (score(story), story["location"], story["notes"]) == ((3, 1, "completed"), "SUNY Purchase", "windy")
    assert (story["division"], story["pinned"], story["disputes"]) == ("Northeast", [], [])


def test_what_a_source_says_can_be_cleared(client: httpx.Client, ingest: Ingest) -> None:
    say(ingest, **SCORE)
    story = correct(client, **NO_GOALS, location=None, match_time=None)
    assert (score(story), story["location"], story["match_time"]) == ((None, None, "scheduled"), None, None)
    assert {"field": "score_home", "ours": None, "theirs": 3} in story["disputes"]
    say(ingest, **SCORE, observed_at=observed(600))
    assert score(client.get("/api/matches/1").json()) == (None, None, "scheduled")
    assert client.post("/api/matches/1/dispute", json={"register": "result", "verdict": "unpin"}).status_code == 200
    assert score(client.get("/api/matches/1").json()) == (3, 1, "completed")


def test_what_the_source_came_to_say_as_well_can_be_cleared(client: httpx.Client, ingest: Ingest) -> None:
    say(ingest)
    correct(client, location="Field 2", **SCORE)
    say(ingest, location="Field 2", **SCORE, observed_at=observed(600))
    story = correct(client, location=None, **NO_GOALS)
    assert (score(story), story["location"]) == ((None, None, "scheduled"), None)


def test_a_match_is_cancelled_with_its_score(client: httpx.Client, ingest: Ingest) -> None:
    say(ingest, **SCORE, penalty_home=None)
    assert refused(client, status="cancelled").startswith("status: is cancelled, and there are goals")
    story = correct(client, **NO_GOALS, status="cancelled")
    assert (score(story), story["pinned"]) == ((None, None, "cancelled"), ["result", "status"])
    table = client.get("/api/table?season=2026-27&age_group=U14&division=Northeast").json()
    assert [row["played"] for row in table["rows"]] == [0, 0]
    story = correct(client, status=None)
    assert (score(story), story["pinned"]) == ((3, 1, "completed"), [])


def test_a_status_is_taken_back(client: httpx.Client, ingest: Ingest) -> None:
    say(ingest, status="postponed")
    assert correct(client, status="cancelled")["status"] == "cancelled"
    assert correct(client, status=None)["status"] == "postponed"
    assert correct(client, status=None)["status"] == "scheduled"
    say(ingest, **SCORE, observed_at=observed(600))
    assert correct(client, status="completed")["pinned"] == ["status"]


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"status": "forfeit"}, "score_home: must be 3 for one side"),
        ({"status": "forfeit", "score_home": 2, "score_away": 1}, "score_home: must be 3 for one side"),
        ({"status": "completed"}, "status: is completed, and there are no goals"),
        ({"status": "scheduled", **SCORE}, "status: is scheduled, and there are goals"),
        ({**SCORE, "penalty_home": 5, "penalty_away": 4}, "penalty_home: is a shootout, and 3–1 needs none"),
        ({"timezone": "Mars/Base"}, "timezone: is 'Mars/Base'"),
        ({"timezone": "../../etc/passwd"}, "timezone: is '../../etc/passwd'"),
        ({"season": "banana"}, "season: is 'banana': a season is written as 2026-27"),
        ({"season": None}, "season "),
        ({"score_home": 2}, "score_away: is missing"),
        ({"away_team": "fc Westchester"}, "away_team: is"),
        ({"match_id": "7"}, "match_id is no field that can be corrected"),
    ],
)
def test_what_a_person_cannot_mean_is_refused_with_a_sentence(
    client: httpx.Client, ingest: Ingest, engine: Engine, given: dict[str, Any], why: str
) -> None:
    say(ingest)
    before = one(engine, "matches")
    assert refused(client, **given).startswith(why)
    assert one(engine, "matches") == before
    if not given.keys() & {"match_id", "away_team"} and None not in given.values():  # to enter it is the same
        answer = client.post("/api/matches", json=match(**{"match_id": "77", **given}))
        assert answer.status_code == 422
        assert answer.json()["detail"].startswith(why)


def test_what_a_source_may_say_does_not_stand_in_the_way(client: httpx.Client, ingest: Ingest) -> None:
    say(ingest, timezone="Mars/Base", season="spring", **SCORE, penalty_home=5, penalty_away=4)
    assert correct(client, notes="windy")["notes"] == "windy"


def test_a_forfeit_is_entered_by_its_score(client: httpx.Client, ingest: Ingest) -> None:
    say(ingest)
    assert score(correct(client, status="forfeit", score_home=0, score_away=3)) == (0, 3, "forfeit")
    assert refused(client, score_home=1).startswith("score_home: must be 3")
    assert score(correct(client, score_home=1, status="completed")) == (1, 3, "completed")


def test_an_entry_does_not_open_a_match_that_has_a_score(client: httpx.Client, ingest: Ingest) -> None:
    say(ingest, **SCORE)
    answer = client.post("/api/matches", json=match(observed_at=None, status="cancelled"))
    assert answer.status_code == 422
    assert (
        answer.json()["detail"] == "status: is cancelled, and match 1 is 3–1: correct that match, and clear its goals"
    )


def test_another_age_group_is_another_squad(client: httpx.Client, ingest: Ingest, engine: Engine) -> None:
    say(ingest, match_id="1", age_group="U15", home_team_id="5657", away_team_id="6104", date="2026-09-12")
    say(ingest, match_id="2", **SCORE)
    squads = {(name, age_group): ref for ref, name, age_group in rows(engine, "teams", "id", "name", "age_group")}
    story = correct(client, 2, age_group="U15")
    assert (story["home_ref"], story["away_ref"]) == (squads["FC Westchester", "U15"], squads["TSF Academy", "U15"])
    assert score(story) == (3, 1, "completed")
    table = client.get("/api/table?season=2026-27&age_group=U15&division=Northeast").json()
    assert [row["team"] for row in table["rows"]] == ["FC Westchester", "TSF Academy"]
    story = correct(client, 2, age_group="U14", new=True)  # nobody plays there any more
    assert story["home_ref"] == squads["FC Westchester", "U14"]
    assert count(engine, "teams") == 4


def test_the_sides_are_turned_with_the_score_or_without(client: httpx.Client, ingest: Ingest) -> None:
    say(ingest, **SCORE)
    turned: dict[str, Any] = {"home_team": "TSF Academy", "away_team": "FC Westchester"}
    story = correct(client, **turned)
    assert (story["home_team_id"], story["away_team_id"], score(story)) == ("6103", "5656", (1, 3, "completed"))
    back: dict[str, Any] = {"home_team": "FC Westchester", "away_team": "TSF Academy"}
    assert score(correct(client, **back, score_home=0, score_away=5)) == (0, 5, "completed")


def test_the_sides_are_turned_and_one_of_them_is_named_anew(client: httpx.Client, ingest: Ingest) -> None:
    say(ingest, **SCORE)
    turned: dict[str, Any] = {"home_team": "TSF Academy", "away_team": "Westchester Flames"}
    assert score(correct(client, **turned)) == (1, 3, "completed")
    say(ingest, score_home=4, score_away=0, observed_at=observed(600))
    assert score(client.get("/api/matches/1").json()) == (0, 4, "completed")
    assert score(correct(client, score_home=2, score_away=2)) == (2, 2, "completed")
    say(ingest, score_home=5, score_away=0, observed_at=observed(610))
    disputes = client.get("/api/matches/1").json()["disputes"]
    assert {"score_home": 0, "score_away": 5}.items() <= {each["field"]: each["theirs"] for each in disputes}.items()
    answer = client.post("/api/matches/1/dispute", json={"register": "sides", "verdict": "unpin"})
    assert answer.status_code == 200
    assert score(client.get("/api/matches/1").json()) == (2, 2, "completed")
    client.post("/api/matches/1/dispute", json={"register": "result", "verdict": "unpin"})
    assert score(client.get("/api/matches/1").json()) == (5, 0, "completed")


def test_a_repeated_value_changes_and_pins_nothing(client: httpx.Client, ingest: Ingest) -> None:
    say(ingest, **SCORE)
    answer = client.patch("/api/matches/1", json={**SCORE, "location": "SUNY Purchase", "home_team": "fc westchester"})
    assert answer.json() == {"outcome": "unchanged", "id": 1, "changes": []}
    assert client.get("/api/matches/1").json()["pinned"] == []


def test_only_who_may_corrects_and_only_what_is_there(client: httpx.Client, engine: Engine, ingest: Ingest) -> None:
    say(ingest)
    assert client.patch("/api/matches/99", json={}).status_code == 404
    for body in (b"[]", b"7", b"{", b'{"nonsense": 1}'):
        headers = {"Content-Type": "application/json"}
        assert client.patch("/api/matches/1", content=body, headers=headers).status_code == 422
    submit = {"Authorization": f"Bearer {tokens.create(engine, 'scraper', utc_now(), scope='submit')}"}
    assert client.patch("/api/matches/1", json={}, headers=submit).status_code == 403


def form(client: httpx.Client, address: str) -> dict[str, str]:
    """The fields of the form at `address`, as they are shown."""
    shown = client.get(address).text.partition('<form class="entry"')[2].partition("</form>")[0]
    fields = dict(re.findall(r'<input[^>]* name="([^"]*)"[^>]* value="([^"]*)"', shown))
    (status,) = re.findall(r'<option value="([^"]*)" selected', shown)
    return fields | {"status": status}


def send(client: httpx.Client, address: str, **fields: str) -> httpx.Response:
    return client.post("/enter", data=form(client, address) | fields)


def test_the_page_corrects_the_row_that_it_shows(client: httpx.Client, engine: Engine) -> None:
    ref = enter(client, NEFC)
    answer = send(client, f"/enter?match={ref}", date="2026-12-06")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/matches/{ref}")
    assert one(engine, "matches")["date"].isoformat() == "2026-12-06"
    other = enter(client, NEFC)
    answer = send(client, f"/enter?match={other}", date="2026-12-06")
    assert answer.status_code == 422
    assert f"Match {ref} is NEFC against Bayside on 2026-12-06 in 2026-27 already" in answer.text
    assert 'value="2026-12-06"' in answer.text


def test_a_result_is_taken_back_on_the_page(client: httpx.Client, ingest: Ingest) -> None:
    say(ingest)
    assert send(client, "/enter?match=1", score_home="3", score_away="1", status="").status_code == 303
    assert score(client.get("/api/matches/1").json()) == (3, 1, "completed")
    answer = send(client, "/enter?match=1", status="cancelled")
    assert answer.status_code == 422
    assert "Status is cancelled, and there are goals" in answer.text
    answer = send(client, "/enter?match=1", score_home="", score_away="", status="scheduled", location="")
    assert answer.status_code == 303
    story = client.get("/api/matches/1").json()
    assert (score(story), story["location"]) == ((None, None, "scheduled"), None)


def test_what_changed_meanwhile_is_not_undone_by_a_form_that_was_open(client: httpx.Client, ingest: Ingest) -> None:
    say(ingest)
    opened = form(client, "/enter?match=1")
    say(ingest, location="Field 9", **SCORE, observed_at=observed(600))
    assert client.post("/enter", data=opened | {"notes": "windy"}).status_code == 303
    story = client.get("/api/matches/1").json()
    assert (story["location"], story["notes"], story["pinned"]) == ("Field 9", "windy", ["notes"])
    assert score(story) == (3, 1, "completed")


def test_the_page_turns_the_sides_as_it_shows_them(client: httpx.Client, ingest: Ingest) -> None:
    say(ingest, **SCORE)
    send(client, "/enter?match=1", home_team="TSF Academy", away_team="FC Westchester")
    story = client.get("/api/matches/1").json()
    assert (story["home_team"], score(story)) == ("TSF Academy", (3, 1, "completed"))
    send(client, "/enter?match=1", home_team="FC Westchester", away_team="Met Oval", new_teams="on")
    story = client.get("/api/matches/1").json()
    assert (story["away_team"], score(story)) == ("Met Oval", (3, 1, "completed"))


def test_a_name_that_is_not_known_is_asked_about(client: httpx.Client, ingest: Ingest, engine: Engine) -> None:
    say(ingest)
    for address in ("/enter", "/enter?match=1"):
        filled = {**BY_HAND, "home_team": "FC Westchestr", "away_team": "TSF Academy", "date": "2026-10-10"}
        answer = send(client, address, **filled)
        assert answer.status_code == 422
        assert "is no team that is known in U14; the nearest are: FC Westchester" in answer.text
        assert 'name="new_teams" value="yes"' in answer.text
    assert count(engine, "teams") == 2
    page = client.get("/enter?match=1").text
    assert '<option value="TSF Academy">' in page
    assert "new_teams" not in page
    assert send(client, "/enter?match=1", home_team="Met Oval", new_teams="yes").status_code == 303
    assert count(engine, "teams") == 3


@pytest.mark.parametrize(
    ("slip", "said"),
    [
        (
            {"division": "Nortest"},
            "division is new: there is no Homegrown U14 Nortest in 2026-27; the nearest is Northeast",
        ),
        (
            {"league": "Homegrwn"},
            "league is new: there is no Homegrwn U14 Northeast in 2026-27; the nearest is Homegrown",
        ),
        ({"age_group": "U99"}, "age_group is new: there is no Homegrown U99 Northeast in 2026-27; the nearest is U14"),
        ({"away_division": "Flrida"}, "away_division is new: there is no Homegrown U14 Flrida in 2026-27"),
    ],
)
def test_a_bracket_that_is_not_known_is_asked_about(
    client: httpx.Client, ingest: Ingest, engine: Engine, slip: dict[str, Any], said: str
) -> None:
    say(ingest)
    before = everything(engine)
    entered = match(observed_at=None, **slip)
    answer = client.post("/api/matches", json=entered)
    assert answer.status_code == 422
    for detail in (answer.json()["detail"], refused(client, **slip)):
        assert detail.startswith(said)
        assert detail.endswith("; if it is meant, say `?new_brackets=true`")
    assert (everything(engine), count(engine, "teams")) == (before, 2)
    answer = client.post("/api/matches?new_brackets=true", json=entered)
    assert (answer.status_code, one(engine, "matches")[next(iter(slip))]) == (200, next(iter(slip.values())))


def test_the_first_bracket_of_a_season_is_no_slip(client: httpx.Client, ingest: Ingest) -> None:
    enter(client, NEFC)
    enter(client, NEFC | {"season": "2025-26", "division": "Florida"})
    ingest.process([delivery(bracket())], NOW)  # an official table makes U15 known
    enter(client, NEFC | {"age_group": "U15", "date": "2026-12-06"})
    hands = NEFC | {"division": "By hands", "date": "2026-12-20"}
    assert client.post("/api/matches?new_brackets=true", json=hands).status_code == 201
    said = refused(client, 3, division="By hand")  # what is another in one part alone is nearer, however it is called
    assert said.startswith("division is new: there is no Homegrown U15 By hand in 2026-27; the nearest is Northeast")
    said = refused(client, 2, division=None)
    assert "there is no Homegrown U14 without a division in 2025-26; the nearest is Florida" in said
    assert "the nearest is Homegrown" in refused(client, 2, season="2026-27", league="Flex", division="Northeast")
    assert client.post("/api/matches", json=NEFC | {"division": None, "notes": "windy"}).status_code == 200


def test_the_page_asks_about_a_new_bracket_and_a_new_team_in_turn(
    client: httpx.Client, ingest: Ingest, engine: Engine
) -> None:
    say(ingest)
    filled = BY_HAND | {
        "division": "Nortest",
        "home_team": "Met Oval",
        "away_team": "TSF Academy",
        "date": "2026-10-10",
    }
    assert 'name="new_teams" value="yes"' in send(client, "/enter", **filled).text
    answer = send(client, "/enter", **filled, new_teams="yes")
    assert answer.status_code == 422
    assert "Division is new: there is no Homegrown U14 Nortest in 2026-27; the nearest is Northeast" in answer.text
    assert '<button name="new_brackets" value="yes">Store it in a new bracket</button>' in answer.text
    assert '<input type="hidden" name="new_teams" value="yes">' in answer.text
    assert count(engine, "matches") == 1
    assert send(client, "/enter", **filled, new_teams="yes", new_brackets="yes").status_code == 303
    assert count(engine, "matches") == 2
    assert send(client, "/enter?match=1", division="Nrth").status_code == 422
    assert send(client, "/enter?match=1", division="Nrth", new_brackets="yes").status_code == 303


def test_a_squad_is_named_as_the_table_prints_it(client: httpx.Client, ingest: Ingest, engine: Engine) -> None:
    club = {"home_team": "New England Revolution"}
    for number, date in (("5914", "2026-09-12"), ("5915", "2026-09-19")):
        say(ingest, **club, match_id=number, home_team_id=number, date=date)
    squads: dict[str, int] = dict(rows(engine, "team_ids", "source_id", "team_ref"))
    other = NEFC | {"home_team": "New England Revolution (5915)", "away_team": "TSF Academy"}
    ref = enter(client, other)
    assert client.get(f"/api/matches/{ref}").json()["home_ref"] == squads["5915"]
    story = correct(client, ref, home_team="new england revolution (5914)")
    assert (story["home_ref"], story["home_team"]) == (squads["5914"], "New England Revolution")
    filled = {name: str(value) for name, value in other.items()} | {"date": "2026-12-12"}
    answer = send(client, "/enter", **filled | {"home_team": "New England Revolution"})
    assert answer.status_code == 422
    both = "is the name of 2 squads in U14: write New England Revolution (5914) or New England Revolution (5915)"
    assert f"Home team {both}" in answer.text
    answer = send(client, "/enter", **filled | {"home_team": "New England Revolutoin"})
    assert "the nearest are: New England Revolution (591" in answer.text
    assert send(client, "/enter", **filled).status_code == 303
    assert count(engine, "teams") == 3
    enter(client, other | {"date": "2026-12-19", "home_team": "New England Revolution (6103)"})  # of another team
    assert count(engine, "teams") == 4
    say(ingest, match_id="1", home_team="New England Revolution (5915)", home_team_id=None, date="2026-12-20")
    assert count(engine, "teams") == 5


def test_a_plain_producers_match_is_corrected_too(client: httpx.Client, ingest: Ingest, engine: Engine) -> None:
    ingest.process([delivery(bare())], NOW)
    assert correct(client, home_team="Chicago Fire", date="2025-10-14")["home_team"] == "Chicago Fire"
    assert count(engine, "matches") == 1
