"""Teams that were brought together part again: everything is as it was, and what came since is where it belongs."""

import datetime as dt
import random
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from messages import NOW, delivery, match, observed
from missing_table.errors import NotFound, Refused
from missing_table.ingest import disputes, merging, unmerging
from missing_table.ingest.correcting import correct
from missing_table.ingest.pipeline import Ingest
from missing_table.match_data import MatchData
from missing_table.store import engine as engines
from missing_table.store.engine import reading
from missing_table.team import team_answer
from stored import everything, rows

LATER = NOW + dt.timedelta(hours=1)
TABLES = ("teams", "team_ids", "team_aliases", "matches", "history", "outcomes", "folded_matches")
OPPONENTS = (("TSF Academy", "6103"), ("Met Oval", "7"), ("Ironbound", None))
KNOWN, ALIAS = ("FC Westchester", "5656"), ("Westchester", None)


def whole(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table that a merge writes."""
    return {table: sorted(rows(engine, table), key=repr) for table in TABLES}


def team(engine: Engine, name: str) -> int:
    """The number of the only team of this name."""
    (ref,) = [row[0] for row in rows(engine, "teams", "id", "name") if row[1] == name]
    return int(ref)


def pipeline(engine: Engine) -> Ingest:
    return Ingest(engine, default_league="Homegrown", message_limit=100_000)


def process(engine: Engine, *payloads: dict[str, Any]) -> list[str]:
    """Each of `payloads` in a batch of its own."""
    ingest = pipeline(engine)
    return [ingest.process([delivery(payload)], NOW)[0].outcome for payload in payloads]


def bring_together(engine: Engine) -> merging.Merged:
    return merging.make_alias(engine, team(engine, ALIAS[0]), team(engine, KNOWN[0]), LATER, by="anna")


def stated(dice: random.Random, *, at: int, numbered: dict[Any, str]) -> dict[str, Any]:
    """Something about a match of one of the two teams; a match that has a number has it in all that is said of it."""
    side, other = dice.choice((KNOWN, ALIAS)), dice.choice(OPPONENTS)
    day = dice.randrange(1, 4)
    fields: dict[str, Any] = {
        "home_team": side[0],
        "home_team_id": side[1],
        "away_team": other[0],
        "away_team_id": other[1],
        "date": f"2026-09-{day:02}",
        "match_id": numbered.get((side[0], other[0], day)),
        "observed_at": observed(at),
        "location": dice.choice((None, "Field 1", "Field 2")),
    }
    if dice.random() < 0.3:
        turned = {"home_team": "away_team", "home_team_id": "away_team_id"}
        fields |= {new: fields[old] for pair in turned.items() for new, old in (pair, pair[::-1])}
    if dice.random() < 0.5:
        fields |= {"score_home": dice.randrange(4), "score_away": dice.randrange(4)}
    return match(**fields)


def season(engine: Engine, dice: random.Random, numbered: dict[Any, str]) -> None:
    process(
        engine, *(match(home_team=name, home_team_id=ref, match_id=f"first {name}") for name, ref in (KNOWN, ALIAS))
    )
    process(engine, *(stated(dice, at=300 + step, numbered=numbered) for step in range(12)))
    for step in range(3):
        entry = MatchData.model_validate(stated(dice, at=330 + step, numbered=numbered))
        pipeline(engine).enter(entry, now=NOW, by="coach")
    process(engine, *(stated(dice, at=340 + step, numbered=numbered) for step in range(4)))


def numbers(dice: random.Random) -> dict[Any, str]:
    """Numbers for some of the matches of the team that is known."""
    fixtures = [(KNOWN[0], other, day) for other, _ in OPPONENTS for day in range(1, 4)]
    return {fixture: str(number) for number, fixture in enumerate(fixtures) if dice.random() < 0.5}


@pytest.fixture
def second(tmp_path: Path, sqlite_template: Path) -> Iterator[Engine]:
    """Another database, empty."""
    made = engines.create(f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'second.db')}")
    yield made
    made.dispose()


@pytest.mark.parametrize("seed", range(8))
def test_merged_and_parted_is_as_before(engine: Engine, seed: int) -> None:
    dice = random.Random(seed)
    season(engine, dice, numbers(dice))
    before = whole(engine)
    merged = bring_together(engine)
    assert merged.moved + merged.folded > 0
    assert whole(engine) != before
    unmerging.unmerge(engine, _gone(engine), LATER, by="anna")

    assert whole(engine) == before


def test_a_result_that_a_person_took_away_since_stays_away(engine: Engine) -> None:
    scored = match(home_team=ALIAS[0], home_team_id=None, score_home=3, score_away=1)
    process(engine, match(match_id="2", date="2026-09-06"), scored)
    ref = next(ref for ref, number in rows(engine, "matches", "id", "match_id") if number == scored["match_id"])
    bring_together(engine)
    nothing = {"score_home": None, "score_away": None}
    correct(engine, ref, nothing, LATER, by="coach", default_league="Homegrown")
    unmerging.unmerge(engine, _gone(engine), LATER, by="anna")
    stored = {row[0]: row[1:] for row in rows(engine, "matches", "id", "home_ref", "score_home", "status")}
    assert stored[ref] == (team(engine, ALIAS[0]), None, "scheduled")


def _gone(engine: Engine) -> int:
    return unmerging.merges(engine)[0].gone_ref


def sides_first(engine: Engine) -> list[dict[str, Any]]:
    """Every match, in an order that both databases agree on."""
    return sorted(everything(engine), key=lambda m: repr((m["date"], m["home_team"], m["away_team"], m["match_id"])))


@pytest.mark.parametrize("seed", range(6))
def test_what_came_since_is_where_it_would_have_been(engine: Engine, second: Engine, seed: int) -> None:
    """Newer statements about the one team or the other, of matches that the other does not have on that day."""
    for each in (engine, second):
        dice = random.Random(seed)
        numbered = numbers(dice)
        season(each, dice, numbered)
        if each is engine:
            bring_together(each)
        since = [stated(dice, at=500 + step, numbered=numbered) for step in range(12)]
        told: dict[Any, str] = {}
        for payload in since:
            sides = {payload["home_team"], payload["away_team"]}
            (mine,) = sides & {KNOWN[0], ALIAS[0]}
            if told.setdefault((frozenset(sides - {mine}), payload["date"]), mine) == mine:
                process(each, payload)
        if each is engine:
            unmerging.unmerge(each, _gone(each), LATER, by="anna")
    assert sides_first(engine) == sides_first(second)


def test_its_name_means_the_team_again_and_its_id_leads_back(engine: Engine) -> None:
    process(engine, match(), match(match_id="2", home_team="Westchester", home_team_id=None))
    gone = team(engine, "Westchester")
    bring_together(engine)
    process(engine, match(match_id="3", date="2026-09-20", home_team="Other", home_team_id=None))
    assert team(engine, "Other") > gone
    restored = unmerging.unmerge(engine, gone, LATER, by="anna")
    assert (restored.ref, restored.name, restored.provisional) == (gone, "Westchester", True)
    process(engine, match(match_id="4", date="2026-09-27", home_team="WESTCHESTER", home_team_id=None))
    assert {row[0]: row[1] for row in rows(engine, "matches", "match_id", "home_ref")}["4"] == gone
    (merge,) = unmerging.merges(engine)
    assert (merge.by, merge.undone_by, merge.undone_at) == ("anna", "anna", LATER)


def test_who_kept_the_address_of_the_team_is_shown_the_other(engine: Engine) -> None:
    process(engine, match(), match(match_id="2", home_team="Westchester", home_team_id=None, date="2026-09-12"))
    gone, known = team(engine, "Westchester"), team(engine, "FC Westchester")
    bring_together(engine)
    with reading(engine) as connection:
        shown = team_answer(connection, gone)
    assert (shown.team_ref, shown.aliases, len(shown.matches)) == (known, ["Westchester"], 2)


def test_teams_part_while_workers_store(engine: Engine) -> None:
    """Whatever the order: no error, a row for each match, and each under the team that its words name."""
    process(engine, match(), match(match_id=None, home_team="Westchester", home_team_id=None))
    gone = team(engine, "Westchester")
    names = (KNOWN, ALIAS)
    payloads = [
        match(
            match_id=f"{n}",
            home_team=names[n % 2][0],
            home_team_id=names[n % 2][1],
            date=f"2026-10-{1 + n:02}",
            observed_at=observed(600),
        )
        for n in range(24)
    ]
    errors: list[BaseException] = []

    def work(share: list[dict[str, Any]]) -> None:
        try:
            process(engine, *share)
        except BaseException as error:  # noqa: BLE001 (handed to the test)
            errors.append(error)

    workers = [threading.Thread(target=work, args=(payloads[start::2],)) for start in (0, 1)]
    for worker in workers:
        worker.start()
    while any(worker.is_alive() for worker in workers):
        bring_together(engine)
        unmerging.unmerge(engine, gone, LATER, by="anna")
    for worker in workers:
        worker.join()
    assert errors == []
    known = team(engine, "FC Westchester")
    refs = {row[0]: row[1] for row in rows(engine, "matches", "match_id", "home_ref")}
    assert {number: refs[str(number)] for number in range(24)} == {n: (known, gone)[n % 2] for n in range(24)}


def test_an_id_that_came_with_the_name_goes_with_it(engine: Engine) -> None:
    process(engine, match(home_team_id=None, match_id=None))
    process(engine, match(match_id=None, home_team="Westchester", home_team_id=None, date="2026-09-12"))
    gone = team(engine, "Westchester")
    bring_together(engine)
    of_its_own = {"home_team": "Westchester", "home_team_id": "77", "observed_at": observed(700)}
    process(engine, match(match_id="9", date="2026-09-12", **of_its_own))
    unmerging.unmerge(engine, gone, LATER, by="anna")
    assert ("77", gone) in rows(engine, "team_ids", "source_id", "team_ref")
    found = {row[0]: row[1:] for row in rows(engine, "teams", "id", "provisional", "known_by_id")}
    assert found[gone] == (False, True)
    assert found[team(engine, "FC Westchester")] == (True, False)


def test_a_merge_of_merges_is_undone_from_the_end(engine: Engine) -> None:
    process(engine, match(), *(match(match_id=None, home_team=n, home_team_id=None) for n in ("Westch", "Westchester")))
    first, then, last = (team(engine, name) for name in ("Westch", "Westchester", "FC Westchester"))
    before = whole(engine)
    merging.make_alias(engine, first, then, LATER, by="anna")
    between = whole(engine)
    merging.make_alias(engine, then, last, LATER, by="anna")
    with pytest.raises(Refused, match=f"Westchester became an alias itself since: .*teams unmerge {then}`"):
        unmerging.unmerge(engine, first, LATER, by="anna")
    unmerging.unmerge(engine, then, LATER, by="anna")
    assert whole(engine) == between
    unmerging.unmerge(engine, first, LATER, by="anna")

    assert whole(engine) == before


def test_two_that_had_the_same_match_part_from_the_end(engine: Engine) -> None:
    process(engine, match(), *(match(match_id=None, home_team=n, home_team_id=None) for n in ("Westch", "Westchester")))
    first, then, last = (team(engine, name) for name in ("Westch", "Westchester", "FC Westchester"))
    before = whole(engine)
    merging.make_alias(engine, first, last, LATER, by="anna")
    merging.make_alias(engine, then, last, LATER, by="anna")
    with pytest.raises(Refused, match="both had the same match: undo that first"):
        unmerging.unmerge(engine, first, LATER, by="anna")
    unmerging.unmerge(engine, then, LATER, by="anna")
    unmerging.unmerge(engine, first, LATER, by="anna")

    assert whole(engine) == before


def test_what_was_not_merged_cannot_part(engine: Engine) -> None:
    process(engine, match())
    for ref in (team(engine, "FC Westchester"), 999):
        with pytest.raises(NotFound, match=f"team {ref} is no alias"):
            unmerging.unmerge(engine, ref, LATER, by="anna")


def test_no_number_is_given_out_twice(engine: Engine) -> None:
    """SQLite would give the number of the last row again once it is gone."""
    process(engine, match(), match(match_id=None, home_team="Westchester", home_team_id=None))
    gone_team, gone_match = team(engine, "Westchester"), max(row[0] for row in rows(engine, "matches", "id"))
    bring_together(engine)
    process(engine, match(match_id="5", date="2026-11-01", home_team="Other", home_team_id=None))
    assert team(engine, "Other") != gone_team
    assert max(row[0] for row in rows(engine, "matches", "id")) > gone_match


@pytest.mark.parametrize("scored", [True, False], ids=["with a score", "without"])
def test_a_name_that_was_corrected_in_its_match_becomes_an_alias_and_parts(engine: Engine, scored: bool) -> None:
    """The match is another team's by then: only its score, and what its source says, name the one that goes."""
    score = {"score_home": 3, "score_away": 1} if scored else {}
    named = {"match_id": "2", "home_team": ALIAS[0], "home_team_id": None, "date": "2026-09-12", **score}
    process(engine, match(match_id="1"), match(**named))
    ref = next(ref for ref, number in rows(engine, "matches", "id", "match_id") if number == "2")
    correct(engine, ref, {"home_team": KNOWN[0]}, LATER, by="coach", default_league="Homegrown")
    gone, before = team(engine, ALIAS[0]), whole(engine)
    bring_together(engine)
    after = whole(engine)
    disputes.settle(engine, ref, "sides", "unpin", LATER, by="anna")
    assert dict(rows(engine, "matches", "id", "home_ref"))[ref] == team(engine, KNOWN[0])
    unmerging.unmerge(engine, gone, LATER, by="anna")
    assert dict(rows(engine, "matches", "id", "home_ref"))[ref] == gone
    assert (before["teams"], len(before["matches"])) == (whole(engine)["teams"], len(after["matches"]))


def test_what_its_source_says_since_of_a_corrected_match_is_about_that_one(engine: Engine) -> None:
    named = {"match_id": "2", "home_team": ALIAS[0], "home_team_id": None, "date": "2026-09-12"}
    process(engine, match(match_id="1"), match(**named, score_home=3, score_away=1))
    ref = next(ref for ref, number in rows(engine, "matches", "id", "match_id") if number == "2")
    correct(engine, ref, {"home_team": KNOWN[0]}, LATER, by="coach", default_league="Homegrown")
    gone, before = team(engine, ALIAS[0]), whole(engine)
    bring_together(engine)
    unmerging.unmerge(engine, gone, LATER, by="anna")
    assert whole(engine) == before
    bring_together(engine)
    process(engine, match(**named, score_home=4, score_away=1, observed_at=observed(700)))
    unmerging.unmerge(engine, gone, LATER, by="anna")
    assert rows(engine, "matches", "match_id", "home_ref", "score_home", "result_home_ref") == [
        ("1", team(engine, KNOWN[0]), None, None),
        ("2", team(engine, KNOWN[0]), 4, gone),
    ]


def test_a_score_turns_out_to_be_the_other_sides(engine: Engine) -> None:
    named = {"match_id": "2", "home_team": ALIAS[0], "home_team_id": None, "date": "2026-09-12"}
    process(engine, match(match_id="1"), match(**named, score_home=3, score_away=1))
    ref = next(ref for ref, number in rows(engine, "matches", "id", "match_id") if number == "2")
    sides = {"home_team": "Ironbound", "away_team": KNOWN[0]}
    correct(engine, ref, sides, LATER, by="coach", default_league="Homegrown")
    before = whole(engine)
    bring_together(engine)
    assert rows(engine, "matches", "match_id", "score_home", "score_away")[1] == ("2", 1, 3)
    turned = [row[1:] for row in rows(engine, "history", "source", "field", "old", "new") if row[0] == merging.TOGETHER]
    assert sorted(turned) == [("score_away", 1, 3), ("score_home", 3, 1)]
    unmerging.unmerge(engine, _gone(engine), LATER, by="anna")
    assert whole(engine) == before


def test_teams_that_met_beneath_a_correction_cannot_be_one(engine: Engine) -> None:
    process(engine, match(match_id="1"), match(match_id="2", away_team=ALIAS[0], away_team_id=None, date="2026-09-12"))
    ref = next(ref for ref, number in rows(engine, "matches", "id", "match_id") if number == "2")
    correct(engine, ref, {"away_team": "Met Oval"}, LATER, by="coach", default_league="Homegrown")
    with pytest.raises(Refused, match="met, so they cannot be one team"):
        bring_together(engine)
