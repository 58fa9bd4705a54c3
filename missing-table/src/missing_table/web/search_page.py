"""The page of the search for a team or club."""

from fastapi import Request, Response

from missing_table.api.service import Service
from missing_table.search import taken_apart
from missing_table.store.engine import reading
from missing_table.web.rendering import page
from missing_table.web.routing import page_router, parameter

router = page_router()


@router.api_route("/search", methods=["GET", "HEAD"])
def search(request: Request) -> Response:
    """Clubs and teams whose names are like what was typed, best first."""
    service: Service = request.app.state.service
    asked = (parameter(request, "q") or "").strip()
    with reading(service.engine) as connection:
        clubs = service.search(connection, asked).items if asked else []
    name, ages = taken_apart(asked)
    return page("search.html", asked=asked, clubs=clubs, ages=[] if name else sorted(ages))
