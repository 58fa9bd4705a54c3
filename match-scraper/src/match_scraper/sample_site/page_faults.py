"""Faults of the HTML: modular11's list, which `matches_list` acts out, and the public page with its viewers."""

from .fault import PAGE, Answer, named, spoils

# ---- modular11's list

ERROR_FRAGMENT = named("error-fragment", "a bold red error in place of matches, with status 200")
NO_DATA = named("no-data", "an empty answer, whatever is asked")
WRONG_PAGE = named("wrong-page", "page 1, whichever page was asked for")
NO_MARKER = named("no-marker", "matches without the line that says which page they are")
PAGE_CUT_OFF = named("page-cut-off", "a page breaks off in the middle, declared as a whole one")
PAGE_CUT_OFF_ONCE = named("page-cut-off-once", "a page breaks off in the middle; the next attempt succeeds")
ROW_MISSING = named("row-missing", "a page holds fewer matches than a page has")
MOBILE_DIFFERS = named("mobile-differs", "the blocks for phones are not those of the rows")
ROW_MARKUP_CHANGED = named("row-markup-changed", "the place of the score has another name in every row")
TEXT_CUT_SHORT = named("text-cut-short", "every name is cut short for display, and whole in data-title only")
NO_BREAK_SPACES = named("no-break-spaces", "no-break spaces wherever there is a space, in scores and dates and names")
SCORE_TBD = named("score-tbd", "where there is no score it says TBD, in place of nothing")
UNREADABLE_ROW = named("unreadable-row", "one row lacks what makes it a match")
PAGE_COUNT_CHANGES = named("page-count-changes", "the number of pages is another on each page")
LIST_MOVES_ONCE = named("list-moves-once", "the list grows while it is read for the first time")
DIVISION_IDS_CHANGED = named("division-ids-changed", "the id of a division now stands for another one")

# ---- the public page

BANNER_LATE = named("banner-late", "the cookie banner comes a second after the page")
BANNER_NEVER = named("banner-never", "no cookie banner at all")
IFRAME_DATA_SRC = named("iframe-data-src", "the viewer's address stands in data-src, and stays there")
IFRAME_AFTER_CONSENT = named("iframe-after-consent", "the viewer is loaded only when cookies have been accepted")
MODULAR11_VIEWER = named("modular11-viewer", "the page shows modular11's viewer, as it did until 2025-26")
NO_IFRAME = named("no-iframe", "the page holds no viewer")
VIEWER_NEVER_ASKS = named("viewer-never-asks", "the viewer never asks for its data")
VIEWER_HANGS = named("viewer-hangs", "the viewer's script never ends")


@spoils("page-forbidden", "the public page answers 403, to browsers too", of=frozenset({PAGE}))
def _page_forbidden(answer: Answer, _request: int) -> Answer:
    return Answer(403, {"Content-Type": "text/html"}, b"<h1>403 Forbidden</h1>", answer.kind, answer.to_browser)
