"""How long a bracket's page is held, as far as the clock goes."""

import datetime as dt
import itertools

from missing_table.reader import Found
from missing_table.standings import Bracket
from missing_table.web.bracket_page import shown

NOON = dt.datetime(2026, 10, 5, 12, tzinfo=dt.UTC)
PAGES = [Found(Bracket("2026-27", "Homegrown", f"U{age}", f"Division {n}"), "1") for age in (14, 15) for n in range(30)]


def test_each_page_is_made_anew_once_a_minute_and_not_all_of_them_at_once() -> None:
    moments = [NOON + dt.timedelta(seconds=seconds) for seconds in range(61)]
    anew = [[shown(page, before) != shown(page, now) for page in PAGES] for before, now in itertools.pairwise(moments)]
    assert [sum(of_page) for of_page in zip(*anew, strict=True)] == [1] * len(PAGES)
    assert max(map(sum, anew)) < len(PAGES) / 6
