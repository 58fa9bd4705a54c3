"""A TCP line that the test can hold at a certain message, and cut in the middle of one."""

import contextlib
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from types import TracebackType
from typing import Final, NamedTuple, Self


class Method(NamedTuple):
    """A method of AMQP 0-9-1, by the numbers that stand in its frame."""

    class_id: int
    method_id: int


PUBLISH: Final = Method(60, 40)
ACK: Final = Method(60, 80)
BLOCKED: Final = Method(10, 60)
_METHOD_FRAME: Final = 1
_FRAME_HEADER: Final = 7
_PROTOCOL_HEADER: Final = 8
_CHUNK: Final = 1 << 16


class Line:
    """Listens on a port of its own and passes on to `port` on this machine, and back, until it is closed.

    Parameters: `amqp` says that what passes is AMQP, so that methods are counted and can be held.
    """

    def __init__(self, port: int, *, amqp: bool) -> None:
        self._target = port
        self._amqp = amqp
        self.sent: Counter[Method] = Counter()
        """Methods that clients sent and that were passed on."""
        self.answered: Counter[Method] = Counter()
        """Methods that the server sent."""
        self.cuts = 0
        """Connections that were cut while they were open."""
        self._limits: dict[Method, int] = {}
        self._waiting: dict[_Pair, Method] = {}
        self._changed = threading.Condition()
        self._open: set[_Pair] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, name=f"line to {port}", daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def holding(self) -> bool:
        """Whether a client is being kept waiting, and not only about to go on."""
        with self._changed:
            return any(self._keeps(pair, method) for pair, method in self._waiting.items())

    @property
    def connections(self) -> int:
        """How many are open."""
        return len(self._open)

    def hold(self, method: Method, after: int) -> None:
        """Passes on `after` of these in all, and keeps what a client sends behind them waiting."""
        with self._changed:
            self._limits[method] = after
            self._changed.notify_all()

    def release(self, method: Method) -> None:
        """Lets everything pass again."""
        with self._changed:
            self._limits.pop(method, None)
            self._changed.notify_all()

    def cut(self) -> None:
        """Ends every open connection; a message that is being held goes out by half."""
        with self._changed:
            pairs = list(self._open)
            self.cuts += len(pairs)
            for pair in pairs:
                pair.cut = True
            self._changed.notify_all()
        for pair in pairs:
            pair.end()

    def close(self) -> None:
        """Ends all, and listens no more."""
        # On Linux a thread that waits in accept() wakes up by a shutdown, not by a close.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self._target), timeout=10)
            except OSError:
                client.close()  # as a port that nobody listens on
                continue
            for end in (client, server):
                end.settimeout(None)
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            pair = _Pair(client, server)
            with self._changed:
                self._open.add(pair)
            for source, target, outwards in ((client, server, True), (server, client, False)):
                threading.Thread(target=self._pass_on, args=(pair, source, target, outwards), daemon=True).start()

    def _pass_on(self, pair: "_Pair", source: socket.socket, target: socket.socket, outwards: bool) -> None:
        try:
            if not self._amqp:
                while chunk := source.recv(_CHUNK):
                    target.sendall(chunk)
            else:
                for frame, method in _frames(source, outwards):
                    if outwards and method is not None and not self._may_pass(pair, method):
                        target.sendall(frame[: len(frame) // 2])
                        return
                    target.sendall(frame)
                    if method is not None:
                        (self.sent if outwards else self.answered)[method] += 1
        except OSError:
            pass  # one side has gone, which is what ends a line
        finally:
            pair.end()
            with self._changed:
                self._open.discard(pair)

    def _may_pass(self, pair: "_Pair", method: Method) -> bool:
        """Waits while this method is held; False where the line was cut meanwhile."""
        with self._changed:
            self._waiting[pair] = method
            self._changed.wait_for(lambda: not self._keeps(pair, method))
            del self._waiting[pair]
            return not pair.cut

    def _keeps(self, pair: "_Pair", method: Method) -> bool:
        return not pair.cut and method in self._limits and self.sent[method] >= self._limits[method]


class _Pair:
    """The two ends of one connection."""

    def __init__(self, client: socket.socket, server: socket.socket) -> None:
        self.cut = False
        self._ends = (client, server)

    def end(self) -> None:
        """Closes both; what waits for either wakes up."""
        for end in self._ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


def _frames(source: socket.socket, outwards: bool) -> Iterator[tuple[bytes, Method | None]]:
    """What comes in, frame by frame, with the method of those that hold one.

    Form of a frame: type (1 byte), channel (2), length (4), so many bytes, an end byte (AMQP 0-9-1, 4.2.3).
    """
    pending = bytearray()
    if outwards:
        while len(pending) < _PROTOCOL_HEADER:
            pending += _some(source)
        yield bytes(pending[:_PROTOCOL_HEADER]), None
        del pending[:_PROTOCOL_HEADER]
    while True:
        start = 0
        while len(pending) - start >= _FRAME_HEADER:
            end = start + _FRAME_HEADER + int.from_bytes(pending[start + 3 : start + 7], "big") + 1
            if len(pending) < end:
                break
            method = None
            if pending[start] == _METHOD_FRAME:
                numbers = pending[start + _FRAME_HEADER : start + _FRAME_HEADER + 4]
                method = Method(int.from_bytes(numbers[:2], "big"), int.from_bytes(numbers[2:], "big"))
            yield bytes(pending[start:end]), method
            start = end
        del pending[:start]
        pending += _some(source)


def _some(source: socket.socket) -> bytes:
    chunk = source.recv(_CHUNK)
    if not chunk:
        raise ConnectionResetError("the other side has gone")
    return chunk
