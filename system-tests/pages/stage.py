"""An installation with a season in it, a browser, and the pages to look at."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Browser, sync_playwright

from surfaces import MATCHES, System, eventually

CHROMIUM = Path(os.environ.get("CHROMIUM_PATH") or "/usr/bin/chromium")
PHONE = {"width": 390, "height": 844}
SMALL_PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1280, "height": 900}
TEAM = "Beachside of Connecticut"


@dataclass(frozen=True)
class Stage:
    """Where the pages are: their address, and each page by a name."""

    address: str
    paths: dict[str, str]
    status: dict[str, int]


@contextmanager
def browser() -> Iterator[Browser]:
    """A Chromium that talks to nobody but the pages."""
    quiet = ("background-networking", "component-update", "sync", "default-apps")
    options = [f"--disable-{each}" for each in quiet] + ["--no-first-run"]
    if os.geteuid() == 0:
        options.append("--no-sandbox")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=options)
        yield found
        found.close()


def set_up(system: System) -> Stage:
    """Fills `system` as a scraper does, corrects one match, and serves it."""
    system.start_league()
    system.migrate()
    system.start_worker()
    system.start_api()
    system.scrape("--use-queue")
    eventually(lambda: system.count() == MATCHES)
    address = system.environment["MISSING_TABLE_API_BASE_URL"]
    changed = _corrected(system)
    team = system.get("/api/search", q=TEAM)["items"][0]["teams"][1]["team_ref"]
    paths = {
        "bracket": "/?season=2026-27&league=Homegrown&age_group=U15&division=Northeast",
        "team": f"/teams/{team}",
        "match": f"/matches/{changed}",
        "search": "/search?q=cedar+stars",
        "api": "/docs",
        "unknown bracket": "/?age_group=U99",
        "unknown team": "/teams/bayside",
        "unknown match": "/matches/999999",
    }
    return Stage(address, paths, {name: 404 if name.startswith("unknown") else 200 for name in paths})


def _corrected(system: System) -> int:
    """The id of a match whose kick-off and result a source changed later."""
    found: list[dict[str, Any]] = system.get("/api/matches", team=TEAM, age_group="U15", limit="100")["items"]
    first = next(match for match in found if match["score_home"] is not None)
    contract = ("season", "match_id", "league", "age_group", "division", "match_type", "date", "timezone", "location")
    sides = ("home_team", "away_team", "home_team_id", "away_team_id")
    message = {name: first[name] for name in (*contract, *sides) if first[name] is not None}
    message |= {"source": first["source"], "match_time": "15:15", "status": "completed"}
    message |= {"score_home": first["score_home"] + 1, "score_away": first["score_away"]}
    message |= {"observed_at": "2026-10-05T05:00:00Z"}
    token = system.environment["MISSING_TABLE_API_TOKEN"]
    address = system.environment["MISSING_TABLE_API_BASE_URL"]
    answer = httpx.post(
        f"{address}/api/matches/submit", json=message, headers={"Authorization": f"Bearer {token}"}, timeout=10
    )
    answer.raise_for_status()
    (task,) = answer.json()["task_ids"]
    eventually(lambda: httpx.get(f"{address}/api/matches/task/{task}", timeout=10).status_code == 200)
    ref: int = first["id"]
    return ref
