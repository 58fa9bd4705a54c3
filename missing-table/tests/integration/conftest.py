"""Databases for the tests that need one, each of the two kinds, migrated and empty; and the API on them."""

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest
import structlog
import uvicorn
from fastapi import FastAPI
from private_services.postgresql import PostgreSQL
from sqlalchemy import Engine
from starlette.types import ASGIApp, Receive, Scope, Send

from emptied import Emptied
from missing_table.api.app import create_app
from missing_table.api.in_request import InRequest
from missing_table.api.server import listening
from missing_table.clock import utc_now
from missing_table.ingest.pipeline import Ingest
from missing_table.settings import Settings, load_settings
from missing_table.store import engine as engines
from missing_table.store import schema, tokens
from worker_process import PATIENCE


@pytest.fixture(scope="session", autouse=True)
def plain_errors() -> None:
    """Keeps structlog, where nothing has set it up, from drawing each error with all the values around it."""
    structlog.configure(processors=[structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)])


def migrated(url: str) -> str:
    """Makes the tables at `url`."""
    made = engines.create(url)
    schema.migrate(made)
    made.dispose()
    return url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with all tables: to copy it is quicker than to make them."""
    file = tmp_path_factory.mktemp("template") / "template.db"
    migrated(f"sqlite:///{file}")
    return file


@pytest.fixture
def sqlite_file(tmp_path: Path, sqlite_template: Path) -> str:
    """The URL of a file with all tables."""
    return f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'test.db')}"


@pytest.fixture(scope="session")
def emptied(postgresql: PostgreSQL) -> Emptied:
    """A database with all tables, for one test after the other."""
    return Emptied(postgresql, migrated(postgresql.create_database()).rpartition("/")[2])


@pytest.fixture
def postgres_database(postgresql: PostgreSQL, emptied: Emptied) -> Iterator[str]:
    """The URL of a database with all tables."""
    postgresql.start()
    yield emptied.take()
    postgresql.start()
    emptied.give_back()


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """An engine on an empty database with all its tables, once on SQLite and once on PostgreSQL."""
    fixture = {"sqlite": "sqlite_file", "postgresql": "postgres_database"}[request.param]
    made = engines.create(request.getfixturevalue(fixture))
    yield made
    made.dispose()


@pytest.fixture
def ingest(engine: Engine) -> Ingest:
    """The pipeline on `engine`."""
    return Ingest(engine, default_league="Homegrown", message_limit=100_000)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings that name no service, with an embedded folder of this test's own."""
    return load_settings(database_url=None, rabbitmq_url=None, home=tmp_path)


class Stage:
    """A server for one application after the other: to start and stop one takes longer than most tests."""

    app: ASGIApp

    def __init__(self, stack: ExitStack) -> None:
        listener = stack.enter_context(listening("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        server = uvicorn.Server(uvicorn.Config(self, log_level="critical", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()  # connections wait in the socket's queue until the server takes them
        stack.callback(thread.join)
        stack.callback(lambda: setattr(server, "should_exit", True))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


class Stages:
    """The servers of a session. One is used by one test at a time."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._idle: list[Stage] = []

    @contextmanager
    def one(self) -> Iterator[Stage]:
        """One that nobody uses."""
        stage = self._idle.pop() if self._idle else Stage(self._stack)
        yield stage
        self._idle.append(stage)


@pytest.fixture(scope="session")
def stages() -> Iterator[Stages]:
    """The servers, until all tests are done."""
    with ExitStack() as stack:
        yield Stages(stack)


@pytest.fixture
def serving(stages: Stages) -> Iterator[Callable[[FastAPI], httpx.Client]]:
    """Serves an application until the test ends, and gives a client for it."""
    with ExitStack() as stack:

        def serve(app: FastAPI) -> httpx.Client:
            stage = stack.enter_context(stages.one())
            stage.app = app
            return stack.enter_context(httpx.Client(base_url=stage.address, timeout=PATIENCE))

        yield serve


@pytest.fixture
def client(engine: Engine, settings: Settings, serving: Callable[[FastAPI], httpx.Client]) -> httpx.Client:
    """The API and its pages, on `engine`; what is submitted is stored within the request."""
    ingest = Ingest(engine, default_league=settings.default_league, message_limit=settings.message_limit)
    return serving(create_app(settings, engine, InRequest(ingest)))


@pytest.fixture
def writer(engine: Engine, client: httpx.Client) -> httpx.Client:
    """`client` with a token of every right."""
    token = tokens.create(engine, "match-scraper", utc_now())
    client.headers["Authorization"] = f"Bearer {token}"
    return client
