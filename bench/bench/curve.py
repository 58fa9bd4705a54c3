"""A curve as a picture: few points, one line, axes from zero."""

from collections.abc import Sequence
from html import escape
from typing import Final

WIDTH: Final = 640
HEIGHT: Final = 320
LEFT, RIGHT, TOP, BOTTOM = 70, 50, 30, 50


def svg(points: Sequence[tuple[float, float]], across: str, up: str) -> str:
    """The points as a line; `across` and `up` say what the axes are."""
    most_x, most_y = max(x for x, _ in points), max(y for _, y in points) * 1.1

    def place(x: float, y: float) -> tuple[float, float]:
        return (
            round(LEFT + x / most_x * (WIDTH - LEFT - RIGHT), 1),
            round(HEIGHT - BOTTOM - y / most_y * (HEIGHT - TOP - BOTTOM), 1),
        )

    spots = [(place(x, y), x, y) for x, y in points]
    line = " ".join(f"{x},{y}" for (x, y), _, _ in spots)
    base = HEIGHT - BOTTOM
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"'
        f' font-family="sans-serif" font-size="13">',
        f"<title>{escape(up)}, by {escape(across)}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<path d="M{LEFT},{TOP}V{base}H{WIDTH - RIGHT}" fill="none" stroke="#767676"/>',
        f'<polyline points="{line}" fill="none" stroke="#0b5cad" stroke-width="2"/>',
        f'<text x="{LEFT}" y="{TOP - 10}">{escape(up)}</text>',
        f'<text x="{WIDTH - RIGHT}" y="{HEIGHT - 8}" text-anchor="end">{escape(across)}</text>',
        f'<text x="{LEFT - 8}" y="{base}" text-anchor="end">0</text>',
    ]
    for (x, y), stored, value in spots:
        parts += [
            f'<circle cx="{x}" cy="{y}" r="4" fill="#0b5cad"/>',
            f'<text x="{x + 6}" y="{y - 8}">{value:,.0f}</text>',
            f'<text x="{x}" y="{base + 18}" text-anchor="middle">{stored:,.0f}</text>',
        ]
    return "\n".join([*parts, "</svg>"]) + "\n"
