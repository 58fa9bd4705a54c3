"""A team's position over the season as a line: where its points lie. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from missing_table.answers import PositionAnswer

WIDTH: Final = 360
HEIGHT: Final = 168
_LEFT, _RIGHT, _TOP, _BOTTOM = 28, 8, 10, 26


@dataclass(frozen=True, slots=True)
class Mark:
    """A label beside the line, and where it stands."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Chart:
    """What is drawn, in the units of its own width and height; the first place is at the top."""

    line: str
    dots: list[tuple[float, float]]
    marks: list[Mark]
    """Of places, from the first to the last."""
    dates: list[Mark]
    summary: str
    """What the line shows, for whoever cannot see it."""
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    right: int = WIDTH - _RIGHT


def chart(positions: Sequence[PositionAnswer]) -> Chart | None:
    """None for fewer than two match days: there is no line to draw."""
    if len(positions) < 2:
        return None
    places = max(standing.of for standing in positions)

    def y(position: int) -> float:
        return round(_TOP + (position - 1) / max(places - 1, 1) * (HEIGHT - _TOP - _BOTTOM), 1)

    step = (WIDTH - _LEFT - _RIGHT) / (len(positions) - 1)
    dots = [(round(_LEFT + number * step, 1), y(standing.position)) for number, standing in enumerate(positions)]
    first, last = positions[0], positions[-1]
    best = min(positions, key=lambda standing: standing.position)
    worst = max(positions, key=lambda standing: standing.position)
    return Chart(
        line=" ".join(f"{x:g},{at:g}" for x, at in dots),
        dots=dots,
        marks=[Mark(y(place), str(place)) for place in sorted({1, (places + 1) // 2, places})],
        dates=[Mark(dots[0][0], _day(first)), Mark(dots[-1][0], _day(last))],
        summary=(
            f"From place {first.position} on {_day(first)} to place {last.position} of {last.of} on {_day(last)}; "
            f"best {best.position}, worst {worst.position}."
        ),
    )


def _day(standing: PositionAnswer) -> str:
    return f"{standing.date.day} {standing.date:%b}"
