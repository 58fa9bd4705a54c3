"""The page of a match: its teams and result, when and where, and what happened to it."""

from http import HTTPStatus
from typing import Final

from fastapi import Request, Response

from missing_table.answers import MatchStoryAnswer
from missing_table.api.service import Service
from missing_table.clock import utc_now
from missing_table.rules import rules_for
from missing_table.standings import Bracket
from missing_table.store.engine import reading
from missing_table.story import UnknownMatch, match_story
from missing_table.web.changes import disputed, occasions
from missing_table.web.freshness import goes_on
from missing_table.web.rendering import Link, kick_off, page, sentence
from missing_table.web.routing import number, page_router
from missing_table.web.session import seems_signed_in

router = page_router()

_STATES: Final = {
    "tbd": "Played, score to come",
    "postponed": "Postponed",
    "cancelled": "Cancelled",
    "forfeit": "Forfeit",
}


@router.api_route("/matches/{name}", methods=["GET", "HEAD"])
def match(request: Request, name: str) -> Response:
    """The match of this number."""
    service: Service = request.app.state.service
    ref = number(name)
    if ref is None:
        return page("lost.html", HTTPStatus.NOT_FOUND, reason="A match’s address is a number.")
    try:
        with reading(service.engine) as connection:
            found = match_story(connection, ref)
            bracket = Bracket(found.season, found.league, found.age_group, found.division)
            version = service.reader.found(connection, bracket).version
    except UnknownMatch as unknown:
        named = " and ".join(f"match {near.id}" for near in unknown.nearest)
        return page(
            "lost.html",
            HTTPStatus.NOT_FOUND,
            reason=sentence(
                f"there is no match {ref}" + (f": {ref} is the source’s number of {named}" if named else "")
            ),
            nearest=[
                Link(f"/matches/{near.id}", f"{near.home_team} – {near.away_team}, {near.date}")
                for near in unknown.nearest
            ],
        )
    return page(
        "story.html",
        match=found,
        bracket=bracket,
        version=version,
        live=goes_on(found.date, utc_now()),
        rules=rules_for(found.league),
        state=_state(found),
        begins=kick_off(found),
        history=occasions(found.history),
        disputes=disputed(found),
        by_hand=found.pinned,
        may_correct=seems_signed_in(request),
    )


def _state(match: MatchStoryAnswer) -> list[str]:
    """What to know of the result beside the result."""
    shootout = f"{match.penalty_home}–{match.penalty_away} on penalties" if match.penalty_home is not None else None
    return [words for words in (shootout, _STATES.get(match.status)) if words is not None]
