"""What was measured: figures with their unit, rows of the table, and whether a target is met."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

RATES: Final = {"matches/s", "requests/s"}
"""Units of which more is better; of every other, less is."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One way of doing a job, measured several times."""

    way: str
    unit: str
    values: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def text(self) -> str:
        return f"{number(self.median)} {self.unit}"

    def times_better_than(self, other: "Figure") -> float:
        """How many times better this is: faster, shorter or smaller."""
        if self.unit in RATES:
            return self.median / other.median
        return other.median / self.median


@dataclass(frozen=True, slots=True)
class Target:
    """What a row has to reach, in words, whether it does, and what was found."""

    text: str
    met: bool
    found: float | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    job: str
    """The name that chooses it on the command line."""
    what: str
    ours: Figure | None = None
    plain: Figure | None = None
    peers: tuple[Figure, ...] = ()
    limit: Figure | None = None
    targets: tuple[Target, ...] = ()
    failed: str | None = None
    """Why there is no figure."""
    note: str | None = None
    more: tuple[Figure, ...] = field(default=())
    """What belongs to it and stands in the JSON only."""

    @property
    def ratio(self) -> float | None:
        return None if self.ours is None or self.plain is None else self.ours.times_better_than(self.plain)

    def cells(self) -> tuple[str, ...]:
        """As the table shows it: job, plain way, peers, ours, ratio, limit, target, met."""
        if self.failed is not None:
            return (self.what, "", "", f"failed: {self.failed}", "", "", "", "no")
        return (
            self.what,
            _with_way(self.plain),
            "; ".join(_with_way(peer) for peer in self.peers),
            (self.ours.text if self.ours else "") + (f" ({self.note})" if self.note else ""),
            f"{number(self.ratio)} ×" if self.ratio is not None else "",
            _with_way(self.limit),
            "; ".join(target.text for target in self.targets),
            "; ".join("yes" if target.met else "**no**" for target in self.targets),
        )

    def as_json(self) -> dict[str, Any]:
        """The same with every value that was measured."""
        return {
            "job": self.job,
            "what": self.what,
            "ours": _as_json(self.ours),
            "plain": _as_json(self.plain),
            "peers": [_as_json(peer) for peer in self.peers],
            "ratio": self.ratio,
            "limit": _as_json(self.limit),
            "targets": [{"target": target.text, "met": target.met} for target in self.targets],
            "failed": self.failed,
            "note": self.note,
            "more": [_as_json(figure) for figure in self.more],
        }


HEADINGS: Final = ("job", "plain way", "peers", "ours", "ratio", "limit", "target", "met")


def at_least(text: str, value: float | None, least: float) -> Target:
    """A target that is met by `least` or more."""
    return Target(text, value is not None and value >= least, value)


def at_most(text: str, value: float, most: float) -> Target:
    """A target that is met by `most` or less."""
    return Target(text, value <= most, value)


def markdown(rows: Sequence[Row]) -> str:
    """The table for the documents."""
    lines = [HEADINGS, tuple("---" for _ in HEADINGS), *(row.cells() for row in rows)]
    return "\n".join("| " + " | ".join(cell.replace("|", "/") for cell in line) + " |" for line in lines) + "\n"


def number(value: float) -> str:
    """Three digits that count, and no more."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}" if value >= 0.1 else f"{value:.3f}"


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` of the values do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -(-int(share * 1000) * len(ordered) // 1000) - 1))]


def _with_way(figure: Figure | None) -> str:
    return "" if figure is None else f"{figure.way}: {figure.text}"


def _as_json(figure: Figure | None) -> dict[str, Any] | None:
    if figure is None:
        return None
    return {"way": figure.way, "unit": figure.unit, "median": figure.median, "values": list(figure.values)}
