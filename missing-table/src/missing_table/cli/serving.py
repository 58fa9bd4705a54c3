"""What runs until it is stopped: worker, API, both; and the database brought up to date for them."""

import sys
from typing import Annotated, Any

import typer

from missing_table.cli.running import configured, must_be_initialised, where


def migrate() -> None:
    """Bring the database up to date; on the embedded default, make it first."""
    from missing_table import home
    from missing_table.ingest.envelope import QUEUE
    from missing_table.store import engine, schema

    settings = configured()
    if settings.embedded and (settings.database_url is None or settings.rabbitmq_url is None):
        settings.database()
        home.initialise(settings.home.expanduser(), QUEUE)
    before, after = schema.migrate(engine.create(settings.database()))
    done = "is up to date" if before == after else f"was brought from {before or 'nothing'} to {after}"
    print(f"the database {done}: {where(settings.database())}")


def worker() -> None:
    """Take messages from the queue and store them, until stopped (Ctrl-C or SIGTERM finish the batch in hand)."""
    import os

    from missing_table.errors import DatabaseAway
    from missing_table.store import engine, schema

    settings = configured()
    broker = settings.broker()
    must_be_initialised(settings)
    try:
        schema.check(engine.create(settings.database()))
    except DatabaseAway as away:
        print(f"waiting for the database: {away}", file=sys.stderr)
    if broker is not None:
        from missing_table.worker.topology import preflight

        if waiting := preflight(broker, settings.broker_tls()):
            print(f"waiting for the broker: {waiting}", file=sys.stderr)
    print(
        f"worker: messages from {where(broker) if broker else settings.home.expanduser() / 'spool'}, "
        f"matches into {where(settings.database())}",
        file=sys.stderr,
    )
    import warnings

    from celery.platforms import SecurityWarning

    from missing_table.worker import app as celery_app

    warnings.simplefilter("ignore", SecurityWarning)  # it warns root of pickle, which is never read here

    running: Any = celery_app.Worker(
        pool_cls="solo",
        hostname=f"missing-table-{os.getpid()}@%h",
        loglevel="WARNING" if settings.log_level == "INFO" else settings.log_level,
        without_mingle=True,
        without_gossip=True,
        quiet=True,
    )
    running.start()
    raise typer.Exit(running.exitcode or 0)


def api(
    host: Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 for every one.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: any free one, which is printed.")] = 8000,
) -> None:
    """Serve the HTTP API and the pages, until stopped."""
    from missing_table.api import serve

    settings = configured()
    settings.broker()
    must_be_initialised(settings)
    serve(settings, host, port)


def up(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: any free one, which is printed.")] = 8000,
) -> None:
    """Everything in one go: bring the database up to date, then API, pages and a worker, until stopped."""
    from missing_table import together

    migrate()
    raise typer.Exit(together.run(configured(), host, port))
