"""Serving the application: a socket, uvicorn, and an orderly end."""

import signal
import socket
import sys
import threading
from types import FrameType
from typing import Final

import uvicorn

from missing_table import tracing
from missing_table.api.app import create_app
from missing_table.api.handover import ToBroker, ToSpool
from missing_table.api.in_request import InRequest
from missing_table.api.service import Submitter
from missing_table.api.watching import Watching
from missing_table.errors import ConfigurationProblem
from missing_table.garbage import collect_rarely
from missing_table.ingest.pipeline import Ingest
from missing_table.settings import Settings
from missing_table.store import engine as engines
from missing_table.store import schema

BACKLOG: Final = 2048
GRACE: Final = 10
"""Seconds that requests in hand have to finish once the process is told to leave."""


def serve(settings: Settings, host: str, port: int, submitter: Submitter | None = None) -> None:
    """Serves API and pages on `host` and `port` (0: any free one) until SIGTERM or Ctrl-C.

    Without a `submitter`, what is posted goes to the queue of `settings`. Raises `SchemaOutOfStep`, `DatabaseAway`,
    and `ConfigurationProblem` where the address cannot be had.
    """
    engine = engines.create(settings.database())
    schema.check(engine)
    if submitter is None:
        ingest = Ingest.of(settings, engine)
        in_request = InRequest(ingest, batch=settings.batch_size, tracing=tracing.start())
        broker = settings.broker()
        if broker is not None:
            submitter = ToBroker(broker, settings.broker_tls(), in_request)
        else:
            submitter = ToSpool(settings.home.expanduser(), in_request)
    app = create_app(settings, engine, submitter)
    with listening(host, port) as listener:
        # lifespan is off: there is nothing to set up, and the loop of a test or of `up` stays in charge
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            server_header=False,
            lifespan="off",
            timeout_graceful_shutdown=GRACE,
        )
        address = listener.getsockname()
        shown = f"[{address[0]}]" if ":" in address[0] else address[0]
        print(f"API and pages on http://{shown}:{address[1]}", file=sys.stderr, flush=True)
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, _leave)
        collect_rarely()
        _Server(config, app.state.watching).run(sockets=[listener])
    engine.dispose()


class _Server(uvicorn.Server):
    """Uvicorn, which would wait for the end of streams that have none."""

    def __init__(self, config: uvicorn.Config, watching: Watching) -> None:
        super().__init__(config)
        self._watching = watching

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Ends the streams, and then as ever."""
        self._watching.close()
        await super().shutdown(sockets)


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens on `host` and `port`. Raises `ConfigurationProblem` where it cannot."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, address = found[0]
        listener = socket.socket(family, kind, protocol)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(BACKLOG)
        except OSError:
            listener.close()
            raise
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ConfigurationProblem(f"cannot listen on {host} port {port}: {reason}") from None
    return listener


def _leave(_signal: int, _frame: FrameType | None) -> None:
    # uvicorn raises the signal again after it has finished what was in hand: that is a good end, not a crash
    raise SystemExit(0)
