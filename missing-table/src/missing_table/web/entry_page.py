"""Entering or correcting a match by hand: a form that the message's own model checks, each error next to its field."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from fastapi import Request, Response
from starlette.responses import RedirectResponse

from missing_table.answers import MatchStoryAnswer
from missing_table.api.service import Service
from missing_table.ingest.envelope import Refusal, read_match
from missing_table.store.engine import reading
from missing_table.story import match_story
from missing_table.web.rendering import page
from missing_table.web.routing import number
from missing_table.web.session import Sent, Visitor, signed_in_router

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
        Input("match_type", "Kind of match", required=True, hint="League counts for the table"),
    ),
    "When and where": (
        Input("date", "Date", required=True, kind="date"),
        Input("match_time", "Kick-off", kind="time", hint="At the venue"),
        Input("timezone", "Time zone", hint="Of the venue, such as America/New_York"),
        Input("location", "Venue"),
    ),
    "Teams and result": (
        Input("home_team", "Home team", required=True),
        Input("score_home", "Goals, home", kind="number"),
        Input("penalty_home", "Shootout, home", kind="number"),
        Input("away_team", "Away team", required=True),
        Input("score_away", "Goals, away", kind="number"),
        Input("penalty_away", "Shootout, away", kind="number"),
    ),
    "Besides": (
        Input("status", "Status", choices=("", "scheduled", "tbd", "completed", "forfeit", "postponed", "cancelled")),
        Input("notes", "Notes"),
    ),
}
"""The form, in its parts."""
INPUTS: Final = tuple(found for part in GROUPS.values() for found in part)
KEPT: Final = ("match_id", "source", "home_team_id", "away_team_id", "was_home_team", "was_away_team")
"""What a correction carries along, so that the match it is about is found."""
_OF_THE_CONTRACT: Final = (*(found.name for found in INPUTS), *(name for name in KEPT if not name.startswith("was_")))
_NUMBERS: Final = frozenset(found.name for found in INPUTS if found.kind == "number")
LONGEST: Final = 2000
"""Characters of one field that are given back for correction."""


@router.api_route("/enter", methods=["GET", "HEAD"])
def form(request: Request, visit: Visitor) -> Response:
    """An empty form; with `match`, one that has what is stored of that match."""
    service: Service = request.app.state.service
    asked = request.query_params.get("match")
    values: dict[str, str] = {"match_type": "League"}
    if asked is not None:
        ref = number(asked)
        with reading(service.engine) as connection:
            values = _values(match_story(connection, ref or 0))
    return _form(visit, values, {}, correcting=asked is not None)


@router.post("/enter")
def enter(request: Request, visit: Visitor, sent: Sent) -> Response:
    """Stores what was entered, pinned, and shows the match; or the form again with what is wrong."""
    service: Service = request.app.state.service
    given = {name: value.strip()[:LONGEST] for name, value in sent.items()}
    try:
        entered = service.submitter.enter(read_match(_payload(given)), by=visit.name)
    except Refusal as refusal:
        errors = {problem.field: problem.problem for problem in refusal.problems} or {"": refusal.reason}
        return _form(visit, given, errors, correcting="match_id" in given, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return RedirectResponse(f"/matches/{entered.processed.match_ref}", HTTPStatus.SEE_OTHER)


def _payload(given: Mapping[str, str]) -> dict[str, Any]:
    """What the form says, in the contract's types; a field that is empty is absent."""
    payload: dict[str, Any] = {}
    for name in _OF_THE_CONTRACT:
        if value := given.get(name):
            payload[name] = int(value) if name in _NUMBERS and value.isascii() and value.isdecimal() else value
    for side in ("home", "away"):  # another name is another team
        if given.get(f"was_{side}_team") != given.get(f"{side}_team"):
            payload.pop(f"{side}_team_id", None)
    return payload


def _values(match: MatchStoryAnswer) -> dict[str, str]:
    stored = {name: getattr(match, name) for name in _OF_THE_CONTRACT}
    stored |= {"was_home_team": match.home_team, "was_away_team": match.away_team}
    return {name: str(value) for name, value in stored.items() if value is not None}


def _form(
    visit: Any, values: Mapping[str, str], errors: Mapping[str, str], *, correcting: bool, status: int = HTTPStatus.OK
) -> Response:
    known = {found.name for found in INPUTS}
    return page(
        "enter.html",
        status,
        visit=visit,
        groups=GROUPS,
        kept={name: values[name] for name in KEPT if values.get(name)},
        values=values,
        errors=errors,
        other=[f"{name}: {what}" if name else what for name, what in errors.items() if name not in known],
        correcting=correcting,
    )
