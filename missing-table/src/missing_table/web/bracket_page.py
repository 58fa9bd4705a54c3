"""The page of a bracket: its table, its matches by day, and the switch to another one."""

import datetime as dt
from collections.abc import Sequence
from http import HTTPStatus

from fastapi import Request, Response
from sqlalchemy import Connection
from starlette.responses import RedirectResponse

from missing_table.api.service import Service
from missing_table.bracket import Asked, BracketView, UnclearBracket, UnknownBracket, view
from missing_table.clock import utc_now
from missing_table.rules import rules_for
from missing_table.standings import Bracket
from missing_table.store import read
from missing_table.store.engine import reading
from missing_table.web import switch
from missing_table.web.freshness import freshness
from missing_table.web.match_days import match_days
from missing_table.web.rendering import address, page, sentence
from missing_table.web.routing import page_router, parameter

router = page_router()


@router.api_route("/", methods=["GET", "HEAD"])
def bracket(request: Request) -> Response:
    """The bracket of the address; where that leaves a part open, the first that fits."""
    service: Service = request.app.state.service
    asked = _asked(request)
    default_league = service.settings.default_league
    with reading(service.engine) as connection:
        known = read.brackets(connection)
        if not known:
            return page("empty.html")
        try:
            found = _open(connection, known, asked, default_league)
        except UnknownBracket as unknown:
            return page(
                "unknown.html",
                HTTPStatus.NOT_FOUND,
                reason=sentence(str(unknown).partition(";")[0]),
                nearest=unknown.nearest,
                choices=switch.choices(known, _filled(known, asked, default_league)),
            )
    as_of = (found.table.observed_at or dt.datetime.min).date()
    every = parameter(request, "matches") == "all"
    return page(
        "bracket.html",
        bracket=found.bracket,
        table=found.table,
        rules=rules_for(found.bracket.league),
        days=match_days(found.matches, as_of, every=every),
        as_of=as_of,
        every=every,
        fresh=freshness(
            found.matches,
            found.table.observed_at,
            utc_now(),
            dt.timedelta(hours=service.settings.stale_after_hours),
        ),
        choices=switch.choices(known, Asked(*found.bracket)),
    )


@router.api_route("/switch", methods=["GET", "HEAD"])
def switched(request: Request) -> Response:
    """Where the switch's form goes: on to the bracket that is meant, under its own address."""
    service: Service = request.app.state.service
    with reading(service.engine) as connection:
        known = read.brackets(connection)
    target = address(switch.meant(known, _asked(request))) if known else "/"
    return RedirectResponse(target, HTTPStatus.SEE_OTHER)


def _open(connection: Connection, known: Sequence[Bracket], asked: Asked, default_league: str) -> BracketView:
    """The bracket that is asked for; where that leaves several, or nothing was asked for, the first of them."""
    try:
        return view(connection, asked, default_league=default_league)
    except UnclearBracket as unclear:
        return view(connection, Asked(*unclear.choices[0]), default_league=default_league)
    except UnknownBracket:
        if any(asked.part(name) for name in switch.PARTS):
            raise
        newest = max(bracket.season for bracket in known)
        first = next(bracket for bracket in known if bracket.season == newest)
        return view(connection, Asked(*first), default_league=default_league)


def _filled(known: Sequence[Bracket], asked: Asked, default_league: str) -> Asked:
    """What the switch stands at where there is no such bracket: what was asked for, and what is meant by the rest."""
    season = asked.part("season") or max(bracket.season for bracket in known)
    return Asked(season, asked.part("league") or default_league, asked.part("age_group"), asked.part("division"))


def _asked(request: Request) -> Asked:
    return Asked(**{name: parameter(request, name) for name in switch.PARTS})
