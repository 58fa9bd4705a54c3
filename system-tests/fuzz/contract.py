"""What the contract allows, as this side of the test knows it: valid matches, and limits that any stored row keeps."""

import datetime as dt
import random
import re
from typing import Any, Final

REQUIRED: Final = ("home_team", "away_team", "date", "season", "age_group", "match_type")
TEXTS: Final = (
    *("division", "match_id", "location", "timezone", "league", "home_team_id", "away_team_id"),
    *("away_age_group", "away_division", "source"),
)
SCORES: Final = ("score_home", "score_away", "penalty_home", "penalty_away")
STATUSES: Final = ("scheduled", "tbd", "completed", "postponed", "cancelled", "forfeit")
COLUMNS: Final = (*REQUIRED, *TEXTS, *SCORES, "status", "notes", "match_time", "observed_at", "home_ref", "away_ref")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_CLOCK: Final = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_NEWEST: Final = dt.datetime(2026, 10, 1, tzinfo=dt.UTC)
"""The matches are observed within a year before."""


def a_match(chance: random.Random) -> dict[str, Any]:
    """A message that the contract allows and that can be stored; one of so few matches that they meet again."""
    number = chance.randrange(4000)
    home, away = number % 40, (number % 40 + 1 + number % 7) % 40
    observed = _NEWEST - dt.timedelta(hours=chance.randrange(8000))
    message: dict[str, Any] = {
        "home_team": f"Club {home}",
        "away_team": f"Club {away}",
        "date": f"{dt.date(2026, 8, 1) + dt.timedelta(days=number % 200)}",
        "season": chance.choice(("2026-27", "2026-2027", "26/27")),
        "age_group": f"U{14 + number % 4}",
        "match_type": "League",
        "division": f"Division {number % 5}",
        "match_id": str(number),
        "home_team_id": f"{number % 4}-{home}",
        "away_team_id": f"{number % 4}-{away}",
        "observed_at": f"{observed:%Y-%m-%dT%H:%M:%SZ}",
    }
    if chance.random() < 0.6:
        message |= {"score_home": chance.randrange(6), "score_away": chance.randrange(6), "status": "completed"}
    elif chance.random() < 0.5:
        message["status"] = chance.choice(("scheduled", "tbd", "postponed", "cancelled"))
    if chance.random() < 0.5:
        message |= {"match_time": f"{number % 24:02}:30", "timezone": "America/New_York", "location": "Ground – 3"}
    if chance.random() < 0.2:
        message |= {"notes": "Se jugó con lluvia. 雨", "league": "Homegrown", "source": "mls-next"}
    return message


def faults_of_row(row: dict[str, Any], now: dt.datetime) -> list[str]:
    """What in a row of the table `matches` the contract does not allow; `now` is UTC."""
    faults = [f"{name} is empty" for name in REQUIRED if not row[name]]
    for name in (*REQUIRED, *TEXTS, "notes"):
        text = row[name]
        if isinstance(text, str) and (len(text) > (2000 if name == "notes" else 200) or _CONTROL.search(text)):
            faults.append(f"{name} is too long or holds a control character")
    faults += [f"{name} is {row[name]}" for name in SCORES if row[name] is not None and not 0 <= row[name] <= 99]
    for one, other in (("score_home", "score_away"), ("penalty_home", "penalty_away")):
        if (row[one] is None) != (row[other] is None):
            faults.append(f"{one} without {other}")
    if row["penalty_home"] is not None and row["score_home"] is None:
        faults.append("a shootout without a score")
    if row["status"] not in STATUSES:
        faults.append(f"status is {row['status']}")
    if (row["status"] in ("completed", "forfeit")) != (row["score_home"] is not None):
        faults.append(f"{row['status']}, with the score {row['score_home']}")
    if row["match_time"] is not None and not _CLOCK.fullmatch(row["match_time"]):
        faults.append(f"match_time is {row['match_time']}")
    if row["home_ref"] == row["away_ref"]:
        faults.append("a team against itself")
    if not dt.datetime(1900, 1, 1, tzinfo=dt.UTC) <= row["observed_at"] <= now + dt.timedelta(hours=1):
        faults.append(f"observed_at is {row['observed_at']}")
    return faults
