"""A season of any size, as a folder that `mls-scraper sample-site --data` serves."""

import datetime as dt
import json
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any, Final

from surfaces import SCRAPER, System

KEY: Final = "mls-next-league-26-27"
FIRST_KEY: Final = 500_000
DIVISIONS: Final = {"North": "America/New_York", "Middle": "America/Chicago", "South": "America/Los_Angeles"}
AGE_GROUP: Final = "U14"
SQUADS: Final = 24
"""In each division. So many play 276 pairings a round."""
FIRST_DAY: Final = dt.date(2026, 8, 22)
"""A Saturday; a round is played on each Saturday and each Sunday from here."""
SYNCED_AT: Final = dt.datetime(2026, 10, 5, 4, 40, 3, tzinfo=dt.UTC)
"""What was played before has a score."""


class Season:
    """`matches` matches with numbers of their own, in three divisions that hold a third of them each."""

    def __init__(self, folder: Path, matches: int) -> None:
        assert matches % len(DIVISIONS) == 0
        self.folder = folder
        self.matches = matches
        self.teams = SQUADS * len(DIVISIONS)

    def write(self, system: System) -> None:
        """Writes it in the shape of the bundled sample."""
        system.run(SCRAPER, "sample-site", "--export", self.folder)
        schedule, standings = self._documents()
        self._event = schedule["events"][0]
        self._standing = standings["competition_season"]["competition_brackets"][0]["standings"][0]
        bracket = standings["competition_season"]["competition_brackets"][0]
        standings["competition_season"]["competition_brackets"] = [
            bracket | {"id": number, "name": division, "standings": list(self._standings(number))}
            for number, division in enumerate(DIVISIONS)
        ]
        schedule["events"] = list(self._events())
        self._save(schedule, standings)

    def change(self, hours: int) -> None:
        """An official correction: every score is one goal higher at home; so many hours after `SYNCED_AT`."""
        schedule, standings = self._documents()
        for event in schedule["events"]:
            if event["home_score"] is not None:
                event["home_score"] += 1
                event["home_penalty_shootout_score"] = event["away_penalty_shootout_score"] = None
        schedule["synced_at"] = f"{SYNCED_AT + dt.timedelta(hours=hours):%Y-%m-%dT%H:%M:%SZ}"
        self._save(schedule, standings)

    def _standings(self, number: int) -> Iterator[dict[str, Any]]:
        for place in range(SQUADS):
            squad = squad_id(number, place)
            team = self._standing["team"] | {"squad_id": squad, "name": club(squad), "organisation_id": squad}
            yield self._standing | {"position": place + 1, "team": team}

    def _events(self) -> Iterator[dict[str, Any]]:
        pairings = list(combinations(range(SQUADS), 2))
        for number, zone in enumerate(DIVISIONS.values()):
            for nth in range(self.matches // len(DIVISIONS)):
                round_, pairing = divmod(nth, len(pairings))
                home, away = pairings[pairing] if round_ % 2 == 0 else reversed(pairings[pairing])
                day = FIRST_DAY + dt.timedelta(days=7 * (round_ // 2) + round_ % 2)
                start = dt.datetime.combine(day, dt.time(14 + nth % 8, 15 * (nth % 4)), dt.UTC)
                key = FIRST_KEY + nth * len(DIVISIONS) + number
                yield self._one(key, start, zone, squad_id(number, home), squad_id(number, away))

    def _one(self, key: int, start: dt.datetime, zone: str, home: int, away: int) -> dict[str, Any]:
        played = start < SYNCED_AT
        score = (key % 5, key % 3) if played else (None, None)
        shootout = (5, 4) if played and score[0] == score[1] and key % 2 else (None, None)
        event: dict[str, Any] = self._event | {
            "id": 5_000_000 + key,
            "game_key": str(key),
            "start_time": f"{start:%Y-%m-%dT%H:%M:%SZ}",
            "local_timezone": zone,
            "home_squad_id": home,
            "away_squad_id": away,
            "home_squad_name": AGE_GROUP,
            "away_squad_name": AGE_GROUP,
            "home_organisation": {"id": home, "name": club(home)},
            "away_organisation": {"id": away, "name": club(away)},
            "completed": played,
            "home_score": score[0],
            "away_score": score[1],
            "home_penalty_shootout_score": shootout[0],
            "away_penalty_shootout_score": shootout[1],
            "event_location": {"id": key % 90, "name": f"Ground {key % 90} – Field {key % 4}"},
        }
        return event

    def _documents(self) -> tuple[dict[str, Any], dict[str, Any]]:
        schedule = json.loads((self.folder / "schedule" / f"{KEY}.json").read_text())
        standings = json.loads((self.folder / "standings" / f"{KEY}.json").read_text())
        return schedule, standings

    def _save(self, schedule: dict[str, Any], standings: dict[str, Any]) -> None:
        (self.folder / "schedule" / f"{KEY}.json").write_text(json.dumps(schedule))
        (self.folder / "standings" / f"{KEY}.json").write_text(json.dumps(standings))


def squad_id(division: int, place: int) -> int:
    """The number of a squad."""
    return 7000 + 100 * division + place


def club(squad: int) -> str:
    """The name of a squad's club; one of them with accents."""
    return f"Águias {squad}" if squad % 7 == 0 else f"Club {squad}"
