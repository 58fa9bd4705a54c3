"""The league's public page in a real browser, as a transport: answers are taken off the wire, never off the screen.

What the viewer in the page loads by itself is kept until it is asked for; anything else the viewer's own frame asks
for, as the viewer would.
"""

import base64
import contextlib
import logging
import re
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from match_scraper.errors import SourceUnreadable, UsageProblem

from .chromium import Chromium, find_chromium
from .transport import Answer, TransientError, for_people

if TYPE_CHECKING:
    from playwright.sync_api import Frame, Page, Playwright, Request, Response

ASSIST, MODULAR11 = "assist", "modular11"
_PATHS = {
    ASSIST: re.compile(r"(.*)/data/(?:schedule|standings)/[^/]+\.json"),
    MODULAR11: re.compile(r"(.*)/public_schedule/league/get_matches"),
}
_USER = re.compile(r"//[^/\s]*@")
_IFRAME = 'main[role="main"] iframe'
_ACADEMY_TAB = "MLS NEXT Academy Division Schedule"
_ACCEPT_COOKIES = """
new MutationObserver(() => document.getElementById("onetrust-accept-btn-handler")?.click())
  .observe(document, {childList: true, subtree: true});
"""
"""The banner may come at once, late or never: whenever it comes, it is accepted."""
_SHOW_VIEWER = """
frame => {
  const late = frame.dataset.src;
  if (late && ["", "about:blank"].includes(frame.getAttribute("src") ?? "")) frame.src = late;
}
"""
_ASK = """
async ([url, ms]) => {
  const answer = await fetch(url, {cache: "no-store", signal: AbortSignal.timeout(ms)});
  const body = await answer.blob();
  return await new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(body);
  });
}
"""
"""The body comes back with it, in base64: Chromium keeps no large answers for who watches the wire."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """What the page's frame holds: which viewer, and what stands before the paths of its data."""

    kind: str
    base_url: str


class PublicPage:
    """The page at this address. `step` and `seconds` are the longest waits for one answer and for the viewer's data.

    Raises `UsageProblem` where there is no browser on this machine.
    """

    def __init__(self, url: str, program: Path | None, *, step: float, seconds: float) -> None:
        self._url = url
        self._program = find_chromium(program)
        try:
            import playwright.sync_api  # noqa: F401 - whether it is there
        except ImportError:
            raise UsageProblem(
                "Reading the public page in a browser takes Playwright: pip install 'match-scraper[browser]'."
            ) from None
        self._step = step
        self._seconds = seconds
        self._until = 0.0
        self._chromium: Chromium | None = None
        self._playwright: Playwright | None = None
        self._page: Page | None = None
        self._frame: Frame | None = None
        self._kept: dict[str, Request] = {}
        self._viewer: Viewer | None = None
        self._academy_shown = False

    def show(self, league: str) -> Viewer:
        """The viewer, on the Academy's tab for the Academy. Raises `SourceUnreadable`."""
        with self._deadline("show the viewer's data"):
            if self._page is None:
                self._open()
            if self._page is not None and league == "Academy" and not self._academy_shown:
                self._bound(self._page)
                self._show_academy(self._page)
            assert self._viewer is not None
            return self._viewer

    def get(self, url: str, headers: Mapping[str, str]) -> Answer:  # noqa: ARG002 - the browser has its own
        """The answer of this address: the one that the viewer got, or else one that its frame asks for now."""
        with self._deadline(f"get {for_people(url)}"):
            kept = self._kept.pop(url, None)
            with contextlib.suppress(_errors()):  # too large to be kept for us, or gone with a frame that moved on
                if kept is not None and (got := kept.response()) is not None:  # waits, should it still be on its way
                    return Answer(got.status, httpx.Headers(got.all_headers()), got.body())
            return self._ask(url)

    def close(self) -> None:
        if self._chromium is not None:
            self._chromium.kill()
        if self._playwright is not None:
            # It is of no use any more, whatever it says: its own process may have got the same Ctrl-C, and be gone.
            with contextlib.suppress(Exception):
                self._playwright.stop()
        if self._chromium is not None:
            self._chromium.end()
        self._playwright = None

    @contextlib.contextmanager
    def _deadline(self, what: str) -> Iterator[None]:
        """Ends the browser if it takes longer: of what is asked of a page, not everything can be given a time-out."""
        from playwright.sync_api import TimeoutError as TookTooLong

        late = threading.Event()
        self._until = time.monotonic() + self._seconds

        def end() -> None:
            late.set()
            if self._chromium is not None:
                self._chromium.kill()

        timer = threading.Timer(self._seconds, end)
        timer.daemon = True
        timer.start()
        try:
            yield
        except _errors() as error:
            said = _first_line(error)
            if late.is_set() or isinstance(error, TookTooLong):
                said = f"it took more than {self._seconds:g} seconds"
            elif self._chromium is not None and self._chromium.crashed:
                said = "it ended unexpectedly"
            raise SourceUnreadable(f"the browser could not {what} ({for_people(self._url)}): {said}") from error
        finally:
            timer.cancel()

    def _open(self) -> None:
        from playwright.sync_api import TimeoutError as TookTooLong
        from playwright.sync_api import sync_playwright

        if self._chromium is not None:
            raise SourceUnreadable(f"the browser has been given up on {for_people(self._url)} before")
        self._chromium = Chromium(self._program, self._seconds)
        # Its driver may outlive its loop by a moment, when both are told to end: asyncio warns of that on the terminal.
        logging.getLogger("asyncio").setLevel(logging.ERROR)
        self._playwright = sync_playwright().start()
        browser = self._playwright.chromium.connect_over_cdp(self._chromium.address)
        page = browser.new_context().new_page()
        page.add_init_script(_ACCEPT_COOKIES)
        page.on("request", self._keep)
        said = "did not answer"
        self._bound(page)
        try:
            with page.expect_response(_has_data) as first:
                answered = page.goto(self._url, wait_until="commit")
                said = f"answered {answered.status if answered else 'nothing'} and shows no viewer"
                self._bound(page)
                iframe = page.locator(_IFRAME).first
                iframe.wait_for(state="attached")
                said = "shows a viewer that asks for no data"
                iframe.evaluate(_SHOW_VIEWER)
            self._viewer = _viewer_of(first.value)
        except TookTooLong as error:
            raise SourceUnreadable(f"{for_people(self._url)} {said}, in {self._seconds:g} seconds") from error
        self._frame = first.value.frame
        self._page = page

    def _bound(self, page: "Page") -> None:
        """Lets each wait of `page` last a little less than what is left.

        At the end of that the browser is killed, and with it what could say why.
        """
        page.set_default_timeout(900 * max(0.0, self._until - time.monotonic()))

    def _show_academy(self, page: "Page") -> None:
        self._academy_shown = True
        tab = page.get_by_text(_ACADEMY_TAB, exact=True)
        if tab.count():
            with page.expect_response(_has_data) as first:
                tab.first.click()
            self._viewer, self._frame = _viewer_of(first.value), first.value.frame

    def _keep(self, request: "Request") -> None:
        if _is_for_data(request):
            self._kept[request.url] = request

    def _ask(self, url: str) -> Answer:
        if self._page is None or self._frame is None:
            raise SourceUnreadable(f"{for_people(url)}: the public page is not open")
        try:
            with self._page.expect_response(lambda response: _is_answer(response, url)) as caught:
                body = self._frame.evaluate(_ASK, [url, 1000 * self._step])
            self._kept.pop(url, None)
            return Answer(caught.value.status, httpx.Headers(caught.value.all_headers()), base64.b64decode(body))
        except _errors() as error:
            if self._chromium is None or self._chromium.crashed:
                raise
            raise TransientError(f"the viewer got no answer: {_first_line(error)}") from error


def _has_data(response: "Response") -> bool:
    return _is_for_data(response.request)


def _is_for_data(request: "Request") -> bool:
    return request.method == "GET" and any(path.match(request.url) for path in _PATHS.values())


def _is_answer(response: "Response", url: str) -> bool:
    return response.url == url and not 300 <= response.status < 400


def _viewer_of(response: "Response") -> Viewer:
    for kind, path in _PATHS.items():
        if found := path.match(response.url):
            return Viewer(kind, found[1])
    raise AssertionError(f"{response.url} is no address of data")


def _errors() -> "type[Exception]":
    from playwright.sync_api import Error

    return Error


def _first_line(error: Exception) -> str:
    return _USER.sub("//", str(error).partition("\n")[0])
