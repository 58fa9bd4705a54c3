"""What a source and a person say after the season's first scrape: a correction, and one of each thing to decide."""

from dataclasses import dataclass
from typing import Any

import httpx

from surfaces import PATIENCE, System, eventually

LATER = "2026-10-05T05:00:00Z"
"""After the sample's own statements."""
CONTRACT = (
    "season",
    "match_id",
    "league",
    "age_group",
    "division",
    "match_type",
    "date",
    "match_time",
    "timezone",
    "location",
)
SIDES = ("home_team", "away_team", "home_team_id", "away_team_id")
BY_NAME = "Beachside Conn."
"""A team that no source knows by that name."""


@dataclass(frozen=True)
class Producer:
    """Sends matches over HTTP."""

    system: System
    address: str
    token: str

    def correct(self, team: str, age_group: str) -> int:
        """The id of a match whose kick-off and result the source changes."""
        match = self._played(team=team, age_group=age_group)[0]
        self.send(self._again(match, match_time="15:15", score_home=match["score_home"] + 1))
        ref: int = match["id"]
        return ref

    def leave_to_be_decided(self, age_group: str) -> int:
        """One of everything that waits for a person; returns the id of a match that is disputed."""
        disputed, twice, named, *_ = self._played(age_group=age_group, division="Northeast")
        entered = self._again(disputed, score_home=disputed["score_home"] + 2)
        del entered["observed_at"]
        self._post("/api/matches", entered)
        self.send(
            self._again(disputed),
            self._again(twice, match_id="90001"),
            self._named(named, BY_NAME, named["away_team"], match_id="90002", date="2026-10-03"),
            self._again(named, match_id="90003", date="2027-05-30", observed_at="2026-08-01T05:00:00Z")
            | {"status": "scheduled", "score_home": None, "score_away": None},
            self._again(named, match_id="90004", score_away=None),
        )
        ref: int = disputed["id"]
        return ref

    def meet(self, home: str, away: str, age_group: str) -> None:
        """A match of two teams that are called so."""
        match = self._played(age_group=age_group, division="Northeast")[0]
        self.send(self._named(match, home, away, match_id="90005", date="2026-10-04"))

    def send(self, *messages: dict[str, Any]) -> None:
        """Submits `messages`, and waits until each is processed."""
        present = [{name: value for name, value in message.items() if value is not None} for message in messages]
        tasks = self._post("/api/matches/submit", present)["task_ids"]
        eventually(lambda: all(self._known(task) for task in tasks))

    def _known(self, task: str) -> bool:
        return httpx.get(f"{self.address}/api/matches/task/{task}", timeout=PATIENCE).status_code == 200

    def _played(self, **wanted: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.system.get("/api/matches", limit="100", **wanted)["items"]
        return [match for match in found if match["score_home"] is not None]

    def _again(self, match: dict[str, Any], **changed: Any) -> dict[str, Any]:
        """A message about `match`, with its score."""
        message = {name: match[name] for name in (*CONTRACT, *SIDES) if match[name] is not None}
        message |= {name: match[name] for name in ("source", "score_home", "score_away")}
        return message | {"status": "completed", "observed_at": LATER} | changed

    def _named(self, match: dict[str, Any], home: str, away: str, **changed: Any) -> dict[str, Any]:
        """The same of teams that are known by these names alone."""
        message = self._again(match, home_team=home, away_team=away, **changed)
        return {name: value for name, value in message.items() if name not in ("home_team_id", "away_team_id")}

    def _post(self, path: str, payload: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = httpx.post(self.address + path, json=payload, headers=headers, timeout=PATIENCE)
        answer.raise_for_status()
        return answer.json()
