"""A message as the AMQP frames that publish it, made from a template: the hot path of sending.

py-amqp builds the method, the properties and the header table anew for every message and hands each to the
socket by itself. Of one message after another only the task id, the moment and the body differ, and the first two
have always the same length; so the rest is serialised once per channel and task, by py-amqp's own serialiser.
"""

from collections.abc import Mapping
from struct import pack

from amqp import Message, spec
from amqp.serialization import dumps

from . import envelope
from .outstanding import Outgoing

_METHOD, _HEADER, _BODY = 1, 2, 3
_END = b"\xce"
# Around a frame's payload: type, channel, size, end.
_FRAME_OVERHEAD = 8
_TASK_ID = "@" * 36
_MOMENT = "~" * 32


class MatchFrames:
    """Turns messages into bytes for one channel.

    Parameters
    ----------
    channel_id
        The number of the channel.
    frame_max
        The longest frame that was agreed with the broker, in bytes.
    carried
        Headers that every message bears.
    """

    def __init__(self, channel_id: int, frame_max: int, carried: Mapping[str, str]) -> None:
        self._channel_id = channel_id
        self._longest_body = frame_max - _FRAME_OVERHEAD
        method = pack(">HH", *spec.Basic.Publish) + dumps(
            "Bssbb", (0, envelope.EXCHANGE, envelope.ROUTING_KEY, True, False)
        )
        # Class, weight, then the body's size, which stands between the two halves of the header frame.
        start = pack(">HH", spec.Basic.CLASS_ID, 0)
        self._around_size: dict[str, tuple[bytes, bytes]] = {}
        for task in envelope.TASKS:
            properties: bytes = Message(
                content_type=envelope.CONTENT_TYPE,
                content_encoding=envelope.CONTENT_ENCODING,
                application_headers=envelope.headers(task, _TASK_ID, _MOMENT, carried),
                delivery_mode=envelope.PERSISTENT,
                priority=0,
                correlation_id=_TASK_ID,
                reply_to="",
            )._serialize_properties()
            header_size = len(start) + 8 + len(properties)
            before = self._frame(_METHOD, method) + pack(">BHI", _HEADER, channel_id, header_size) + start
            self._around_size[task] = (before, properties + _END)

    def encode(self, outgoing: Outgoing, moment: bytes) -> bytes:
        """The frames of one message: persistent and mandatory, to exchange and routing key `matches`.

        Parameters: `moment` is when it is sent, see `envelope.submitted_at`.
        """
        body = envelope.body(outgoing.message)
        before_size, after_size = self._around_size[envelope.task_of(outgoing.message)]
        properties = after_size.replace(_TASK_ID.encode(), outgoing.task_id.encode())
        properties = properties.replace(_MOMENT.encode(), moment, 1)
        start = before_size + pack(">Q", len(body)) + properties
        if len(body) <= self._longest_body:
            return start + self._frame(_BODY, body)
        return start + b"".join(
            self._frame(_BODY, body[at : at + self._longest_body]) for at in range(0, len(body), self._longest_body)
        )

    def _frame(self, kind: int, payload: bytes) -> bytes:
        return pack(">BHI", kind, self._channel_id, len(payload)) + payload + _END
