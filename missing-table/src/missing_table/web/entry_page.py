"""Entering or correcting a match by hand: a form that the message's own model checks, each error next to its field."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from fastapi import Request, Response
from starlette.responses import RedirectResponse

from missing_table.api.service import Service
from missing_table.clock import utc_now
from missing_table.errors import Refused
from missing_table.ingest.correcting import UnknownTeams, correct
from missing_table.ingest.envelope import Refusal, read_match
from missing_table.ingest.filing import UnknownBrackets
from missing_table.ingest.statement import age_group_label
from missing_table.rules import rules_for
from missing_table.store import read
from missing_table.store.engine import reading
from missing_table.story import match_story
from missing_table.web.rendering import page, sentence
from missing_table.web.routing import number
from missing_table.web.session import Sent, Visit, Visitor, signed_in_router

router = signed_in_router()


@dataclass(frozen=True, slots=True)
class Input:
    """One field of the form."""

    name: str
    label: str
    required: bool = False
    kind: str = "text"
    hint: str = ""
    choices: tuple[str, ...] = ()


GROUPS: Final[Mapping[str, tuple[Input, ...]]] = {
    "Bracket": (
        Input("season", "Season", required=True, hint="Such as 2026-27"),
        Input("league", "League", hint="Left empty: the default league"),
        Input("age_group", "Age group", required=True, hint="Such as U14"),
        Input("division", "Division", hint="Such as Northeast"),
        Input(
            "match_type", "Kind of match", required=True, hint="League counts for the table; in league Flex, Flex does"
        ),
    ),
    "When and where": (
        Input("date", "Date", required=True, kind="date"),
        Input("match_time", "Kick-off", kind="time", hint="At the venue"),
        Input("timezone", "Time zone", hint="Of the venue, such as America/New_York"),
        Input("location", "Venue"),
    ),
    "Teams and result": (
        Input("home_team", "Home team", required=True, kind="team"),
        Input("score_home", "Goals, home", kind="number"),
        Input("penalty_home", "Shootout, home", kind="number"),
        Input("away_team", "Away team", required=True, kind="team"),
        Input("score_away", "Goals, away", kind="number"),
        Input("penalty_away", "Shootout, away", kind="number"),
    ),
    "Besides": (
        Input(
            "status",
            "Status",
            choices=("", "scheduled", "tbd", "completed", "forfeit", "postponed", "cancelled"),
            hint="A forfeit is 0–3 for the side that forfeited. A match that was entered in error: clear its goals, "
            "and cancel it",
        ),
        Input("notes", "Notes"),
    ),
}
"""The form, in its parts."""
INPUTS: Final = tuple(found for part in GROUPS.values() for found in part)
WAS: Final = "was_"
"""Before the name of a field: what the form showed at first, so that only what was changed is a correction."""
_MAY_BE_NEW: Final = {"new_teams": UnknownTeams, "new_brackets": UnknownBrackets}
"""What a person is asked about, and then may say that it is new."""
_GOALS: Final = ("score_home", "score_away", "penalty_home", "penalty_away")
_NUMBERS: Final = frozenset(found.name for found in INPUTS if found.kind == "number")
LONGEST: Final = 2000
"""Characters of one field that are given back for correction."""


@router.api_route("/enter", methods=["GET", "HEAD"])
def form(request: Request, visit: Visitor) -> Response:
    """An empty form; with `match`, one that has what is stored of that match."""
    service: Service = request.app.state.service
    asked = request.query_params.get("match")
    if asked is None:
        return _form(service, visit, {"match_type": rules_for(service.settings.default_league).match_type}, {})
    with reading(service.engine) as connection:
        match = match_story(connection, number(asked) or 0)
    stored = {found.name: getattr(match, found.name) for found in INPUTS}
    values = {name: str(value) for name, value in stored.items() if value is not None}
    return _form(service, visit, values | {WAS + name: value for name, value in values.items()}, {}, ref=match.id)


@router.post("/enter")
def enter(request: Request, visit: Visitor, sent: Sent) -> Response:
    """Stores what was entered, pinned, and shows the match; or the form again with what is wrong."""
    service: Service = request.app.state.service
    given = {name: value.strip()[:LONGEST] for name, value in sent.items()}
    ref = number(given["match"]) or 0 if "match" in given else None
    new = {name: name in given for name in _MAY_BE_NEW}
    try:
        if ref is None:
            message = read_match({name: value for name, value in _typed(given).items() if value is not None})
            stored = service.submitter.enter(message, by=visit.name, **new).processed.match_ref
        else:
            stored = _correct(service, ref, given, by=visit.name, **new)
    except (Refusal, Refused) as refusal:
        problems = refusal.problems if isinstance(refusal, Refusal) else ()
        errors = {problem.field: problem.problem for problem in problems} or {"": sentence(str(refusal))}
        asked = next((name for name, unknown in _MAY_BE_NEW.items() if isinstance(refusal, unknown)), None)
        return _form(service, visit, given, errors, ref=ref, asked=asked)
    return RedirectResponse(f"/matches/{stored}", HTTPStatus.SEE_OTHER)


def _typed(given: Mapping[str, str]) -> dict[str, str | int | None]:
    """What the form says, in the contract's types; None where a field is empty."""
    values = {found.name: given.get(found.name, "") for found in INPUTS}
    return {
        name: int(value) if name in _NUMBERS and value.isascii() and value.isdecimal() else value or None
        for name, value in values.items()
    }


def _correct(service: Service, ref: int, given: Mapping[str, str], *, by: str, **new: bool) -> int:
    """Corrects what is not as the form showed it at first."""
    typed = _typed(given)
    changed = {name: value for name, value in typed.items() if given.get(WAS + name, "") != given.get(name, "")}
    teams = [given.get(f"{side}_team") for side in ("home", "away")]
    others = [given.get(f"{WAS}{side}_team") for side in ("away", "home")]
    if any(team == other for team, other in zip(teams, others, strict=True)):  # the score is the one that stands there
        changed |= {name: typed[name] for name in _GOALS}
    default_league = service.settings.default_league
    ref, _ = correct(service.engine, ref, changed, utc_now(), by=by, default_league=default_league, **new)
    return ref


def _form(
    service: Service,
    visit: Visit,
    values: Mapping[str, str],
    errors: Mapping[str, str],
    *,
    ref: int | None = None,
    asked: str | None = None,
) -> Response:
    known = {found.name for found in INPUTS}
    age_group = age_group_label(values.get("age_group", ""))
    with reading(service.engine) as connection:
        names = read.names_of_teams(connection, age_group if age_group.isprintable() else "")
    return page(
        "enter.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
        visit=visit,
        groups=GROUPS,
        was={WAS + name: values[WAS + name] for name in known if values.get(WAS + name)},
        values=values,
        errors=errors,
        other=[f"{name}: {what}" if name else what for name, what in errors.items() if name not in known],
        ref=ref,
        asked=asked,
        agreed=[name for name in _MAY_BE_NEW if asked and name in values],
        teams=names,
    )
