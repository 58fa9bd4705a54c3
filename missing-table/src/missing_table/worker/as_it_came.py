"""Messages as they came, whatever came: what kombu and py-amqp would do with them on arrival stops a worker.

kombu inflates a compressed body at once, however large it becomes, and fails where it cannot; py-amqp fails on
properties that AMQP allows and Python cannot hold. Either would end the worker, and after a restart the same
message would end it again. So both are kept from it, and `ingest.envelope` judges what came.
"""

from collections.abc import Callable
from typing import Any, Final

from amqp import serialization

COMPRESSION: Final = "compression"
UNREADABLE: Final = "unreadable"
"""The header that a message gets whose properties cannot be read."""
_BASIC: Final = 60
"""The class of AMQP 0-9-1 whose content is messages."""


def leave_compressed(channel: Any) -> None:
    """Has `channel` (AMQP) hand out messages with their bodies as they came."""
    to_python: Callable[[Any], Any] = channel.message_to_python

    def without_inflating(raw: Any) -> Any:
        headers = raw.properties.get("application_headers")
        compression = headers.pop(COMPRESSION, None) if headers else None
        message = to_python(raw)
        if compression is not None:
            message.headers[COMPRESSION] = compression
        return message

    channel.message_to_python = without_inflating


def read_any_properties() -> None:
    """Has py-amqp hand out a message whose properties it cannot read without any, instead of failing."""
    serialization.PROPERTY_CLASSES[_BASIC] = _read_or_pass_over


_read: Callable[[bytes, int], tuple[dict[str, Any], int]] = serialization.PROPERTY_CLASSES[_BASIC]


def _read_or_pass_over(buffer: bytes, offset: int) -> tuple[dict[str, Any], int]:
    try:
        return _read(buffer, offset)
    except Exception as error:  # noqa: BLE001 (kept with the message, which goes to quarantine)
        return {"application_headers": {UNREADABLE: f"{type(error).__name__}: {error}"}}, len(buffer)
