"""What the name of a competition means: the match type and the league of a match. The same for every source."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Competition:
    match_type: str
    league: str | None
    """None: that of the list the match stands in."""
    pathway: bool = False


_KNOWN = {
    "league": Competition("League", None),
    "league (pro player pathway)": Competition("League", None, pathway=True),
    "mls next flex": Competition("Flex", "Flex"),
}


def competition_of(name: str | None, league: str) -> tuple[Competition, bool]:
    """What the match itself says it is, and whether that name is known; if not, what the list's league stands for."""
    known = _KNOWN.get(name.strip().casefold()) if name else None
    if known is None:
        return _KNOWN["mls next flex" if league == "Flex" else "league"], False
    if known.league is None and league == "Flex":
        # The same squads play in both; a league match among those of Flex is still a league match.
        return Competition(known.match_type, "Homegrown", known.pathway), True
    return known, True
