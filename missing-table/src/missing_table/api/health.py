"""How this process is: alive, ready to serve, and its measurements."""

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from missing_table.api.measures import Measures
from missing_table.api.problems import refuses
from missing_table.api.service import Shared
from missing_table.store import schema


def health_router(measures: Measures) -> APIRouter:
    """The routes; `/metrics` shows `measures`."""
    router = APIRouter(tags=["health"])

    @router.get("/health", summary="Is the process alive")
    def health() -> dict[str, str]:
        """Asks nothing of the database: an orchestrator must not restart this process because that one is away."""
        return {"status": "alive"}

    @router.get("/ready", summary="Can it serve", responses=refuses(503))
    def ready(service: Shared) -> dict[str, str]:
        """Whether the database is there and its tables are those of this program."""
        schema.check(service.engine)
        return {"status": "ready"}

    @router.get(
        "/metrics",
        summary="Measurements for Prometheus",
        response_class=Response,
        responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
    )
    def metrics() -> Response:
        """Requests by route and status, and how long they took."""
        return Response(generate_latest(measures.registry), media_type=CONTENT_TYPE_LATEST)

    return router
