"""What a fault of the sample site is: one way to misbehave, under a name, to be switched on.

A fault changes the documents, spoils an answer on its way, or is known by its name to the part of the site that
serves what it is about. Each is something that has been seen in the wild; `seen_as` says what, in the words of the
people who run into it.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass

from .feeds import Documents

FEED, MATCHES, PAGE = "feed", "matches", "page"
"""What an answer is: a document of the feeds, a page of modular11's list, or a web page and what belongs to it."""
DATA = frozenset({FEED, MATCHES})


@dataclass(frozen=True, slots=True)
class Answer:
    """What the site is about to say."""

    status: int
    headers: dict[str, str]
    body: bytes
    kind: str = PAGE
    to_browser: bool = False
    sent: int | None = None
    """Bytes of the body after which the connection is closed; None for all."""
    hangs: bool = False
    """Nothing at all is said, until the client gives up."""


Change = Callable[[Documents, int], None]
Spoil = Callable[[Answer, int], Answer]


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to misbehave. `request` counts from 1, for each address."""

    name: str
    seen_as: str
    change: Change | None = None
    spoil: Spoil | None = None
    of: frozenset[str] = DATA
    """The kinds of answer that it spoils."""


registered: dict[str, Fault] = {}
"""Every fault by its name, in the order in which they are told."""


def changes(name: str, seen_as: str) -> Callable[[Change], Change]:
    """Registers a fault that changes the documents."""

    def register(change: Change) -> Change:
        registered[name] = Fault(name, seen_as, change=change)
        return change

    return register


def spoils(name: str, seen_as: str, *, of: frozenset[str] = DATA, once_too: bool = False) -> Callable[[Spoil], Spoil]:
    """Registers a fault that spoils answers; with `once_too` another that spoils the first of each address only."""

    def register(spoil: Spoil) -> Spoil:
        registered[name] = Fault(name, seen_as, spoil=spoil, of=of)
        if once_too:
            once = functools.partial(_first_time_only, spoil)
            registered[f"{name}-once"] = Fault(
                f"{name}-once", f"{seen_as}; the next attempt succeeds", spoil=once, of=of
            )
        return spoil

    return register


def named(name: str, seen_as: str) -> str:
    """Registers a fault that the part of the site which it is about knows by this name; returns the name."""
    registered[name] = Fault(name, seen_as)
    return name


def _first_time_only(spoil: Spoil, answer: Answer, request: int) -> Answer:
    return spoil(answer, request) if request == 1 else answer
