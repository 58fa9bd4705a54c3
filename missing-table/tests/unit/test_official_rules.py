"""What a message states of an official table, and which of several statements stands."""

import datetime as dt
import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messages import NOW, bracket, observed
from missing_table.bracket_data import BracketData
from missing_table.ingest.official import OfficialTable, Place, sides_of, state, weigh
from missing_table.ingest.statement import Contradiction


def stated(*order: str, **fields: Any) -> OfficialTable:
    return state(BracketData.model_validate(bracket(*order, **fields)), now=NOW, default_league="Homegrown")


def test_labels_defaults_and_white_space_are_those_of_a_match() -> None:
    found = stated(season="2026/27", league=None, age_group="u 15", division=" Northeast ", source=" ")
    assert found.bracket == ("2026-27", "Homegrown", "U15", "Northeast")
    assert found.source == "mls-next"
    assert found.observed_at == "2026-10-05T04:40:03.000000Z"
    assert found.places[0] == Place("Beachside of Connecticut", "6186", 1)
    assert {side.bracket for side in sides_of(found)} == {found.bracket}


@pytest.mark.parametrize(
    ("teams", "problem"),
    [
        ([{"team": "A", "team_id": "1"}, {"team": "B", "team_id": " 1"}], "teams.1.team_id: is 1, and so is another"),
        ([{"team": "Bayside FC"}, {"team": "BAYSIDE  fc"}], "teams.1.team: is 'BAYSIDE  fc', and so is another"),
        ([{"team": "A"}, {"team": "\u2003"}], "teams.1.team: is only white space"),
    ],
)
def test_a_team_stands_once_and_has_a_name(teams: list[dict[str, Any]], problem: str) -> None:
    with pytest.raises(Contradiction) as raised:
        stated(teams=teams)
    assert str(raised.value).startswith(problem)


def test_two_squads_of_one_club_and_a_third_known_by_name_are_three_teams() -> None:
    names = [{"team": "FC Dallas", "team_id": "5804"}, {"team": "FC Dallas", "team_id": "7276"}, {"team": "FC Dallas"}]
    assert len(stated(teams=names).places) == 3


def test_a_statement_from_the_future_is_refused() -> None:
    ahead = NOW + dt.timedelta(minutes=61)
    with pytest.raises(Contradiction, match=r"observed_at: .* is more than an hour in the future"):
        stated(observed_at=ahead.isoformat())


def test_what_is_said_again_is_unchanged_however_it_is_listed() -> None:
    first = stated()
    again = stated(teams=bracket()["teams"][::-1], observed_at=observed(600))
    assert (weigh(None, first), weigh(first, again), weigh(again, first)) == ("created", "unchanged", "stale")
    assert weigh(first, first) == "unchanged"


STATEMENTS = st.lists(
    st.tuples(st.permutations(["6186", "5657", "5937"]), st.integers(0, 3), st.sampled_from([None, "other"])),
    min_size=1,
    max_size=4,
)


@given(STATEMENTS)
def test_any_order_of_arrival_ends_in_the_same_table(made: list[tuple[list[str], int, str | None]]) -> None:
    tables = [stated(*order, observed_at=observed(minute), source=source) for order, minute, source in made]
    ends = set()
    for arrival in itertools.permutations(tables):
        standing: OfficialTable | None = None
        for table in arrival:
            outcome = weigh(standing, table)
            if outcome in ("created", "updated"):
                standing = table
            elif outcome == "unchanged":
                assert standing is not None
                standing = standing._replace(observed_at=max(standing.observed_at, table.observed_at))
        assert standing is not None
        assert standing.observed_at == max(table.observed_at for table in tables)
        ends.add(standing)
    assert len(ends) == 1
