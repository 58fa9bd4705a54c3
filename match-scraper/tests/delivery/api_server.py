"""A real HTTP server that answers as missing-table does, or as a test tells it to."""

import json
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = tuple[int, dict[str, str], bytes]
Respond = Callable[[list[dict[str, Any]]], Answer | None]


def as_json(status: int, body: object, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return status, {"Content-Type": "application/json"} | named, json.dumps(body).encode()


def accept(matches: list[dict[str, Any]]) -> Answer:
    return as_json(202, {"task_ids": [f"task-{match.get('match_id', n)}" for n, match in enumerate(matches)]})


class Api:
    """A server that accepts; `next` holds what it does before that, one for each request. None: hangs up."""

    def __init__(self) -> None:
        self.next: list[Respond] = []
        self.always: Respond = accept
        self.requests: list[tuple[str, dict[str, str], list[dict[str, Any]]]] = []
        api = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                matches = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                api.requests.append((self.path, dict(self.headers.items()), matches))
                answer = (api.next.pop(0) if api.next else api.always)(matches)
                if answer is None:
                    self.close_connection = True
                    return
                status, headers, body = answer
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Not into the test's output."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    @property
    def sizes(self) -> list[int]:
        return [len(matches) for _, _, matches in self.requests]
