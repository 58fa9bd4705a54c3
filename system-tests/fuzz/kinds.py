"""Every kind of input: how often it is tried, what is done to a valid message, and what may become of it."""

from typing import Final, NamedTuple

from fuzz import envelopes, mutations
from fuzz.envelopes import Traps
from fuzz.inputs import Mutation

STORED: Final = frozenset({"created", "updated", "unchanged", "stale"})
QUARANTINED: Final = frozenset({"quarantined"})
ANY: Final = STORED | QUARANTINED
OUTCOMES: Final = ("created", "updated", "unchanged", "stale", "quarantined")


class Kind(NamedTuple):
    """`weight`: how often, beside the others. `may_be`: its outcomes."""

    weight: int
    mutation: Mutation
    may_be: frozenset[str]


def kinds(traps: Traps) -> dict[str, Kind]:
    """All of them, by name."""
    return {
        "valid": Kind(30, mutations.nothing, STORED),
        "valid, argument by name": Kind(4, mutations.by_name, STORED),
        "valid, without a number": Kind(4, mutations.without_number, STORED),
        "valid, with an unknown field": Kind(4, mutations.unknown_field, STORED),
        "valid, compressed with zlib": Kind(4, mutations.compressed, STORED),
        "valid, with eta or expiry": Kind(4, envelopes.delayed_or_expired, STORED),
        "valid, strange headers": Kind(6, envelopes.strange_headers, STORED),
        "valid, strange properties": Kind(4, envelopes.strange_properties, STORED),
        "body: flipped bits": Kind(10, mutations.flipped, ANY),
        "body: cut off": Kind(6, mutations.truncated, QUARANTINED),
        "body: a part twice": Kind(6, mutations.spliced, ANY),
        "body: noise": Kind(3, mutations.noise, QUARANTINED),
        "body: beyond a limit": Kind(6, mutations.beyond_a_limit, QUARANTINED),
        "body: raw surrogates": Kind(2, mutations.raw_surrogates, QUARANTINED),
        "body: other types": Kind(10, mutations.other_type, ANY),
        "body: strange text": Kind(12, mutations.strange_text, ANY),
        "body: a field missing": Kind(3, mutations.field_missing, QUARANTINED),
        "body: a contradiction": Kind(4, mutations.contradiction, QUARANTINED),
        "body: a key twice": Kind(3, mutations.twice_the_same_key, ANY),
        "body: odd numbers": Kind(3, mutations.odd_number, ANY),
        "body: nested": Kind(1, mutations.nested, ANY),
        "body: huge": Kind(1, mutations.huge, ANY),
        "body: another shape": Kind(6, mutations.other_shape, QUARANTINED),
        "compression, broken": Kind(4, mutations.badly_compressed, QUARANTINED),
        "content type": Kind(4, envelopes.content_type, ANY),
        "content type: pickle": Kind(4, traps.pickled, QUARANTINED),
        "content type: YAML": Kind(2, traps.yaml, QUARANTINED),
        "content encoding": Kind(4, envelopes.content_encoding, ANY),
        "another task": Kind(4, envelopes.other_task, QUARANTINED),
        "a bad task id": Kind(4, envelopes.bad_id, ANY),
        "no headers": Kind(2, envelopes.no_headers, QUARANTINED),
        "unreadable properties": Kind(2, envelopes.unreadable_properties, QUARANTINED),
    }
