"""What lies around every request: limits, cursors, the form that is asked for; and a table as CSV."""

import csv
import datetime as dt
import io

import pytest
from starlette.types import Scope

from missing_table.answers import RowAnswer
from missing_table.api import cursors
from missing_table.api.forms import wanted_form
from missing_table.api.limits import Buckets, client_of
from missing_table.api.problems import Problem
from missing_table.as_csv import table_csv


class Clock:
    """Stands still until it is told."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_client_has_its_burst_and_then_its_rate() -> None:
    clock = Clock()
    buckets = Buckets(rate=2, burst=3, clock=clock)
    assert [buckets.take("a") for _ in range(4)] == [0, 0, 0, 0.5]
    assert buckets.take("b") == 0
    clock.now += 0.5
    assert [buckets.take("a") for _ in range(2)] == [0, 0.5]
    clock.now += 3600
    assert [buckets.take("a") for _ in range(4)] == [0, 0, 0, 0.5]


def test_a_rate_of_nothing_is_no_limit() -> None:
    assert {Buckets(rate=0, burst=0).take("a") for _ in range(100)} == {0}


@pytest.mark.parametrize(
    ("host", "client"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("testclient", "testclient"),
    ],
)
def test_an_ipv6_network_is_one_client(host: str, client: str) -> None:
    scope: Scope = {"type": "http", "client": (host, 1234)}
    assert client_of(scope) == client


def test_a_cursor_comes_back_as_it_was() -> None:
    cursor = cursors.encode("brackets", ("2026-27", "Ábaco", "U15", ""))
    assert cursor.isascii()
    assert cursors.decode("brackets", cursor, tuple[str, str, str, str]) == ("2026-27", "Ábaco", "U15", "")
    assert cursors.decode("brackets", None, tuple[str]) is None


@pytest.mark.parametrize("cursor", ["x", "e30", "WzFd", cursors.encode("other", (1,)), cursors.encode("list", ("a",))])
def test_a_cursor_of_something_else_leads_nowhere(cursor: str) -> None:
    with pytest.raises(Problem, match="leads to no page") as caught:
        cursors.decode("list", cursor, tuple[int])
    assert caught.value.status == 404


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-10-05T12:00:00"])
def test_a_cursor_with_a_moment_that_no_page_ended_at_leads_nowhere(moment: str) -> None:
    with pytest.raises(Problem, match="leads to no page"):
        cursors.decode("list", cursors.encode("list", (moment, 1)), tuple[dt.datetime, int])
    utc = dt.datetime(2026, 10, 5, 12, tzinfo=dt.UTC)
    assert cursors.decode("list", cursors.encode("list", (utc, 1)), tuple[dt.datetime, int]) == (utc, 1)


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("*/*", "json"),
        ("", "json"),
        ("text/csv", "csv"),
        ("text/*;q=0.5, application/json;q=0.4", "csv"),
        ("application/json, text/csv;q=0.9", "json"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "json"),
        ("text/csv;q=x", "csv"),
    ],
)
def test_the_form_is_the_one_that_is_wanted_most(accept: str, form: str) -> None:
    assert wanted_form(None, accept) == form
    assert wanted_form("csv", accept) == "csv"


@pytest.mark.parametrize("accept", ["text/html", "application/json;q=0, image/png"])
def test_a_form_that_there_is_not_is_refused(accept: str) -> None:
    with pytest.raises(Problem) as caught:
        wanted_form(None, accept)
    assert caught.value.status == 406


def test_a_spreadsheet_meets_no_formula() -> None:
    numbers = dict.fromkeys(RowAnswer.model_fields, -1)
    row = RowAnswer.model_validate(numbers | {"team": "=HYPERLINK(1)", "team_id": "+5", "form": "W", "movement": None})
    (line,) = csv.DictReader(io.StringIO(table_csv([row])))
    assert (line["team"], line["team_id"]) == ("'=HYPERLINK(1)", "'+5")
    assert (line["goal_difference"], line["movement"]) == ("-1", "")
