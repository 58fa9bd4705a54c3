"""Matches straight to RabbitMQ: each counts as sent only when the broker has confirmed that it has it."""

import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from match_scraper.errors import NotDelivered, TurnedAway, UsageProblem
from match_scraper.match_data import MatchData

from .base import Confirmed, M, Refused
from .broker_address import BrokerAddress
from .broker_words import trouble
from .envelope import new_task_id
from .outstanding import Outgoing, Settled
from .publishing import LOST, Publishing
from .retries import longest_outage, times, waits


class _Stuck(Exception):
    """The broker is there and takes nothing, or confirms nothing."""

    def __init__(self, sentence: str, passing: bool) -> None:
        super().__init__(sentence)
        self.passing = passing


class _OurSide(Exception):
    """The source of the matches, or the caller's callback, raised this: it says nothing about the broker."""

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


class MatchQueueClient:
    """Publishes matches as Celery tasks to exchange `matches`, over one connection.

    It declares nothing: exchange, queue and their settings belong to missing-table and to the broker. Up to
    `window` messages are on their way at a time; none is waited for by itself. When the connection is lost,
    what was not confirmed is sent again under the same task id, so a match may arrive twice and is never lost.

    Not for use from two threads.

    Parameters
    ----------
    broker_url
        `amqp://user:password@host:5672/virtual-host`, or amqps for TLS; without one, the environment variable
        RABBITMQ_URL. Raises `UsageProblem` if there is neither.
    ca_file, cert_file, key_file
        PEM files for amqps: whom to trust (without: the system's authorities), and our own certificate.
    window
        How many messages may be unconfirmed at a time. It bounds the memory, too.
    timeout
        Seconds for one step: to connect, to write, and until the broker confirms the next message.
    blocked_timeout
        Seconds to wait for a broker that takes nothing because its memory or disk is full.
    attempts
        How often to try a broker that is away, before giving up. An attempt that gets a match confirmed starts
        the count anew.
    reconnects
        How often one `send` connects again at most, whatever gets confirmed in between: a broker that comes and
        goes does not hold a run for ever.
    first_wait, longest_wait
        Seconds between attempts: doubling from the first to the longest.
    heartbeat
        Seconds after which a silent connection counts as dead.
    carried
        Headers that every message bears, such as the id of the run.
    sleep
        How to wait between attempts.

    A broker that is down is given up on after at most `attempts` × `timeout` and the waits between (`patience`
    seconds); one that takes connections and then does nothing may cost twice that.
    """

    def __init__(
        self,
        broker_url: str | None = None,
        *,
        ca_file: Path | None = None,
        cert_file: Path | None = None,
        key_file: Path | None = None,
        window: int = 1000,
        timeout: float = 10,
        blocked_timeout: float = 60,
        attempts: int = 4,
        reconnects: int = 20,
        first_wait: float = 1,
        longest_wait: float = 30,
        heartbeat: float = 30,
        carried: Mapping[str, str] | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        url = broker_url or os.environ.get("RABBITMQ_URL")
        if not url:
            raise UsageProblem("There is no broker to send to: set RABBITMQ_URL to amqp://user:password@host:5672/.")
        self._address = BrokerAddress.parse(url, ca_file=ca_file, cert_file=cert_file, key_file=key_file)
        self._window = window
        # A batch is one write. A few of them make up the window, so that the broker is never without work.
        self._batch = max(1, min(100, window // 4))
        self._timeout = timeout
        self._blocked_timeout = blocked_timeout
        self._attempts = attempts
        self._reconnects = reconnects
        self._first_wait = first_wait
        self._longest_wait = longest_wait
        self._heartbeat = heartbeat
        self._carried = carried or {}
        self._sleep = sleep
        self._publishing: Publishing | None = None
        self._settled: Callable[[Settled], None] = _nobody_asked

    def __repr__(self) -> str:
        return f"MatchQueueClient({self.name})"

    @property
    def name(self) -> str:
        """For people; holds no password."""
        return self._address.name

    @property
    def patience(self) -> float:
        """After so many seconds at most a broker that is down is given up on."""
        return longest_outage(self._attempts, self._timeout, first=self._first_wait, longest=self._longest_wait)

    @property
    def key(self) -> str:
        """For the ledger: broker host, port, virtual host and queue."""
        return self._address.key

    def submit_match(self, match_data: dict[str, Any] | MatchData) -> str:
        """Send one match and return its task id, once the broker has confirmed it.

        Raises `pydantic.ValidationError` before anything is sent if it breaks the contract, and `NotDelivered`
        if the broker did not take it.
        """
        return self.submit_matches_batch([match_data])[0]

    def submit_matches_batch(self, matches: Iterable[dict[str, Any] | MatchData]) -> list[str]:
        """Send matches and return their task ids, in order, once the broker has confirmed all of them.

        Raises `pydantic.ValidationError` before anything is sent if one breaks the contract, and `NotDelivered`
        if the broker did not take all of them; sending them all again is then right, and does no harm.
        """
        valid = [match if isinstance(match, MatchData) else MatchData.model_validate(match) for match in matches]
        outgoing = [Outgoing(match, new_task_id()) for match in valid]
        refusals: list[str] = []

        def settled(answer: Settled) -> None:
            if answer.refusal is not None:
                refusals.append(answer.refusal)

        self._send_all(iter(outgoing), settled)
        if refusals:
            raise NotDelivered(f"{len(refusals)} of {len(outgoing)} matches were not taken: {refusals[0]}.")
        return [each.task_id for each in outgoing]

    def send(self, messages: Iterable[M], *, confirmed: Confirmed[M], refused: Refused[M]) -> None:
        """Send messages; see `Destination.send`."""

        def settled(answer: Settled) -> None:
            message: Any = answer.outgoing.message  # one of `messages`
            if answer.refusal is None:
                confirmed(message, answer.outgoing.task_id)
            else:
                refused(message, answer.refusal)

        self._send_all((Outgoing(message, new_task_id()) for message in messages), settled)

    def close(self) -> None:
        """Take leave of the broker."""
        if self._publishing is not None:
            self._publishing.close()
            self._publishing = None

    def _send_all(self, source: Iterator[Outgoing], settled: Callable[[Settled], None]) -> None:
        again: deque[Outgoing] = deque()
        remaining = self._waits()
        reconnects = 0
        progress = False

        def noted(answer: Settled) -> None:
            nonlocal progress
            progress = True
            try:
                settled(answer)
            except Exception as error:
                raise _OurSide(error) from error

        self._settled = noted
        try:
            while True:
                try:
                    self._pump(again, source)
                    return
                except (*LOST, _Stuck) as error:
                    sentence, passing = self._why(error)
                    if self._publishing is not None:
                        again.extendleft(reversed(self._publishing.outstanding.unanswered()))
                    self._drop()
                    if progress:
                        remaining, progress = self._waits(), False
                    if not passing:
                        # A broker without memory gets some back by itself; else somebody has to see to it.
                        kind = NotDelivered if isinstance(error, _Stuck) else TurnedAway
                        raise kind(f"{sentence}.") from error
                    wait = next(remaining, None)
                    if wait is None:
                        raise NotDelivered(f"{sentence} (tried {times(self._attempts)}).") from error
                    if reconnects == self._reconnects:
                        raise NotDelivered(f"{sentence} (connected again {times(reconnects)}).") from error
                    reconnects += 1
                    self._sleep(wait)
        except _OurSide as wrapped:
            self._drop()
            raise wrapped.error from None
        except BaseException:
            # What is still on its way is nobody's any more, so neither may its answers be.
            self._drop()
            raise
        finally:
            self._settled = _nobody_asked

    def _pump(self, again: deque[Outgoing], source: Iterator[Outgoing]) -> None:
        """Publish until both are empty and all is answered."""
        publishing = self._publishing
        if publishing is None:
            publishing = self._publishing = Publishing(
                self._address,
                lambda answer: self._settled(answer),
                timeout=self._timeout,
                heartbeat=self._heartbeat,
                carried=self._carried,
            )
        more = True
        failure: _OurSide | None = None
        while more or not publishing.idle:
            room = self._window - len(publishing.outstanding)
            if more and room >= self._batch and not publishing.writing and publishing.blocked_since is None:
                batch: list[Outgoing] = []
                try:
                    more = self._fill(batch, again, source)
                except Exception as error:  # noqa: BLE001 - raised again below
                    # The source broke off; what it gave before is still sent, and counted.
                    more, failure = False, _OurSide(error)
                publishing.publish(batch)
                publishing.work(0)
            else:
                # At least once a second, for the heartbeat's sake.
                publishing.work(min(1.0, self._timeout))
                self._check_that_it_moves(publishing)
        if failure is not None:
            raise failure

    def _fill(self, batch: list[Outgoing], again: deque[Outgoing], source: Iterator[Outgoing]) -> bool:
        """Fill a batch, with what has to be sent again first; whether there is more."""
        while len(batch) < self._batch:
            if again:
                batch.append(again.popleft())
                continue
            outgoing = next(source, None)
            if outgoing is None:
                return False
            batch.append(outgoing)
        return True

    def _check_that_it_moves(self, publishing: Publishing) -> None:
        now = time.monotonic()
        if publishing.blocked_since is not None:
            if now - publishing.blocked_since > self._blocked_timeout:
                raise _Stuck(
                    f"takes nothing for {self._blocked_timeout:g} seconds now (connection.blocked): its memory or its "
                    "disk is nearly full",
                    passing=False,
                )
        elif not publishing.idle and now - publishing.last_progress > self._timeout:
            raise _Stuck(f"confirmed nothing for {self._timeout:g} seconds", passing=True)

    def _why(self, error: Exception) -> tuple[str, bool]:
        if isinstance(error, _Stuck):
            return f"{self._address.name} {error}", error.passing
        found = trouble(error, self._address)
        return found.sentence, found.passing

    def _waits(self) -> Iterator[float]:
        return waits(self._attempts, first=self._first_wait, longest=self._longest_wait)

    def _drop(self) -> None:
        if self._publishing is not None:
            self._publishing.drop()
            self._publishing = None


def _nobody_asked(answer: Settled) -> None:
    """Answers outside of a `send` do not exist: a connection with unanswered messages is never kept."""
    raise AssertionError(f"an answer that nobody waits for: {answer}")
