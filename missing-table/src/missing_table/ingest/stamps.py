"""Stamps: how much a statement weighs against another about the same thing.

A stamp is text whose order is its weight: one digit for who speaks, then the moment of the statement in UTC at
fixed width. So a newer statement of a source beats an older one, anything a person entered beats any source,
and the date of a postponed match, which sources park on a placeholder, gives way to any real date.
"""

import datetime as dt
from typing import Final, Literal

Weight = Literal["0", "1", "2"]
PLACEHOLDER: Final[Weight] = "0"
SOURCE: Final[Weight] = "1"
HAND: Final[Weight] = "2"


def instant_text(moment: dt.datetime) -> str:
    """`moment` (aware) in UTC at fixed width: 2026-10-05T04:40:03.000000Z."""
    return moment.astimezone(dt.UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def stamp(weight: Weight, moment: dt.datetime) -> str:
    """The stamp of what is said at `moment` (aware)."""
    return f"{weight} {instant_text(moment)}"


def moment_of(stamp: str) -> str:
    """The moment within a stamp, as `instant_text` writes it."""
    return stamp[2:]


def is_of_a_source(stamp: str) -> bool:
    """Whether a source said it for good: whatever stands in for what was not said may be a person's."""
    return stamp.startswith(SOURCE)


def is_by_hand(stamp: str | None) -> bool:
    """Whether a person said it."""
    return stamp is not None and stamp.startswith(HAND)
