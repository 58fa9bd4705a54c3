"""One page of modular11's list of matches: HTML in, rows out.

Pure. Each match stands twice, as a row for wide screens and as a block for phones; the row is read, and the block
proves that no row is missing. A row that lacks what it should have is unreadable, and is kept to be reported.
"""

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

from match_scraper.errors import SourceUnreadable

from .base import IncompleteBodyError, Unreadable

ROWS_PER_PAGE = 25
NO_DATA = "no data available."
"""All that an empty answer says."""

_ROW = "div.container-row > div.row.table-content-row.hidden-xs"
_BLOCK = "div.visible-xs"
_COMPETITION = "js-match-bracket"
_MARKER = re.compile(r"\b(\d{1,9})\s+page out of\s+(\d{1,9})\b", re.ASCII)
_WHEN = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{2})(?:\s+(\d{1,2}):(\d{2})\s*([ap])m)?", re.IGNORECASE | re.ASCII)
_SCORE = re.compile(r"(\d{1,4})\s*:\s*(\d{1,4})", re.ASCII)
_AGE_GROUP = re.compile(r"U1\d", re.ASCII)
_NUMBER = re.compile(r"\d{1,18}", re.ASCII)
_DIV = re.compile(rb"<(/?)div\b", re.IGNORECASE)
_RED = re.compile(r"color\s*[:=]\s*[\"']?\s*(red|#f00|#ff0000)\b|text-danger", re.IGNORECASE)
_BOLD = "b, strong, [style*='bold']"
_LONGEST_TOLD = 200


@dataclass(frozen=True, slots=True)
class Row:
    """One match as the page shows it; day and clock are those of the venue, whose zone the page does not tell."""

    number: str
    day: dt.date
    clock: str | None
    """HH:MM."""
    age_group: str
    competition: str | None
    division: str | None
    home: str
    away: str
    score: tuple[int, int] | None
    venue: str | None


@dataclass(frozen=True, slots=True)
class OddRow(Unreadable):
    """A row that cannot be read, but for the competition where it tells one."""

    competition: str | None


@dataclass(frozen=True, slots=True)
class Page:
    """One page; an empty answer is page 1 of none."""

    number: int
    of: int
    rows: tuple[Row, ...]
    unreadable: tuple[OddRow, ...]

    @property
    def seen(self) -> int:
        return len(self.rows) + len(self.unreadable)


class _OddRowError(Exception):
    """A row is not what a row should be; says in what."""


def decode_page(body: bytes) -> Page:
    """The page in these bytes.

    Raises `IncompleteBodyError` where the page breaks off or a row is missing from it, and `SourceUnreadable` where
    it is an error in place of matches.
    """
    try:
        html = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise IncompleteBodyError(str(error)) from error
    tree = LexborHTMLParser(html)
    text = _text(tree.root)
    if text.casefold() == NO_DATA:
        return Page(1, 0, (), ())
    rows = tree.css(_ROW)
    if not rows and _RED.search(html) and (bold := tree.css_first(_BOLD)) is not None:
        raise SourceUnreadable(f"the site answered with an error: {_text(bold)[:_LONGEST_TOLD]}")
    number, of = _marker(text)
    _check_whole(body, tree, rows, last=number == of)
    read: list[Row] = []
    unreadable: list[OddRow] = []
    for place, row in enumerate(rows, 1):
        try:
            read.append(_row(row))
        except (_OddRowError, ValueError) as error:
            competition = _spaced(row.attributes.get(_COMPETITION) or "") or None
            unreadable.append(OddRow(_where(row, number, place), str(error), competition))
    return Page(number, of, tuple(read), tuple(unreadable))


def _marker(text: str) -> tuple[int, int]:
    found = {(int(number), int(of)) for number, of in _MARKER.findall(text)}
    if len(found) != 1:
        said = "several page numbers" if found else "no page number"
        raise IncompleteBodyError(f"{said} in it, and neither matches nor “No data available.”")
    ((number, of),) = found
    if not 1 <= number <= of:
        raise SourceUnreadable(f"it says that it is page {number} out of {of}")
    return number, of


def _check_whole(body: bytes, tree: LexborHTMLParser, rows: list[LexborNode], *, last: bool) -> None:
    closing = Counter(bool(slash) for slash in _DIV.findall(body))
    if closing[False] > closing[True] or not body.rstrip().endswith(b">"):
        raise IncompleteBodyError("the page breaks off before its end")
    if len(rows) != ROWS_PER_PAGE and not (last and 1 <= len(rows) < ROWS_PER_PAGE):
        raise IncompleteBodyError(f"{len(rows)} matches where a page has {ROWS_PER_PAGE}")
    blocks = [set(_lines(block)) for block in tree.css(_BLOCK)]
    if len(blocks) != len(rows):
        raise IncompleteBodyError(f"{len(rows)} matches for wide screens, {len(blocks)} for phones")
    for row, block in zip(rows, blocks, strict=True):
        number = _number(row)
        if number is not None and number not in block:
            raise IncompleteBodyError(f"match {number} is not the one that stands there for phones")


def _row(row: LexborNode) -> Row:
    narrow, wide, teams = (
        list(_columns(row, *names)) for names in (("col-sm-1", "pad-0"), ("col-sm-2",), ("col-sm-6",))
    )
    if (len(narrow), len(wide), len(teams)) != (2, 2, 1):
        raise _OddRowError("its columns are not those that a row has")
    number = _number(row)
    if number is None:
        raise _OddRowError(f"match number “{_text(narrow[0])}”")
    day, clock = _when(wide[0])
    age_group = _text(narrow[1])
    if not _AGE_GROUP.fullmatch(age_group):
        raise _OddRowError(f"age group “{age_group}”")
    return Row(
        number=number,
        day=day,
        clock=clock,
        age_group=age_group,
        competition=_attribute(row, _COMPETITION),
        division=_attribute(row, "js-match-group"),
        home=_team(teams[0], ".container-first-team"),
        away=_team(teams[0], ".container-second-team"),
        score=_score(teams[0]),
        venue=_whole_text(wide[0], "div.container-location p"),
    )


def _columns(row: LexborNode, *classes: str) -> Iterator[LexborNode]:
    for child in row.iter():
        if set(classes) <= set((child.attributes.get("class") or "").split()):
            yield child


def _number(row: LexborNode) -> str | None:
    """The match number: the first line of the first column."""
    column = next(_columns(row, "col-sm-1", "pad-0"), None)
    lines = _lines(column) if column is not None else []
    return lines[0] if lines and _NUMBER.fullmatch(lines[0]) else None


def _when(column: LexborNode) -> tuple[dt.date, str | None]:
    text = _lines(column)[0] if _lines(column) else ""
    found = _WHEN.fullmatch(text)
    if found is None:
        raise _OddRowError(f"date “{text}”")
    month, day, year, hour, minute, half = found.groups()
    date = dt.date(2000 + int(year), int(month), int(day))
    if hour is None:
        return date, None
    if not 1 <= int(hour) <= 12:
        raise _OddRowError(f"date “{text}”")
    return date, f"{dt.time(int(hour) % 12 + 12 * (half.lower() == 'p'), int(minute)):%H:%M}"


def _team(column: LexborNode, place: str) -> str:
    name = _whole_text(column, f".container-teams-info {place} p")
    if name is None:
        raise _OddRowError(f"no name of a team in {place}")
    return name


def _score(column: LexborNode) -> tuple[int, int] | None:
    cells = column.css(".container-teams-info .container-score .score-match-table")
    if len(cells) != 1:
        raise _OddRowError("no place for a score")
    text = _text(cells[0])
    if text.casefold() in ("", "tbd", ":"):
        return None
    found = _SCORE.fullmatch(text)
    if found is None:
        raise _OddRowError(f"score “{text}”")
    return int(found[1]), int(found[2])


def _whole_text(column: LexborNode, selector: str) -> str | None:
    """What stands there, uncut: the text itself may be cut short for display."""
    found = column.css(f"{selector}[data-title]")
    if len(found) != 1:
        raise _OddRowError(f"no text with data-title in {selector}")
    return _attribute(found[0], "data-title")


def _attribute(node: LexborNode, name: str) -> str | None:
    if name not in node.attributes:
        raise _OddRowError(f"no attribute {name}")
    return _spaced(node.attributes[name] or "") or None


def _where(row: LexborNode, page: int, place: int) -> str:
    number = _number(row)
    return f"match {number}" if number else f"row {place} of page {page}"


def _lines(node: LexborNode) -> list[str]:
    return [line for part in node.text(separator="\n").split("\n") if (line := _spaced(part))]


def _text(node: LexborNode | None) -> str:
    return _spaced(node.text(separator=" ")) if node is not None else ""


def _spaced(text: str) -> str:
    """With one plain space wherever there is any space, no-break ones included."""
    return " ".join(text.split())
