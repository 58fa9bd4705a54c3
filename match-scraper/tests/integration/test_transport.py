"""Servers that answer, and never come to an end."""

import itertools
import socket
import threading
from collections.abc import Callable, Iterable, Iterator

import pytest

from match_scraper.sources import transport
from match_scraper.sources.transport import PlainTransport, TransientError

Serve = Callable[[Iterable[bytes]], str]
PAUSE = 0.05
"""Seconds from one part to the next, far less than the time-out of a step, as a machine may be busy."""
OK = b"HTTP/1.1 200 OK\r\n"
GZIP = b"Content-Encoding: gzip\r\n\r\n\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03"
NOTHING = b"\x00\x00\x00\xff\xff"
"""A compressed block of no bytes, with more to follow."""
NEXT = b""
"""In place of a part: the next request is waited for."""


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts a server that says these parts over one connection, one after another; gives its address."""
    stopping = threading.Event()
    threads: list[threading.Thread] = []

    def start(parts: Iterable[bytes]) -> str:
        server = socket.create_server(("127.0.0.1", 0))

        def talk() -> None:
            with server:
                client, _ = server.accept()
                with client:
                    for part in itertools.chain([NEXT], parts):
                        try:
                            client.sendall(part) if part else client.recv(65536)
                        except OSError:
                            return  # it has heard enough
                        if stopping.wait(PAUSE):
                            return

        threads.append(threading.Thread(target=talk))
        threads[-1].start()
        return f"http://127.0.0.1:{server.getsockname()[1]}/"

    yield start
    stopping.set()
    for thread in threads:
        thread.join()


@pytest.fixture
def no_longer_than_a_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "WHOLE_TRANSFER", 1)


@pytest.mark.parametrize(
    "parts",
    [
        (OK, *(b"X-%d: 1\r\n" % number for number in range(10_000))),
        itertools.chain([OK, GZIP], itertools.repeat(NOTHING)),
        itertools.chain([OK, b"\r\n"], itertools.repeat(b"x")),
    ],
    ids=["headers", "nothing, compressed", "a body without a length"],
)
@pytest.mark.usefixtures("no_longer_than_a_step")
def test_an_answer_that_trickles_without_end_is_cut_when_its_time_is_up(serve: Serve, parts: Iterable[bytes]) -> None:
    site = PlainTransport(timeout=1, accept="*/*")
    with pytest.raises(TransientError, match="the answer came too slowly"):
        site.get(serve(parts), {})
    site.close()


@pytest.mark.usefixtures("no_longer_than_a_step")
def test_a_connection_that_served_before_is_cut_as_well(serve: Serve) -> None:
    address = serve([OK + b"Content-Length: 2\r\n\r\nhi", NEXT, OK, *[b"X: 1\r\n"] * 10_000])
    site = PlainTransport(timeout=1, accept="*/*")
    assert site.get(address, {}).body == b"hi"
    with pytest.raises(TransientError, match="the answer came too slowly"):
        site.get(address, {})
    site.close()


def test_a_transfer_may_take_longer_than_a_step(serve: Serve) -> None:
    parts = [b"x"] * 20
    site = PlainTransport(timeout=PAUSE * 10, accept="*/*")
    address = serve([OK + b"Content-Length: 20\r\n\r\n", *parts])
    assert site.get(address, {}).body == b"".join(parts)
    site.close()
