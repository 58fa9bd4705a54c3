"""How long to wait before trying again: longer each time, and not at the same moment as everyone else."""

import random
from collections.abc import Iterator


def times(count: int) -> str:
    """How often, in words."""
    return "once" if count == 1 else f"{count} times"


def longest_outage(attempts: int, timeout: float, *, first: float, longest: float) -> float:
    """The most seconds that so many attempts of `timeout` each take, with the waits between them."""
    return attempts * timeout + sum(min(first * 2.0**attempt, longest) for attempt in range(attempts - 1))


def waits(attempts: int, *, first: float, longest: float, chance: random.Random | None = None) -> Iterator[float]:
    """The waits in seconds between so many attempts: doubling from `first` up to `longest`, less up to a quarter."""
    roll = chance or random.Random()
    for attempt in range(attempts - 1):
        yield min(first * 2**attempt, longest) * (1 - roll.random() / 4)
