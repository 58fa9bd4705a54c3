"""How long to wait before trying again: longer each time, and not at the same moment as everyone else."""

import random
from collections.abc import Iterator


def waits(attempts: int, *, first: float, longest: float, chance: random.Random | None = None) -> Iterator[float]:
    """The waits in seconds between so many attempts: doubling from `first` up to `longest`, less up to a quarter."""
    roll = chance or random.Random()
    for attempt in range(attempts - 1):
        yield min(first * 2**attempt, longest) * (1 - roll.random() / 4)
