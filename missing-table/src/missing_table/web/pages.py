"""The pages' routes: a bracket with its table and matches, and a description of the API."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI, Request, Response
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

from missing_table.api.service import Service
from missing_table.bracket import Asked, BracketView, UnclearBracket, UnknownBracket, in_words, view
from missing_table.errors import DatabaseAway, MissingTableError
from missing_table.rules import rules_for
from missing_table.standings import Bracket
from missing_table.store import read
from missing_table.store.engine import reading
from missing_table.web.description import endpoints
from missing_table.web.match_days import match_days

STATIC: Final = Path(__file__).parent / "static"
LONGEST: Final = 200
"""Characters of one parameter that are looked at."""
_PARTS: Final = ("season", "league", "age_group", "division")


def _day(date: dt.date) -> str:
    return f"{date:%a} {date.day} {date:%b %Y}"


def _moment(moment: dt.datetime) -> str:
    return f"{_day(moment.date())}, {moment:%H:%M} UTC"


def _signed(number: int) -> str:
    """With a real minus sign, and a plus, as tables have it."""
    return f"+{number}" if number > 0 else str(number).replace("-", "−")


def _prose(text: str) -> Markup:
    """Plain text with `code` in it."""
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if inside % 2 else part for inside, part in enumerate(text.split("`"))
    )


_templates: Final = Environment(
    loader=PackageLoader("missing_table.web"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.filters |= {"day": _day, "moment": _moment, "signed": _signed, "in_words": in_words, "prose": _prose}


@dataclass(frozen=True, slots=True)
class Choice:
    """One part of the switcher: its name, what may be chosen, and what is."""

    name: str
    title: str
    values: list[str | None]
    chosen: str | None


def switcher(known: Sequence[Bracket], at: Asked) -> list[Choice]:
    """What the switcher offers: each part as it exists within the parts before it, as long as those exist."""
    choices: list[Choice] = []
    within = list(known)
    for name in _PARTS:
        values = {getattr(bracket, name) for bracket in within}
        ordered = sorted(values, key=lambda value: value or "", reverse=name == "season")
        chosen = getattr(at, name)
        choices.append(Choice(name, name.replace("_", " ").capitalize(), ordered, chosen))
        within = [bracket for bracket in within if getattr(bracket, name) == chosen] or within
    return choices


def install(app: FastAPI) -> None:
    """Adds the pages and their style sheet to `app`."""
    app.mount("/static", StaticFiles(directory=STATIC), name="static")

    @app.api_route("/", methods=["GET", "HEAD"], include_in_schema=False)
    def bracket(request: Request) -> Response:
        service: Service = request.app.state.service
        asked = Asked(**{name: _parameter(request, name) for name in _PARTS})
        every = request.query_params.get("matches") == "all"
        try:
            return _bracket(service, asked, every=every)
        except MissingTableError as error:
            status = HTTPStatus.SERVICE_UNAVAILABLE
            return _page("sorry.html", status, reason=_sentence(str(error)), away=isinstance(error, DatabaseAway))

    @app.api_route("/docs", methods=["GET", "HEAD"], include_in_schema=False)
    def docs(request: Request) -> Response:
        description: dict[str, Any] = request.app.openapi()
        return _page("docs.html", info=description["info"], endpoints=endpoints(description))


def _bracket(service: Service, asked: Asked, *, every: bool) -> Response:
    default_league = service.settings.default_league
    with reading(service.engine) as connection:
        known = read.brackets(connection)
        if not known:
            return _page("empty.html")
        try:
            found = _open(connection, known, asked, default_league)
        except UnknownBracket as unknown:
            return _page(
                "unknown.html",
                HTTPStatus.NOT_FOUND,
                reason=_sentence(str(unknown).partition(";")[0]),
                nearest=unknown.nearest,
                choices=switcher(known, _filled(known, asked, default_league)),
            )
    as_of = (found.table.observed_at or dt.datetime.min).date()
    return _page(
        "bracket.html",
        bracket=found.bracket,
        table=found.table,
        rules=rules_for(found.bracket.league),
        days=match_days(found.matches, as_of, every=every),
        as_of=as_of,
        every=every,
        choices=switcher(known, Asked(*found.bracket)),
    )


def _open(connection: Any, known: Sequence[Bracket], asked: Asked, default_league: str) -> BracketView:
    """The bracket that is asked for; where that leaves several, or nothing was asked for, the first of them."""
    try:
        return view(connection, asked, default_league=default_league)
    except UnclearBracket as unclear:
        return view(connection, Asked(*unclear.choices[0]), default_league=default_league)
    except UnknownBracket:
        if any(asked.part(name) for name in _PARTS):
            raise
        newest = max(bracket.season for bracket in known)
        first = next(bracket for bracket in known if bracket.season == newest)
        return view(connection, Asked(*first), default_league=default_league)


def _filled(known: Sequence[Bracket], asked: Asked, default_league: str) -> Asked:
    """What the switcher stands at where there is no such bracket: what was asked for, and what is meant by the rest."""
    season = asked.part("season") or max(bracket.season for bracket in known)
    return Asked(season, asked.part("league") or default_league, asked.part("age_group"), asked.part("division"))


def _parameter(request: Request, name: str) -> str | None:
    value = request.query_params.get(name)
    return "".join(c for c in value[:LONGEST] if c.isprintable()) if value is not None else None


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _page(template: str, status: int = HTTPStatus.OK, **values: Any) -> Response:
    return HTMLResponse(_templates.get_template(template).render(**values), status)
