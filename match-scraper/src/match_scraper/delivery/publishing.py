"""One connection to the broker with one channel in confirm mode, writing and reading at the same time."""

import platform
import selectors
import socket
import time
from collections.abc import Callable, Iterable, Mapping
from importlib.metadata import version

from amqp import Channel, Connection, Message, exceptions
from amqp.exceptions import AMQPError, RecoverableConnectionError

from . import envelope
from .broker_address import BrokerAddress
from .broker_words import refusal_of_return
from .frames import MatchFrames
from .outstanding import Outgoing, Outstanding, Settled

LOST = (AMQPError, OSError)
"""What a connection raises when it is over."""

# TLS takes no more than one record at a time anyway.
_WRITE = 1 << 14


class _ClosedForGood(Channel):  # type: ignore[misc]
    """A channel that the broker has closed is the end here.

    py-amqp answers and opens the channel again, no longer in confirm mode; and its answer would land in the
    middle of a message that is half written, so that the broker's reason would be lost to a framing error.
    """

    def _on_close(self, reply_code: int, reply_text: str, class_id: int, method_id: int) -> None:
        raise exceptions.error_for_code(reply_code, reply_text, (class_id, method_id), exceptions.ChannelError)


class _BrokerConnection(Connection):  # type: ignore[misc]
    Channel = _ClosedForGood

    def _on_close(self, reply_code: int, reply_text: str, class_id: int, method_id: int) -> None:
        raise exceptions.error_for_code(reply_code, reply_text, (class_id, method_id), exceptions.ConnectionError)


class Publishing:
    """An open connection; it publishes, and hands what the broker answers to `settled`.

    Not for use from two threads.

    Parameters
    ----------
    address
        The broker.
    settled
        Called for every match that the broker has confirmed or refused.
    timeout
        Seconds for one step: to connect, or to finish reading what has begun to arrive.
    heartbeat
        Seconds after which a silent connection counts as dead. The broker may ask for less.
    carried
        Headers that every message bears.

    Raises one of `LOST` from any method when the connection is over; it is of no use after that.
    """

    def __init__(
        self,
        address: BrokerAddress,
        settled: Callable[[Settled], None],
        *,
        timeout: float,
        heartbeat: float,
        carried: Mapping[str, str],
    ) -> None:
        self.outstanding = Outstanding()
        self.blocked_since: float | None = None
        """On the monotonic clock, since when the broker takes nothing (memory or disk alarm); None: it does."""
        self.last_progress = time.monotonic()
        """On the monotonic clock, when the broker last took bytes or gave an answer. A heartbeat is neither."""
        self._settled = settled
        self._timeout = timeout
        self._unwritten = memoryview(b"")
        self._selector = selectors.DefaultSelector()
        # Left alone, the system gives up a connection whose other side reads nothing for one second; a broker
        # that has its reasons says so, and is then waited for. That is decided here, not by the system.
        socket_settings = {socket.TCP_USER_TIMEOUT: 0} if hasattr(socket, "TCP_USER_TIMEOUT") else {}
        self._connection = _BrokerConnection(
            **address.connection_options(),
            connect_timeout=timeout,
            heartbeat=heartbeat,
            on_blocked=self._blocked,
            on_unblocked=self._unblocked,
            socket_settings=socket_settings,
            client_properties={
                "product": "match-scraper",
                "product_version": version("match-scraper"),
                "platform": f"Python {platform.python_version()}",
                "connection_name": f"match-scraper {envelope.origin()}",
            },
        )
        try:
            self._connection.connect()
            # Bounds what py-amqp writes and reads by itself, such as opening the channel and taking leave.
            self._connection.sock.settimeout(timeout)
            channel = self._connection.channel()
            channel.events["basic_return"].add(self._on_return)
            channel.events["basic_ack"].add(self._on_ack)
            channel.events["basic_nack"].add(self._on_nack)
            channel.confirm_select()
            self._selector.register(self._connection.sock, selectors.EVENT_READ)
        except BaseException:
            self.drop()
            raise
        self._frames = MatchFrames(channel.channel_id, self._connection.frame_max, carried)

    @property
    def idle(self) -> bool:
        """Whether all is written and all is answered."""
        return not self._unwritten and not self.outstanding

    @property
    def writing(self) -> bool:
        """Whether the broker has yet to take the end of the last batch."""
        return bool(self._unwritten)

    def publish(self, batch: Iterable[Outgoing]) -> None:
        """Take these on; `work` sends them and takes in what the broker says."""
        if self.idle:
            self.last_progress = time.monotonic()
        parts = [bytes(self._unwritten)]
        moment = envelope.submitted_at().encode()
        for outgoing in batch:
            parts.append(self._frames.encode(outgoing, moment))
            # Counted before it is written: what a lost connection leaves half written is unanswered.
            self.outstanding.published(outgoing)
            self._connection.bytes_sent += 1
        self._unwritten = memoryview(b"".join(parts))

    def work(self, seconds: float) -> None:
        """Write what the broker takes and take in what it says, waiting up to so many seconds for either to begin.

        Keeps the heartbeat going.
        """
        if not self._connection.connected:
            raise RecoverableConnectionError("the connection is closed")
        if not self._unwritten:
            self._connection.heartbeat_tick()
        while True:
            readable, writable = self._ready(seconds)
            # Reading first: the broker may say why it takes no more.
            if readable:
                # One frame: after a heartbeat `drain_events` would wait for an answer to what is not yet sent.
                self._connection.blocking_read(timeout=self._timeout)
            if writable and self._unwritten:
                self._write()
            if not readable and not writable:
                return
            seconds = 0

    def close(self) -> None:
        """Take leave of the broker; if it does not answer, leave all the same."""
        try:
            self._selector.close()
            self._connection.close()
        except LOST:
            # Nothing depends on it: whatever was confirmed is confirmed.
            self.drop()

    def drop(self) -> None:
        """Let the connection go without a word, as it may be dead."""
        self._selector.close()
        self._connection.collect()

    def _ready(self, seconds: float) -> tuple[bool, bool]:
        """Whether there is something to read, and room to write where there is something to write."""
        sock = self._connection.sock
        # TLS may hold bytes that it has decrypted and the system no longer knows about.
        pending = getattr(sock, "pending", None)
        decrypted = pending is not None and pending() > 0
        wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if self._unwritten else 0)
        if self._selector.get_key(sock).events != wanted:
            self._selector.modify(sock, wanted)
        found = 0
        for _, events in self._selector.select(0 if decrypted else seconds):
            found |= events
        return decrypted or bool(found & selectors.EVENT_READ), bool(found & selectors.EVENT_WRITE)

    def _write(self) -> None:
        # The socket has a timeout, so it takes what there is room for and does not wait to take all.
        taken = self._connection.sock.send(self._unwritten[:_WRITE])
        self._unwritten = self._unwritten[taken:]
        self.last_progress = time.monotonic()

    def _on_ack(self, tag: int, multiple: bool) -> None:
        self.last_progress = time.monotonic()
        for settled in self.outstanding.acked(tag, multiple):
            self._settled(settled)

    def _on_nack(self, tag: int, multiple: bool) -> None:
        self.last_progress = time.monotonic()
        for settled in self.outstanding.nacked(tag, multiple):
            self._settled(settled)

    def _on_return(self, error: AMQPError, exchange: str, routing_key: str, message: Message) -> None:  # noqa: ARG002
        reason = refusal_of_return(error.reply_code, error.reply_text)
        self.outstanding.returned(message.properties["correlation_id"], reason)

    def _blocked(self, reason: str) -> None:  # noqa: ARG002 - py-amqp does not pass the broker's own words on
        self.blocked_since = time.monotonic()

    def _unblocked(self) -> None:
        self.blocked_since = None
        self.last_progress = time.monotonic()
