"""The local copy of the league's site: a small HTTP server, with the feeds, modular11's list and the public page."""

import sys
import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self

from . import faults as fault_module
from . import matches_list, page_faults, public_page, viewer
from .fault import MATCHES, Answer
from .feed_answers import MADE, Shelf, export, http_date

__all__ = ["SampleSite", "export"]

_HTML = {"Content-Type": "text/html; charset=utf-8"}
_SCRIPT = {"Content-Type": "text/javascript; charset=utf-8"}
_LONGEST_HANG = 300.0
"""Seconds after which a connection that was to hang is given up, should nobody else do so."""


class SampleSite:
    """A site that runs from `start()` to `stop()`, or as a context, on one port of this machine.

    Parameters: `port` 0 takes a free one; `folder` holds `schedule/<key>.json` and `standings/<key>.json`, read
    again for each request, in place of the bundled sample; `faults` are names, in the order in which they apply.
    Raises `KeyError` for a fault that is not known, `OSError` where the port is taken.
    """

    def __init__(
        self, port: int = 0, *, host: str = "127.0.0.1", folder: Path | None = None, faults: Iterable[str] = ()
    ) -> None:
        self._faults = [fault_module.known()[name] for name in faults]
        self._names = frozenset(fault.name for fault in self._faults)
        self._shelf = Shelf(folder, self._faults)
        self._requests: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._server = _Server((host, port), self)
        # The interval is how long `stop` may take to be noticed, in seconds.
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), name="sample-site", daemon=True
        )
        bound_host, bound_port = self._server.server_address[:2]
        self.url = f"http://{bound_host!s}:{bound_port}"
        self.asked: list[tuple[str, int]] = []
        """Every request so far: its path with the query, and the status of the answer."""

    @property
    def page_url(self) -> str:
        """Where the public page is."""
        return f"{self.url}{public_page.PATH}/"

    def start(self) -> Self:
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop answering; hanging connections are let go."""
        self._closing.set()
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def answer(self, address: str, asked_with: Message) -> Answer:
        """What this site says to such a request. Parameters: `asked_with`, the headers."""
        path, _, question = address.partition("?")
        with self._lock:
            self._requests[address] += 1
            request = self._requests[address]
            answer = self._shelf.feed(path, request)
            if answer is None and path == matches_list.PATH:
                answer = self._matches(question, request)
        if answer is None:
            answer = self._page(path.rstrip("/"), asked_with.get("Host", ""))
        elif _unchanged(answer, asked_with):
            answer = replace(answer, status=304, body=b"")
        answer.headers.setdefault("Date", http_date(MADE))
        answer = replace(answer, to_browser=asked_with.get("User-Agent", "").startswith("Mozilla/"))
        for fault in self._faults:
            if fault.spoil and answer.kind in fault.of:
                answer = fault.spoil(answer, request)
        self.asked.append((address, answer.status))
        return answer

    def wait_while_hanging(self) -> None:
        self._closing.wait(_LONGEST_HANG)

    def _matches(self, question: str, request: int) -> Answer:
        listed, clock = self._shelf.listed(request)
        fragment = matches_list.answer(listed, question, self._names, request)
        body = matches_list.cut_off(fragment, self._names, request)
        return Answer(200, _HTML | {"Date": http_date(clock)}, body, MATCHES)

    def _page(self, path: str, host: str) -> Answer:
        scripts = {
            viewer.ASSIST_SCRIPT_PATH: viewer.ASSIST_SCRIPT,
            viewer.MODULAR11_SCRIPT_PATH: viewer.MODULAR11_SCRIPT,
        }
        if path in scripts:
            script = scripts[path]
            if page_faults.VIEWER_NEVER_ASKS in self._names:
                script = viewer.NEVER_ASKS
            if page_faults.VIEWER_HANGS in self._names:
                script = viewer.HANGS
            return Answer(200, dict(_SCRIPT), script)
        if path == public_page.PATH:
            return Answer(200, dict(_HTML), public_page.page(f"http://{host}", self._names))
        if path.startswith(viewer.MODULAR11_VIEWER_PATH):
            return Answer(200, dict(_HTML), viewer.MODULAR11_VIEWER)
        return Answer(200, dict(_HTML), viewer.ASSIST_VIEWER)


def _unchanged(answer: Answer, asked_with: Message) -> bool:
    if_none_match, if_modified_since = asked_with.get("If-None-Match"), asked_with.get("If-Modified-Since")
    if if_none_match is not None:
        return answer.headers.get("ETag") in [tag.strip() for tag in if_none_match.split(",")]
    return if_modified_since is not None and if_modified_since == answer.headers.get("Last-Modified")


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], site: SampleSite) -> None:
        self.site = site
        super().__init__(address, _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        if not isinstance(sys.exception(), ConnectionError):  # the client has gone; there is nobody to tell
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        site = self.server.site
        answer = site.answer(self.path, self.headers)
        if answer.hangs:
            site.wait_while_hanging()
            self.close_connection = True
            return
        # Not `send_response`, which adds the Date of this machine.
        self.send_response_only(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.status != 304:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body[: answer.sent])
        if answer.sent is not None:
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing: what was asked is in `SampleSite.asked`."""
