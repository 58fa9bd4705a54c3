"""An installation with a season in it, a browser, and the pages to look at."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from pages.producer import Producer
from surfaces import MATCHES, PATIENCE, TABLE, System, eventually

CHROMIUM = Path(os.environ.get("CHROMIUM_PATH") or "/usr/bin/chromium")
PHONE = {"width": 390, "height": 844}
SMALL_PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1280, "height": 900}
TEAM = "Beachside of Connecticut"


MAINTAINER = frozenset({"ingest", "enter", "correct"})
"""The pages for who is signed in."""


@dataclass(frozen=True)
class Stage:
    """Where the pages are: their address, and each page by a name."""

    address: str
    token: str
    """Of scope admin."""
    paths: dict[str, str]
    status: dict[str, int]
    producer: Producer


@contextmanager
def browser() -> Iterator[Browser]:
    """A Chromium that talks to nobody but the pages."""
    quiet = ("background-networking", "component-update", "sync", "default-apps")
    options = [f"--disable-{each}" for each in quiet] + ["--no-first-run"]
    if os.geteuid() == 0:
        options.append("--no-sandbox")
    expect.set_options(timeout=PATIENCE * 1000)
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=options)
        yield found
        found.close()


@contextmanager
def installation(system: System) -> Iterator[Stage]:
    """Serves `system` as `make up` does, filled as a scraper does, with one of each thing that waits for a person."""
    up = system.start(TABLE, "up", "--port", "0")
    system.start_league()
    address = up.wait_for("API and pages on").split()[-1]
    with ThreadPoolExecutor() as both:
        scrape = both.submit(system.scrape, "--use-queue")
        token = both.submit(system.token, "anna").result()
        scrape.result()
    eventually(lambda: system.count() == MATCHES)
    system.environment["MISSING_TABLE_API_BASE_URL"] = address
    producer = Producer(system, address, token)
    changed = producer.correct(TEAM, "U15")
    waiting = producer.leave_to_be_decided("U14")
    team = system.get("/api/search", q=TEAM)["items"][0]["teams"][1]["team_ref"]
    paths = {
        "bracket": "/?season=2026-27&league=Homegrown&age_group=U15&division=Northeast",
        "whole season": "/?season=2026-27&league=Homegrown&age_group=U15&division=Northeast&matches=all",
        "team": f"/teams/{team}",
        "match": f"/matches/{changed}",
        "search": "/search?q=cedar+stars",
        "api": "/docs",
        "unknown bracket": "/?age_group=U99",
        "unknown team": "/teams/bayside",
        "unknown match": "/matches/999999",
        "sign-in": "/sign-in",
        "ingest": "/ingest",
        "enter": "/enter",
        "correct": f"/enter?match={waiting}",
    }
    status = {name: 404 if name.startswith("unknown") else 200 for name in paths}
    try:
        yield Stage(address, token, paths, status, producer)
    finally:
        up.stop()  # its worker is a process of its own, which a kill would leave behind


def sign_in(context: BrowserContext, stage: Stage) -> None:
    """Begins a session of the maintainer's in `context`."""
    page = context.new_page()
    page.goto("/sign-in")
    page.get_by_label("Token").fill(stage.token)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ingest")
    page.close()
