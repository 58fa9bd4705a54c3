"""The page of a bracket: its table, its matches by day, and the switch to another one."""

import datetime as dt
import zlib
from collections.abc import Hashable, Sequence
from http import HTTPStatus
from typing import Final

from fastapi import Request, Response
from sqlalchemy import Connection
from starlette.responses import RedirectResponse

from missing_table.answers import NAMESAKES
from missing_table.api.held import answer, compressed
from missing_table.api.service import Service
from missing_table.bracket import Asked, UnclearBracket, UnknownBracket
from missing_table.clock import utc_now
from missing_table.ingest.statement import season_order
from missing_table.reader import Found, Reader
from missing_table.rules import rules_for
from missing_table.standings import Bracket
from missing_table.store.engine import glancing, reading
from missing_table.web import switch
from missing_table.web.freshness import freshness
from missing_table.web.match_days import match_days
from missing_table.web.rendering import address, page, render, sentence
from missing_table.web.routing import page_router, parameter

router = page_router()
HTML: Final = "text/html"


@router.api_route("/", methods=["GET", "HEAD"])
def bracket(request: Request) -> Response:
    """The bracket of the address; where that leaves a part open, the first that fits."""
    service: Service = request.app.state.service
    asked = _asked(request)
    every = parameter(request, "matches") == "all"
    now = utc_now()
    with glancing(service.engine) as connection:
        found = service.reader.glance(connection, asked)
    held = service.reader.kept.held(("page", found.bracket, every), shown(found, now)) if found is not None else None
    return answer(request, held, HTML) if held is not None else _page(request, asked, now, every=every)


def _page(request: Request, asked: Asked, now: dt.datetime, *, every: bool) -> Response:
    service: Service = request.app.state.service
    with reading(service.engine) as connection:
        known = service.reader.brackets(connection)
        if not known:
            return page("empty.html")
        try:
            found = _find(service.reader, connection, known, asked)
        except UnknownBracket as unknown:
            return page(
                "unknown.html",
                HTTPStatus.NOT_FOUND,
                reason=sentence(str(unknown).partition(";")[0]),
                nearest=unknown.nearest,
                choices=switch.choices(known, _filled(known, asked, service.settings.default_league)),
            )

        def make() -> bytes:
            view = service.reader.view(connection, found)
            stale_after = dt.timedelta(hours=service.settings.stale_after_hours)
            as_of = view.table.observed_at or now
            made = render(
                "bracket.html",
                bracket=found.bracket,
                version=found.version,
                table=view.table,
                namesakes=view.table.namesakes(),
                namesakes_note=NAMESAKES,
                rules=rules_for(found.bracket.league),
                days=match_days(view.matches, as_of, now, every=every),
                as_of=as_of,
                now=now,
                every=every,
                fresh=freshness(view.matches, view.table.observed_at, now, stale_after),
                choices=switch.choices(service.reader.brackets(connection), Asked(*found.bracket)),
            )
            return compressed(made)

        held = service.reader.kept.get(("page", found.bracket, every), shown(found, now), make)
        return answer(request, held, HTML)


def shown(found: Found, now: dt.datetime) -> Hashable:
    """What a page shows beside what it is of: the bracket, its switch, and to the minute how old that is.

    The minutes of two brackets do not begin together: else all pages would be made anew at once.
    """
    apart = zlib.crc32(repr(found.bracket).encode()) % 60
    return found.version, found.edition, int(now.timestamp() + apart) // 60


@router.api_route("/switch", methods=["GET", "HEAD"])
def switched(request: Request) -> Response:
    """Where the switch's form goes: on to the bracket that is meant, under its own address."""
    service: Service = request.app.state.service
    with reading(service.engine) as connection:
        known = service.reader.brackets(connection)
    target = address(switch.meant(known, _asked(request))) if known else "/"
    return RedirectResponse(target, HTTPStatus.SEE_OTHER)


def _find(reader: Reader, connection: Connection, known: Sequence[Bracket], asked: Asked) -> Found:
    """The bracket that is asked for; where that leaves several, or nothing was asked for, the first of them."""
    try:
        return reader.find(connection, asked)
    except UnclearBracket as unclear:
        return reader.find(connection, Asked(*unclear.choices[0]))
    except UnknownBracket:
        if any(asked.part(name) for name in switch.PARTS):
            raise
        newest = max((bracket.season for bracket in known), key=season_order)
        return reader.find(connection, Asked(*next(bracket for bracket in known if bracket.season == newest)))


def _filled(known: Sequence[Bracket], asked: Asked, default_league: str) -> Asked:
    """What the switch stands at where there is no such bracket: what was asked for, and what is meant by the rest."""
    season = asked.part("season") or max((bracket.season for bracket in known), key=season_order)
    return Asked(season, asked.part("league") or default_league, asked.part("age_group"), asked.part("division"))


def _asked(request: Request) -> Asked:
    return Asked(**{name: parameter(request, name) for name in switch.PARTS})
