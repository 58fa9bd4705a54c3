"""One team as its readers see it: where it stands, what it has done, and its matches, from one function for all."""

from collections.abc import Callable, Sequence

from sqlalchemy import Connection

from missing_table import progress
from missing_table.answers import (
    PositionAnswer,
    RecordAnswer,
    TeamAnswer,
    TeamBracketAnswer,
    TeamIdAnswer,
    TeamNameAnswer,
)
from missing_table.bracket import (
    BracketView,
    bracket_answer,
    stored_answers,
    whole,
)
from missing_table.errors import NotFound
from missing_table.ingest.statement import season_label, season_order
from missing_table.progress import Record
from missing_table.rules import rules_for
from missing_table.standings import Bracket
from missing_table.store import read
from missing_table.store.merges import where_now
from missing_table.store.read import StoredMatch, TeamRow


class UnknownTeam(NotFound):
    """There is no such team. Carries those that may have been meant."""

    def __init__(self, sentence: str, nearest: Sequence[TeamRow]) -> None:
        super().__init__(sentence)
        self.nearest = list(nearest)


def team_answer(
    connection: Connection,
    team_ref: int,
    season: str | None = None,
    *,
    bracket_view: Callable[[Connection, Bracket], BracketView] = whole,
) -> TeamAnswer:
    """The team `team_ref` in `season`, the newest that it plays in unless given.

    `bracket_view` reads the brackets that it plays in. Raises `UnknownTeam`, and `NotFound` for a season in which it
    has neither a match nor a place in an official table.
    """
    team = read.team(connection, team_ref)
    if team is None:
        kept = where_now(connection, team_ref)  # a team that became an alias is the other one from then on
        if kept is None:
            raise _unknown(connection, team_ref)
        return team_answer(connection, kept, season, bracket_view=bracket_view)
    official = read.official_brackets_of_team(connection, team_ref)
    named = {*read.seasons_of_team(connection, team_ref), *(at.season for at in official)}
    seasons = sorted(named, key=season_order, reverse=True)
    season = season_label(season) if season and season.strip() else None
    if season is not None and season not in seasons:
        raise NotFound(
            f"{team.name} ({team.age_group}) has no match in {season}; it has in: {', '.join(seasons) or 'no season'}"
        )
    season = season or next(iter(seasons), None)
    found = read.of_team(connection, team_ref, season) if season is not None else []
    brackets = _brackets(found, team_ref, [at for at in official if at.season == season])
    names = read.team_names(connection, team_ref)
    return TeamAnswer(
        **team_name(team).model_dump(),
        ids=[TeamIdAnswer(source=source, team_id=source_id) for source, source_id in names.ids],
        aliases=names.aliases,
        season=season,
        seasons=seasons,
        brackets=[_in_bracket(bracket_view(connection, bracket), team_ref) for bracket in brackets],
        matches=stored_answers(connection, found),
        same_club=[team_name(other) for other in names.same_club],
    )


def team_name(team: TeamRow) -> TeamNameAnswer:
    """`team` by its names alone."""
    return TeamNameAnswer(team_ref=team.ref, team=team.name, age_group=team.age_group, provisional=team.provisional)


def _unknown(connection: Connection, team_ref: int) -> UnknownTeam:
    """Most likely the number is the source's."""
    nearest = read.teams_with_source_id(connection, str(team_ref))
    if not nearest:
        return UnknownTeam(f"there is no team {team_ref}: search for its name", [])
    named = ", ".join(f"{team.name} ({team.age_group}), which is team {team.ref} here" for team in nearest)
    return UnknownTeam(f"there is no team {team_ref}; a source calls by that number {named}", nearest)


def _brackets(found: Sequence[StoredMatch], team_ref: int, official: Sequence[Bracket]) -> list[Bracket]:
    """Where it plays by its matches, and by the league's own tables."""
    mine = {match.bracket if match.home_ref == team_ref else match.away_bracket for match in found}
    return sorted(mine | set(official), key=read.bracket_order)


def _in_bracket(view: BracketView, team_ref: int) -> TeamBracketAnswer:
    rules = rules_for(view.bracket.league)
    row = next((row for row in view.table.rows if row.team_ref == team_ref), None)
    split = progress.records(view.bracket, view.fixtures, rules, team_ref)
    return TeamBracketAnswer(
        **bracket_answer(view.bracket).model_dump(),
        position=row.position if row else None,
        of=len(view.table.rows),
        movement=row.movement if row else None,
        form=row.form if row else "",
        overall=_record(split["home"] + split["away"]),
        home=_record(split["home"]),
        away=_record(split["away"]),
        positions=[PositionAnswer(**standing._asdict()) for standing in view.positions.get(team_ref, ())],
    )


def _record(record: Record) -> RecordAnswer:
    return RecordAnswer(
        played=record.played,
        won=record.won,
        drawn=record.drawn,
        lost=record.lost,
        goals_for=record.goals_for,
        goals_against=record.goals_against,
        goal_difference=record.goals_for - record.goals_against,
        points=record.points,
    )
