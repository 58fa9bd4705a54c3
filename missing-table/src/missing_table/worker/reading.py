"""Reading from the broker much at a time: py-amqp and kombu's loop ask the system some twenty times for each message.

Only the loop reads ahead, and gives out all that came before it waits again. Whoever waits for one answer of the
broker, as `basic_consume` does, reads that answer and no more: what follows is not for him.
"""

from collections.abc import Callable
from struct import Struct
from typing import Any, Final

from amqp.exceptions import RecoverableConnectionError, UnexpectedFrame
from amqp.transport import SSLTransport, TCPTransport
from kombu.transport import pyamqp

AHEAD: Final = 65_536
"""Bytes asked for at a time."""
_HEAD: Final = Struct(">BHI")
"""What a frame begins with: type, channel and size of the payload. It ends with `_END` (AMQP 0-9-1, 4.2.3)."""
_END: Final = 0xCE
Frame = tuple[int, int, bytes]


class Ahead:
    """A transport of py-amqp's that may read more of its socket than one frame."""

    connected: bool
    having_timeout: Callable[[float], Any]
    _quick_recv: Callable[[int], bytes]
    _came = b""
    _at = 0

    def at_hand(self) -> Frame | None:
        """The next frame, where all of it has come."""
        start = self._at + _HEAD.size
        if len(self._came) < start:
            return None
        kind, channel, size = _HEAD.unpack_from(self._came, self._at)
        end = start + size
        if len(self._came) <= end:
            return None
        if self._came[end] != _END:
            raise UnexpectedFrame(f"a frame of {size} bytes ends with {self._came[end]:#04x}, not {_END:#04x}")
        self._at = end + 1
        return kind, channel, self._came[start:end]

    def read_frame(self) -> Frame:
        """The next frame, and no byte more. Raises what the socket does; what has come of the frame is kept."""
        while (frame := self.at_hand()) is None:
            self._receive(self._missing())
        return frame

    def read_ahead(self) -> None:
        """Takes what lies in the socket, without waiting."""
        try:
            with self.having_timeout(0):
                self._receive(AHEAD)
                while self._pending():
                    self._receive(AHEAD)
        except TimeoutError:
            pass  # there is nothing

    def _receive(self, most: int) -> None:
        try:
            came = self._quick_recv(most)
            if not came:
                raise ConnectionResetError("the broker closed the connection")
        except (TimeoutError, BlockingIOError):
            raise
        except OSError as error:
            # over TLS "not yet" is an error of its own, which py-amqp makes a timeout of
            self.connected = "did not complete" in str(error)
            raise
        self._came = self._came[self._at :] + came
        self._at = 0

    def _missing(self) -> int:
        """How many bytes to the end of the frame, or of its head, which says how long it is."""
        have = len(self._came) - self._at
        if have < _HEAD.size:
            return _HEAD.size - have
        size: int = _HEAD.unpack_from(self._came, self._at)[2]
        return _HEAD.size + size + 1 - have

    def _pending(self) -> bool:
        """Whether there is more that the system does not tell of."""
        return False


class Plain(Ahead, TCPTransport):
    """Over TCP."""


class Tls(Ahead, SSLTransport):
    """Over TLS, which takes whole records from the socket."""

    def _pending(self) -> bool:
        return bool(self.sock.pending())


class Connection(pyamqp.Connection):
    """A connection that takes first what was read ahead."""

    def Transport(  # noqa: N802 (its name in py-amqp)
        self, host: str, connect_timeout: float | None, ssl: Any = False, *settings: Any, **options: Any
    ) -> Any:
        """A transport that may read ahead."""
        options |= zip(("read_timeout", "write_timeout", "socket_settings"), settings, strict=False)
        return (Tls if ssl else Plain)(host, connect_timeout=connect_timeout, ssl=ssl, **options)

    def blocking_read(self, timeout: float | None = None) -> Any:
        """Processes one frame; whether it was the last one of an event."""
        frame = self.transport.at_hand()
        return super().blocking_read(timeout) if frame is None else self.on_inbound_frame(frame)


class Transport(pyamqp.Transport):
    """kombu's AMQP, whose loop reads ahead."""

    Connection = Connection

    def on_readable(self, connection: Any, _loop: Any) -> None:
        """Processes all that has come; called by the loop."""
        if not connection.connected:
            raise RecoverableConnectionError("the connection to the broker is lost")
        transport = connection.transport
        transport.read_ahead()
        while connection.connected and (frame := transport.at_hand()) is not None:
            connection.on_inbound_frame(frame)
