"""Matches over missing-table's HTTP API: the way without a broker, and the way back when there is trouble with one."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice

import httpx
import msgspec

from match_scraper.errors import NotDelivered
from match_scraper.match_data import MatchData

from .api_answers import BRACKETS, Accepted, AskAgain, Refused, TooLarge, read_answer
from .base import Confirmed, M, Message
from .base import Refused as RefusedCallback
from .retries import times, waits

SUBMIT = "/api/matches/submit"
HTTP_NAMES = {"run_id": "X-Run-Id"}
"""What a header of a message is called over HTTP, where it is not called the same."""


class MissingTableClient:
    """Posts matches in chunks to `{base_url}/api/matches/submit`, with a bearer token.

    A request whose answer is lost is sent again, so missing-table may get the same matches twice: it stores
    each once, and that is harmless.

    Parameters
    ----------
    base_url
        Scheme, host and port, such as http://127.0.0.1:8000.
    token
        What `missing-table token create` printed; None sends none.
    chunk
        How many matches one request holds at most.
    timeout
        Seconds for one step of a request: to connect, to write, to wait for the next bytes.
    attempts
        How often to try one request while the API is away or busy.
    first_wait, longest_wait
        Seconds between attempts: doubling from the first to the longest. An API that asks for a longer wait
        (Retry-After) is given up on.
    carried
        What every message of the run bears: sent as HTTP headers, `run_id` as X-Run-Id.
    sleep
        How to wait.
    """

    def __init__(
        self,
        base_url: str,
        token: str | None,
        *,
        chunk: int = 200,
        timeout: float = 30,
        attempts: int = 4,
        first_wait: float = 1,
        longest_wait: float = 60,
        carried: Mapping[str, str] | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._chunk = chunk
        self._attempts = attempts
        self._first_wait = first_wait
        self._longest_wait = longest_wait
        self._sleep = sleep
        headers = {"Content-Type": "application/json", "Accept": "application/json", "User-Agent": "match-scraper"}
        headers |= {HTTP_NAMES.get(name, name): value for name, value in (carried or {}).items()}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        # A redirect is not followed: the token is for this address and no other.
        self._http = httpx.Client(headers=headers, timeout=timeout, follow_redirects=False)

    def __repr__(self) -> str:
        return f"MissingTableClient({self.name})"

    @property
    def name(self) -> str:
        """For people; holds no token."""
        return f"the API at {_without_password(self._base_url)}"

    @property
    def key(self) -> str:
        """For the ledger: the API's address."""
        return _without_password(self._base_url)

    def send(self, messages: Iterable[M], *, confirmed: Confirmed[M], refused: RefusedCallback[M]) -> None:
        """Send messages; see `Destination.send`."""
        source = iter(messages)
        while chunk := list(islice(source, self._chunk)):
            self._send_chunk(chunk, confirmed, refused)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _send_chunk(self, chunk: Sequence[M], confirmed: Confirmed[M], refused: RefusedCallback[M]) -> None:
        """Send one chunk, in parts and without what is refused if need be."""
        parts = [list(chunk)]
        while parts:
            part = parts.pop(0)
            answer = self._post(part)
            if isinstance(answer, Accepted):
                for message, task_id in zip(part, answer.task_ids, strict=True):
                    confirmed(message, task_id)
            elif len(part) == 1:
                reason = answer.reasons.get(0, answer.summary) if isinstance(answer, Refused) else "it is too large"
                refused(part[0], reason)
            elif isinstance(answer, Refused) and answer.reasons:
                for index, reason in answer.reasons.items():
                    refused(part[index], reason)
                rest = [message for index, message in enumerate(part) if index not in answer.reasons]
                if rest:
                    parts.insert(0, rest)
            else:
                # Too large; or refused without a word about which. Halves lead to the one at fault.
                middle = len(part) // 2
                parts[:0] = [part[:middle], part[middle:]]

    def _post(self, part: Sequence[Message]) -> Accepted | Refused | TooLarge:
        """One request, tried as often as it takes and no more often than agreed."""
        body = msgspec.json.encode([message.payload() for message in part])
        address = SUBMIT if isinstance(part[0], MatchData) else BRACKETS
        pauses = waits(self._attempts, first=self._first_wait, longest=self._longest_wait)
        while True:
            try:
                answer = read_answer(self._ask(address, body), len(part), self.name)
            except httpx.TimeoutException:
                answer = AskAgain(f"{self.name} did not answer in time")
            except httpx.TransportError as error:
                answer = AskAgain(f"{self.name} cannot be reached: {str(error) or type(error).__name__}")
            except (httpx.InvalidURL, httpx.DecodingError) as error:
                raise NotDelivered(f"{self.name} cannot be used: {error}.") from error
            if not isinstance(answer, AskAgain):
                return answer
            self._pause(answer, pauses)

    def _ask(self, address: str, body: bytes) -> httpx.Response:
        return self._http.post(self._base_url + address, content=body)

    def _pause(self, answer: AskAgain, pauses: Iterator[float]) -> None:
        pause = next(pauses, None)
        if pause is None:
            raise NotDelivered(f"{answer.sentence} (tried {times(self._attempts)}).")
        asked = answer.seconds
        if asked is not None and asked > self._longest_wait:
            raise NotDelivered(
                f"{answer.sentence}, and asks to come back in {asked:.0f} seconds, which is longer than the "
                f"{self._longest_wait:g} that a run waits."
            )
        self._sleep(pause if asked is None else asked)


def _without_password(url: str) -> str:
    """The address with neither user nor password."""
    parts = httpx.URL(url)
    return str(parts.copy_with(userinfo=b"")) if parts.userinfo else url
