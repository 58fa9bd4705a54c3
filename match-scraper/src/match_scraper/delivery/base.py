"""What every destination promises: each match is confirmed, refused with a reason, or still unsent."""

from collections.abc import Callable, Iterable
from typing import Protocol

from match_scraper.match_data import MatchData

Confirmed = Callable[[MatchData, str], None]
"""Called with a match and its task id once the destination has taken the match."""

Refused = Callable[[MatchData, str], None]
"""Called with a match and the reason, a sentence for a person, once it is certain that it was not taken."""


class Destination(Protocol):
    """Somewhere matches are sent to."""

    @property
    def name(self) -> str:
        """For people; never holds a password."""

    @property
    def key(self) -> str:
        """What the ledger remembers this destination by: the same for the same place, whoever sends."""

    def send(self, matches: Iterable[MatchData], *, confirmed: Confirmed, refused: Refused) -> None:
        """Send the matches, in order, reading no further ahead than needed.

        Raises `NotDelivered`, a sentence in words, when the destination cannot be reached after bounded retries
        or refuses us altogether; the matches neither confirmed nor refused by then are unsent. A match that is
        sent twice, because an answer was lost, does no harm: the consumer stores it once.
        """

    def close(self) -> None:
        """Let go of connections. A second call does nothing."""
