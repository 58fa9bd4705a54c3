"""The page that describes the API."""

from typing import Any

from fastapi import Request, Response

from missing_table.web.description import endpoints
from missing_table.web.rendering import page
from missing_table.web.routing import page_router

router = page_router()


@router.api_route("/docs", methods=["GET", "HEAD"])
def docs(request: Request) -> Response:
    """Every endpoint, from the application's own description."""
    description: dict[str, Any] = request.app.openapi()
    return page("docs.html", info=description["info"], endpoints=endpoints(description))
