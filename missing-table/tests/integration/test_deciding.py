"""What people decide about matches: disputes, possible duplicates, and matches that vanished from their source."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Engine

from messages import NOW, delivery, match, observed
from missing_table.bracket import Asked, view
from missing_table.errors import NotFound, Refused
from missing_table.ingest import disputes, duplicates, merging, unmerging, vanished
from missing_table.ingest.correcting import correct
from missing_table.ingest.pipeline import Ingest
from missing_table.match_data import MatchData
from missing_table.store import engine as engines
from missing_table.store import matches as match_store
from missing_table.store import read
from missing_table.store import teams as team_store
from missing_table.store.engine import glancing, reading, writing
from stored import count, one, rows
from worker_process import eventually

BY = {"by": "anna"}
U14 = Asked("2026-27", "Homegrown", "U14", "Northeast")


def said(ingest: Ingest, *payloads: dict[str, Any]) -> list[str]:
    """Each of `payloads` in a batch of its own."""
    return [ingest.process([delivery(payload)], NOW)[0].outcome for payload in payloads]


def entered(ingest: Ingest, **fields: Any) -> None:
    ingest.enter(MatchData.model_validate(match(observed_at=None, **fields)), now=NOW, by="coach")


def score(engine: Engine) -> tuple[Any, Any]:
    stored = one(engine, "matches")
    return stored["score_home"], stored["score_away"]


def disputed_score(ingest: Ingest, engine: Engine) -> int:
    """A match of which a person says 2:2 and the source 4:1."""
    entered(ingest, score_home=2, score_away=2)
    said(ingest, match(observed_at=observed(600), score_home=4, score_away=1))
    (found,) = [each for each in disputes.listed(engine) if each.register == "result"]
    assert [(c.field, c.old, c.new) for c in found.changes] == [("score_home", 2, 4), ("score_away", 2, 1)]
    return found.ref


def test_ours_is_kept_until_the_source_says_something_else(ingest: Ingest, engine: Engine) -> None:
    ref = disputed_score(ingest, engine)
    disputes.settle(engine, ref, "result", "keep", NOW, **BY)
    said(ingest, match(observed_at=observed(610), score_home=4, score_away=1))
    assert disputes.listed(engine) == []
    with reading(engine) as connection:
        story = read.story(connection, ref)
    assert story is not None
    assert story.disputes == []
    said(ingest, match(observed_at=observed(620), score_home=5, score_away=1))
    assert [each.changes[0].new for each in disputes.listed(engine)] == [5]
    assert score(engine) == (2, 2)


def test_theirs_is_taken_and_pinned(ingest: Ingest, engine: Engine) -> None:
    ref = disputed_score(ingest, engine)
    disputes.settle(engine, ref, "result", "take", NOW, **BY)
    assert score(engine) == (4, 1)
    assert disputes.listed(engine) == []
    said(ingest, match(observed_at=observed(620), score_home=5, score_away=1))
    assert score(engine) == (4, 1)
    assert len(disputes.listed(engine)) == 1
    assert ("score_home", 2, 4, "anna") in rows(engine, "history", "field", "old", "new", "source")


def test_unpinned_it_follows_the_source_again(ingest: Ingest, engine: Engine) -> None:
    ref = disputed_score(ingest, engine)
    disputes.settle(engine, ref, "result", "unpin", NOW, **BY)
    assert score(engine) == (4, 1)
    said(ingest, match(observed_at=observed(620), score_home=5, score_away=1))
    assert score(engine) == (5, 1)


def test_what_no_source_has_said_yet_stays_until_one_does(ingest: Ingest, engine: Engine) -> None:
    entered(ingest, score_home=2, score_away=2)
    disputes.settle(engine, 1, "result", "unpin", NOW, **BY)
    assert score(engine) == (2, 2)
    said(ingest, match(observed_at=observed(1), score_home=0, score_away=1))
    assert score(engine) == (0, 1)


def test_there_must_be_something_to_decide(ingest: Ingest, engine: Engine) -> None:
    said(ingest, match(score_home=4, score_away=1))
    for verdict in disputes.VERDICTS:
        with pytest.raises(Refused, match="nobody has pinned the result"):
            disputes.settle(engine, 1, "result", verdict, NOW, **BY)
    entered(ingest, notes="windy")
    with pytest.raises(Refused, match="no source says anything about the notes"):
        disputes.settle(engine, 1, "notes", "take", NOW, **BY)
    with pytest.raises(NotFound, match="there is no match 99"):
        disputes.settle(engine, 99, "notes", "take", NOW, **BY)


@pytest.mark.parametrize("verdict", ["take", "unpin"])
def test_a_verdict_that_makes_it_another_match_is_refused(
    ingest: Ingest, engine: Engine, verdict: disputes.Verdict
) -> None:
    said(ingest, match(match_id=None))
    correct(engine, 1, {"date": "2026-09-12"}, NOW, by="anna", default_league="Homegrown")
    said(ingest, match(match_id=None, observed_at=observed(600)))  # by its words it is a match of its own
    before = rows(engine, "matches")
    why = "^match 2 is FC Westchester against TSF Academy on 2026-09-05 in 2026-27 already: correct that one"
    with pytest.raises(Refused, match=why):
        disputes.settle(engine, 1, "schedule", verdict, NOW, **BY)
    assert rows(engine, "matches") == before
    assert [each.register for each in disputes.listed(engine)] == ["schedule"]


SCORED = {"score_home": 3, "score_away": 1}


def played(engine: Engine) -> dict[str, int]:
    with reading(engine) as connection:
        table = view(connection, U14, default_league="Homegrown").table
    return {row.team: row.played for row in table.rows}


def two_numbers(ingest: Ingest, engine: Engine) -> tuple[int, int]:
    said(ingest, match(match_id="1", **SCORED), match(match_id="2", observed_at=observed(600), **SCORED))
    (found,) = duplicates.listed(engine)
    assert played(engine) == {"FC Westchester": 1, "TSF Academy": 1}
    return found.ref, found.of


def test_one_match_is_one_row_for_both_numbers_from_then_on(ingest: Ingest, engine: Engine) -> None:
    ref, of = two_numbers(ingest, engine)
    duplicates.same_match(engine, ref, of, NOW, **BY)
    assert duplicates.listed(engine) == []
    later = [match(match_id=n, observed_at=observed(620 + int(n)), location=f"Field {n}", **SCORED) for n in "21"]
    assert said(ingest, *later) == ["updated", "stale"]
    assert said(ingest, match(match_id="2", observed_at=observed(630), **SCORED)) == ["updated"]
    assert one(engine, "matches")["match_id"] == "1"
    with reading(engine) as connection:
        story = read.story(connection, ref)
    assert story is not None
    assert story.match.id == of
    assert ("possible_duplicate_of", ref, of) in [(c.field, c.old, c.new) for c in story.history]


def test_both_numbers_in_one_batch_and_another_worker(ingest: Ingest, engine: Engine) -> None:
    ref, of = two_numbers(ingest, engine)
    duplicates.same_match(engine, ref, of, NOW, **BY)
    other = Ingest(engine, default_league="Homegrown", message_limit=100_000)
    for each in (ingest, other):
        both = [delivery(match(match_id=n, observed_at=observed(620), notes=f"by {n}")) for n in "12"]
        each.process(both, NOW)
    assert count(engine, "matches") == 1
    assert one(engine, "matches")["notes"] == "by 2"


def test_a_season_of_another_name_hides_nothing_that_waits(ingest: Ingest, engine: Engine) -> None:
    two_numbers(ingest, engine)
    assert said(ingest, match(match_id="3", season="spring", observed_at=observed(600), **SCORED)) == ["created"]
    assert len(duplicates.listed(engine)) == 1


def test_two_sources_may_have_the_same_number_for_one_match(ingest: Ingest, engine: Engine) -> None:
    played = {"score_home": 2, "score_away": 1}
    theirs = match(source="a-club", home_team_id=None, away_team_id=None, **played)
    assert said(ingest, match(**played), theirs) == ["created", "created"]
    (found,) = duplicates.listed(engine)
    duplicates.same_match(engine, found.ref, found.of, NOW, **BY)
    assert said(ingest, theirs) == ["unchanged"]
    assert count(engine, "matches") == 1


def test_two_matches_both_count(ingest: Ingest, engine: Engine) -> None:
    ref, _ = two_numbers(ingest, engine)
    duplicates.two_matches(engine, ref, NOW, **BY)
    assert duplicates.listed(engine) == []
    assert played(engine) == {"FC Westchester": 2, "TSF Academy": 2}
    assert rows(engine, "history", "field", "source") == [("possible_duplicate_of", "anna")]
    with pytest.raises(Refused, match="counts for itself already"):
        duplicates.two_matches(engine, ref, NOW, **BY)


def test_who_decides_waits_for_a_worker_that_holds_the_rivals(postgres_database: str) -> None:
    """A worker locks the one number and then the other: whoever held the other meanwhile would be in a deadlock."""
    engine = engines.create(postgres_database)
    ref, of = two_numbers(Ingest(engine, default_league="Homegrown", message_limit=100_000), engine)
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"

    def somebody_waits() -> bool:
        with glancing(engine) as connection:
            return bool(connection.exec_driver_sql(waiting).scalar_one())

    with ThreadPoolExecutor() as pool:
        with writing(engine) as worker:
            team_store.lock(worker, exclusive=False)
            match_store.by_ref(worker, [of])
            decided = pool.submit(duplicates.two_matches, engine, ref, NOW, by="anna")
            eventually(somebody_waits)
            match_store.by_ref(worker, [ref])
        decided.result()
    engine.dispose()


def test_what_cannot_be_one_match_is_refused(ingest: Ingest, engine: Engine) -> None:
    said(ingest, match(), match(match_id="2", home_team="Met Oval", home_team_id="7"), match(season="2025-26"))
    for ref, of, why in ((2, 1, "not of the same teams"), (3, 1, "of two seasons"), (1, 1, "one match already")):
        with pytest.raises(Refused, match=why):
            duplicates.same_match(engine, ref, of, NOW, **BY)
    assert count(engine, "matches") == 3


def test_a_decision_about_numbers_outlives_a_merge_of_teams(ingest: Ingest, engine: Engine) -> None:
    unknown = {"home_team": "Westchester", "home_team_id": None}
    said(ingest, match(match_id=None, **SCORED), match(match_id="1", **unknown, **SCORED))
    said(ingest, match(match_id="2", **unknown, observed_at=observed(600), **SCORED))
    (found,) = duplicates.listed(engine)
    duplicates.same_match(engine, found.ref, found.of, NOW, **BY)
    before = {table: sorted(rows(engine, table), key=repr) for table in ("matches", "match_numbers", "folded_matches")}
    teams = {row[1]: row[0] for row in rows(engine, "teams", "id", "name")}
    merging.make_alias(engine, teams["Westchester"], teams["FC Westchester"], NOW, **BY)
    assert said(ingest, match(match_id="2", **unknown, observed_at=observed(590), **SCORED)) == ["stale"]
    unmerging.unmerge(engine, teams["Westchester"], NOW, **BY)
    assert {table: sorted(rows(engine, table), key=repr) for table in before} == before


def test_a_match_that_its_source_states_no_more_is_listed(ingest: Ingest, engine: Engine) -> None:
    then, late = "2026-09-01T00:00:00Z", "2026-09-16T00:00:00Z"
    said(ingest, *(match(match_id=n, date=f"2026-10-{10 + int(n)}", observed_at=then) for n in "1234"))
    assert vanished.listed(engine) == []
    said(ingest, *(match(match_id=n, date=f"2026-10-{10 + int(n)}", observed_at=late) for n in "12"))
    found = vanished.listed(engine)
    assert [each.row.match.match_id for each in found] == ["3", "4"]
    vanished.keep(engine, found[0].row.ref, NOW, **BY)
    vanished.cancel(engine, found[1].row.ref, NOW, **BY)
    assert vanished.listed(engine) == []
    assert disputes.listed(engine) == []
    assert dict(rows(engine, "matches", "match_id", "status"))["4"] == "cancelled"
    assert rows(engine, "history", "field", "old", "new", "source") == [("status", "scheduled", "cancelled", "anna")]


def test_most_of_a_bracket_must_have_been_stated(ingest: Ingest, engine: Engine) -> None:
    said(ingest, *(match(match_id=n, date=f"2026-10-{10 + int(n)}", observed_at="2026-09-01T00:00:00Z") for n in "123"))
    said(ingest, match(match_id="1", date="2026-10-11", observed_at="2026-09-20T00:00:00Z"))
    assert vanished.listed(engine) == []


def test_what_only_people_stated_has_not_vanished(ingest: Ingest, engine: Engine) -> None:
    entered(ingest, match_id=None, date="2026-10-20")
    later = (NOW + dt.timedelta(minutes=30)).isoformat().replace("+00:00", "Z")
    said(ingest, *(match(match_id=n, date=f"2026-11-{10 + int(n)}", observed_at=later) for n in "12"))
    assert vanished.listed(engine) == []
    with pytest.raises(Refused, match="no source has ever stated"):
        vanished.keep(engine, 1, NOW, **BY)
