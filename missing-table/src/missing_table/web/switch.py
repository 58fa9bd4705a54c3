"""The switch of a bracket: what it offers, and which bracket a choice leads to. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from missing_table.bracket import Asked
from missing_table.ingest.names import name_key
from missing_table.ingest.statement import season_order
from missing_table.standings import Bracket

PARTS: Final = Bracket._fields


@dataclass(frozen=True, slots=True)
class Choice:
    """One part of the switch: its name, what may be chosen, and what is."""

    name: str
    title: str
    values: list[str | None]
    chosen: str | None


def choices(known: Sequence[Bracket], at: Asked) -> list[Choice]:
    """What the switch offers: each part as it exists within the parts before it, as long as those exist."""
    found: list[Choice] = []
    within = list(known)
    for name in PARTS:
        values = {getattr(bracket, name) for bracket in within}
        ordered = sorted(values, key=lambda value: season_order(value or ""), reverse=name == "season")
        chosen = getattr(at, name)
        found.append(Choice(name, name.replace("_", " ").capitalize(), ordered, chosen))
        within = [bracket for bracket in within if getattr(bracket, name) == chosen] or within
    return found


def meant(known: Sequence[Bracket], asked: Asked) -> Bracket:
    """Where a choice leads: part by part what was chosen as long as that exists, else the first that does.

    So whoever changes the league is shown the same age group there, or the first if it has none of that age.
    """
    within = list(known)
    for name in PARTS:
        key = name_key(asked.part(name) or "")
        fitting = [bracket for bracket in within if name_key(getattr(bracket, name) or "") == key]
        if not fitting and name == "season":
            newest = max((bracket.season for bracket in within), key=season_order)
            fitting = [bracket for bracket in within if bracket.season == newest]
        within = fitting or within
    return within[0]
