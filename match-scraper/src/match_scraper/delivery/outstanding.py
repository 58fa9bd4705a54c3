"""Which published messages the broker has not answered yet, and what its answers say about them."""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass

from .base import Message

NACKED = "the broker took the message and then could not keep it (nack)"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message on its way, under the task id that it keeps however often it is sent."""

    message: Message
    task_id: str


@dataclass(frozen=True, slots=True)
class Settled:
    """The broker's last word about a match: confirmed, or refused with a reason."""

    outgoing: Outgoing
    refusal: str | None = None


class Outstanding:
    """The unanswered messages of one channel, by delivery tag.

    The broker numbers the messages of a channel in confirm mode from 1, in the order in which they were
    published; an answer names one of them, or with `multiple` all up to it. An unroutable message comes back
    whole before its answer, which is then an ack all the same: only the return tells that it was not taken.
    See https://www.rabbitmq.com/docs/confirms.
    """

    def __init__(self) -> None:
        self._by_tag: OrderedDict[int, Outgoing] = OrderedDict()
        self._returned: dict[str, str] = {}
        self._last_tag = 0

    def __len__(self) -> int:
        return len(self._by_tag)

    def published(self, outgoing: Outgoing) -> None:
        """The next message of the channel is this one."""
        self._last_tag += 1
        self._by_tag[self._last_tag] = outgoing

    def returned(self, task_id: str, reason: str) -> None:
        """The message of this task came back, for this reason."""
        self._returned[task_id] = reason

    def acked(self, tag: int, multiple: bool) -> Iterator[Settled]:
        """What an ack settles: confirmed, unless the message came back before."""
        for outgoing in self._settle(tag, multiple):
            yield Settled(outgoing, self._returned.pop(outgoing.task_id, None))

    def nacked(self, tag: int, multiple: bool) -> Iterator[Settled]:
        """What a nack settles: refused."""
        for outgoing in self._settle(tag, multiple):
            yield Settled(outgoing, self._returned.pop(outgoing.task_id, NACKED))

    def unanswered(self) -> list[Outgoing]:
        """What is still without an answer, in the order in which it was published."""
        return list(self._by_tag.values())

    def _settle(self, tag: int, multiple: bool) -> Iterator[Outgoing]:
        if not multiple:
            outgoing = self._by_tag.pop(tag, None)
            if outgoing is not None:
                yield outgoing
            return
        # Tag 0 with `multiple` means all that is outstanding.
        while self._by_tag and (tag == 0 or next(iter(self._by_tag)) <= tag):
            yield self._by_tag.popitem(last=False)[1]
