"""What the description of the API shows as examples: one for each answer and parameter, put into it when it is made."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

from fastapi import FastAPI
from pydantic import BaseModel
from pydantic_core import to_jsonable_python

from missing_table import answers as a
from missing_table import bracket_data, match_data
from missing_table import overview as o
from missing_table.api.deciding import RetriedAnswer
from missing_table.as_csv import matches_csv, table_csv

_SATURDAY: Final = dt.date(2026, 9, 5)
_NOON: Final = dt.datetime(2026, 9, 6, 12, tzinfo=dt.UTC)
_LATER: Final = dt.datetime(2026, 9, 6, 12, 0, 3, tzinfo=dt.UTC)
_BRACKET: Final = {"season": "2026-27", "league": "Homegrown", "age_group": "U15", "division": "Northeast"}
_HOME: Final = "FC Westchester"
_AWAY: Final = "Beachside of Connecticut"
_TASK: Final = "0b5c6f4e-3a0e-4c4e-9a55-6d0e6b1d5f3a"
_RUN: Final = "b7d3f0a1c5e84f6f9f1f6a0a4c2d9e10"

_ROW: Final = a.RowAnswer(
    position=1,
    team=_HOME,
    team_ref=17,
    team_id="5656",
    played=2,
    won=1,
    drawn=1,
    lost=0,
    shootouts_won=0,
    shootouts_lost=0,
    goals_for=4,
    goals_against=2,
    goal_difference=2,
    points=4,
    points_per_match=2.0,
    form="DW",
    movement=1,
    official_position=1,
)
_MATCH: Final[dict[str, Any]] = {
    **_BRACKET,
    "id": 4711,
    "source": "mls-next",
    "match_id": "100437",
    "match_type": "League",
    "away_age_group": None,
    "away_division": None,
    "date": _SATURDAY,
    "match_time": "12:00",
    "timezone": "America/New_York",
    "location": "SUNY Purchase, field 1",
    "home_team": _HOME,
    "away_team": _AWAY,
    "home_team_id": "5656",
    "away_team_id": "6186",
    "home_ref": 17,
    "away_ref": 18,
    "score_home": 2,
    "score_away": 1,
    "penalty_home": None,
    "penalty_away": None,
    "status": "completed",
    "notes": None,
    "observed_at": _NOON,
    "updated_at": _LATER,
}
_SCORED: Final = {"field": "score_home", "old": None, "new": 2}
_NAME: Final = {"team_ref": 17, "team": _HOME, "age_group": "U15", "provisional": False}
_IN_BRACKET: Final = a.BracketAnswer(**_BRACKET, rules="mls-next", official=True)
_RECORD: Final = a.RecordAnswer(
    played=2, won=1, drawn=1, lost=0, goals_for=4, goals_against=2, goal_difference=2, points=4
)
_HALF: Final = a.RecordAnswer(
    played=1, won=1, drawn=0, lost=0, goals_for=2, goals_against=1, goal_difference=1, points=3
)
_TABLE: Final = a.TableAnswer(
    **_BRACKET,
    rules="mls-next",
    order_by=["points per match", "wins", "goal difference"],
    official=True,
    note=None,
    observed_at=_NOON,
    updated_at=_LATER,
    official_order=a.OfficialOrderAnswer(agrees=True, note=None, since=None, observed_at=_NOON, differences=[]),
    rows=[_ROW],
)
_TEAM: Final = a.TeamAnswer(
    **_NAME,
    ids=[a.TeamIdAnswer(source="mls-next", team_id="5656")],
    aliases=["Westchester FC"],
    season="2026-27",
    seasons=["2026-27"],
    brackets=[
        a.TeamBracketAnswer(
            **_IN_BRACKET.model_dump(),
            position=1,
            of=12,
            movement=1,
            form="DW",
            overall=_RECORD,
            home=_HALF,
            away=_HALF.model_copy(update={"won": 0, "drawn": 1, "goals_against": 2, "goal_difference": 0, "points": 1}),
            positions=[a.PositionAnswer(date=_SATURDAY, position=1, of=12)],
        )
    ],
    matches=[a.MatchAnswer(**_MATCH)],
    same_club=[a.TeamNameAnswer(team_ref=19, team=_HOME, age_group="U16", provisional=False)],
)
_LINE: Final = o.MatchLine(**{name: _MATCH[name] for name in o.MatchLine.model_fields})
_NAMED: Final = o.NamedTeam(id=17, name=_HOME, age_group="U15")
_SUBMITTED: Final = a.SubmittedAnswer(task_ids=[_TASK])
_ENTERED: Final = a.EnteredAnswer(outcome="updated", id=4711, changes=[a.ChangeAnswer(**_SCORED)])
_INGEST: Final = o.IngestAnswer(
    at=_LATER,
    page=1,
    totals=dict.fromkeys(("quarantine", "provisional", "merges", "disputes", "duplicates", "vanished"), 0)
    | {"changes": 1},
    waiting=0,
    dead=0,
    last_message_at=_LATER,
    per_minute=41.5,
    lag_seconds=95.0,
    outcomes={"created": 12, "updated": 31, "unchanged": 2447},
    runs=[
        o.RunAnswer(
            run_id=_RUN, began=_NOON, ended=_LATER, messages=2490, outcomes={"unchanged": 2490}, per_minute=2490.0
        )
    ],
    quarantine_open=0,
    quarantine=[],
    provisional=[],
    merges=[],
    disputes=[],
    duplicates=[],
    vanished=[],
    changes=[
        o.EventAnswer(
            match=4711,
            home_team=_HOME,
            away_team=_AWAY,
            age_group="U15",
            **_SCORED,
            at=_LATER,
            source="mls-next",
            task_id=_TASK,
        )
    ],
)
_CALENDAR: Final = "\r\n".join(
    (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//missing-table//EN",
        "BEGIN:VEVENT",
        "UID:match-4711@missing-table",
        "DTSTAMP:20260906T120003Z",
        "DTSTART;VALUE=DATE:20260905",
        f"SUMMARY:{_HOME} 2–1 {_AWAY}",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    )
)
_METRICS: Final = """# HELP missing_table_quarantine_open Messages in quarantine that nobody has decided about.
# TYPE missing_table_quarantine_open gauge
missing_table_quarantine_open 0.0
"""

ANSWERS: Final[Mapping[str, BaseModel | dict[str, str]]] = {
    "GET /api/table": _TABLE,
    "GET /api/brackets": a.BracketList(items=[_IN_BRACKET], next=None),
    "GET /api/matches": a.MatchList(items=[a.MatchAnswer(**_MATCH)], next=None),
    "GET /api/matches/{id}": a.MatchStoryAnswer(
        **_MATCH,
        history=[a.HistoryAnswer(**_SCORED, at=_LATER, source="mls-next", task_id=_TASK)],
        pinned=[],
        disputes=[],
    ),
    "GET /api/matches/task/{task_id}": a.TaskAnswer(
        task_id=_TASK, outcome="updated", match=4711, quarantine=None, reason=None, run_id=_RUN, at=_LATER
    ),
    "GET /api/teams/{id}": _TEAM,
    "GET /api/search": a.SearchAnswer(
        items=[a.ClubAnswer(club=_HOME, teams=[a.FoundTeamAnswer(**_NAME, brackets=[_IN_BRACKET])])]
    ),
    "POST /api/matches/submit": _SUBMITTED,
    "POST /api/brackets/submit": _SUBMITTED,
    "POST /api/matches": _ENTERED,
    "PATCH /api/matches/{id}": _ENTERED,
    "GET /api/ingest": _INGEST,
    "POST /api/quarantine/{id}/retry": RetriedAnswer(outcome="created", reason=None),
    "POST /api/teams/{id}/alias": _NAMED,
    "POST /api/teams/{id}/confirm": _NAMED,
    "POST /api/teams/{id}/unmerge": _NAMED,
    "POST /api/matches/{id}/dispute": _LINE,
    "POST /api/matches/{id}/duplicate": _LINE,
    "POST /api/matches/{id}/vanished": _LINE,
    "GET /health": {"status": "alive"},
    "GET /ready": {"status": "ready"},
}
"""In JSON, by operation."""
TEXTS: Final[Mapping[str, Mapping[str, str]]] = {
    "GET /api/table": {"text/csv": table_csv([_ROW])},
    "GET /api/matches": {"text/csv": matches_csv([a.MatchAnswer(**_MATCH)])},
    "GET /teams/{id}.ics": {"text/calendar": _CALENDAR},
    "GET /metrics": {"text/plain": _METRICS},
}
"""In other forms, by operation and media type."""
PARAMETERS: Final[Mapping[str, Any]] = {
    "season": "2026-27",
    "team": _HOME,
    "from": "2026-09-05",
    "to": "2026-09-06",
    "status": "completed",
    "sort": "-date",
    "limit": 50,
    "cursor": "WyJtYXRjaGVzIGlkIiw0NzExXQ",
    "q": "westchester u15",
    "id": 17,
    "task_id": _TASK,
    "seen": "5f0c3a9d1b7e42a86c0d9f31",
    "last-event-id": "5f0c3a9d1b7e42a86c0d9f31",
}
"""By name; of those that do not say one themselves."""


def install(app: FastAPI) -> None:
    """Has `app` describe itself with examples, and with the versions of the messages that it takes."""
    plain = app.openapi

    def described() -> dict[str, Any]:
        made = app.openapi_schema is not None
        description = plain()
        if not made:
            description["info"]["x-contract"] = {"match": match_data.CONTRACT, "bracket": bracket_data.CONTRACT}
            for path, operations in description["paths"].items():
                for method, operation in operations.items():
                    _fill(f"{method.upper()} {path}", operation)
        return description

    app.openapi = described  # type: ignore[method-assign] # FastAPI's documented way to extend it


def _fill(name: str, operation: dict[str, Any]) -> None:
    for parameter in operation.get("parameters", []):
        if "examples" not in parameter["schema"] and parameter["name"] in PARAMETERS:
            parameter["example"] = PARAMETERS[parameter["name"]]
    for status, answer in operation["responses"].items():
        if status.startswith("2"):
            for media_type, content in answer.get("content", {}).items():
                if media_type == "application/json" and name in ANSWERS:
                    content["example"] = to_jsonable_python(ANSWERS[name], by_alias=True)
                elif media_type in TEXTS.get(name, {}):
                    content["example"] = TEXTS[name][media_type]
