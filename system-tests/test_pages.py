"""Every page in a real Chromium: on a phone and a desktop, light and dark, with a script and without, by keyboard."""

import datetime as dt
import os
import re
from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Response, expect

from pages.producer import BY_NAME
from pages.stage import CHROMIUM, DESKTOP, MAINTAINER, PHONE, SMALL_PHONE, TEAM, Stage, browser, installation, sign_in
from surfaces import System

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WEIGHT = 50_000
"""Bytes of a page on the wire, all in."""
PUBLIC = (
    "bracket",
    "whole season",
    "team",
    "match",
    "search",
    "api",
    "unknown bracket",
    "unknown team",
    "unknown match",
    "sign-in",
)
NAMES = (*PUBLIC, *sorted(MAINTAINER))
Tabs = Callable[..., Page]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One installation for all tests."""
    system = System(tmp_path_factory.mktemp("pages"))
    try:
        with installation(system) as found:
            yield found
    finally:
        system.stop()


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
def contexts(chromium: Browser, stage: Stage) -> Iterator[dict[tuple[bool, bool], BrowserContext]]:
    """Who reads, by whether there is a script and whether they are signed in; with a phone in Los Angeles."""
    found = {
        (script, signed_in): chromium.new_context(
            base_url=stage.address,
            viewport=PHONE,  # type: ignore[arg-type]
            timezone_id="America/Los_Angeles",
            java_script_enabled=script,
        )
        for script in (True, False)
        for signed_in in (False, True)
    }
    for script in (True, False):
        sign_in(found[script, True], stage)
    yield found
    for context in found.values():
        context.close()


@pytest.fixture
def tabs(contexts: dict[tuple[bool, bool], BrowserContext]) -> Iterator[Tabs]:
    """Opens an empty tab."""
    opened: list[Page] = []

    def tab(*, script: bool = True, signed_in: bool = False) -> Page:
        opened.append(contexts[script, signed_in].new_page())
        return opened[-1]

    yield tab
    for page in opened:
        page.close()


@pytest.fixture
def page(tabs: Tabs) -> Page:
    """A reader's tab."""
    return tabs()


@pytest.fixture
def plain(tabs: Tabs) -> Page:
    """A tab of a reader without JavaScript."""
    return tabs(script=False)


def violations(page: Page) -> list[str]:
    """What axe-core finds against WCAG 2.2 AA and its own good practice, in words, as wide and as light as may be."""
    page.evaluate(AXE.axe_script)
    found = []
    for width, size in (("phone", PHONE), ("desktop", DESKTOP)):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            for each in page.evaluate(RUN_AXE, WCAG):
                found.append(f"{width}, {scheme}: {each}")
        assert sideways(page) == 0, width
    return found


AXE = Axe()
RUN_AXE = """async (tags) => {
  const { violations } = await axe.run({ resultTypes: ["violations"], runOnly: tags });
  return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html.slice(0, 200))}`);
}"""


def sideways(page: Page) -> int:
    """By how many pixels the page can be scrolled sideways."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_light_quiet_and_accessible(stage: Stage, tabs: Tabs, name: str) -> None:
    """On a phone and a desktop, in the light and in the dark."""
    page = tabs(signed_in=name in MAINTAINER)
    page.context.new_cdp_session(page).send("Network.setCacheDisabled", {"cacheDisabled": True})
    answers: list[Response] = []
    said: list[str] = []
    page.on("response", lambda answer: answers.append(answer))
    page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: said.append(str(error)))
    answer = page.goto(stage.paths[name])
    assert answer is not None
    assert answer.status == stage.status[name]
    assert [line for line in said if f"status of {answer.status}" not in line] == []
    assert all(each.url.startswith(stage.address) for each in answers)
    assert any(each.url.endswith(".css") or ".css?" in each.url for each in answers)
    whole = [each for each in answers if "event-stream" not in each.headers.get("content-type", "")]
    assert sum(each.request.sizes()["responseBodySize"] for each in whole) < WEIGHT
    assert violations(page) == []
    page.set_viewport_size(SMALL_PHONE)  # type: ignore[arg-type]
    assert sideways(page) == 0


@pytest.mark.parametrize("name", NAMES)
def test_a_page_says_the_same_without_a_script(stage: Stage, tabs: Tabs, name: str) -> None:
    words = []
    for script in (True, False):
        tab = tabs(script=script, signed_in=name in MAINTAINER)
        tab.goto(stage.paths[name])
        tab.evaluate("document.querySelectorAll('time[data-local]').forEach(time => time.remove())")
        words.append(tab.locator("main").text_content())
    assert words[0] == words[1]


def test_a_choice_by_touch_leads_to_another_table_at_once(stage: Stage, page: Page) -> None:
    page.goto(stage.paths["bracket"])
    button = page.get_by_role("button", name="Show table").bounding_box()
    assert button is not None
    assert button["width"] <= 1
    page.get_by_label("Age group").select_option("U14")
    expect(page.get_by_role("heading", level=1)).to_have_text("U14 Northeast")
    assert page.url == f"{stage.address}/?season=2026-27&league=Homegrown&age_group=U14&division=Northeast"
    expect(page.get_by_text("Quality of Play")).to_be_visible()


def test_a_choice_without_a_script_needs_the_button(stage: Stage, plain: Page) -> None:
    plain.goto(stage.paths["bracket"])
    plain.get_by_label("Age group").select_option("U14")
    plain.get_by_role("button", name="Show table").click()
    expect(plain.get_by_role("heading", level=1)).to_have_text("U14 Northeast")


def test_the_keyboard_reaches_everything_and_goes_nowhere_by_surprise(stage: Stage, page: Page) -> None:
    page.goto(stage.paths["bracket"])
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Season")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Age group")).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(page.get_by_label("Age group")).to_have_value("U14")
    expect(page.get_by_role("heading", level=1)).to_have_text("U15 Northeast")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    button = page.get_by_role("button", name="Show table")
    expect(button).to_be_focused()
    expect(button).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("U14 Northeast")


def test_the_focus_can_be_seen_and_every_target_is_large_enough(stage: Stage, page: Page) -> None:
    page.goto(stage.paths["bracket"])
    for _ in range(14):
        page.keyboard.press("Tab")
        assert page.evaluate("parseFloat(getComputedStyle(document.activeElement).outlineWidth)") >= 2
    small = page.evaluate(
        """[...document.querySelectorAll("table a, .match, select, button, .masthead a, summary")]
        .filter(e => getComputedStyle(e).clipPath === "none" && e.getBoundingClientRect().height < 24)
        .map(e => e.outerHTML)"""
    )
    assert small == []


def test_the_longest_name_is_no_wider_than_a_phone(stage: Stage, page: Page) -> None:
    at = {"season": "2020-21", "age_group": "U15", "division": "D" * 200, "match_type": "League", "date": "2020-09-05"}
    sides = {"home_team": "W" * 200, "home_team_id": "w", "away_team": "M" * 200, "away_team_id": "m"}
    stage.producer.send({**at, **sides, "match_id": "80001", "location": "L" * 200, "notes": "N" * 2000})
    (match,) = stage.producer.system.get("/api/matches", season="2020-21")["items"]
    page.set_viewport_size(SMALL_PHONE)  # type: ignore[arg-type]
    for path in (
        "/?season=2020-21",
        f"/teams/{match['home_ref']}",
        f"/matches/{match['id']}",
        f"/search?q={'W' * 200}",
    ):
        page.goto(path)
        expect(page.get_by_text("W" * 200).first).to_be_visible()
        assert sideways(page) == 0, path


def test_all_columns_are_within_reach_of_a_small_phone(stage: Stage, page: Page) -> None:
    page.set_viewport_size(SMALL_PHONE)  # type: ignore[arg-type]
    page.goto(stage.paths["bracket"])
    goals = page.get_by_role("columnheader", name="Goals")
    expect(goals).to_be_hidden()
    for shown in ("#", "Team", "P", "W-D-L", "GD", "Pts", "PPM"):
        header = page.get_by_role("columnheader", name=shown, exact=True)
        box = header.bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= SMALL_PHONE["width"]
    page.get_by_label("All columns").press("Space")
    expect(goals).to_be_visible()
    name = page.get_by_role("rowheader").first.bounding_box()
    assert name is not None
    assert name["width"] >= 120  # the table scrolls in its own region instead
    scroller = page.get_by_role("region", name="Standings")
    assert scroller.evaluate("found => found.scrollWidth > found.clientWidth")
    scroller.focus()
    expect(scroller).to_be_focused()
    assert sideways(page) == 0


def test_paper_has_every_column_and_no_controls(stage: Stage, page: Page) -> None:
    page.goto(stage.paths["bracket"])
    page.emulate_media(media="print", color_scheme="dark")
    expect(page.get_by_role("columnheader", name="Goals")).to_be_visible()
    expect(page.get_by_label("Season")).to_be_hidden()
    expect(page.get_by_role("search")).to_be_hidden()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def test_times_are_the_readers_own(stage: Stage, page: Page, plain: Page) -> None:
    for tab, as_of, kick_off in (
        (page, "Sun 4 Oct 2026, 22:00 PDT", "12:15 PDT where you are"),
        (plain, "Mon 5 Oct 2026, 05:00 UTC", "19:15 UTC"),
    ):
        tab.goto(stage.paths["match"])
        expect(tab.get_by_text(kick_off)).to_be_visible()
        expect(tab.get_by_text(as_of)).to_be_visible()
        expect(tab.get_by_text("15:15 at the venue")).to_be_visible()


def test_the_day_of_a_kick_off_is_told_where_it_is_another(stage: Stage, chromium: Browser) -> None:
    page = chromium.new_page(base_url=stage.address, timezone_id="Asia/Tokyo")
    page.goto(stage.paths["match"])
    day = dt.date.fromisoformat(page.locator("time[data-day]").get_attribute("data-day") or "") + dt.timedelta(days=1)
    expect(page.get_by_text(f"{day:%a} {day.day} {day:%b}, 04:15 GMT+9 where you are")).to_be_visible()
    page.close()


@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
def test_who_comes_back_finds_the_choice_of_the_table_that_is_shown(stage: Stage, tabs: Tabs, script: bool) -> None:
    page = tabs(script=script)
    page.goto(stage.paths["bracket"])
    page.get_by_label("Age group").select_option("U14")
    if not script:
        page.get_by_role("button", name="Show table").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("U14 Northeast")
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("U15 Northeast")
    expect(page.get_by_label("Age group")).to_have_value("U15")


def test_from_a_name_that_is_typed_badly_to_a_match_and_back(stage: Stage, page: Page) -> None:
    page.goto("/")
    page.get_by_label("Team or club").fill("beechside conneticut")
    page.get_by_label("Team or club").press("Enter")
    page.get_by_role("link", name=f"{TEAM} U15").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(TEAM)
    chart = page.get_by_role("img", name="Position over the season")
    expect(chart).to_be_visible()
    page.get_by_text("As a table").click()
    expect(page.get_by_role("table", name="Position after each match day")).to_be_visible()
    assert page.get_by_role("link", name="Subscribe").get_attribute("href") == (
        f"{stage.address.replace('http:', 'webcal:')}{stage.paths['team']}.ics"
    )
    page.locator(f'a[href="{stage.paths["match"]}"]').click()
    expect(page.get_by_role("heading", name="What changed")).to_be_visible()
    expect(page.get_by_text(re.compile("Kick-off: .* → 15:15"))).to_be_visible()
    page.get_by_role("link", name="Homegrown U15 Northeast").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("U15 Northeast")


def test_who_has_no_session_signs_in_with_a_token_and_out_again(stage: Stage, page: Page) -> None:
    page.goto("/enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    page.get_by_label("Token").fill("not-one")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("not known")
    assert violations(page) == []
    page.get_by_label("Token").fill(stage.token)
    page.get_by_label("Token").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Enter a match")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).not_to_have_text("Enter a match")
    page.goto("/ingest")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_what_waits_is_decided_with_one_button(stage: Stage, tabs: Tabs) -> None:
    page = tabs(signed_in=True)
    page.goto(stage.paths["ingest"])

    def decide(section: str, button: str, said: str) -> None:
        page.get_by_role("region", name=section).get_by_role("button", name=button).first.click()
        expect(page.get_by_role("status")).to_have_text(said)

    decide("Quarantine", "Discard", "The message was given up.")
    expect(page.get_by_text("Nothing is in quarantine.")).to_be_visible()
    decide("Teams known by a name alone", f"It is {TEAM}", "The name is an alias now. It can be undone below.")
    expect(page.get_by_text("Every team is known.")).to_be_visible()

    # while the name is an alias this is a team against itself; once that is undone, it is a match
    stage.producer.meet(BY_NAME, TEAM, "U14")
    page.reload()
    expect(page.get_by_text("a team cannot meet itself")).to_be_visible()
    page.get_by_role("button", name="Retry").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Not done")
    page.get_by_role("link", name="the ingest page").click()
    decide("Names that became aliases", "Undo", "The team is there again.")
    decide("Quarantine", "Retry", "The message was processed.")

    decide("Disputes", "Take theirs", "The source’s value stands.")
    expect(page.get_by_text("No source differs from what was entered.")).to_be_visible()
    decide("Possible duplicates", "Two matches", "Both matches count.")
    decide("Perhaps vanished", "Keep it", "The match stays.")
    decide("Teams known by a name alone", "It is a team of its own", "The team is one of its own.")
    expect(page.get_by_text("Nothing waits for a decision.")).to_be_visible()
    assert violations(page) == []


@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
def test_a_match_that_is_entered_by_hand_is_pinned(tabs: Tabs, script: bool) -> None:
    page = tabs(script=script, signed_in=True)
    page.goto("/enter")
    fields = {"Season": "2026-27", "Age group": "U16", "Division": f"By hand {script}", "Date": "2026-10-04"}
    fields |= {"Home team": TEAM, "Away team": f"Visitors {script}", "Goals, home": "2"}
    for label, value in fields.items():
        page.get_by_label(label).fill(value)
    page.get_by_role("button", name="Store").click()
    expect(page.get_by_role("alert")).to_contain_text("please look at 1 field")
    expect(page.get_by_label("Goals, away")).to_have_accessible_description(re.compile("missing"))
    if script:
        assert violations(page) == []
    page.get_by_label("Goals, away").fill("1")
    page.get_by_label("Goals, away").press("Enter")
    expect(page.get_by_label("Away team")).to_have_accessible_description(re.compile("no team that is known in U16"))
    page.get_by_role("button", name="Store it with a new team").click()
    expect(page.get_by_text(f"is new: there is no Homegrown U16 By hand {script} in 2026-27")).to_be_visible()
    page.get_by_role("button", name="Store it in a new bracket").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("2–1")
    expect(page.get_by_text("Entered by hand, no source changes it")).to_be_visible()
