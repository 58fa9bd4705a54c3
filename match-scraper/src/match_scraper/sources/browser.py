"""Matches through the public page in a browser: the same parsers as ever, over another way to their documents."""

from collections.abc import Callable, Sequence

from match_scraper.season import Season

from .assist import AssistSource
from .base import Bracket, Reading, Source, Wanted
from .fetch import DocumentFetcher
from .modular11 import Modular11Source, Progress
from .public_page import MODULAR11, PublicPage, Viewer


class BrowserSource:
    """The source behind `MLSNEXT_PAGE_URL`: whichever viewer the page holds.

    Parameters: `fetcher` makes what reads documents over the page for such a viewer.
    """

    def __init__(
        self, page: PublicPage, fetcher: Callable[[Viewer], DocumentFetcher], progress: Progress | None = None
    ) -> None:
        self._page = page
        self._fetcher = fetcher
        self._progress = progress
        self._sources: dict[Viewer, Source] = {}

    def brackets(self, season: Season, league: str) -> Sequence[Bracket]:
        return self._source(league).brackets(season, league)

    def read(self, wanted: Wanted) -> Reading:
        return self._source(wanted.league).read(wanted)

    def close(self) -> None:
        self._page.close()

    def _source(self, league: str) -> Source:
        viewer = self._page.show(league)
        if viewer not in self._sources:
            fetcher = self._fetcher(viewer)
            self._sources[viewer] = (
                Modular11Source(fetcher, self._progress) if viewer.kind == MODULAR11 else AssistSource(fetcher)
            )
        return self._sources[viewer]
