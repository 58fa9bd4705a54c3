"""A page that stays open during a match day, in a real Chromium: a result shows itself, and nothing else moves."""

import datetime as dt
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from pages.stage import CHROMIUM, DESKTOP, browser
from surfaces import PATIENCE, System

PROMISED = 2.0
"""Seconds from a commit to what an open page shows, at most."""
TODAY = dt.datetime.now(dt.UTC).date()
CLUBS = ("Alder", "Birch", "Cedar", "Elm")
PATH = "/?season=2026-27&league=Homegrown&age_group=U15&division=Northeast"


@dataclass
class MatchDay:
    """Two API processes on one database, and matches of today."""

    system: System
    addresses: list[str]

    def enter(self, number: int, **fields: Any) -> float:
        """States a match, by way of the first process; returns when it was committed."""
        teams = (CLUBS[2 * number], CLUBS[2 * number + 1])
        message = {"season": "2026-27", "age_group": "U15", "division": "Northeast", "match_type": "League"}
        message |= {"match_id": str(number), "date": str(TODAY), "home_team": teams[0], "away_team": teams[1]}
        token = self.system.environment["MISSING_TABLE_API_TOKEN"]
        answer = httpx.post(
            f"{self.addresses[0]}/api/matches",
            json=message | fields,
            headers={"Authorization": f"Bearer {token}"},
            timeout=PATIENCE,
        )
        answer.raise_for_status()
        return time.monotonic()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for all tests."""
    if not CHROMIUM.exists():
        missing = f"Chromium: there is no {CHROMIUM}; CHROMIUM_PATH names another"
        if os.geteuid() == 0 or os.environ.get("CI", "").lower() == "true":
            pytest.fail(missing, pytrace=False)
        pytest.skip(missing)
    with browser() as found:
        yield found


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MatchDay]:
    """A match day that has not begun."""
    system = System(tmp_path_factory.mktemp("live"))
    try:
        system.migrate()
        addresses = []
        for _ in range(2):
            system.start_api()
            addresses.append(system.environment["MISSING_TABLE_API_BASE_URL"])
        made = MatchDay(system, addresses)
        for number in range(2):
            made.enter(number)
        yield made
    finally:
        system.stop()


@pytest.fixture
def page(chromium: Browser, day: MatchDay) -> Iterator[Page]:
    """A tab whose pages come from the second process, and that says nothing on its console."""
    context = chromium.new_context(base_url=day.addresses[1], viewport=DESKTOP)  # type: ignore[arg-type]
    made = context.new_page()
    said: list[str] = []
    made.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
    made.on("pageerror", lambda error: said.append(str(error)))
    yield made
    context.close()
    assert said == []


def listening(page: Page, path: str) -> None:
    """Opens a page and waits until it has its stream."""
    with page.expect_response(lambda answer: "/api/live?" in answer.url):
        page.goto(path)


def test_a_score_shows_itself_and_nothing_else_moves(day: MatchDay, page: Page) -> None:
    listening(page, PATH)
    page.get_by_text("How this table is ordered").click()
    birch = page.get_by_role("table").get_by_role("link", name="Birch")
    birch.focus()
    page.evaluate("document.querySelector('tbody tr').kept = true; scrollTo(0, 40)")
    before = page.evaluate("scrollY")
    day.enter(0, score_home=0, score_away=2)
    expect(page.get_by_role("table").get_by_role("row").nth(1)).to_contain_text("Birch")
    expect(page.get_by_text("0–2")).to_be_visible()
    expect(page.get_by_role("status")).to_have_text("Table updated")
    expect(page.locator("tr[data-changed]").first).to_be_attached()
    expect(birch).to_be_focused()
    expect(page.get_by_text("Teams that are still level share a position.")).to_be_visible()
    assert page.evaluate("scrollY") == before
    assert page.evaluate("[...document.querySelectorAll('tbody tr')].some(row => row.kept)")
    assert Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"] == []


def test_the_pages_of_match_and_team_follow(day: MatchDay, page: Page) -> None:
    listening(page, PATH)
    page.get_by_role("link", name="Cedar").last.click()
    expect(page.get_by_role("heading", name="What changed")).to_be_visible()
    match = page.url
    listening(page, match)
    day.enter(1, score_home=3, score_away=3)
    expect(page.get_by_role("heading", level=1)).to_contain_text("3–3")
    expect(page).to_have_title("Cedar 3–3 Elm · missing-table")
    listening(page, page.get_by_role("link", name="Cedar").get_attribute("href") or "")
    day.enter(1, score_home=4, score_away=3)
    expect(page.locator(".fixtures .result")).to_contain_text("4–3")


def test_who_wants_no_motion_sees_the_score_without(day: MatchDay, page: Page) -> None:
    page.emulate_media(reduced_motion="reduce")
    listening(page, PATH)
    day.enter(0, score_home=5, score_away=2)
    expect(page.get_by_text("5–2")).to_be_visible()
    expect(page.locator("[data-changed]")).to_have_count(0)


def test_a_page_that_nobody_sees_is_still_and_catches_up_when_it_is_shown(day: MatchDay, page: Page) -> None:
    listening(page, PATH)
    hidden = "Object.defineProperty(document, 'hidden', {value: %s, configurable: true});"
    seen = "document.dispatchEvent(new Event('visibilitychange'))"
    page.evaluate(hidden % "true" + seen)
    open_streams = "missing_table_live_streams 0.0"
    deadline = time.monotonic() + PATIENCE
    while open_streams not in httpx.get(f"{day.addresses[1]}/metrics", timeout=PATIENCE).text:
        assert time.monotonic() < deadline, "its stream stayed open"
    day.enter(0, score_home=7, score_away=2)
    expect(page.get_by_text("7–2")).to_have_count(0)
    page.evaluate(hidden % "false" + seen)
    expect(page.get_by_text("7–2")).to_be_visible()


def test_a_score_is_seen_in_time(day: MatchDay, page: Page) -> None:
    listening(page, PATH)
    waited = []
    for score in range(3):
        committed = day.enter(1, score_home=score, score_away=9)
        expect(page.get_by_text(f"{score}–9")).to_be_visible()
        waited.append(time.monotonic() - committed)
    assert sorted(waited)[1] < PROMISED, "the middle one: a machine that stalls is no late page"


def test_a_season_that_is_over_has_no_news(day: MatchDay, page: Page) -> None:
    day.enter(0, season="2020-21", match_id="old", date="2020-10-03", score_home=1, score_away=0)
    page.goto(PATH.replace("2026-27", "2020-21"), wait_until="networkidle")
    assert page.locator("script[src*='live.js'], link[type='text/event-stream']").count() == 0
