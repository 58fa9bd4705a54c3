"""modular11's pages, cut, bent and renamed in every way: never a crash, and no match lost uncounted."""

import datetime as dt
import re
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from match_scraper.errors import SourceUnreadable
from match_scraper.sample_site import matches_list
from match_scraper.sample_site.feeds import bundled
from match_scraper.sources.base import IncompleteBodyError
from match_scraper.sources.modular11_page import Page, Row, decode_page

LISTED = matches_list.entries(bundled())


def page(number: int = 1, **more: str) -> str:
    """A page of U15 Northeast, which has eight, the last of 15 matches."""
    question = {"tournament": 12, "age[]": 33, "groups[]": 41, "open_page": number, **more}
    return matches_list.answer(LISTED, urlencode(question), (), 1)


FULL, LAST = page(), page(8)
FULL_BYTES, LAST_BYTES = FULL.encode(), LAST.encode()
FULL_ROWS = decode_page(FULL_BYTES).rows
ROW = re.search(r'    <div class="row table-content-row.*?\n    </div>\n', FULL, re.DOTALL)
assert ROW is not None


def read(html: str) -> Page | None:
    """What is read of it; None where it is refused, which is an answer too."""
    try:
        return decode_page(html.encode("utf-8", "surrogatepass"))
    except (IncompleteBodyError, SourceUnreadable):
        return None


def test_a_page_is_read_whole() -> None:
    first = decode_page(FULL_BYTES)
    assert (first.number, first.of, first.seen, first.unreadable) == (1, 8, 25, ())
    last = decode_page(LAST_BYTES)
    assert (last.number, last.of, last.seen) == (8, 8, 15)


def test_a_row_is_read_with_its_names_uncut_and_its_spaces_plain() -> None:
    entry = next(each for each in LISTED["12"] if each.number == FULL_ROWS[0].number)
    assert entry.start is not None
    assert FULL_ROWS[0] == Row(
        number=entry.number,
        day=entry.start.date(),
        clock=f"{entry.start:%H:%M}",
        age_group="U15",
        competition="League",
        division="Northeast",
        home=entry.home,
        away=entry.away,
        score=tuple(int(part) for part in re.findall(r"\d+", entry.score)),  # type: ignore[arg-type]
        venue=entry.venue,
    )
    assert max(len(row.home) for row in FULL_ROWS) > 24


@pytest.mark.parametrize(
    ("shown", "clock"),
    [
        ("02/14/26 09:00am", "09:00"),
        ("02/14/26 12:00am", "00:00"),
        ("02/14/26 12:30pm", "12:30"),
        ("2/4/26 1:05 PM", "13:05"),
        ("02/14/26\u00a009:00am", "09:00"),
        ("02/14/26", None),
    ],
)
def test_dates_and_clocks(shown: str, clock: str | None) -> None:
    changed = re.sub(r"\d\d/\d\d/\d\d \d\d:\d\d[ap]m(?=<div)", shown, FULL, count=1)
    row = decode_page(changed.encode()).rows[0]
    assert (row.day.year, row.day.month, row.clock) == (2026, 2, clock)


@pytest.mark.parametrize(
    "shown", ["13/14/26 09:00am", "02/30/26 09:00am", "02/14/26 13:00pm", "soon", "", "02/14/2026"]
)
def test_a_date_that_is_none_is_an_unreadable_match(shown: str) -> None:
    changed = re.sub(r"\d\d/\d\d/\d\d \d\d:\d\d[ap]m(?=<div)", shown, FULL, count=1)
    found = decode_page(changed.encode())
    assert (len(found.rows), found.seen) == (24, 25)
    assert found.unreadable[0].where == f"match {FULL_ROWS[0].number}"


@pytest.mark.parametrize(
    ("shown", "score"),
    [("", None), ("TBD", None), ("&nbsp;", None), ("0&nbsp;:&nbsp;0", (0, 0)), ("12 : 1", (12, 1)), ("3:4", (3, 4))],
)
def test_scores(shown: str, score: tuple[int, int] | None) -> None:
    changed = re.sub(r'(?<=score-match-table">)[^<]*', shown, FULL, count=1)
    assert decode_page(changed.encode()).rows[0].score == score


@pytest.mark.parametrize("shown", ["3 : ", "3", "three : one", "3 : 1 (4 : 2)", "3 - 1", "-1 : 2", "٣ : ١"])
def test_a_score_that_is_none_is_an_unreadable_match_and_not_a_match_without_one(shown: str) -> None:
    changed = re.sub(r'(?<=score-match-table">)[^<]*', shown, FULL, count=1)
    found = decode_page(changed.encode())
    assert (len(found.rows), len(found.unreadable)) == (24, 1)
    assert "score" in found.unreadable[0].why


@pytest.mark.parametrize(
    "body", [b"No data available.", b"<div>No data\xc2\xa0available.</div>\n", b" no data available. "]
)
def test_an_empty_answer_is_no_page_at_all(body: bytes) -> None:
    assert decode_page(body) == Page(1, 0, (), ())


@pytest.mark.parametrize(
    "body",
    [
        '<b style="color: red">Error: no such age</b>',
        '<p style="color:#ff0000"><strong>Error: no such age</strong></p>',
        '<font color="red"><b>Error: no such age</b></font>',
        '<span style="font-weight: bold; color: red">Error: no such age</span>',
    ],
)
def test_an_error_is_told_in_its_own_words(body: str) -> None:
    with pytest.raises(SourceUnreadable, match="the site answered with an error: Error: no such age"):
        decode_page(body.encode())


@pytest.mark.parametrize("body", [b"", b"<html><body>Welcome</body></html>", b"\xff\xfe", b"{}", b"1 page out of"])
def test_any_other_body_is_no_page(body: bytes) -> None:
    with pytest.raises(IncompleteBodyError):
        decode_page(body)


def test_a_page_that_is_not_among_its_pages_is_refused() -> None:
    with pytest.raises(SourceUnreadable, match="page 9 out of 8"):
        decode_page(LAST.replace("8 page out of 8", "9 page out of 8").encode())


@settings(max_examples=200, deadline=None)
@given(st.sampled_from([FULL_BYTES, LAST_BYTES]), st.data())
def test_a_page_cut_at_any_byte_is_told_from_a_whole_one(body: bytes, data: st.DataObject) -> None:
    length = data.draw(st.integers(0, len(body.rstrip()) - 1))
    with pytest.raises(IncompleteBodyError):
        decode_page(body[:length])


@pytest.mark.parametrize("body", [FULL_BYTES, LAST_BYTES])
def test_a_page_cut_anywhere_near_its_end_is_told_from_a_whole_one(body: bytes) -> None:
    # Here the digits of the page number stand, and the least is missing.
    for length in range(len(body.rstrip()) - 400, len(body.rstrip())):
        with pytest.raises(IncompleteBodyError):
            decode_page(body[:length])


LAST_ROW = re.findall(r'    <div class="row table-content-row.*?\n    </div>\n', LAST, re.DOTALL)[3]
LAST_BLOCK = re.findall(r'    <div class="visible-xs">.*?\n', LAST)[3]


@pytest.mark.parametrize(
    "html",
    [
        LAST.replace(LAST_ROW, ""),
        LAST.replace(LAST_BLOCK, ""),
        LAST.replace(LAST_ROW, LAST_ROW * 2),
        LAST.replace(LAST_BLOCK, "").replace("</div>\n</div>", f"</div>\n{LAST_BLOCK}</div>"),
    ],
)
def test_rows_and_blocks_for_phones_must_be_of_the_same_matches(html: str) -> None:
    assert html != LAST
    with pytest.raises(IncompleteBodyError, match="for phones"):
        decode_page(html.encode())


PARTS = sorted(
    {
        *re.findall(r'class="([^"]+)"', ROW.group()),
        *(name for names in re.findall(r'class="([^"]+)"', ROW.group()) for name in names.split()),
        "js-match-bracket",
        "js-match-group",
        "data-title",
        "<p ",
        "<br>",
        "<span",
        "U15",
        "MALE",
        "League",
        "Northeast",
    }
)


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("instead", ["", "renamed"])
@pytest.mark.parametrize("everywhere", [False, True])
def test_any_part_of_a_row_may_go_or_change_and_every_match_is_still_counted(
    part: str, instead: str, everywhere: bool
) -> None:
    assert ROW is not None
    if everywhere:
        html = FULL.replace(part, instead)
    else:
        html = FULL.replace(ROW.group(), ROW.group().replace(part, instead))
    found = read(html)
    if found is not None:
        assert found.seen == 25
        for row, before in zip(found.rows, FULL_ROWS if len(found.rows) == 25 else [], strict=False):
            # What was still read is what it was, but for names of competition and division.
            assert (row.number, row.day, row.score, row.home, row.away) == (
                before.number,
                before.day,
                before.score,
                before.home,
                before.away,
            )


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_element_may_be_missing_from_a_row_and_every_match_is_still_counted(data: st.DataObject) -> None:
    tree = LexborHTMLParser(FULL)
    elements = tree.css("div.container-row *")
    elements[data.draw(st.integers(0, len(elements) - 1))].decompose()
    assert tree.body is not None
    found = read((tree.body.html or "").removeprefix("<body>").removesuffix("</body>"))
    if found is not None:
        assert found.seen == 25
        assert {row.number for row in found.rows} <= {row.number for row in FULL_ROWS}
        assert len(found.rows) + len(found.unreadable) == 25


@settings(max_examples=150, deadline=None)
@given(st.data(), st.text(max_size=12))
def test_any_text_may_stand_anywhere_and_nothing_crashes(data: st.DataObject, text: str) -> None:
    place = data.draw(st.integers(0, len(FULL)))
    found = read(FULL[:place] + text + FULL[place:])
    if found is not None:
        assert found.seen == 25


@given(st.binary(max_size=200))
def test_bytes_that_are_no_page_are_refused_in_words(body: bytes) -> None:
    with pytest.raises((IncompleteBodyError, SourceUnreadable)):
        decode_page(body)


def test_the_days_that_were_asked_for_are_those_that_are_listed() -> None:
    days = [entry.day for entry in LISTED["12"] if entry.day == dt.date(2027, 6, 8)]
    found = decode_page(page(start_date="2027-06-08 00:00:00", end_date="2027-06-08 23:59:59").encode())
    assert 0 < len(found.rows) <= len(days)
