"""modular11's list of matches over the same documents: a question in, one page of HTML out.

Every parameter that the real one knows is honoured or, where it selects nothing in a boys' league, accepted.
"""

import datetime as dt
import html
import re
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

from . import page_faults as fault
from .feeds import Document, Documents

PATH = "/public_schedule/league/get_matches"
ROWS_PER_PAGE = 25
NO_DATA = '<div class="no-data" style="text-align: center">No data available.</div>\n'
TOURNAMENTS = {"12": ("mls-next-league-", "mls-next-flex-"), "35": ("mls-next-2-academy-division-",)}
AGES = {"U13": "21", "U14": "22", "U15": "33", "U16": "14", "U17": "15", "U19": "26"}
GROUPS = {
    "Northeast": "41",
    "Florida": "46",
    "Mid-Atlantic": "68",
    "Central": "34",
    "East": "35",
    "Southeast": "37",
    "Southwest": "36",
    "Northwest": "38",
}
"""The others have no id here: they are found only by who asks for all."""
_STATUSES = {"all", "scheduled", "pending"}
_LEAGUE_MATCHES = "2"
_SHOWN = 24
"""So many characters of a name are shown; the rest is cut off."""
_NBSP = "\u00a0"


@dataclass(frozen=True, slots=True)
class Entry:
    """One match as the list shows it."""

    number: str
    start: dt.datetime | None
    """At the venue."""
    age_group: str
    competition: str
    division: str
    home: str
    away: str
    score: str
    venue: str

    @property
    def day(self) -> dt.date | None:
        return self.start.date() if self.start else None


def entries(documents: Documents) -> dict[str, list[Entry]]:
    """The matches of these documents by tournament, in the order of their kick-offs."""
    found: dict[str, list[Entry]] = {}
    for tournament, beginnings in TOURNAMENTS.items():
        listed: dict[int, Document] = {
            id(document): document for key, document in documents.schedule.items() if key.startswith(beginnings)
        }
        held = [
            entry
            for key, document in documents.schedule.items()
            if listed.pop(id(document), None) is not None
            for entry in _entries(document, documents.standings.get(key, {}))
        ]
        found[tournament] = sorted(held, key=lambda entry: (str(entry.start), entry.number))
    return found


def answer(listed: dict[str, list[Entry]], question: str, faults: Collection[str], request: int) -> str:
    """The fragment for such a query string, misbehaving in these ways."""
    asked = parse_qs(question, keep_blank_values=True)
    problem = _problem(asked)
    if problem or fault.ERROR_FRAGMENT in faults:
        return f'<div class="message"><b style="color: red">Error: {problem or "undefined offset: 3"}</b></div>\n'
    found = [] if fault.NO_DATA in faults else list(_asked_for(listed, asked, faults))
    if fault.LIST_MOVES_ONCE in faults and request == 1 and _page_number(asked) > 1 and found:
        found.insert(0, replace(found[0], number="99990"))
    if not found:
        return NO_DATA
    pages = -(-len(found) // ROWS_PER_PAGE)
    # A page that is not there is silently the first one.
    number = page if 1 <= (page := _page_number(asked)) <= pages and fault.WRONG_PAGE not in faults else 1
    shown = found[(number - 1) * ROWS_PER_PAGE : number * ROWS_PER_PAGE]
    if fault.ROW_MISSING in faults and number < pages:
        del shown[3]
    if fault.PAGE_COUNT_CHANGES in faults:
        pages += number - 1
    return _fragment(shown, number, pages, faults)


def _fragment(shown: list[Entry], number: int, pages: int, faults: Collection[str]) -> str:
    rows = [_row(entry, faults) for entry in shown]
    if fault.ROW_MARKUP_CHANGED in faults:
        rows = [row.replace("score-match-table", "score-match") for row in rows]
    if fault.UNREADABLE_ROW in faults and number == 1:
        rows[0] = rows[0].replace("container-second-team", "container-guests")
    blocks = [_block(entry) for entry in shown]
    if fault.MOBILE_DIFFERS in faults:
        blocks = [*blocks[1:], blocks[0].replace(f">{shown[0].number}<", ">1<")]
    body = "".join(
        f'  <div class="container-row">\n{row}{block}  </div>\n' for row, block in zip(rows, blocks, strict=True)
    )
    marker = "" if fault.NO_MARKER in faults else f"{number} page out of {pages}"
    return (
        f'<div class="container-table-matches">\n{body}'
        f'  <div class="container-pagination">\n    <span class="pagination-info">{marker}</span>\n  </div>\n</div>\n'
    )


def _row(entry: Entry, faults: Collection[str]) -> str:
    when = f"{entry.start:%m/%d/%y %I:%M%p}".lower() if entry.start else ""
    score = entry.score or ("TBD" if fault.SCORE_TBD in faults else "")
    length = 5 if fault.TEXT_CUT_SHORT in faults else _SHOWN
    venue, home, away = (_cut(text, length) for text in (entry.venue, entry.home, entry.away))
    if fault.NO_BREAK_SPACES in faults:
        when, score = when.replace(" ", _NBSP), score.replace(" ", _NBSP)
        venue, home, away = (re.sub(r"(?<!<p) ", _NBSP, cell) for cell in (venue, home, away))
    return f"""\
    <div class="row table-content-row hidden-xs" js-match-bracket="{_escaped(entry.competition)}" \
js-match-group="{_escaped(entry.division)}">
      <div class="col-sm-1 pad-0">{entry.number}<br>MALE</div>
      <div class="col-sm-2">{when}<div class="container-location">{venue}</div></div>
      <div class="col-sm-1 pad-0">{entry.age_group}</div>
      <div class="col-sm-2">{_escaped(entry.competition)}<br>{_escaped(entry.division)}</div>
      <div class="col-sm-6 pad-0">
        <div class="container-teams-info">
          <div class="container-first-team">{home}</div>
          <div class="container-score"><span class="score-match-table">{score}</span></div>
          <div class="container-second-team">{away}</div>
        </div>
      </div>
    </div>
"""


def _block(entry: Entry) -> str:
    pairs = {
        "Match": entry.number,
        "Date": f"{entry.start:%m/%d/%y %I:%M%p}".lower() if entry.start else "",
        "Age": entry.age_group,
        "Competition": entry.competition,
        "Division": entry.division,
        "Location": entry.venue,
        "Home": entry.home,
        "Score": entry.score,
        "Away": entry.away,
    }
    info = "".join(
        f'<div class="mobile-block-match-info"><span>{label}</span><span>{_escaped(value)}</span></div>'
        for label, value in pairs.items()
    )
    return f'    <div class="visible-xs">{info}</div>\n'


def _cut(text: str, length: int) -> str:
    shown = text if len(text) <= length else f"{text[: length - 3]}..."
    return f'<p data-title="{_escaped(text)}">{_escaped(shown)}</p>'


def _escaped(text: str) -> str:
    return html.escape(text)


def _entries(schedule: Document, standings: Document) -> Iterator[Entry]:
    brackets = standings.get("competition_season", {}).get("competition_brackets", [])
    of: defaultdict[int, list[tuple[str, str]]] = defaultdict(list)
    for held in brackets:
        for row in held["standings"]:
            of[row["team"]["squad_id"]].append((held["age_group"]["name"], held["name"]))
    for event in schedule.get("events", []):
        home, away = of[event["home_squad_id"]], of[event["away_squad_id"]]
        common = [bracket for bracket in home if bracket in away]
        age_group, division = next(iter(common or home or away), (event.get("home_squad_name") or "", ""))
        yield Entry(
            event["game_key"],
            _local(event),
            age_group,
            (event.get("competition") or {}).get("name") or "",
            division,
            event["home_organisation"]["name"],
            event["away_organisation"]["name"],
            _score(event),
            (event.get("event_location") or {}).get("name") or "",
        )


def _local(event: Document) -> dt.datetime | None:
    if not event["start_time"]:
        return None
    start = dt.datetime.fromisoformat(event["start_time"])
    try:
        return start.astimezone(ZoneInfo(event["local_timezone"]))
    except (KeyError, ValueError, TypeError):
        return start


def _score(event: Document) -> str:
    sides = event.get("score") or (event.get("home_score"), event.get("away_score"))
    if None in sides:
        return "TBD" if event.get("completed") else ""
    return f"{sides[0]}{_NBSP}:{_NBSP}{sides[1]}"


def _asked_for(listed: dict[str, list[Entry]], asked: dict[str, list[str]], faults: Collection[str]) -> Iterator[Entry]:
    ages, groups = set(asked.get("age[]", AGES.values())), set(asked.get("groups[]", ()))
    ids = GROUPS
    if fault.DIVISION_IDS_CHANGED in faults:
        *others, last_id = GROUPS.values()
        ids = dict(zip(GROUPS, [last_id, *others], strict=True))
    first, last = _days(asked)
    status = asked.get("status", ["all"])[0]
    if asked.get("match_type", [_LEAGUE_MATCHES])[0] != _LEAGUE_MATCHES:
        return
    for entry in listed[asked["tournament"][0]]:
        if AGES.get(entry.age_group, "") not in ages or (groups and ids.get(entry.division) not in groups):
            continue
        if entry.day is not None and not first <= entry.day <= last:
            continue
        if status == "all" or (status == "scheduled") == (not entry.score):
            yield entry


def _problem(asked: dict[str, list[str]]) -> str | None:
    if asked.get("tournament", [""])[0] not in TOURNAMENTS:
        return "unknown tournament"
    if asked.get("status", ["all"])[0] not in _STATUSES:
        return "unknown status"
    try:
        _days(asked)
        _page_number(asked)
    except ValueError:
        return "wrong parameter"
    return None


def _days(asked: dict[str, list[str]]) -> tuple[dt.date, dt.date]:
    first, last = (asked.get(name, [""])[0] for name in ("start_date", "end_date"))
    return (
        dt.datetime.fromisoformat(first).date() if first else dt.date.min,
        dt.datetime.fromisoformat(last).date() if last else dt.date.max,
    )


def _page_number(asked: dict[str, list[str]]) -> int:
    return int(asked.get("open_page", ["1"])[0])


def cut_off(fragment: str, faults: Collection[str], request: int) -> bytes:
    """The bytes of a fragment, or the first half of them."""
    body = fragment.encode()
    cut = fault.PAGE_CUT_OFF in faults or (fault.PAGE_CUT_OFF_ONCE in faults and request == 1)
    return body[: len(body) // 2] if cut else body
