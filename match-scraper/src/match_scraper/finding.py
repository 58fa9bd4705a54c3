"""One line of `mls-scraper doctor`: what was looked at, how it is, and what to do."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How it is."""

    OK = "ok"
    NOTE = "note"
    """Not as it might be, and nothing stops for it."""
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """`said` is a sentence for a person; where it is wrong, it ends with what to do."""

    what: str
    state: State
    said: str
    exit_code: int = 0


def ok(what: str, said: str) -> Finding:
    return Finding(what, State.OK, said)


def note(what: str, said: str) -> Finding:
    return Finding(what, State.NOTE, said)


def wrong(what: str, said: str, exit_code: int) -> Finding:
    """Parameters: `exit_code` is that of the run which would fail for it."""
    return Finding(what, State.WRONG, said, exit_code)
