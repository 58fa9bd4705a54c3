"""What can be wrong with a body, by kind. The envelope's part is in `envelopes`."""

import json
import random
import zlib
from typing import Any, Final

from fuzz.contract import REQUIRED, SCORES, TEXTS
from fuzz.inputs import Input

FIELDS: Final = (*REQUIRED, *TEXTS, *SCORES, "status", "notes", "match_time", "observed_at")
STRANGE_TEXTS: Final = (
    *("", " ", "\t", "\u00a0", "\u200b", "\u2028", "\x00", "a\x00b", "\x1b[31m", "\x7f", "\x85", "\ufeff", "\ufffd"),
    *("\ud800", "\udfff", "a\ud83d", "😀", "e\u0301", "ﷺ" * 60, "\u202eabc", "ß", "İ", "'; DROP TABLE matches; --"),
    *("{{7*7}}", "<script>alert(1)</script>", "%s%n", "../../etc/passwd", "NaN", "null", "-1", "0x10", "1e400"),
    *("x" * 200, "x" * 201, "é" * 200, "😀" * 200, "x" * 2001, "x" * 70_000, "2026-02-30", "2026-1-1", "0000-00-00"),
    *(
        "9999-12-31",
        "0001-01-01",
        "24:00",
        "23:60",
        "7:00",
        "١٢:٣٠",
        "2026-10-05T04:40:03",
        "2999-12-31T23:59:59-01:00",
    ),
    *("1900-01-01T00:00:00+23:59", "2026-10-05T04:40:60Z", "2026-10-05T04:40:03.1234567Z"),
    "2026-10-05t04:40:03z",
)
STRANGE_VALUES: Final[tuple[Any, ...]] = (
    *(None, True, False, 0, -1, 1, 99, 100, 2**31, 2**63, 2**64, -(2**63) - 1, 10**40, 0.5, 2.0, -0.0, 1e300, 1e-300),
    *([], {}, [[]], {"a": {}}, ["2026-09-05"], {"home_team": "A"}, [None] * 50),
)
RAW_NUMBERS: Final = (b"NaN", b"Infinity", b"-Infinity", b"1e999", b"-1e999", b"00", b"1.", b"+1", b"0x1", b"1" * 5000)

BOMB: Final = zlib.compress(b"[" + b" " * 20_000_000 + b"]")
COMPRESSIONS: Final[tuple[Any, ...]] = ("gzip", "zlib", "application/x-bz2", "application/zstd", "", 7, ["gzip"], {})


def nothing(_made: Input, _chance: random.Random) -> None:
    """Valid as it is."""


def by_name(made: Input, _chance: random.Random) -> None:
    """The match as the task's argument by name."""
    made.encode([[], {"match_data": made.match}, {}])


def without_number(made: Input, _chance: random.Random) -> None:
    """A match that its source has no number for, and no ids of its squads."""
    for name in ("match_id", "home_team_id", "away_team_id"):
        made.match.pop(name)
    made.encode()


def unknown_field(made: Input, chance: random.Random) -> None:
    """A newer producer's field."""
    made.match[f"new_{chance.randrange(9)}"] = chance.choice(STRANGE_VALUES[:18])
    made.encode()


def flipped(made: Input, chance: random.Random) -> None:
    """Some bits of the body are the other way round."""
    body = bytearray(made.body)
    for _ in range(chance.randint(1, 6)):
        body[chance.randrange(len(body))] ^= 1 << chance.randrange(8)
    made.body = bytes(body)


def truncated(made: Input, chance: random.Random) -> None:
    """The body ends too early."""
    made.body = made.body[: chance.randrange(len(made.body))]


def spliced(made: Input, chance: random.Random) -> None:
    """A part of the body stands somewhere else, too."""
    start, end = sorted(chance.sample(range(len(made.body)), 2))
    at = chance.randrange(len(made.body))
    made.body = made.body[:at] + made.body[start:end] + made.body[at:]


def noise(made: Input, chance: random.Random) -> None:
    """No text at all."""
    made.body = chance.randbytes(chance.choice((0, 1, 2, 40, 900)))


def other_type(made: Input, chance: random.Random) -> None:
    """Fields hold another type of JSON's."""
    for name in chance.sample(FIELDS, chance.randint(1, 3)):
        made.match[name] = chance.choice(STRANGE_VALUES)
    made.encode()


def strange_text(made: Input, chance: random.Random) -> None:
    """Fields hold text that should give anyone pause."""
    for name in chance.sample(FIELDS, chance.randint(1, 3)):
        made.match[name] = chance.choice(STRANGE_TEXTS)
    made.encode()


def beyond_a_limit(made: Input, chance: random.Random) -> None:
    """One field is just beyond what the contract allows."""
    name = chance.choice((*REQUIRED, *TEXTS))
    made.match |= {"score_home": 1, "score_away": 1, "status": "completed"}
    made.match |= chance.choice(
        (
            *({"score_home": 100}, {"score_away": -1}, {"score_home": 1.5}, {"score_away": True}),
            *({name: "x" * 201}, {name: "a\x01b"}, {name: "a\x85b"}, {name: "a\x00"}, {"notes": "x" * 2001}),
            *({chance.choice(REQUIRED): ""}, {"match_time": "24:00"}, {"date": "2026-02-30"}, {"status": "finished"}),
            {"observed_at": "2026-10-05T04:40:03"},
        )
    )
    made.encode()


def raw_surrogates(made: Input, _chance: random.Random) -> None:
    """A lone surrogate as UTF-8 has none."""
    made.body = made.body.replace(b"Club", b"\xed\xa0\x80", 1)


def field_missing(made: Input, chance: random.Random) -> None:
    """A field that must be there is not."""
    made.match.pop(chance.choice(REQUIRED))
    made.encode()


def contradiction(made: Input, chance: random.Random) -> None:
    """Each field is allowed, and together they cannot be."""
    for name in (*SCORES, "status"):
        made.match.pop(name, None)
    contradictions = (
        {"score_home": 1},
        {"score_away": 1, "status": "completed"},
        {"penalty_home": 4, "penalty_away": 3},
        {"score_home": 1, "score_away": 1, "penalty_home": 4},
        {"away_team": made.match["home_team"], "away_team_id": made.match["home_team_id"]},
        {"observed_at": "2998-01-01T00:00:00Z"},
        {"home_team": "   "},
    )
    made.match |= chance.choice(contradictions)
    made.encode()


def twice_the_same_key(made: Input, chance: random.Random) -> None:
    """A JSON object with a key twice."""
    value = json.dumps(chance.choice(STRANGE_TEXTS[:40])).encode()
    made.body = made.body.replace(b'"home_team":', b'"home_team": ' + value + b', "home_team":', 1)


def odd_number(made: Input, chance: random.Random) -> None:
    """What some call a number."""
    made.match["score_home"], made.match["score_away"] = 77, 1
    made.encode()
    made.body = made.body.replace(b"77", chance.choice(RAW_NUMBERS), 1)


def nested(made: Input, chance: random.Random) -> None:
    """Deeper than anyone reads."""
    depth = chance.choice((100, 900, 20_000))
    opening, closing = chance.choice(((b"[", b"]"), (b'{"a":', b"}")))
    made.match["notes"] = "@"
    made.encode()
    made.body = made.body.replace(b'"@"', opening * depth + b"1" + closing * depth, 1)


def huge(made: Input, chance: random.Random) -> None:
    """Larger than a message may be, or only just not."""
    made.match["filler"] = "x" * chance.choice((200_000, 262_144, 300_000))
    made.encode()


def other_shape(made: Input, chance: random.Random) -> None:
    """JSON, and not what protocol 2 says: protocol 1, too few or too many arguments, the bare match."""
    match, embed = made.match, {"callbacks": None}
    shapes: tuple[Any, ...] = (
        match,
        [match],
        [[match]],
        [[match], {}],
        [[], {}, embed],
        [[match, match], {}, embed],
        [[match], {"match_data": match}, embed],
        [[], {"match": match}, embed],
        [{}, [match], embed],
        [[[match]], {}, embed],
        [[json.dumps(match)], {}, embed],
        {"task": "missing_table.tasks.process_match_data", "id": made.task_id, "args": [match], "kwargs": {}},
        *(None, True, 7, "text", [], {}, [[None], {}, embed], [["x"], {}, embed], [[7], {}, embed]),
    )
    made.encode()
    made.body = json.dumps(chance.choice(shapes)).encode()


def compressed(made: Input, _chance: random.Random) -> None:
    """As Celery's `compression="zlib"` sends it."""
    made.body = zlib.compress(made.body)
    made.headers["compression"] = "application/x-gzip"


def badly_compressed(made: Input, chance: random.Random) -> None:
    """Other ways to pack, cut off, no packing at all, or a bomb."""
    packed = zlib.compress(made.body)
    ways: tuple[tuple[Any, bytes], ...] = (
        ("application/x-gzip", packed[: len(packed) // 2]),
        ("application/x-gzip", made.body),
        ("application/x-gzip", b""),
        ("application/x-gzip", BOMB),
        *((name, packed) for name in COMPRESSIONS),
    )
    made.headers["compression"], made.body = chance.choice(ways)
