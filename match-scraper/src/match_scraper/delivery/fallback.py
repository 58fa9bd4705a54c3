"""Two destinations in a row: when the first is away, the second takes what the first did not."""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from match_scraper.errors import NotDelivered
from match_scraper.match_data import MatchData

from .base import Confirmed, Destination, Refused


class FallbackDestination:
    """Sends to `first`, and on `NotDelivered` the remainder to `second`.

    Both lead to the same missing-table, so the ledger keeps what either confirmed under the key of the first.

    Parameters
    ----------
    first, second
        Where to send, and where to send instead.
    notice
        Called with a sentence for a person when it comes to that.
    """

    def __init__(self, first: Destination, second: Destination, *, notice: Callable[[str], None] | None = None) -> None:
        self._first = first
        self._second = second
        self._notice = notice

    @property
    def name(self) -> str:
        """For people."""
        return f"{self._first.name}, or else {self._second.name}"

    @property
    def key(self) -> str:
        """For the ledger: that of the first."""
        return self._first.key

    def send(self, matches: Iterable[MatchData], *, confirmed: Confirmed, refused: Refused) -> None:
        """Send matches; see `Destination.send`."""
        taken = _Unsettled(matches)

        def confirmed_by_first(match: MatchData, task_id: str) -> None:
            taken.settle(match)
            confirmed(match, task_id)

        def refused_by_first(match: MatchData, reason: str) -> None:
            taken.settle(match)
            refused(match, reason)

        try:
            self._first.send(taken, confirmed=confirmed_by_first, refused=refused_by_first)
        except NotDelivered as problem:
            if self._notice is not None:
                self._notice(f"{problem} What is left goes to {self._second.name}.")
            self._second.send(taken.rest(), confirmed=confirmed, refused=refused)

    def close(self) -> None:
        """Close both."""
        self._first.close()
        self._second.close()


class _Unsettled:
    """Hands matches on and keeps those that nobody has settled yet: as many as the first has on their way."""

    def __init__(self, matches: Iterable[MatchData]) -> None:
        self._source = iter(matches)
        # By identity, as two equal matches are still two.
        self._taken: dict[int, list[MatchData]] = {}

    def __iter__(self) -> Iterator[MatchData]:
        for match in self._source:
            self._taken.setdefault(id(match), []).append(match)
            yield match

    def settle(self, match: MatchData) -> None:
        """The first destination has said its last word about this one."""
        same = self._taken[id(match)]
        same.pop()
        if not same:
            del self._taken[id(match)]

    def rest(self) -> Iterator[MatchData]:
        """What was taken and not settled, in order, and then what was not taken."""
        return chain([match for same in self._taken.values() for match in same], self._source)
