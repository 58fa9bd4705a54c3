"""The worker's port: `/health`, `/ready` and `/metrics`, so that nobody has to ask Celery over the broker."""

import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from missing_table.errors import ConfigurationProblem
from missing_table.worker.measures import Measures

TEXT: Final = "text/plain; charset=utf-8"
LONGEST_REQUEST: Final = 10.0
"""Seconds that a client may take to say what it wants."""


class Port:
    """Answers on `port` (0: any free one) of every address of this machine, in a thread of its own, until `close`.

    Raises `ConfigurationProblem` where the port cannot be had.
    """

    def __init__(self, port: int, measures: Measures) -> None:
        try:
            self._server = _Server(("", port), measures)
        except OSError as error:
            raise ConfigurationProblem(
                f"MISSING_TABLE_WORKER_PORT: cannot listen on port {port}: {error.strerror or error}"
            ) from None
        self.number: int = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, name="worker-port", daemon=True).start()

    def close(self) -> None:
        """Lets go of the port."""
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], measures: Measures) -> None:
        self.measures = measures
        super().__init__(address, _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = LONGEST_REQUEST

    def do_GET(self) -> None:
        measures = self.server.measures
        path = self.path.partition("?")[0]
        if path == "/metrics":
            self._answer(HTTPStatus.OK, generate_latest(measures.registry), CONTENT_TYPE_LATEST)
        elif path == "/health":
            self._say(measures.alive, "alive", "the consuming loop has stopped going round")
        elif path == "/ready":
            self._say(measures.ready, "ready", "waiting for the broker or the database: see the log")
        else:
            self._answer(HTTPStatus.NOT_FOUND, b"there are /health, /ready and /metrics\n", TEXT)

    def _say(self, well: bool, yes: str, no: str) -> None:
        status = HTTPStatus.OK if well else HTTPStatus.SERVICE_UNAVAILABLE
        self._answer(status, f"{yes if well else no}\n".encode(), TEXT)

    def _answer(self, status: HTTPStatus, body: bytes, content_type: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class's name)
        """Nothing: a probe every few seconds is no news."""
