"""How a league orders its table, as data. What the data means is in `standings`.

MLS NEXT's rules are those of its "Allstate Homegrown Division Rules & Regulations 2026-27", sections XIII.k to
XIII.m. Disciplinary points and the coin toss, which come last there, are in no source: teams level up to them
share a position.
"""

from dataclasses import dataclass
from typing import Final, Literal

Count = Literal[
    "points",
    "won",
    "goal_difference",
    "goals_for",
    "away_goal_difference",
    "away_goals_for",
    "home_goal_difference",
    "home_goals_for",
]
"""What of a team's record is weighed."""
Matches = Literal["played", "away_played", "home_played"]
"""What it may be divided by."""


@dataclass(frozen=True, slots=True)
class Measure:
    """More is better: a count of a team's record, or its rate per match."""

    of: Count
    per: Matches | None
    title: str


@dataclass(frozen=True, slots=True)
class HeadToHead:
    """More points from the matches among the teams that are level so far is better."""

    only_two: bool
    """Whether it is asked only where exactly two teams are level, and passed over for three or more."""
    title: str


Criterion = Measure | HeadToHead


@dataclass(frozen=True, slots=True)
class Points:
    """What a match is worth. The shootout counts only after a level score, and where the rules know it."""

    win: int = 3
    draw: int = 1
    loss: int = 0
    shootout_win: int | None = None
    shootout_loss: int | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """Which matches count, what they are worth, and what orders the teams, first criterion first."""

    name: str
    title: str
    match_type: str
    """The only kind of match that counts."""
    points: Points
    criteria: tuple[Criterion, ...]
    official_age_groups: frozenset[str] = frozenset()
    """Where the league publishes a table of its own by these rules."""
    unofficial_because: str = ""
    """A sentence for every other age group."""

    def official(self, age_group: str) -> bool:
        """Whether the league has an official table by these rules in `age_group`."""
        return age_group in self.official_age_groups


_LEAGUE_PUBLISHES: Final = frozenset({"U15", "U16", "U17", "U19"})
_QUALITY_OF_PLAY: Final = (
    "Not official: at this age the league publishes a Quality of Play ranking instead of a table. "
    "This one is worked out from the results by the rules of the older age groups."
)

MLS_NEXT: Final = Rules(
    name="mls-next",
    title="MLS NEXT",
    match_type="League",
    points=Points(),
    criteria=(
        Measure("points", "played", "points per match"),
        HeadToHead(only_two=True, title="head-to-head, where exactly two teams are level"),
        Measure("won", "played", "wins per match"),
        Measure("goal_difference", "played", "goal difference per match"),
        Measure("goals_for", "played", "goals for per match"),
        Measure("away_goal_difference", "away_played", "goal difference per away match"),
        Measure("away_goals_for", "away_played", "goals for per away match"),
        Measure("home_goal_difference", "home_played", "goal difference per home match"),
        Measure("home_goals_for", "home_played", "goals for per home match"),
    ),
    official_age_groups=_LEAGUE_PUBLISHES,
    unofficial_because=_QUALITY_OF_PLAY,
)

FLEX: Final = Rules(
    name="mls-next-flex",
    title="MLS NEXT Flex",
    match_type="Flex",
    points=Points(shootout_win=2, shootout_loss=1),
    criteria=(
        Measure("points", "played", "points per match"),
        Measure("goal_difference", "played", "goal difference per match"),
    ),
    official_age_groups=_LEAGUE_PUBLISHES,
    unofficial_because=_QUALITY_OF_PLAY,
)

CLASSIC: Final = Rules(
    name="classic",
    title="Classic",
    match_type="League",
    points=Points(),
    criteria=(
        Measure("points", None, "points"),
        Measure("goal_difference", None, "goal difference"),
        Measure("goals_for", None, "goals for"),
        HeadToHead(only_two=False, title="points from the matches among the teams still level"),
    ),
    unofficial_because="Not official: the rules of this league are not known here, so the usual ones order the table.",
)

_BY_LEAGUE: Final = {"homegrown": MLS_NEXT, "academy": MLS_NEXT, "flex": FLEX}


def rules_for(league: str) -> Rules:
    """The rules of `league`; `CLASSIC` for one whose own are not known."""
    return _BY_LEAGUE.get(league.strip().casefold(), CLASSIC)
