"""Which match, which team: numbers, natural keys, adoption, squads, provisional teams and what they turn out to be."""

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import Engine, text

from messages import NOW, bare, delivery, match, observed
from missing_table.errors import NotFound, Refused
from missing_table.ingest import merging
from missing_table.ingest.pipeline import Ingest
from missing_table.match_data import MatchData
from missing_table.store.engine import reading
from stored import count, one, rows

SCORE = {"score_home": 4, "score_away": 1}
UNNUMBERED = {"match_id": None, "home_team_id": None, "away_team_id": None}
"""What makes a plain match one of names alone."""


def outcomes(ingest: Ingest, *payloads: dict[str, Any]) -> list[str]:
    """Processes each of `payloads` in a batch of its own."""
    return [ingest.process([delivery(payload)], NOW)[0].outcome for payload in payloads]


def team(engine: Engine, name: str, age_group: str = "U14") -> int:
    """The number of the only team of this name."""
    (ref,) = [row[0] for row in rows(engine, "teams", "id", "name", "age_group") if row[1:] == (name, age_group)]
    return int(ref)


@pytest.fixture(params=["apart", "together"])
def said(request: pytest.FixtureRequest, ingest: Ingest) -> Any:
    """Processes payloads, each in a batch of its own, or all in one."""
    if request.param == "apart":
        return lambda *payloads: outcomes(ingest, *payloads)
    return lambda *payloads: [r.outcome for r in ingest.process([delivery(payload) for payload in payloads], NOW)]


def test_a_match_is_known_by_source_season_and_number(said: Any, engine: Engine) -> None:
    different = [match(), match(source="modular11"), match(season="2025-26"), match(match_id="2")]
    assert said(*different) == ["created"] * 4
    assert said(match(season="2026/2027", source="mls-next")) == ["unchanged"]
    assert count(engine, "matches") == 4


def test_a_number_is_the_same_match_whatever_else_changed(said: Any, engine: Engine) -> None:
    moved = match(observed_at=observed(700), date="2026-10-01", home_team="Other", home_team_id="1", division="Florida")
    assert said(match(), moved) == ["created", "updated"]
    assert one(engine, "matches")["home_team"] == "Other"


def test_without_a_number_the_teams_and_the_date_are_the_match(said: Any, engine: Engine) -> None:
    turned = {"home_team": BARE_AWAY, "away_team": BARE_HOME}
    assert said(bare(), bare(season="2024-2025"), bare(**turned)) == ["created", "unchanged", "updated"]
    others = [bare(date="2025-10-14"), bare(league="Academy"), bare(age_group="U15"), bare(season="2025-26")]
    assert said(*others) == ["created"] * 4
    assert count(engine, "matches") == 5


BARE_HOME, BARE_AWAY = bare()["home_team"], bare()["away_team"]


def test_a_number_adopts_a_match_without_one(said: Any, engine: Engine) -> None:
    assert said(match(match_id=None, **SCORE), match(observed_at=observed(700))) == ["created", "updated"]
    stored = one(engine, "matches")
    assert (stored["match_id"], stored["score_home"]) == ("26090", 4)
    assert ("match_id", "26090") in rows(engine, "history", "field", "new")


def test_a_message_without_a_number_finds_the_match_with_one(said: Any, engine: Engine) -> None:
    assert said(match(), match(observed_at=observed(700), **UNNUMBERED, **SCORE)) == ["created", "updated"]
    stored = one(engine, "matches")
    assert (stored["match_id"], stored["score_home"]) == ("26090", 4)


def test_another_number_for_the_same_teams_and_date_is_stored_beside(said: Any, engine: Engine) -> None:
    assert said(match(), match(match_id="2")) == ["created", "created"]
    assert count(engine, "matches") == 2


def test_a_number_that_is_known_adopts_nothing(said: Any, engine: Engine) -> None:
    assert said(match(), match(match_id=None, date="2026-09-06")) == ["created", "created"]
    assert said(match(date="2026-09-06", observed_at=observed(700))) == ["updated"]
    assert count(engine, "matches") == 2


def test_squads_that_share_name_and_age_group_are_told_apart_by_id(said: Any, engine: Engine) -> None:
    said(
        match(match_id="1", home_team_id="1", division="Northeast"),
        match(match_id="2", home_team_id="2", division="Florida"),
    )
    assert len([row for row in rows(engine, "teams", "name") if row == ("FC Westchester",)]) == 2
    refs = {row[0]: row[1] for row in rows(engine, "matches", "match_id", "home_ref")}
    assert refs["1"] != refs["2"]


def test_a_name_that_squads_share_means_the_one_of_the_bracket_at_hand(ingest: Ingest, engine: Engine) -> None:
    outcomes(
        ingest,
        match(match_id="1", home_team_id="1", division="Northeast"),
        match(match_id="2", home_team_id="2", division="Florida"),
        match(match_id="3", home_team_id=None, division="Florida"),
        match(match_id="4", home_team_id=None, division="Frontier"),
    )
    refs = {row[0]: row[1] for row in rows(engine, "matches", "match_id", "home_ref")}
    assert refs["3"] == refs["2"]
    assert refs["4"] not in (refs["1"], refs["2"])
    assert [found.team.name for found in merging.provisional(engine)] == ["FC Westchester"]


def test_one_squad_in_two_age_groups_is_two_teams(said: Any, engine: Engine) -> None:
    said(match(match_id="1"), match(match_id="2", age_group="U15", home_team_id="5657", away_team_id="6104"))
    assert count(engine, "teams") == 4


def test_an_id_confirms_the_team_known_by_its_name(said: Any, engine: Engine) -> None:
    said(match(match_id="1", home_team_id=None, away_team_id=None), match(match_id="2", home_team="fc wéstchester"))
    found = dict(rows(engine, "teams", "name", "provisional"))
    assert found == {"FC Westchester": False, "TSF Academy": False}
    assert rows(engine, "team_ids", "source_id") == [("5656",), ("6103",)]


def test_a_name_alone_makes_a_provisional_team_with_the_nearest_known(ingest: Ingest, engine: Engine) -> None:
    outcomes(ingest, match(), bare(home_team="FC Westchestr"))
    found = merging.provisional(engine)
    assert [each.team.name for each in found] == ["FC Westchestr", "Indiana Fire Academy"]
    assert found[0].nearest[0].name == "FC Westchester"


def test_a_provisional_team_can_be_confirmed(ingest: Ingest, engine: Engine) -> None:
    outcomes(ingest, bare())
    for found in merging.provisional(engine):
        assert not merging.confirm(engine, found.team.ref).provisional
    assert merging.provisional(engine) == []
    outcomes(ingest, bare(date="2025-10-14"))
    assert count(engine, "teams") == 2


def test_an_alias_moves_its_matches_and_is_known_from_then_on(ingest: Ingest, engine: Engine) -> None:
    outcomes(ingest, match(), match(match_id="2", date="2026-09-12", home_team="Westchester", home_team_id=None))
    merged = merging.make_alias(engine, team(engine, "Westchester"), team(engine, "FC Westchester"), NOW, by="anna")
    assert (merged.kept.name, merged.moved, merged.folded) == ("FC Westchester", 1, 0)
    outcomes(ingest, match(match_id="3", date="2026-09-19", home_team="WESTCHESTER", home_team_id=None))
    refs = {ref for row in rows(engine, "matches", "home_ref") for ref in row}
    assert refs == {team(engine, "FC Westchester")}


def test_a_worker_that_knew_the_team_before_sees_the_alias(ingest: Ingest, engine: Engine) -> None:
    other = Ingest(engine, default_league="Homegrown", message_limit=100_000)
    for each in (ingest, other):
        each.process(
            [delivery(match()), delivery(match(match_id="2", home_team="Westchester", home_team_id=None))], NOW
        )
    gone = team(engine, "Westchester")
    merging.make_alias(engine, gone, team(engine, "FC Westchester"), NOW, by="anna")
    for number, each in enumerate((ingest, other)):
        payload = match(match_id=f"later {number}", home_team="Westchester", home_team_id=None)
        assert each.process([delivery(payload)], NOW)[0].outcome == "created"
    assert gone not in {ref for row in rows(engine, "matches", "home_ref", "away_ref") for ref in row}


def test_the_matches_of_two_teams_that_are_one_are_folded(ingest: Ingest, engine: Engine) -> None:
    known = match(observed_at=observed(600))
    other = match(observed_at=observed(610), home_team="Westchester", **UNNUMBERED, **SCORE)
    outcomes(ingest, known, other)
    assert count(engine, "matches") == 2
    merged = merging.make_alias(engine, team(engine, "Westchester"), team(engine, "FC Westchester"), NOW, by="anna")
    assert (merged.moved, merged.folded) == (0, 1)
    stored = one(engine, "matches")
    assert (stored["match_id"], stored["score_home"], stored["status"]) == ("26090", 4, "completed")
    assert {row[0] for row in rows(engine, "outcomes", "match_ref")} == {stored["id"]}
    assert {row[0] for row in rows(engine, "history", "match_ref")} == {stored["id"]}
    assert outcomes(ingest, known) == ["stale"]


def test_a_match_with_a_number_folds_into_one_without(ingest: Ingest, engine: Engine) -> None:
    outcomes(ingest, match(**{**UNNUMBERED, "home_team_id": "5656"}, observed_at=observed(600), **SCORE))
    outcomes(ingest, match(home_team="Westchester", home_team_id=None, observed_at=observed(610)))
    merging.make_alias(engine, team(engine, "Westchester"), team(engine, "FC Westchester"), NOW, by="anna")
    stored = one(engine, "matches")
    assert (stored["match_id"], stored["score_home"]) == ("26090", 4)
    assert outcomes(ingest, match(observed_at=observed(620))) == ["updated"]
    assert count(engine, "matches") == 1


def test_two_numbers_are_not_folded(ingest: Ingest, engine: Engine) -> None:
    outcomes(ingest, match(match_id="1"), match(match_id="2", home_team="Westchester", home_team_id=None))
    merged = merging.make_alias(engine, team(engine, "Westchester"), team(engine, "FC Westchester"), NOW, by="anna")
    assert (merged.moved, merged.folded) == (1, 0)
    assert count(engine, "matches") == 2


def test_folding_by_hand_or_by_arrival_is_the_same(ingest: Ingest, engine: Engine) -> None:
    """What a person pinned on either of the two stays pinned, and what the source said stays beneath."""
    outcomes(ingest, match(observed_at=observed(600), date="2026-09-05"))
    twin = match(observed_at=None, home_team="Westchester", **UNNUMBERED)
    ingest.enter(MatchData.model_validate(twin | {"score_home": 2, "score_away": 2}), now=NOW, by="coach")
    merging.make_alias(engine, team(engine, "Westchester"), team(engine, "FC Westchester"), NOW, by="anna")
    outcomes(ingest, match(observed_at=observed(700), **SCORE))
    stored = one(engine, "matches")
    assert stored["score_home"] == 2
    assert stored["beneath"]["result"][1:3] == [4, 1]
    assert stored["date"] == dt.date(2026, 9, 5)


def test_what_cannot_be_one_team_is_refused(ingest: Ingest, engine: Engine) -> None:
    outcomes(ingest, match(), match(match_id="2", home_team="Westchester", home_team_id=None))
    provisional, known, met = (team(engine, name) for name in ("Westchester", "FC Westchester", "TSF Academy"))
    before = rows(engine, "matches")
    with pytest.raises(Refused, match="met, so they cannot be one team"):
        merging.make_alias(engine, provisional, met, NOW, by="anna")
    with pytest.raises(Refused, match="is not provisional"):
        merging.make_alias(engine, known, met, NOW, by="anna")
    with pytest.raises(Refused, match="alias of itself"):
        merging.make_alias(engine, provisional, provisional, NOW, by="anna")
    outcomes(ingest, match(match_id="3", age_group="U15", home_team_id="9", away_team_id="10"))
    with pytest.raises(Refused, match="a squad has one age group"):
        merging.make_alias(engine, provisional, team(engine, "FC Westchester", "U15"), NOW, by="anna")
    with pytest.raises(NotFound, match="no team 999"):
        merging.confirm(engine, 999)
    assert rows(engine, "matches")[:2] == before
    assert count(engine, "team_aliases") == 0


def test_the_database_itself_keeps_matches_unique(ingest: Ingest, engine: Engine) -> None:
    """Whatever the code does: no two rows with one number, and none with one natural key and no number."""
    outcomes(ingest, match(), bare())
    with reading(engine) as connection:
        names = {row[0] for row in connection.execute(text(_INDEXES[engine.dialect.name]))}
    assert {"uq_matches_source_id", "uq_matches_without_id", "uq_teams_name_without_id"} <= names


_INDEXES = {
    "postgresql": "SELECT indexname FROM pg_indexes WHERE indexdef LIKE 'CREATE UNIQUE%'",
    "sqlite": "SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE UNIQUE%'",
}
