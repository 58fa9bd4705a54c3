"""The page of a team: where it stands, its record, its matches, and its calendar."""

import datetime as dt
from http import HTTPStatus
from typing import Final

from fastapi import Request, Response
from starlette.responses import RedirectResponse

from missing_table.api.service import Service
from missing_table.bracket import newest_statement
from missing_table.clock import utc_now
from missing_table.standings import Bracket
from missing_table.store.engine import reading
from missing_table.team import UnknownTeam, team_answer
from missing_table.web.chart import chart
from missing_table.web.freshness import freshness
from missing_table.web.rendering import Link, page, sentence
from missing_table.web.routing import number, page_router, parameter
from missing_table.web.team_matches import team_matches

router = page_router()

WATCHED: Final = 2
"""Brackets whose news a page waits for: a browser has six connections for all pages of a site that are shown."""


@router.api_route("/teams/{name}", methods=["GET", "HEAD"])
def team(request: Request, name: str) -> Response:
    """The team of this number, in the season of the address or its newest. A name leads to the nearest teams."""
    service: Service = request.app.state.service
    ref = number(name)
    with reading(service.engine) as connection:
        if ref is None:
            clubs = service.search(connection, name[:200]).items
            nearest = [
                Link(f"/teams/{team.team_ref}", f"{team.team} {team.age_group}")
                for club in clubs[:5]
                for team in club.teams
            ]
            return page("lost.html", HTTPStatus.NOT_FOUND, reason="A team’s address is a number.", nearest=nearest)
        try:
            found = team_answer(connection, ref, parameter(request, "season"), bracket_view=service.reader.whole)
            brackets = [Bracket(at.season, at.league, at.age_group, at.division) for at in found.brackets[:WATCHED]]
            watched = [service.reader.found(connection, bracket) for bracket in brackets]
        except UnknownTeam as unknown:
            return page(
                "lost.html",
                HTTPStatus.NOT_FOUND,
                reason=sentence(f"there is no team {ref}"),
                nearest=[Link(f"/teams/{team.ref}", f"{team.name} {team.age_group}") for team in unknown.nearest],
            )
    if found.team_ref != ref:  # it became an alias of this one, until somebody undoes that
        address = f"/teams/{found.team_ref}{f'?{request.url.query}' if request.url.query else ''}"
        return RedirectResponse(address, HTTPStatus.TEMPORARY_REDIRECT)
    now = utc_now()
    observed_at = newest_statement(found.matches)
    return page(
        "team.html",
        team=found,
        watched=watched,
        charts=[chart(at.positions) if at.overall.played else None for at in found.brackets],
        matches=team_matches(found.matches, ref, observed_at or now, now),
        fresh=freshness(found.matches, observed_at, now, dt.timedelta(hours=service.settings.stale_after_hours)),
        host=request.url.netloc,
    )
