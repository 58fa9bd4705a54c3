"""What tests of the pages share: a match, and the words of a page."""

import datetime as dt
import html
import re
from typing import Any

from missing_table.answers import MatchStoryAnswer

PLAIN: dict[str, Any] = {
    "home_team": "Chicago Fire",
    "away_team": "Indiana Fire",
    "date": "2026-09-05",
    "season": "2026-27",
    "age_group": "U15",
    "match_type": "League",
    "division": "Northeast",
    "observed_at": "2026-09-06T04:40:03Z",
}


def text_of(page: str) -> str:
    """The words of a page, without its markup."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page)).split())


def match_answer(**fields: Any) -> MatchStoryAnswer:
    """A match as a reader is given it; `fields` differ from a plain one."""
    required = [name for name, field in MatchStoryAnswer.model_fields.items() if field.is_required()]
    plain = dict.fromkeys(required) | {
        "id": 7,
        "source": "mls-next",
        "season": "2026-27",
        "league": "Homegrown",
        "age_group": "U15",
        "match_type": "League",
        "date": dt.date(2026, 10, 5),
        "home_team": "We",
        "away_team": "They",
        "home_ref": 1,
        "away_ref": 2,
        "status": "scheduled",
        "observed_at": dt.datetime(2026, 10, 5, tzinfo=dt.UTC),
        "updated_at": dt.datetime(2026, 10, 5, tzinfo=dt.UTC),
        "history": [],
        "pinned": [],
        "disputes": [],
    }
    return MatchStoryAnswer.model_validate(plain | fields)
