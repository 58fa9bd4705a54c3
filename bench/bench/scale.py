"""How much is measured."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scale:
    """Loads and repetitions. Rates are compared, so the slow ways may have less to do."""

    repeat: int = 2
    slow: int = 3_000
    """Matches for the ways that do a few hundred a second."""
    fast: int = 50_000
    """Matches for those that do thousands."""
    stored: tuple[int, ...] = (100_000, 1_000_000)
    """Sizes at which growth is looked at, beside an empty table."""
    seconds: float = 8
    """How long a rate of requests is kept up."""

    def times(self, factor: float) -> "Scale":
        """The same with loads of another size."""
        return Scale(
            repeat=self.repeat,
            slow=max(100, int(self.slow * factor)),
            fast=max(500, int(self.fast * factor)),
            stored=tuple(max(5_000, int(size * factor)) for size in self.stored),
            seconds=max(1.0, self.seconds * min(1.0, factor)),
        )
