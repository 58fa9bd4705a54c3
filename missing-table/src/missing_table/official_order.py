"""Whether our order of a bracket is the official one. Pure.

Compared are the teams that stand in both tables, by their order among themselves: a team that the official table lacks,
or that we lack, moves none of the others. Our shared position stands for every place that its teams take together: what
separates them officially (disciplinary points, a coin toss) is in no source.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from missing_table.standings import Row

Verdict = Literal["agrees", "differs", "too old", "no order"]
"""`too old`: a result that counts is newer than the official table, so what differs may only be late. `no order`: there
are no two positions to compare."""


class Difference(NamedTuple):
    """A team that stands elsewhere officially; positions are those among the teams that both tables have."""

    team: str
    team_ref: int
    ours: int
    official: int


class Comparison(NamedTuple):
    """What putting the two tables beside each other came to."""

    verdict: Verdict
    differences: list[Difference]


def compare(
    rows: Sequence[Row], official: Mapping[int, int], *, stated: dt.datetime, newest_result: dt.datetime | None
) -> Comparison:
    """Our `rows` beside the `official` positions by team.

    `stated` is when the source says that the official table was current, `newest_result` when it last said something
    of a result that counts: by one clock, the source's.
    """
    if sum(row.team_ref in official for row in rows) < 2:
        return Comparison("no order", [])
    if newest_result is not None and newest_result > stated:
        return Comparison("too old", [])
    found = differences(rows, official)
    return Comparison("differs" if found else "agrees", found)


def differences(rows: Sequence[Row], official: Mapping[int, int]) -> list[Difference]:
    """The teams in both whose official position is none of those that ours stands for, in our order."""
    common = [row for row in rows if row.team_ref in official]
    found: list[Difference] = []
    for row in common:
        first = 1 + sum(other.position < row.position for other in common)
        last = sum(other.position <= row.position for other in common)
        place = 1 + sum(official[other.team_ref] < official[row.team_ref] for other in common)
        if not first <= place <= last:
            found.append(Difference(row.team, row.team_ref, first, place))
    return found
