"""Tables and lists of matches as CSV, which people open in a spreadsheet.

A text that a spreadsheet would take for a formula gets an apostrophe before it: names come from outside, and a coach
who opens a table must not run what somebody entered as a team's name. A program that wants it to the letter reads JSON.
"""

import csv
import io
from collections.abc import Iterable
from typing import Any, Final

from missing_table.answers import Answer, MatchAnswer, RowAnswer

_BEGINS_A_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def table_csv(rows: Iterable[RowAnswer]) -> str:
    """A line for each team, under a header line."""
    return _lines(RowAnswer, rows)


def matches_csv(matches: Iterable[MatchAnswer]) -> str:
    """A line for each match, under a header line."""
    return _lines(MatchAnswer, matches)


def _lines(kind: type[Answer], items: Iterable[Answer]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(kind.model_fields)
    for item in items:
        values = item.model_dump(mode="json")
        writer.writerow([cell(values[name]) for name in kind.model_fields])
    return text.getvalue()


def cell(value: Any) -> Any:
    """`value` as it is written: a text is no formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_BEGINS_A_FORMULA) else value
