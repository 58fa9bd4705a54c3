"""A team's matches as a calendar to subscribe to (iCalendar, RFC 5545).

Nothing in it depends on when it is read: two reads differ only in the matches that changed between them.
"""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from icalendar import Calendar, Event
from sqlalchemy import Connection

from missing_table.answers import MatchAnswer, TeamAnswer
from missing_table.bracket import BracketView, whole
from missing_table.standings import Bracket
from missing_table.store import read
from missing_table.team import team_answer

_FIRST_YEAR: Final = 1970
"""Each year before it would cost as much, and no match was played in it."""
_LAST_YEAR: Final = dt.MAXYEAR - 1
"""In which each moment is one by the clock of each zone, too."""
REFRESH: Final = dt.timedelta(hours=1)
"""How often a calendar program is asked to look again."""
LASTS: Final = dt.timedelta(hours=2)
"""How long a match takes from its kick-off; no source says."""
_STATUS: Final[Mapping[str, tuple[str, str]]] = {
    "cancelled": ("CANCELLED", "Cancelled: "),
    "postponed": ("TENTATIVE", "Postponed: "),
}


def team_calendar(
    connection: Connection,
    team_ref: int,
    season: str | None = None,
    *,
    page: Callable[[int], str],
    bracket_view: Callable[[Connection, Bracket], BracketView] = whole,
) -> bytes:
    """The calendar of the team `team_ref` in `season`; `page` gives the address of a match's page.

    `bracket_view` and what it raises: as `team_answer`.
    """
    team = team_answer(connection, team_ref, season, bracket_view=bracket_view)
    changes = read.changes_of(connection, [match.id for match in team.matches])
    return calendar(team, changes, page)


def calendar(team: TeamAnswer, changes: Mapping[int, int], page: Callable[[int], str]) -> bytes:
    """`team` as a calendar; `changes` says how often each of its matches changed."""
    made = Calendar()
    name = f"{team.team} {team.age_group}"
    made.add("version", "2.0")
    made.add("prodid", "-//missing-table//EN")
    made.add("method", "PUBLISH")
    made.add("name", name)
    made.add("x-wr-calname", name)  # what programs read that do not know NAME (RFC 7986)
    made.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    made.add("x-published-ttl", "PT1H")
    for match in team.matches:
        made.add_component(_event(match, changes.get(match.id, 0), page(match.id)))
    if team.matches:
        # whole years about the season, so that a match that moves does not move the rules of its zone
        dated = [match.date.year for match in team.matches] + _years(team.season or "")
        years = [max(year, _FIRST_YEAR) for year in dated]
        made.add_missing_timezones(dt.date(min(years), 1, 1), dt.date(min(max(years) + 1, _LAST_YEAR), 12, 31))
    content: bytes = made.to_ical()
    return content


def _years(season: str) -> list[int]:
    """2026 and 2027 for 2026-27; a season that is called in another way says nothing."""
    return [int(season[:4]), int(season[:4]) + 1] if re.fullmatch(r"20[0-9]{2}-[0-9]{2}", season) else []


def _event(match: MatchAnswer, changes: int, page: str) -> Event:
    event = Event()
    status, mark = _STATUS.get(match.status, ("CONFIRMED", ""))
    event.add("uid", f"match-{match.id}@missing-table")
    event.add("dtstamp", match.updated_at)
    event.add("last-modified", match.updated_at)
    event.add("sequence", changes)
    event.add("summary", mark + title(match))
    event.add("status", status)
    starts = kick_off(match)
    event.add("dtstart", starts)
    if isinstance(starts, dt.datetime):
        event.add("duration", LASTS)
    if match.location:
        event.add("location", match.location)
    event.add("description", _description(match))
    event.add("url", page)
    return event


def title(match: MatchAnswer) -> str:
    """Home – Away, with the result between them once there is one."""
    if match.score_home is None:
        return f"{match.home_team} – {match.away_team}"
    result = f"{match.home_team} {match.score_home}–{match.score_away} {match.away_team}"
    if match.penalty_home is not None:
        result += f" ({match.penalty_home}–{match.penalty_away} on penalties)"
    return result + (" (forfeit)" if match.status == "forfeit" else "")


def kick_off(match: MatchAnswer) -> dt.datetime | dt.date:
    """When `match` begins: in the zone of its venue; where that is not known, by the clock on the wall there.

    The day alone, where no time is set.
    """
    if match.match_time is None:
        return match.date
    starts = dt.datetime.combine(match.date, dt.time.fromisoformat(match.match_time))
    try:
        return starts.replace(tzinfo=ZoneInfo(match.timezone)) if match.timezone else starts
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return starts  # a name of a zone that this machine does not know


def _description(match: MatchAnswer) -> str:
    filed = " ".join(part for part in (match.league, match.age_group, match.division, match.season) if part)
    lines = [f"{match.match_type} · {filed}"]
    if match.match_time is None and match.score_home is None:
        lines.append("The kick-off is not set yet.")
    if match.status == "tbd":
        lines.append("Played; the score is not known yet.")
    if match.possible_duplicate_of is not None:
        lines.append("Possibly another match of these teams on that day over again.")
    return "\n".join(lines)
