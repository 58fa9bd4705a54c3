"""From what a broker delivered to a `MatchData` or a `BracketData`: Celery's message protocol 2, JSON and nothing else.

Nothing is ever unpickled. What cannot be opened is refused with a reason in words, and its bytes are kept.
Source for the form: Celery's documentation, "Message Protocol", version 2.
"""

import datetime as dt
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, Self

import msgspec
from pydantic import ValidationError

from missing_table.bracket_data import BracketData
from missing_table.match_data import MatchData

QUEUE: Final = "matches"
"""The name of queue, exchange and routing key."""
TASK: Final = "missing_table.tasks.process_match_data"
BRACKET_TASK: Final = "missing_table.tasks.process_bracket"
SUBMITTED_AT: Final = "submitted_at"
"""A header of our own API's: when a match was submitted, more finely than AMQP's whole seconds."""
RUN_ID: Final = "run_id"
"""A header that names the run of the producer that sent the message, so that its log lines and ours can be joined."""
ARGUMENT: Final = "match_data"
"""The task's one argument, by name."""
BRACKET_ARGUMENT: Final = "bracket_data"
_JSON_TYPES: Final = frozenset({"application/json", "application/x-json", "text/json"})
_ENCODINGS: Final = frozenset({"utf-8", "utf8", "us-ascii", "ascii"})
_ZLIB: Final = "application/x-gzip"
"""What kombu calls zlib's format in the `compression` header."""
TASK_ID_LENGTH: Final = 200
Message = MatchData | BracketData


class _Kind(NamedTuple):
    """What a task takes."""

    argument: str
    noun: str
    model: type[MatchData] | type[BracketData]


_KINDS: Final = {
    TASK: _Kind(ARGUMENT, "match", MatchData),
    BRACKET_TASK: _Kind(BRACKET_ARGUMENT, "bracket", BracketData),
}


def task_of(message: Message) -> str:
    """The name of the task that stores `message`."""
    return TASK if isinstance(message, MatchData) else BRACKET_TASK


def usable_id(found: Any) -> str | None:
    """`found`, where it is an id that can be kept: text that can be printed, and not too long."""
    usable = isinstance(found, str) and 0 < len(found) <= TASK_ID_LENGTH and found.isprintable()
    return found if usable else None


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message as it came: the bytes of its body, and its properties."""

    body: bytes
    content_type: str | None = "application/json"
    content_encoding: str | None = "utf-8"
    headers: Mapping[str, Any] = field(default_factory=dict)
    correlation_id: str | None = None
    timestamp: dt.datetime | None = None
    """UTC; only where the broker or the producer sets one."""
    redelivered: bool = False

    @property
    def task_id(self) -> str | None:
        """Celery's id of the message; None where there is none that could be kept."""
        return usable_id(self.headers.get("id") or self.correlation_id)

    @property
    def run_id(self) -> str | None:
        """The producer's run that sent the message, where it says so."""
        return usable_id(self.headers.get(RUN_ID))

    @property
    def task(self) -> str | None:
        """The name of the task that the message asks for."""
        found = self.headers.get("task")
        return found if isinstance(found, str) else None


class Problem(NamedTuple):
    """What is wrong with one field; `field` is empty where it is the whole message."""

    field: str
    problem: str


class Refusal(Exception):
    """A message that cannot be processed as it is. Says why, and for which fields."""

    def __init__(self, reason: str, problems: tuple[Problem, ...] = ()) -> None:
        super().__init__(reason)
        self.reason = reason
        self.problems = problems

    @classmethod
    def of(cls, problems: Iterable[Problem]) -> Self:
        """The one that says what is wrong with each of these fields."""
        found = tuple(problems)
        return cls("; ".join(f"{each.field} {each.problem}" for each in found), found)


def open_envelope(delivery: Delivery, *, limit: int) -> Message:
    """The match or the bracket in `delivery`. Raises `Refusal`; `limit` is in bytes of body."""
    if len(delivery.body) > limit:
        raise Refusal(f"the body has {len(delivery.body):,} bytes, more than the limit of {limit:,}")
    if delivery.task is None:
        raise Refusal("not a Celery message of protocol 2: it has no `task` header")
    kind = _KINDS.get(delivery.task)
    if kind is None:
        raise Refusal(f"unknown task {_short(delivery.task)!r}; this queue takes {' and '.join(_KINDS)}")
    if delivery.task_id is None:
        raise Refusal("it has no task id that could be kept: the `id` header is missing, too long or not printable")
    if (delivery.content_type or "").lower() not in _JSON_TYPES:
        raise Refusal(f"content type {_short(delivery.content_type)!r} is not JSON")
    if (delivery.content_encoding or "utf-8").lower() not in _ENCODINGS:
        raise Refusal(f"content encoding {_short(delivery.content_encoding)!r} is not UTF-8")
    return _read(_argument(_json(_inflated(delivery, limit)), kind), kind)


def read_match(payload: Any) -> MatchData:
    """`payload` (JSON types) as a match. Raises `Refusal` that names each field the contract does not allow."""
    read = _read(payload, _KINDS[TASK])
    assert isinstance(read, MatchData)
    return read


def read_bracket(payload: Any) -> BracketData:
    """`payload` (JSON types) as a bracket. Raises as `read_match`."""
    read = _read(payload, _KINDS[BRACKET_TASK])
    assert isinstance(read, BracketData)
    return read


def _read(payload: Any, kind: _Kind) -> Message:
    if not isinstance(payload, dict):
        raise Refusal(f"the {kind.noun} is {_kind(payload)}, not an object")
    try:
        return kind.model.model_validate(payload)
    except ValidationError as error:
        raise Refusal.of(in_words(error, kind.noun)) from None


def in_words(error: ValidationError, noun: str = "match") -> tuple[Problem, ...]:
    """What pydantic found, a line per field, without the values; `noun` is what the whole message is."""
    return tuple(
        Problem(".".join(str(part) for part in found["loc"]) or noun, _sentence(found["type"], found["msg"]))
        for found in error.errors(include_url=False, include_input=False, include_context=False)
    )


def _sentence(kind: str, message: str) -> str:
    if kind == "missing":
        return "is missing"
    if kind == "string_pattern_mismatch":
        return "is not a time, HH:MM" if "[01][0-9]" in message else "holds a control character"
    if kind == "date_type":
        return "must be a date, YYYY-MM-DD"
    if kind == "datetime_type":
        return "must be a time with its zone, such as 2026-10-05T04:40:03Z"
    message = message.removeprefix("Value error, ").removeprefix("Input ")
    return message[:1].lower() + message[1:]


def _inflated(delivery: Delivery, limit: int) -> bytes:
    compression = delivery.headers.get("compression")
    if compression is None:
        return delivery.body
    if compression != _ZLIB:
        raise Refusal(f"compression {_short(compression)!r} is not supported; send it plain, or with zlib")
    unpacker = zlib.decompressobj()
    try:
        body = unpacker.decompress(delivery.body, limit + 1)
    except zlib.error as error:
        raise Refusal(f"the body cannot be unpacked: {error}") from None
    if len(body) > limit:
        raise Refusal(f"the body has more than {limit:,} bytes when unpacked")
    if not unpacker.eof:
        raise Refusal("the body cannot be unpacked: it is cut off")
    return body


def _json(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Refusal(f"the body is not JSON: {error}") from None
    except RecursionError:
        raise Refusal("the body is JSON nested too deeply") from None


def _argument(body: Any, kind: _Kind) -> Any:
    if not (isinstance(body, list) and len(body) == 3 and isinstance(body[0], list) and isinstance(body[1], dict)):
        raise Refusal("not a Celery message of protocol 2: the body is not [args, kwargs, embed]")
    args, kwargs, _embed = body
    if len(args) == 1 and not kwargs:
        return args[0]
    if not args and set(kwargs) == {kind.argument}:
        return kwargs[kind.argument]
    raise Refusal(f"the task takes one {kind.noun}, but was given {len(args)} arguments and {len(kwargs)} by name")


def _kind(value: Any) -> str:
    names = {list: "a list", str: "text", bool: "true or false", int: "a number", float: "a number", type(None): "null"}
    return names.get(type(value), type(value).__name__)


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 100 else f"{text[:100]}…"
