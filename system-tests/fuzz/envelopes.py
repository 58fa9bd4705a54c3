"""What can be wrong with the envelope, by kind: content types, encodings, headers, and properties no client makes."""

import datetime as dt
import pickle
import random
import struct
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from fuzz.inputs import Input

ENCODINGS: Final = (
    *("binary", "base64", "utf-16", "utf-16-le", "latin-1", "utf-7", "idna", "unknown", "", " utf-8", "UTF-8"),
    *("rot13", "zlib", "hex", "unicode_escape", "undefined", "ascii", "x" * 255, "é"),
)
CONTENT_TYPES: Final = (
    *("text/plain", "application/octet-stream", "application/data", "application/x-msgpack", "text/json"),
    *("APPLICATION/JSON", "application/json; charset=utf-8", "", "json", "x" * 255, "../json", "é", "\x00"),
)
TASK_NAMES: Final[tuple[Any, ...]] = (
    *("celery.ping", "celery.chord_unlock", "os.system", "missing_table.tasks.process", "", " ", "x" * 40_000, "\x00"),
    *(None, 7, True, b"\xff\xfe", ["missing_table.tasks.process_match_data"], {"a": 1}),
)
IDS: Final[tuple[Any, ...]] = (None, "", 7, 0, True, b"\xff", "\x00", "a\nb", "x" * 201, "x" * 9000, [], {}, ["a"])
STRANGE_HEADERS: Final[tuple[Any, ...]] = (
    *(None, True, -1, 2**62, 0.5, -1e300, Decimal("1.5"), dt.datetime(2026, 1, 1), b"\xff\x00"),
    *("", "\x00", "é" * 300, "x" * 20_000, [], {}, [[[]]], {"a": {"b": [1, None, b"\xfe"]}}, list(range(300))),
)

MOMENTS: Final[tuple[Any, ...]] = (
    *("2020-01-01T00:00:00+00:00", "2999-01-01T00:00:00+00:00", "soon", 7, -1.5, [], {}),
)


def _arrays_in_arrays(depth: int) -> bytes:
    """An array of AMQP's that holds an array that holds an array, and so on."""
    return b"".join(struct.pack(">cI", b"A", 5 * level) for level in reversed(range(depth)))


DEEP: Final = (_arrays_in_arrays(2000), _arrays_in_arrays(9000))


class Touch:
    """A pickle of this makes a file where it is opened."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        return Path.touch, (self.path,)


class Traps:
    """Bodies that do something where they are opened by the wrong reader; `sprung` says whether one was."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._pickle = pickle.dumps(Touch(file))
        self._yaml = f"!!python/object/apply:os.system ['touch {file}']".encode()

    @property
    def sprung(self) -> bool:
        return self._file.exists()

    def pickled(self, made: Input, chance: random.Random) -> None:
        """A pickle, as one, or as something else."""
        made.body = self._pickle
        made.properties |= {
            "content_type": chance.choice(("application/x-python-serialize", "pickle", "application/json")),
            "content_encoding": chance.choice(("binary", "utf-8")),
        }

    def yaml(self, made: Input, chance: random.Random) -> None:
        """YAML that calls a function."""
        made.body = self._yaml
        made.properties["content_type"] = chance.choice(("application/x-yaml", "text/yaml", "application/json"))


def content_type(made: Input, chance: random.Random) -> None:
    """Another content type, or none."""
    made.properties["content_type"] = chance.choice(CONTENT_TYPES)
    if chance.random() < 0.1:
        del made.properties["content_type"]


def content_encoding(made: Input, chance: random.Random) -> None:
    """Another encoding, which the body has or has not."""
    made.properties["content_encoding"] = encoding = chance.choice(ENCODINGS)
    if encoding in ("utf-16", "latin-1") and chance.random() < 0.5:
        made.body = made.body.decode().encode(encoding)


def other_task(made: Input, chance: random.Random) -> None:
    """A task that is not ours."""
    made.headers["task"] = chance.choice(TASK_NAMES)
    if chance.random() < 0.1:
        del made.headers["task"]


def bad_id(made: Input, chance: random.Random) -> None:
    """A task id that cannot be kept."""
    made.headers["id"] = chance.choice(IDS)
    if chance.random() < 0.8:
        made.properties.pop("correlation_id")


def no_headers(made: Input, _chance: random.Random) -> None:
    """As someone publishes by hand."""
    made.headers = {}


def delayed_or_expired(made: Input, chance: random.Random) -> None:
    """Celery's ETA and expiry, which say nothing about a result: it is stored all the same."""
    made.headers[chance.choice(("eta", "expires"))] = chance.choice(MOMENTS)
    made.properties |= {"expiration": "86400000", "priority": chance.randrange(256)}


def strange_headers(made: Input, chance: random.Random) -> None:
    """Further headers of every type that AMQP has."""
    for _ in range(chance.randint(1, 4)):
        name = chance.choice(("x-death", "retries", "stamps", "é", "\x00", "", "n" * 255, "submitted_at", "lang"))
        made.headers[name] = chance.choice(STRANGE_HEADERS)


def strange_properties(made: Input, chance: random.Random) -> None:
    """Properties that mean nothing to us, and times that no calendar has."""
    made.properties |= {
        "timestamp": chance.choice((0, 1, 10**9, 10**12, 10**13, 2**63 - 1, 2**64 - 1)),
        "message_id": chance.choice(("", "m", "x" * 255)),
        "type": "\x00",
        "app_id": "é",
        "reply_to": "nowhere",
    }


def unreadable_properties(made: Input, chance: random.Random) -> None:
    """Properties that RabbitMQ passes on as they are, and that py-amqp cannot turn into Python's types."""
    values = (
        _header(b"T" + struct.pack(">Q", chance.choice((2**63 - 1, 10**13, 2**64 - 1)))),
        _header(chance.choice(DEEP)),
        _content_type(b"\xff\xfe\xfd"),
        _content_type(b"application/json\x80"),
        struct.pack(">HB", 0x0400, 2) + b"\xc3\x28",
    )
    made.raw_properties = chance.choice(values)


def _header(value: bytes) -> bytes:
    """Properties with one header of this value, type byte included."""
    table = b"\x01h" + value
    return struct.pack(">HI", 0x2000, len(table)) + table


def _content_type(value: bytes) -> bytes:
    return struct.pack(">HB", 0x8000, len(value)) + value
