"""Which source is read: the one that was asked for, or the one that has the season.

Only what is read is imported: most runs need neither a parser of pages nor a browser.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from match_scraper.errors import Refused, SourceUnreadable, UsageProblem
from match_scraper.season import Season
from match_scraper.settings import Settings

from .assist import FIRST_SEASON, AssistSource
from .base import Bracket, Reading, Source, Wanted
from .body_cache import BodyCache
from .fetch import DocumentFetcher
from .transport import PlainTransport, Transport

if TYPE_CHECKING:
    from .modular11 import Progress
    from .public_page import Viewer

T = TypeVar("T")


def choose_source(settings: Settings, progress: "Progress | None" = None) -> Source:
    """The source that these settings name.

    Parameters: `progress` is told how many pages of a list have been read, and how many there are.
    Raises `UsageProblem` where it is the browser, and there is none.
    """
    if settings.source == "assist":
        return _assist(settings)
    if settings.source == "modular11":
        return _modular11(settings, progress)
    if settings.source == "browser":
        return _browser(settings, progress)
    return AutoSource(
        lambda season: _assist(settings) if season >= FIRST_SEASON else _modular11(settings, progress),
        lambda: _browser(settings, progress),
    )


class AutoSource:
    """The source that has the season; the browser where that one answers browsers only.

    Parameters: how each of them is made, which is done when it is needed.
    """

    def __init__(self, plain: Callable[[Season], Source], browser: Callable[[], Source]) -> None:
        self._make_plain = plain
        self._make_browser = browser
        self._plain: dict[Season, Source] = {}
        self._browser: Source | None = None
        self._refusals: dict[Season, str] = {}

    def brackets(self, season: Season, league: str) -> Sequence[Bracket]:
        return self._ask(season, lambda source: source.brackets(season, league))

    def read(self, wanted: Wanted) -> Reading:
        reading = self._ask(wanted.season, lambda source: source.read(wanted))
        refusal = self._refusals.get(wanted.season)
        if refusal is None:
            return reading
        return replace(reading, notices=(*reading.notices, f"{refusal}; read through the public page in a browser"))

    def close(self) -> None:
        for source in (*self._plain.values(), self._browser):
            if source is not None:
                source.close()

    def _ask(self, season: Season, question: Callable[[Source], T]) -> T:
        if season not in self._refusals:
            if season not in self._plain:
                self._plain[season] = self._make_plain(season)
            try:
                return question(self._plain[season])
            except Refused as error:
                self._refusals[season] = str(error)
        if self._browser is None:
            try:
                self._browser = self._make_browser()
            except UsageProblem as error:
                raise SourceUnreadable(f"{self._refusals[season]}; and {error}") from None
        return question(self._browser)


def _assist(settings: Settings) -> Source:
    transport = PlainTransport(timeout=settings.timeout_seconds, accept="application/json")
    return AssistSource(_fetcher(settings, transport, settings.mls_assist_url))


def _modular11(settings: Settings, progress: "Progress | None") -> Source:
    from .modular11 import Modular11Source

    transport = PlainTransport(timeout=settings.timeout_seconds, accept="text/html")
    fetcher = _fetcher(settings, transport, settings.modular11_url, pause=settings.page_pause_seconds)
    return Modular11Source(fetcher, progress)


def _browser(settings: Settings, progress: "Progress | None") -> Source:
    from .browser import BrowserSource
    from .public_page import MODULAR11, PublicPage

    page = PublicPage(
        settings.mlsnext_page_url,
        settings.chromium_path,
        step=settings.timeout_seconds,
        seconds=settings.browser_seconds,
    )

    def fetcher(viewer: "Viewer") -> DocumentFetcher:
        pause = settings.page_pause_seconds if viewer.kind == MODULAR11 else 0.0
        return _fetcher(settings, page, viewer.base_url, pause)

    return BrowserSource(page, fetcher, progress)


def _fetcher(settings: Settings, transport: Transport, base_url: str, pause: float = 0.0) -> DocumentFetcher:
    return DocumentFetcher(
        transport,
        base_url,
        BodyCache(settings.cache_dir),
        attempts=settings.attempts,
        first_wait=settings.first_wait_seconds,
        longest_wait=settings.longest_wait_seconds,
        pause=pause,
    )
