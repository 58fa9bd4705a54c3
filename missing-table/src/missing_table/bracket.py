"""One bracket as its readers see it: which one they mean, its table and its matches, from one function for all.

The API, the page and the command in the terminal ask here, so that they can never differ.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from rapidfuzz import fuzz, process
from sqlalchemy import Connection

from missing_table import progress
from missing_table.answers import (
    BracketAnswer,
    MatchAnswer,
    OfficialOrderAnswer,
    OrderDifferenceAnswer,
    RowAnswer,
    TableAnswer,
)
from missing_table.errors import NotFound, Unclear
from missing_table.ingest.names import name_key
from missing_table.ingest.statement import age_group_label, season_label, season_order
from missing_table.official_order import Comparison, Verdict, compare
from missing_table.progress import Standing
from missing_table.rules import Rules, rules_for
from missing_table.standings import Bracket, Fixture, Row, Side, possible_duplicates, table, that_count
from missing_table.store import official, read
from missing_table.store.read import Squad, StoredMatch

_NOT_SAID: Final[dict[Verdict, str]] = {
    "no order": "The league publishes no positions here.",
    "too old": "A result is newer than the official table, which may only be late.",
}
NEAREST = 5
"""How many brackets are offered in the place of one that is not there."""


class UnknownBracket(NotFound):
    """No match is filed in the bracket that was asked for. Carries the nearest that there are."""

    def __init__(self, sentence: str, nearest: Sequence[Bracket]) -> None:
        super().__init__(sentence)
        self.nearest = list(nearest)


class UnclearBracket(Unclear):
    """What was asked for fits several brackets. Carries them."""

    def __init__(self, sentence: str, choices: Sequence[Bracket]) -> None:
        super().__init__(sentence)
        self.choices = list(choices)


@dataclass(frozen=True, slots=True)
class Asked:
    """The bracket that a reader asks for; None, or nothing but space, leaves a part open."""

    season: str | None = None
    league: str | None = None
    age_group: str | None = None
    division: str | None = None

    def part(self, name: str) -> str | None:
        """One part as it is stored, were it typed with care: the labels of seasons and ages are put in one form."""
        text = getattr(self, name)
        text = text.strip() if text is not None else None
        if not text:
            return None
        if name == "season":
            return season_label(text)
        return age_group_label(text) if name == "age_group" else text


class BracketView:
    """A bracket as it was read, and what is worked out from that where it is asked for."""

    def __init__(
        self,
        bracket: Bracket,
        found: Sequence[StoredMatch],
        known: dict[int, Squad],
        official: official.Stored | None = None,
    ) -> None:
        """`found` are its matches in order of date, `known` their teams and those of the `official` table."""
        self.bracket = bracket
        self._official = official
        self._found = found
        self._known = known

    @property
    def empty(self) -> bool:
        """Whether there is neither a match nor an official table of it."""
        return not self._found and self._official is None

    @cached_property
    def fixtures(self) -> list[Fixture]:
        """Its matches as `standings` takes them."""
        return [read.fixture(match, self._known) for match in self._found]

    @cached_property
    def members(self) -> list[Side]:
        """The teams of its official table."""
        places = self._official.table.places if self._official else ()
        return [Side(place.ref, self._known[place.ref].name, place.team_id, self.bracket) for place in places]

    @cached_property
    def comparison(self) -> Comparison | None:
        """Our order beside the official one; None where no official table is known."""
        if self._official is None:
            return None
        counting = {fixture.ref for fixture in that_count(self.fixtures, rules_for(self.bracket.league))}
        return compare(
            self.standings,
            {place.ref: place.position for place in self._official.table.places if place.position is not None},
            stated=dt.datetime.fromisoformat(self._official.table.observed_at),
            newest_result=newest_statement(match for match in self._found if match.id in counting),
        )

    @cached_property
    def standings(self) -> list[Row]:
        """Its table as `standings` makes it."""
        return table(self.bracket, self.fixtures, rules_for(self.bracket.league), self.members)

    @cached_property
    def table(self) -> TableAnswer:
        """Its table, and what orders it."""
        rules = rules_for(self.bracket.league)
        official = rules.official(self.bracket.age_group)
        return TableAnswer(
            **self.bracket._asdict(),
            rules=rules.name,
            order_by=[criterion.title for criterion in rules.criteria],
            official=official,
            note=None if official else rules.unofficial_because,
            observed_at=newest_statement(self._found),
            updated_at=max((match.updated_at for match in self._found), default=None),
            official_order=_order_answer(self._official, self.comparison),
            rows=self._rows(rules),
        )

    def _rows(self, rules: Rules) -> list[RowAnswer]:
        form = progress.form(self.bracket, self.fixtures, rules)
        gained = progress.movement(self.bracket, self.fixtures, rules, self.standings, self.members)
        places = self._official.table.places if self._official else ()
        official = {place.ref: place.position for place in places}
        return [
            _row_answer(row, form.get(row.team_ref, ""), gained.get(row.team_ref), official.get(row.team_ref))
            for row in self.standings
        ]

    @cached_property
    def positions(self) -> dict[int, list[Standing]]:
        """Where each team stood after each match day."""
        return progress.positions(self.bracket, self.fixtures, rules_for(self.bracket.league), self.members)

    @cached_property
    def matches(self) -> list[MatchAnswer]:
        """Its matches in order of date, under the names that its teams are known by."""
        return match_answers(self._found, self._known, possible_duplicates(self.fixtures))


def newest_statement(matches: Iterable[StoredMatch | MatchAnswer]) -> dt.datetime | None:
    """When a source stated one of `matches` last; None where only people did: what they enter makes no data new."""
    return max((match.observed_at for match in matches if match.by_source), default=None)


def in_words(bracket: Bracket) -> str:
    """2026-27 Homegrown U15 Northeast."""
    return " ".join(part for part in bracket if part is not None)


def bracket_answer(bracket: Bracket) -> BracketAnswer:
    """`bracket` with the rules that order it."""
    rules = rules_for(bracket.league)
    return BracketAnswer(**bracket._asdict(), rules=rules.name, official=rules.official(bracket.age_group))


def view(connection: Connection, asked: Asked, *, default_league: str) -> BracketView:
    """The bracket that is meant by `asked`, whole.

    An open league is the default one, an open season the newest with matches; an open age group or division
    is found where only one fits. Raises `UnknownBracket` with the nearest, and `UnclearBracket` with the choices.
    """
    league = asked.part("league") or default_league
    season = asked.part("season") or read.newest_season(connection, league)
    age_group, division = asked.part("age_group"), asked.part("division")
    if season is not None and age_group is not None and division is not None:
        straight = Bracket(season, league, age_group, division)
        found = whole(connection, straight)
        if not found.empty:
            return found
    bracket = choose(read.brackets(connection), asked, default_league=default_league)
    return whole(connection, bracket)


def choose(known: Sequence[Bracket], asked: Asked, *, default_league: str) -> Bracket:
    """The one of the `known` brackets that is meant. Case and accents don't matter. Raises as `view`."""
    league = name_key(asked.part("league") or default_league)
    fitting = [
        bracket
        for bracket in known
        if name_key(bracket.league) == league
        and all(
            (part := asked.part(name)) is None or name_key(part) == name_key(getattr(bracket, name) or "")
            for name in ("season", "age_group", "division")
        )
    ]
    if asked.part("season") is None and fitting:
        newest = max((bracket.season for bracket in fitting), key=season_order)
        fitting = [bracket for bracket in fitting if bracket.season == newest]
    if not fitting:
        raise _unknown(known, asked, default_league)
    if len(fitting) == 1:
        return fitting[0]
    undivided = [bracket for bracket in fitting if bracket.division is None]
    if asked.part("division") is None and len(undivided) == 1 and asked.part("age_group") is not None:
        return undivided[0]
    open_part = "age_group" if len({bracket.age_group for bracket in fitting}) > 1 else "division"
    values = sorted({str(getattr(bracket, open_part)) for bracket in fitting})
    raise UnclearBracket(f"{open_part} is missing; known are: {', '.join(values)}", fitting)


def _unknown(known: Sequence[Bracket], asked: Asked, default_league: str) -> UnknownBracket:
    parts = (asked.part("season"), asked.part("league") or default_league, asked.part("age_group"))
    wanted = " ".join(part for part in (*parts, asked.part("division")) if part is not None)
    if not known:
        return UnknownBracket(f"there is no {wanted}: no match is stored yet", [])
    nearest = nearest_brackets(known, wanted)
    return UnknownBracket(
        f"there is no {wanted}; the nearest are: {', '.join(in_words(bracket) for bracket in nearest)}", nearest
    )


def nearest_brackets(known: Sequence[Bracket], wanted: str) -> list[Bracket]:
    """The brackets whose names are most like `wanted`, best first."""
    ranked = process.extract(
        name_key(wanted),
        [name_key(in_words(bracket)) for bracket in known],
        scorer=fuzz.token_sort_ratio,
        limit=NEAREST,
    )
    return [known[position] for _, _, position in ranked]


def match_answers(
    matches: Iterable[StoredMatch], known: Mapping[int, Squad], doubled: Mapping[int, int]
) -> list[MatchAnswer]:
    """`matches` as they are shown: under the names that their teams are `known` by, whatever a source called them.

    `doubled` gives what each possible duplicate may be over again.
    """
    return [
        MatchAnswer(
            **match._asdict() | {"home_team": known[match.home_ref].name, "away_team": known[match.away_ref].name},
            possible_duplicate_of=doubled.get(match.id),
        )
        for match in matches
    ]


def stored_answers(connection: Connection, matches: Sequence[StoredMatch]) -> list[MatchAnswer]:
    """`matches`, wherever they are filed, as they are shown."""
    return match_answers(matches, read.squads(connection, refs_of(matches)), doubled_among(connection, matches))


def doubled_among(connection: Connection, matches: Sequence[StoredMatch]) -> dict[int, int]:
    """Which of `matches` may be another one over again, wherever that one is stored."""
    if not matches:
        return {}
    around = read.sharing_a_day(connection, matches)
    known = read.squads(connection, refs_of(around))
    return possible_duplicates(read.fixture(match, known) for match in around)


def whole(connection: Connection, bracket: Bracket) -> BracketView:
    """All of `bracket`, as it is stored; without matches where there is no such bracket."""
    found = read.in_bracket(connection, bracket)
    stated = official.tables(connection, [bracket], locked=False).get(bracket)
    members = {place.ref for place in stated.table.places} if stated else set()
    return BracketView(bracket, found, read.squads(connection, refs_of(found) | members), stated)


def refs_of(matches: Iterable[StoredMatch]) -> set[int]:
    """The teams of `matches`."""
    return {ref for match in matches for ref in (match.home_ref, match.away_ref)}


def _row_answer(row: Row, form: str, movement: int | None, official_position: int | None) -> RowAnswer:
    return RowAnswer(
        position=row.position,
        team=row.team,
        team_ref=row.team_ref,
        team_id=row.team_id,
        played=row.played,
        won=row.won,
        drawn=row.drawn,
        lost=row.lost,
        shootouts_won=row.shootouts_won,
        shootouts_lost=row.shootouts_lost,
        goals_for=row.goals_for,
        goals_against=row.goals_against,
        goal_difference=row.goal_difference,
        points=row.points,
        points_per_match=float(row.points_per_match),
        form=form,
        movement=movement,
        official_position=official_position,
    )


def _order_answer(stated: official.Stored | None, found: Comparison | None) -> OfficialOrderAnswer | None:
    if stated is None or found is None:
        return None
    observed_at = dt.datetime.fromisoformat(stated.table.observed_at)
    since = {"differs": stated.differs_since or observed_at, "too old": stated.differs_since}
    return OfficialOrderAnswer(
        agrees={"agrees": True, "differs": False}.get(found.verdict),
        note=_NOT_SAID.get(found.verdict),
        since=since.get(found.verdict),
        observed_at=observed_at,
        differences=[OrderDifferenceAnswer(**each._asdict()) for each in found.differences],
    )
