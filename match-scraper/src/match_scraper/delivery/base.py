"""What every destination promises: each message is confirmed, refused with a reason, or still unsent."""

from collections.abc import Callable, Collection, Iterable
from typing import Protocol, TypeVar

from match_scraper.bracket_data import BracketData
from match_scraper.match_data import MatchData

Message = MatchData | BracketData
M = TypeVar("M", MatchData, BracketData)
"""One kind of message: matches and official tables are never sent in one call."""

Confirmed = Callable[[M, str], None]
"""Called with a message and its task id once the destination has taken it."""

Refused = Callable[[M, str], None]
"""Called with a message and the reason, a sentence for a person, once it is certain that it was not taken."""


class Destination(Protocol):
    """Somewhere matches and official tables are sent to."""

    @property
    def name(self) -> str:
        """For people; never holds a password."""

    @property
    def key(self) -> str:
        """What the ledger remembers this destination by: the same for the same place, whoever sends."""

    def send(self, messages: Iterable[M], *, confirmed: Confirmed[M], refused: Refused[M]) -> None:
        """Send the messages, in order, reading no further ahead than needed.

        Raises `NotDelivered`, a sentence in words, when the destination cannot be reached after bounded retries
        or refuses us altogether; the messages neither confirmed nor refused by then are unsent. A message that is
        sent twice, because an answer was lost, does no harm: the consumer stores it once.
        """

    def close(self) -> None:
        """Let go of connections. A second call does nothing."""


class Memory(Protocol):
    """What remembers which messages a destination, named by its key, has confirmed."""

    def unsent(self, messages: Iterable[M], destinations: Collection[str]) -> list[M]:
        """Those that none of these has confirmed as they are now."""

    def record(self, message: Message, destination: str) -> None:
        """It has confirmed this one."""

    def forget(self, messages: Iterable[Message], destinations: Collection[str]) -> None:
        """None of these counts as confirmed any more, however the run ends."""
