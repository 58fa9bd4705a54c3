"""The merge is a join: whatever the order and however often, the same statements end in the same match."""

import datetime as dt
from collections.abc import Iterable, Sequence
from itertools import permutations
from typing import Any

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from messages import observed, statement
from missing_table.ingest.merge import REGISTERS, SHOWN, Match, Statement, disputes, fold, merge, values_of
from missing_table.ingest.stamps import is_by_hand, moment_of

TEAMS = {1: ("FC Westchester", "5656"), 2: ("TSF Academy", "6103"), 3: ("Met Oval", "7")}
"""Names and source ids by the number that the database gave."""
LATE, LATER, LATEST = observed(600), observed(610), observed(620)
PUT_OFF = ("postponed", "cancelled")


@st.composite
def statements(draw: st.DrawFn, *, by_hand: Sequence[bool] = (False, False, True)) -> Statement:
    """One statement about one and the same match, of few moments, so that ties are frequent."""
    home, away = draw(st.sampled_from([(1, 2), (1, 2), (2, 1), (1, 3)]))
    goals = draw(st.sampled_from([None, (1, 0), (0, 1), (2, 2)]))
    fields: dict[str, Any] = {
        "home_team": TEAMS[home][0],
        "home_team_id": TEAMS[home][1],
        "away_team": TEAMS[away][0],
        "away_team_id": TEAMS[away][1],
        "match_id": draw(st.sampled_from(["26090", "26090", None])),
        "date": draw(st.sampled_from(["2026-09-05", "2026-09-06", "2026-12-31"])),
        "match_time": draw(st.sampled_from([None, "12:00"])),
        "league": draw(st.sampled_from([None, "Homegrown", "Academy"])),
        "division": draw(st.sampled_from([None, "Northeast", "Frontier"])),
        "away_division": draw(st.sampled_from([None, "Frontier"])),
        "status": draw(st.sampled_from([None, "scheduled", "tbd", "completed", *PUT_OFF, "forfeit"])),
        "notes": draw(st.sampled_from([None, "windy"])),
        "observed_at": draw(st.sampled_from([LATE, LATER, LATEST])),
    }
    if goals is not None:
        fields |= {"score_home": goals[0], "score_away": goals[1]}
        if draw(st.booleans()):
            fields |= {"penalty_home": 5, "penalty_away": 4}
    return statement(fields, home=home, away=away, by_hand=draw(st.sampled_from(by_hand)))


def stored(match: Match) -> Match:
    """`match` as it comes back from a database, which keeps what is beneath as JSON."""
    return msgspec.structs.replace(match, beneath=msgspec.json.decode(msgspec.json.encode(match.beneath)))


def joined(said: Iterable[Statement]) -> Match:
    found: Match | None = None
    for each in said:
        found = stored(merge(found, each).match)
    assert found is not None
    return found


def _without_refs(register: str, said: Statement) -> list[Any]:
    pairs = zip(said.registers[register], REGISTERS[register], strict=True)
    return [value for value, field in pairs if not field.endswith("_ref")]


def heaviest(said: Sequence[Statement], register: str, *, sources_only: bool) -> tuple[str, list[Any]] | None:
    """What stands in a register by the words of the rule: the newest, and of one moment the greater JSON."""
    weights = [
        (each.stamps[register], msgspec.json.encode(_without_refs(register, each)), each.registers[register])
        for each in said
        if register in each.registers and not (sources_only and is_by_hand(each.stamps[register]))
    ]
    if not weights:
        return None
    stamp, _, value = max(weights)
    return stamp, msgspec.to_builtins(list(value))


@given(st.lists(statements(), min_size=1, max_size=5), st.data())
def test_any_order_and_any_number_of_times_ends_in_the_same_match(said: list[Statement], data: st.DataObject) -> None:
    again = data.draw(st.permutations(said + data.draw(st.lists(st.sampled_from(said), max_size=4))))
    assert joined(again) == joined(said)


@given(st.lists(statements(), min_size=1, max_size=5))
def test_every_register_holds_what_weighs_most(said: list[Statement]) -> None:
    match = joined(said)
    values = values_of(match)
    for register in REGISTERS:
        standing = heaviest(said, register, sources_only=False)
        if standing is None:
            assert register not in match.stamps
            continue
        assert (match.stamps[register], msgspec.to_builtins(list(values[register]))) == standing
        if is_by_hand(standing[0]):
            source = heaviest(said, register, sources_only=True)
            assert (match.beneath or {}).get(register) == ([source[0], *source[1]] if source else None)
        else:
            assert register not in (match.beneath or {})


@given(st.lists(statements(), min_size=1, max_size=5))
def test_what_is_shown_fits_together(said: list[Statement]) -> None:
    match = joined(said)
    assert (match.score_home is None) == (match.score_away is None)
    assert (match.penalty_home is None) == (match.penalty_away is None)
    assert (match.status in ("completed", "forfeit")) == (match.score_home is not None)
    stamps = [stamp for each in said for stamp in each.stamps.values()]
    of_sources = [stamp for stamp in stamps if stamp.startswith("1")]
    assert match.by_source == bool(of_sources)
    assert match.observed_at == max(map(moment_of, of_sources or stamps))


@given(st.lists(statements(), min_size=1, max_size=4), statements())
def test_a_score_never_disappears(said: list[Statement], more: Statement) -> None:
    before = joined(said)
    assume(before.score_home is not None)
    assert merge(before, more).match.score_home is not None


@given(st.lists(statements(by_hand=[False]), min_size=1, max_size=4), statements(by_hand=[True]))
def test_what_a_source_says_changes_nothing_that_a_person_entered(said: list[Statement], hand: Statement) -> None:
    match = joined([hand, *said])
    for register, stamp in hand.stamps.items():
        if is_by_hand(stamp):
            assert match.stamps[register] == stamp
            assert values_of(match)[register] == hand.registers[register]


@given(st.lists(statements(), min_size=1, max_size=4), st.lists(statements(), min_size=1, max_size=4))
def test_two_matches_that_turn_out_to_be_one_join_what_was_said_of_both(
    of_one: list[Statement], of_other: list[Statement]
) -> None:
    together = joined(of_one + of_other)
    assert stored(fold(joined(of_one), joined(of_other)).match) == together
    assert stored(fold(joined(of_other), joined(of_one)).match) == together


@given(st.lists(statements(), min_size=1, max_size=4), statements())
def test_outcomes_and_changes_say_what_happened(said: list[Statement], more: Statement) -> None:
    before = joined(said)
    decision = merge(before, more)
    after = decision.match
    assert [tuple(change) for change in decision.changes] == [
        (field, getattr(before, field), getattr(after, field))
        for field in SHOWN
        if getattr(before, field) != getattr(after, field)
    ]
    moved = stored(after) != before
    older = any(
        stamp < (before.beneath or {}).get(register, [before.stamps.get(register, "")])[0]
        if is_by_hand(before.stamps.get(register)) and not is_by_hand(stamp)
        else stamp < before.stamps.get(register, "")
        for register, stamp in more.stamps.items()
    )
    if decision.changes:
        assert (decision.outcome, decision.write) == ("updated", "row")
    elif moved:
        assert decision.outcome == "unchanged"
        assert decision.write in ("stamps", "row")
    else:
        assert (decision.outcome, decision.write) == ("stale" if older else "unchanged", "nothing")
    if decision.write == "stamps":
        assert msgspec.structs.replace(before, stamps=after.stamps, beneath=stored(after).beneath) == stored(after), (
            "more than the stamps changed"
        )


@given(st.lists(statements(), min_size=1, max_size=4))
def test_the_same_again_is_unchanged(said: list[Statement]) -> None:
    match = joined(said)
    for each in said:
        assert merge(match, each).outcome in ("unchanged", "stale")
        assert merge(match, each).match == match


@given(st.lists(statements(), min_size=1, max_size=4))
def test_another_number_for_a_team_is_put_everywhere(said: list[Statement]) -> None:
    """Ten in the place of one, from the start or after the fact, is the same."""

    def renamed(each: Statement) -> Statement:
        registers = {
            register: tuple(
                10 if field.endswith("_ref") and value == 1 else value
                for value, field in zip(values, REGISTERS[register], strict=True)
            )
            for register, values in each.registers.items()
        }
        return msgspec.structs.replace(each, registers=registers)

    assert joined(said).with_team(1, 10) == joined(renamed(each) for each in said)


def test_created() -> None:
    decision = merge(None, statement())
    assert (decision.outcome, decision.changes, decision.write) == ("created", (), "row")


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_a_swap_of_sides_turns_the_score_with_it(order: tuple[int, ...]) -> None:
    said = [
        statement(observed_at=LATE, score_home=4, score_away=1, penalty_home=3, penalty_away=5),
        statement(
            observed_at=LATER,
            home_team="TSF Academy",
            home_team_id="6103",
            away_team="FC Westchester",
            away_team_id="5656",
            home=2,
            away=1,
        ),
        statement(observed_at=observed(500)),
    ]
    match = joined(said[position] for position in order)
    assert (match.home_team, match.score_home, match.away_team, match.score_away) == (
        "TSF Academy",
        1,
        "FC Westchester",
        4,
    )
    assert (match.penalty_home, match.penalty_away) == (5, 3)


@pytest.mark.parametrize("order", list(permutations(range(3))))
@pytest.mark.parametrize("status", PUT_OFF)
def test_a_placeholder_date_gives_way_to_a_real_one(status: str, order: tuple[int, ...]) -> None:
    said = [
        statement(observed_at=LATE, date="2026-09-05"),
        statement(observed_at=LATER, date="2026-12-31", status=status),
        statement(observed_at=LATEST, date="2027-06-30", status=status),
    ]
    match = joined(said[position] for position in order)
    assert (match.date, match.status) == (dt.date(2026, 9, 5), status)


def test_a_placeholder_date_stands_where_there_is_no_other() -> None:
    said = [
        statement(observed_at=LATER, date="2026-12-31", status="postponed"),
        statement(observed_at=LATEST, date="2027-06-30", status="postponed"),
    ]
    assert joined(said).date == joined(reversed(said)).date == dt.date(2027, 6, 30)


def test_a_result_makes_a_match_completed_whatever_is_said_after() -> None:
    match = joined(
        [statement(observed_at=LATE, score_home=1, score_away=0), statement(observed_at=LATER, status="tbd")]
    )
    assert (match.status, match.stated_status) == ("completed", "tbd")


def test_a_forfeit_is_taken_back_by_a_newer_result() -> None:
    forfeit = statement(observed_at=LATE, score_home=3, score_away=0, status="forfeit")
    assert joined([forfeit]).status == "forfeit"
    assert joined([forfeit, statement(observed_at=LATER, score_home=3, score_away=0)]).status == "completed"


def test_an_older_statement_still_fills_what_nothing_newer_has_stated() -> None:
    newer = statement(observed_at=LATEST, division=None)
    decision = merge(joined([newer]), statement(observed_at=LATE, score_home=2, score_away=0, notes="windy"))
    assert decision.outcome == "updated"
    assert {change.field for change in decision.changes} == {"division", "status", "score_home", "score_away", "notes"}


def test_an_older_statement_that_changes_nothing_is_stale() -> None:
    newer = joined([statement(observed_at=LATEST, location="A")])
    assert merge(newer, statement(observed_at=LATE, location="B")).outcome == "stale"
    assert merge(newer, statement(observed_at=LATEST, location="A")).outcome == "unchanged"


def test_the_same_said_later_moves_the_stamps_alone() -> None:
    decision = merge(joined([statement(observed_at=LATE)]), statement(observed_at=LATER))
    assert (decision.outcome, decision.write, decision.changes) == ("unchanged", "stamps", ())


def test_an_earlier_entry_of_a_person_does_not_replace_a_later_one() -> None:
    first = statement(observed_at=LATE, by_hand=True, score_home=1, score_away=0)
    second = statement(observed_at=LATER, by_hand=True, score_home=2, score_away=0)
    assert joined([first, second]) == joined([second, first])
    assert joined([second, first]).score_home == 2


def test_a_number_is_adopted_and_kept() -> None:
    without = joined([statement(match_id=None)])
    decision = merge(without, statement(source="modular11", match_id="7"))
    assert decision.outcome == "updated"
    assert (decision.match.match_id, decision.match.source) == ("7", "modular11")
    assert merge(decision.match, statement(match_id=None)).match.match_id == "7"


def test_a_source_that_says_the_same_as_a_person_disputes_nothing() -> None:
    said = {"score_home": 1, "score_away": 0, "status": "completed", "notes": "windy"}
    match = joined([statement(said, observed_at=LATE), statement(said, observed_at=LATER, by_hand=True)])
    assert set(match.beneath or {}) == set(match.stamps)
    assert disputes(match) == []


def test_a_source_that_has_the_sides_the_other_way_round_does_not_dispute_the_score() -> None:
    hand = statement(observed_at=LATER, by_hand=True, score_home=4, score_away=1)
    turned = statement(
        observed_at=LATE,
        home_team="TSF Academy",
        home_team_id="6103",
        away_team="FC Westchester",
        away_team_id="5656",
        home=2,
        away=1,
        score_home=1,
        score_away=4,
    )
    found = disputes(joined([turned, hand]))
    assert {change.field for change in found} == {"home_team", "away_team", "home_team_id", "away_team_id"}


def test_a_source_that_differs_from_a_person_disputes_it() -> None:
    hand = statement(observed_at=LATE, by_hand=True, score_home=2, score_away=0, date="2026-09-05")
    source = statement(observed_at=LATER, score_home=2, score_away=1, date="2026-09-06")
    found = [tuple(change) for change in disputes(joined([hand, source]))]
    assert found == [("date", dt.date(2026, 9, 5), dt.date(2026, 9, 6)), ("score_away", 0, 1)]


def test_a_status_that_differs_from_a_persons_is_disputed() -> None:
    hand = statement(observed_at=LATE, by_hand=True, status="cancelled")
    match = joined([hand, statement(observed_at=LATER)])
    assert [tuple(change) for change in disputes(match)] == [("status", "cancelled", "scheduled")]
