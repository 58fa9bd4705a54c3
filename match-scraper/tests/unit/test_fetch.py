"""How a document is fetched: waits and pauses, what a refusal is, and what the cache on the disk gives back."""

import datetime as dt
import time
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from match_scraper.errors import NotPublished, Refused, SourceUnreadable
from match_scraper.retry_after import seconds_until_retry
from match_scraper.sources.body_cache import BodyCache, CachedBody
from match_scraper.sources.fetch import DocumentFetcher
from match_scraper.sources.transport import Answer, for_people

URL = "https://league.example/data/schedule/mls-next-league-26-27.json"
DATE = "Mon, 05 Oct 2026 04:40:00 GMT"
AT = dt.datetime(2026, 10, 5, 4, 40, tzinfo=dt.UTC)
PAGE = "<html><head><title>Just a moment...</title></head></html>"


class Canned:
    """A way to a site that gives the same answer each time, and notes when it was asked."""

    def __init__(self, status: int, body: bytes, **headers: str) -> None:
        self._answer = Answer(status, httpx.Headers({"Date": DATE, **headers}), body)
        self.asked_at: list[float] = []

    def get(self, url: str, headers: Mapping[str, str]) -> Answer:  # noqa: ARG002
        self.asked_at.append(time.monotonic())
        return self._answer

    def close(self) -> None:
        """Nothing to let go of."""


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "120"}, 120.0),
        ({"Retry-After": " 0 "}, 0.0),
        ({"Retry-After": "-5"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "Mon, 05 Oct 2026 04:41:30 GMT", "Date": DATE}, 90.0),
        ({"Retry-After": "Mon, 05 Oct 2026 04:39:00 GMT", "Date": DATE}, 0.0),
        ({"Retry-After": "Mon, 05 Oct 2026 04:41:30 GMT"}, None),
        ({"Retry-After": "Mon, 05 Oct 2026 04:41:30 GMT", "Date": "yesterday"}, None),
    ],
)
def test_a_server_names_its_wait_in_seconds_or_as_a_date_by_its_own_clock(
    headers: dict[str, str], seconds: float | None
) -> None:
    assert seconds_until_retry(httpx.Headers(headers)) == seconds


@given(st.text(), st.text())
def test_no_header_breaks_the_reading_of_a_wait(retry_after: str, date: str) -> None:
    try:
        headers = httpx.Headers({"Retry-After": retry_after, "Date": date})
    except UnicodeEncodeError:
        return
    wait = seconds_until_retry(headers)
    assert wait is None or wait >= 0


@given(st.binary(max_size=300), st.none() | st.text(), st.none() | st.text())
def test_the_cache_gives_back_what_it_was_given(
    tmp_path_factory: pytest.TempPathFactory, body: bytes, etag: str | None, last_modified: str | None
) -> None:
    cache = BodyCache(tmp_path_factory.mktemp("cache"))
    kept = CachedBody(body, etag, last_modified)
    cache.store(URL, kept)
    assert cache.load(URL) == kept
    assert cache.load(URL + "?other") is None


@given(st.data())
def test_a_cached_answer_with_any_byte_changed_or_cut_is_no_answer(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("cache")
    cache = BodyCache(folder)
    cache.store(URL, CachedBody(b'{"events": []}', '"tag"', None))
    (file,) = folder.iterdir()
    whole = file.read_bytes()
    body_at = whole.index(b"\n") + 1
    place = data.draw(st.integers(body_at, len(whole) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda byte: byte != whole[place]))
    for damaged in (whole[:place], whole[:place] + bytes([byte]) + whole[place + 1 :], whole + b" "):
        file.write_bytes(damaged)
        assert cache.load(URL) is None


def test_a_store_that_fails_keeps_the_last_answer_and_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = BodyCache(tmp_path)
    first = CachedBody(b"first", None, None)
    cache.store(URL, first)

    def full(*_: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    cache.store(URL, CachedBody(b"second", None, None))
    monkeypatch.undo()
    assert cache.load(URL) == first
    assert len(list(tmp_path.iterdir())) == 1


def test_a_folder_that_cannot_be_read_is_an_empty_cache(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    cache = BodyCache(tmp_path / "file")
    cache.store(URL, CachedBody(b"x", None, None))
    assert cache.load(URL) is None


def fetch(transport: Canned, cache: BodyCache | None = None, kept_since: dt.datetime | None = None) -> bytes:
    fetcher = DocumentFetcher(transport, "https://league.example", cache, attempts=1)
    return fetcher.get("/list", bytes, kept_since=kept_since).document


def test_between_two_requests_there_is_a_pause() -> None:
    transport = Canned(200, b"x")
    fetcher = DocumentFetcher(transport, "https://league.example", None, pause=0.05)
    for _ in range(3):
        assert fetcher.get("/list", bytes).date == AT
    first, second, third = transport.asked_at
    assert second - first >= 0.045
    assert third - second >= 0.045


def test_an_answer_that_is_new_enough_by_the_sites_own_clock_is_not_asked_for_again(tmp_path: Path) -> None:
    cache = BodyCache(tmp_path)
    first, second = Canned(200, b"first"), Canned(200, b"second")
    assert fetch(first, cache) == b"first"
    assert fetch(second, cache, kept_since=AT) == b"first"
    assert second.asked_at == []
    assert fetch(second, cache, kept_since=AT + dt.timedelta(seconds=1)) == b"second"


@pytest.mark.parametrize(
    ("transport", "refused"),
    [
        (Canned(403, b""), True),
        (Canned(401, b""), True),
        (Canned(503, b"", **{"cf-mitigated": "challenge"}), True),
        (Canned(200, PAGE.encode(), **{"Content-Type": "text/html"}), True),
        (Canned(404, b""), False),
        (Canned(200, PAGE.encode(), **{"Content-Type": "application/json"}), False),
    ],
)
def test_a_site_that_answers_browsers_only_is_told_from_one_that_has_nothing(transport: Canned, refused: bool) -> None:
    def decode(body: bytes) -> bytes:
        raise NotPublished(f"a web page of {len(body)} bytes")

    with pytest.raises(SourceUnreadable) as caught:
        DocumentFetcher(transport, "https://league.example", None, attempts=1).get("/list", decode)
    assert isinstance(caught.value, Refused) is refused
    assert len(transport.asked_at) == 1


@pytest.mark.parametrize("date", ["", "yesterday", "Mon, 99 Oct 2026 04:40:00 GMT", "Fri, 31 Dec 9999 23:59:59 -0500"])
def test_a_date_that_is_none_is_no_date(date: str) -> None:
    assert Answer(200, httpx.Headers({"Date": date}), b"").date is None


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("https://feeds.example/data/schedule/mls.json", "feeds.example/data/schedule/mls.json"),
        ("http://me:hunter2@127.0.0.1:8099/data", "127.0.0.1:8099/data"),
        (
            "https://m.example/league/get_matches?tournament=12&age%5B%5D=21&open_page=7",
            "m.example/league/get_matches, page 7",
        ),
    ],
)
def test_an_address_is_told_without_a_secret_and_short(url: str, told: str) -> None:
    assert for_people(url) == told
