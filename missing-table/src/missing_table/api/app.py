"""The application: routes, pages, errors and measurements put together."""

from functools import partial
from importlib.metadata import version

from fastapi import FastAPI
from sqlalchemy import Engine
from starlette.middleware.gzip import GZipMiddleware

from missing_table.api import deciding, examples, live, problems, reading, teams, writing
from missing_table.api.bodies import Bounded
from missing_table.api.conditional import Conditional
from missing_table.api.health import health_router
from missing_table.api.held import LEVEL
from missing_table.api.limits import Limited
from missing_table.api.measures import Guarded, Measured, Measures
from missing_table.api.order_gauge import OrderGauge
from missing_table.api.service import Service, Submitter
from missing_table.api.sharing import OpenToReaders
from missing_table.api.stock import Stock
from missing_table.api.watching import Watching
from missing_table.backlog import Watched, look
from missing_table.reader import Reader
from missing_table.settings import Settings
from missing_table.web import bracket_page
from missing_table.web.pages import install as install_pages

SMALL = 1024
"""Bytes of an answer below which it is not worth its while to compress it."""
DESCRIPTION = """League tables, fixtures and results of youth soccer, as JSON.

Reading is open to everybody. Writing needs a bearer token: `missing-table token create --name NAME --scope submit`
prints one that hands in matches; who corrects and decides needs one of scope `admin`.
Field names are those of the message contract. Every error is a problem detail (RFC 9457) with one sentence.
"""


def create_app(settings: Settings, engine: Engine, submitter: Submitter) -> FastAPI:
    """The application on `engine`; `submitter` takes the matches that are posted to it. Connects to nothing yet."""
    app = FastAPI(
        title="missing-table",
        version=version("missing-table"),
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        strict_content_type=False,  # a body that does not say what it is may be JSON
    )
    backlog = Watched(partial(look, settings)).now
    app.state.service = Service(settings, engine, submitter, Reader(settings.default_league), backlog=backlog)
    app.state.watching = watching = Watching(engine, settings.live_streams, settings.live_streams_each)
    measures = Measures()
    measures.live_streams.set_function(lambda: watching.watchers)
    measures.registry.register(OrderGauge(engine))
    measures.registry.register(Stock(engine, backlog))
    problems.install(app)
    # routes are tried one after the other: what is asked for most comes first
    app.include_router(bracket_page.router)
    app.include_router(reading.router)
    app.include_router(live.router)
    app.include_router(teams.router)
    app.include_router(writing.router)
    app.include_router(deciding.router)
    app.include_router(health_router(measures))
    install_pages(app)
    examples.install(app)
    # the last one that is added is met first
    app.add_middleware(Bounded, limit=settings.request_limit)
    app.add_middleware(Conditional)
    app.add_middleware(GZipMiddleware, minimum_size=SMALL, compresslevel=LEVEL)
    app.add_middleware(Limited, reads=settings.reads_per_second, writes=settings.writes_per_second)
    app.add_middleware(OpenToReaders)
    app.add_middleware(problems.Caught)
    app.add_middleware(Guarded)
    app.add_middleware(Measured, measures=measures)
    return app
