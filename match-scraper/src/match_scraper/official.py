"""The official tables that a run sends: messages made of them, and which of them are due.

One is due when its positions are new to a destination, and also when any of its matches is: the consumer compares its
own table with it only while no result is newer. They go after the matches that they rest on.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import structlog
from pydantic import ValidationError

from .bracket_data import BracketData
from .delivery.base import Destination, Memory
from .errors import NotDelivered, NotKnownThere, ScraperError
from .match_data import MatchData
from .message import in_words, to_bracket_message
from .sources.base import OfficialTable

_log = structlog.get_logger(__name__)

Bracket = tuple[str, str | None, str, str | None]
"""Season, league, age group, division."""


@dataclass
class Brackets:
    """What came of the official tables of a run. mapped = unchanged + sent + unsent; sent = confirmed + refused."""

    wanted: bool = True
    messages: list[BracketData] = field(default_factory=list)
    unchanged: int = 0
    confirmed: int = 0
    refused: list[tuple[BracketData, str]] = field(default_factory=list)
    unsent: list[BracketData] = field(default_factory=list)
    problems: list[ScraperError] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        """The numbers of the summary."""
        return {
            "mapped": len(self.messages),
            "unchanged": self.unchanged,
            "sent": self.confirmed + len(self.refused),
            "confirmed": self.confirmed,
            "refused": len(self.refused),
            "unsent": len(self.unsent),
        }


def take_in(brackets: Brackets, tables: Iterable[OfficialTable]) -> None:
    """Messages for these tables; one that breaks the contract is a problem, and the others go all the same."""
    for table in tables if brackets.wanted else ():
        try:
            brackets.messages.append(to_bracket_message(table))
        except ValidationError as error:
            which = f"{table.league} {table.season} {table.age_group} {table.division}"
            brackets.problems.append(NotDelivered(f"the official table of {which} is not sent: {in_words(error)}"))
    brackets.unsent = list(brackets.messages)


def due(
    brackets: Brackets, matches: Iterable[MatchData], keys: Sequence[str], memory: Memory, *, everything: bool
) -> None:
    """Works out what is to be sent beside these `matches`, and before they are: a run may end at any moment.

    Parameters: `keys` are `Destination.key`s; `everything` is due whatever has been confirmed before.
    """
    moving = {bracket for match in matches for bracket in _brackets_of(match)}
    memory.forget([message for message in brackets.messages if _bracket_of(message) in moving], keys)
    brackets.unsent = list(brackets.messages) if everything else memory.unsent(brackets.messages, keys)
    brackets.unchanged = len(brackets.messages) - len(brackets.unsent)


def send(
    brackets: Brackets,
    destinations: Sequence[Destination],
    memory: Memory,
    *,
    passed_on: Callable[[NotDelivered, Destination], None],
) -> list[ScraperError]:
    """Send what is due to the first destination that takes it; what kept the last one from taking all of it.

    Parameters: `passed_on` is told what kept one from taking all, and who gets the rest.
    That a missing-table is too old for them is a notice and no problem: its matches are as good as before.
    """
    problems: list[ScraperError] = []
    for number, destination in enumerate(destinations, start=1):
        if not brackets.unsent:
            break
        further = destinations[number] if number < len(destinations) else None
        try:
            refusals = _send_to(brackets, destination, memory, last=further is None)
        except NotKnownThere as error:
            brackets.notices.append(str(error))
            break
        except NotDelivered as error:
            if further is None:
                problems.append(NotDelivered(f"{_tables(len(brackets.unsent))} not sent: {error}"))
            else:
                passed_on(error, further)
        else:
            if refusals and further is None:
                found = f"{destination.name} refused {_tables(len(refusals))}: {refusals[0]}."
                problems.append(NotDelivered(found))
    return problems


def _send_to(brackets: Brackets, destination: Destination, memory: Memory, *, last: bool) -> list[str]:
    done: set[int] = set()
    refusals: list[str] = []

    def confirmed(message: BracketData, task_id: str) -> None:
        memory.record(message, destination.key)
        _log.debug("bracket_confirmed", task_id=task_id, bracket=_bracket_of(message), destination=destination.name)
        brackets.confirmed += 1
        done.add(id(message))

    def refused(message: BracketData, why: str) -> None:
        refusals.append(why)
        if last:
            brackets.refused.append((message, why))
            done.add(id(message))

    try:
        destination.send(brackets.unsent, confirmed=confirmed, refused=refused)
    finally:
        brackets.unsent = [message for message in brackets.unsent if id(message) not in done]
    return refusals


def _bracket_of(message: BracketData) -> Bracket:
    return message.season, message.league, message.age_group, message.division


def _brackets_of(match: MatchData) -> Iterator[Bracket]:
    yield match.season, match.league, match.age_group, match.division
    if match.away_age_group is not None or match.away_division is not None:
        away = match.away_age_group or match.age_group, match.away_division or match.division
        yield (match.season, match.league, *away)


def _tables(count: int) -> str:
    return f"{count} official table" if count == 1 else f"{count} official tables"
