"""The local copy of the league's site: a small HTTP server over the sample documents or a folder of your own."""

import datetime as dt
import email.utils
import hashlib
import json
import re
import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self

from . import faults as fault_module
from .faults import VIEWER, Answer, Fault
from .feeds import SYNCED_AT, Document, Documents, as_bytes, bundled

_ADDRESS = re.compile(r"/data/(schedule|standings)/([A-Za-z0-9][A-Za-z0-9_-]*)\.json")
_MADE = dt.datetime.fromisoformat(SYNCED_AT)
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
        self._folder = folder
        self._faults = [fault_module.known()[name] for name in faults]
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
        """Every request so far: its path, and the status of the answer."""

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

    def answer(self, path: str, if_none_match: str | None, if_modified_since: str | None) -> Answer:
        """What this site says to such a request."""
        path = path.partition("?")[0]
        with self._lock:
            self._requests[path] += 1
            request = self._requests[path]
        answer = self._document(path, request)
        if answer is None:
            answer = Answer(200, {"Content-Type": "text/html; charset=utf-8"}, VIEWER)
        elif _unchanged(answer, if_none_match, if_modified_since):
            answer = replace(answer, status=304, body=b"")
        for fault in self._faults:
            if fault.spoil:
                answer = fault.spoil(answer, request)
        self.asked.append((path, answer.status))
        return answer

    def wait_while_hanging(self) -> None:
        self._closing.wait(_LONGEST_HANG)

    def _document(self, path: str, request: int) -> Answer | None:
        address = _ADDRESS.fullmatch(path)
        if address is None:
            return None
        kind, key = address.groups()
        changes = any(fault.change for fault in self._faults)
        body: bytes | None
        if self._folder is None:
            body, modified = _with_faults(bundled(), self._faults, request, kind, key), _MADE
        else:
            file = self._folder / kind / f"{key}.json"
            body = _with_faults(_from_folder(self._folder), self._faults, request, kind, key) if changes else None
            if body is None:
                # Without a fault the file goes out as it is, also where it is no JSON.
                body = file.read_bytes() if file.is_file() else None
            modified = _modified(file)
        if body is None:
            return None
        headers = {
            "Content-Type": "application/json",
            "ETag": f'"{hashlib.sha256(body).hexdigest()[:32]}"',
            "Last-Modified": email.utils.format_datetime(modified, usegmt=True),
        }
        return Answer(200, headers, body)


def export(folder: Path, faults: Iterable[str] = ()) -> list[Path]:
    """Write the bundled documents into this folder, in the form that `SampleSite` reads; returns the files."""
    documents = bundled()
    for name in faults:
        fault = fault_module.known()[name]
        if fault.change:
            fault.change(documents, 1)
    written = []
    for kind, held in (("schedule", documents.schedule), ("standings", documents.standings)):
        (folder / kind).mkdir(parents=True, exist_ok=True)
        for key, document in held.items():
            file = folder / kind / f"{key}.json"
            file.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
            written.append(file)
    return written


def _with_faults(documents: Documents, faults: list[Fault], request: int, kind: str, key: str) -> bytes | None:
    for fault in faults:
        if fault.change:
            fault.change(documents, request)
    held = documents.schedule if kind == "schedule" else documents.standings
    return as_bytes(held[key]) if key in held else None


def _from_folder(folder: Path) -> Documents:
    def read(kind: str) -> dict[str, Document]:
        found = {}
        for file in sorted((folder / kind).glob("*.json")):
            try:
                document = json.loads(file.read_bytes())
            except ValueError:
                continue  # served as it is; a fault has nothing to change in it
            if isinstance(document, dict):
                found[file.stem] = document
        return found

    return Documents(read("schedule"), read("standings"))


def _modified(file: Path) -> dt.datetime:
    try:
        seconds = int(file.stat().st_mtime)
    except FileNotFoundError:
        return _MADE
    return dt.datetime.fromtimestamp(seconds, dt.UTC)


def _unchanged(answer: Answer, if_none_match: str | None, if_modified_since: str | None) -> bool:
    if if_none_match is not None:
        return answer.headers["ETag"] in (tag.strip() for tag in if_none_match.split(","))
    return if_modified_since is not None and if_modified_since == answer.headers["Last-Modified"]


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], site: SampleSite) -> None:
        self.site = site
        super().__init__(address, _Handler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        site = self.server.site
        answer = site.answer(self.path, self.headers.get("If-None-Match"), self.headers.get("If-Modified-Since"))
        if answer.hangs:
            site.wait_while_hanging()
            self.close_connection = True
            return
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.status != 304:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        try:
            self.wfile.write(answer.body[: answer.sent])
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # the client has gone; there is nobody to tell
        if answer.sent is not None:
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing: what was asked is in `SampleSite.asked`."""
