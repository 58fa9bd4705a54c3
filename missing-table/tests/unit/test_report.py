"""The table in the terminal, in each of its forms."""

import csv
import datetime as dt
import io
import json
import re

import pytest

from missing_table.answers import OfficialOrderAnswer, OrderDifferenceAnswer, RowAnswer, TableAnswer
from missing_table.report import render_table

ROW = RowAnswer(
    team_ref=1,
    position=1,
    team="Intercontinental Football Academy [red]of New England[/red]",
    team_id="6024",
    played=3,
    won=2,
    drawn=0,
    lost=1,
    shootouts_won=0,
    shootouts_lost=0,
    goals_for=7,
    goals_against=4,
    goal_difference=3,
    points=6,
    points_per_match=2.0,
    form="WDL",
    movement=1,
    official_position=None,
)
TABLE = TableAnswer(
    season="2026-27",
    league="Homegrown",
    age_group="U14",
    division="Northeast",
    rules="mls-next",
    order_by=["points per match", "wins per match", "goals", "luck"],
    official=False,
    note="Not official: a ranking is.",
    observed_at=dt.datetime(2026, 10, 5, 4, 40, tzinfo=dt.UTC),
    updated_at=dt.datetime(2026, 10, 5, 4, 41, tzinfo=dt.UTC),
    official_order=None,
    rows=[ROW],
)


def rendered(form: str, table: TableAnswer = TABLE) -> str:
    out = io.StringIO()
    render_table(table, form, out)  # type: ignore[arg-type]
    return out.getvalue()


def test_json_is_what_the_api_answers() -> None:
    assert json.loads(rendered("json")) == TABLE.model_dump(mode="json")


def test_csv_has_a_line_for_each_team() -> None:
    (row,) = csv.DictReader(io.StringIO(rendered("csv")))
    assert list(row) == list(RowAnswer.model_fields)
    assert row["team"] == ROW.team
    assert row["points_per_match"] == "2.0"


def test_csv_has_no_formula_for_a_spreadsheet() -> None:
    formula = ROW.model_copy(update={"team": "=HYPERLINK(1)"})
    (row,) = csv.DictReader(io.StringIO(rendered("csv", TABLE.model_copy(update={"rows": [formula]}))))
    assert row["team"] == "'=HYPERLINK(1)"


def test_a_pipe_gets_plain_text() -> None:
    text = rendered("table")
    assert "\x1b" not in text
    for part in ("U14 Northeast", ROW.team, "7:4", "+3", "2.00", "Not official", "As of 2026-10-05 04:40 UTC", "…"):
        assert part in text
    assert "SO" not in text


class Terminal(io.StringIO):
    """Text that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("columns", [40, 60, 120])
def test_it_fits_the_terminal(monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    for name, value in {"COLUMNS": str(columns), "TERM": "xterm", "NO_COLOR": "1"}.items():
        monkeypatch.setenv(name, value)
    out = Terminal()
    render_table(TABLE, "table", out)
    text = re.sub("\x1b[^m]*m", "", out.getvalue())
    assert max(map(len, text.splitlines())) <= columns
    assert ("7:4" in text) == (columns >= 76)
    assert "2.00" in text


def test_two_squads_of_one_name_are_told_apart() -> None:
    second = ROW.model_copy(update={"team_ref": 2, "team_id": None, "team": ROW.team.upper()})
    other = ROW.model_copy(update={"team_ref": 3, "team_id": "6099", "team": "Another"})
    text = rendered("table", TABLE.model_copy(update={"rows": [ROW, second, other]}))
    assert f"{ROW.team} (6024)" in text
    assert f"{second.team} (2)" in text
    assert "6099" not in text
    assert "Squads of one club share a name here" in text
    assert "6024" not in rendered("table")


def test_shootouts_show_where_there_are_some() -> None:
    row = ROW.model_copy(update={"shootouts_won": 2})
    assert "2-0" in rendered("table", TABLE.model_copy(update={"rows": [row], "note": None, "division": None}))


def test_below_the_table_stands_whether_its_order_is_the_official_one() -> None:
    stated = dt.datetime(2026, 10, 5, 4, 40, tzinfo=dt.UTC)
    agrees = OfficialOrderAnswer(agrees=True, note=None, since=None, observed_at=stated, differences=[])
    elsewhere = OrderDifferenceAnswer(team="NEFC", team_ref=1, ours=3, official=4)
    differs = agrees.model_copy(
        update={"agrees": False, "since": stated - dt.timedelta(days=1), "differences": [elsewhere]}
    )
    unsaid = agrees.model_copy(update={"agrees": None, "note": "The league publishes no positions here."})
    for order, line in (
        (agrees, "In the order of the official table of 2026-10-05 04:40 UTC"),
        (
            differs,
            "Not in the order of the official table of 2026-10-05 04:40 UTC, since 2026-10-04 04:40 UTC: "
            "NEFC is 3 here and 4 there",
        ),
        (
            unsaid,
            "Not compared with the official table of 2026-10-05 04:40 UTC: The league publishes no positions here.",
        ),
    ):
        assert line in rendered("table", TABLE.model_copy(update={"official_order": order})).splitlines()
