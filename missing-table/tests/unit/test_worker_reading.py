"""Frames come as they were sent, wherever the network cuts them, and nobody is given what another waits for."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from struct import pack
from types import SimpleNamespace

import pytest
from amqp.exceptions import UnexpectedFrame
from hypothesis import given
from hypothesis import strategies as st

from missing_table.worker.reading import AHEAD, Frame, Plain, Transport

FRAMES = st.lists(st.tuples(st.integers(1, 8), st.integers(0, 9), st.binary(max_size=200)), min_size=1, max_size=8)
Ends = tuple[Plain, socket.socket]


def wire(frames: list[Frame]) -> bytes:
    return b"".join(pack(">BHI", kind, channel, len(body)) + body + b"\xce" for kind, channel, body in frames)


@contextmanager
def connected() -> Iterator[Ends]:
    ours, brokers = socket.socketpair()
    with ours, brokers:
        transport = Plain("127.0.0.1:5672")
        transport.sock = ours
        transport.connected = True
        transport._setup_transport()
        yield transport, brokers


@given(FRAMES, st.lists(st.integers(1, 300)))
def test_what_is_read_ahead_is_given_out_frame_by_frame_however_it_was_cut(
    frames: list[Frame], cuts: list[int]
) -> None:
    with connected() as (transport, broker):
        left, found = wire(frames), []
        for size in [*cuts, len(left)]:
            broker.sendall(left[:size])
            left = left[size:]
            transport.read_ahead()
            while (frame := transport.at_hand()) is not None:
                found.append(frame)
        assert found == frames


@given(FRAMES, st.data())
def test_one_who_waits_for_a_frame_leaves_the_rest_in_the_socket(frames: list[Frame], data: st.DataObject) -> None:
    with connected() as (transport, broker):
        broker.sendall(wire(frames))
        if data.draw(st.booleans()):
            transport.sock.setblocking(False)
        assert transport.read_frame() == frames[0]
        assert transport.at_hand() is None
        broker.close()
        rest = b"".join(iter(lambda: transport.sock.recv(AHEAD), b""))
        assert rest == wire(frames[1:])


@given(FRAMES, st.integers(0, 50))
def test_a_frame_that_has_not_come_whole_is_gone_on_with(frames: list[Frame], cut: int) -> None:
    with connected() as (transport, broker):
        sent = wire(frames)
        cut = min(cut, len(wire(frames[:1])) - 1)
        broker.sendall(sent[:cut])
        with pytest.raises(TimeoutError), transport.having_timeout(0):
            transport.read_frame()
        assert transport.connected
        broker.sendall(sent[cut:])
        assert [transport.read_frame() for _ in frames] == frames


def test_nothing_there_is_no_error() -> None:
    with connected() as (transport, _):
        transport.read_ahead()
        assert transport.at_hand() is None
        assert transport.connected


def test_a_broker_that_has_gone_is_noticed() -> None:
    with connected() as (transport, broker):
        broker.close()
        with pytest.raises(ConnectionResetError):
            transport.read_ahead()
        assert not transport.connected


def test_a_frame_without_its_end_is_refused() -> None:
    with connected() as (transport, broker):
        broker.sendall(b"\x01\x00\x01\x00\x00\x00\x01x!")
        transport.read_ahead()
        with pytest.raises(UnexpectedFrame):
            transport.at_hand()


@given(FRAMES)
def test_the_loop_processes_all_that_has_come_before_it_waits_again(frames: list[Frame]) -> None:
    found: list[Frame] = []
    with connected() as (transport, broker):
        broker.sendall(wire(frames))
        connection = SimpleNamespace(connected=True, transport=transport, on_inbound_frame=found.append)
        Transport(None).on_readable(connection, None)
    assert found == frames


def test_the_loop_processes_nothing_for_a_connection_that_a_frame_has_closed() -> None:
    found: list[Frame] = []
    with connected() as (transport, broker):
        broker.sendall(wire([(1, 0, b"close"), (1, 1, b"too late")]))
        connection = SimpleNamespace(connected=True, transport=transport)

        def close(frame: Frame) -> None:
            found.append(frame)
            connection.connected = False

        connection.on_inbound_frame = close
        Transport(None).on_readable(connection, None)
    assert found == [(1, 0, b"close")]
