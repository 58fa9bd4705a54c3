"""Every fault of the sample site, through the command into a queue: how it ends, what it counts, what was sent."""

from pathlib import Path

import pytest
import stamina

from match_scraper.sample_site import faults

from .conftest import Run, Site
from .test_browser import OF_THE_PAGE
from .test_modular11 import OF_BOTH, OF_THE_LIST
from .test_quirks import OF_THE_FEED

U15 = ("-a", "U15", "-d", "Northeast", "--season", "2026-27")
ASKED = {
    "squad-in-two-brackets": ("-a", "U15", "-d", "Northeast,Northeast (Pro Player Pathway)"),
    "bracket-without-teams": ("-a", "U14,U15", "-d", "Northeast"),
    "unreadable-event": ("-a", "U14", "-d", "Northeast"),
    "one-club-twice": ("-a", "U17", "-d", "all", "--league", "Flex"),
    "earlier-season": ("-a", "U15", "-d", "Northeast", "--season", "2025-26"),
    "academy-not-published": ("-a", "U15", "-d", "Northeast", "--league", "Homegrown,Academy"),
}
"""What is asked for where a fault shows itself there only. A match that has vanished takes two runs: see the quirks."""
ALL = 190
UNREADABLE = [
    "web-page",
    "always-304",
    "truncated",
    "half-document",
    "server-error",
    "too-many-requests",
    "too-many-requests-until-a-date",
    "too-many-requests-for-an-hour",
    "time-out",
]
ENDS = {
    "assist": {
        **dict.fromkeys([*UNREADABLE, "changed-shape", "earlier-season"], (3, 0)),
        "academy-not-published": (3, ALL),
        "squad-in-two-brackets": (0, ALL + 1),
        "bracket-without-teams": (3, 272),
        "unreadable-event": (0, 271),
        "one-club-twice": (0, 26),
        **dict.fromkeys(["no-scores", "no-scores-midweek"], (5, ALL)),
        "impossible-score": (4, ALL - 1),
        "cross-age-match": (0, ALL + 1),
    },
    "modular11": {
        **dict.fromkeys([*UNREADABLE, *OF_THE_LIST], (3, 0)),
        **dict.fromkeys(["no-scores", "no-scores-midweek"], (5, ALL)),
        "impossible-score": (4, ALL - 1),
        "cross-age-match": (0, ALL + 1),
        "one-club-twice": (4, 25),  # which cannot be told apart here
        "other-competitions": (0, ALL - 1),  # the Flex match among them is the other league's here
        **dict.fromkeys(["text-cut-short", "no-break-spaces", "score-tbd", "page-cut-off-once"], (0, ALL)),
        "list-moves-once": (0, ALL),
        "unreadable-row": (0, ALL - 1),
        "division-ids-changed": (0, ALL),
    },
}
"""How a run ends, and how many matches it sends; what is not here ends with 0, and sends all."""


def test_each_fault_is_one_of_the_feeds_the_list_or_the_page() -> None:
    assert sorted([*OF_THE_FEED, *OF_THE_LIST, *OF_BOTH, *OF_THE_PAGE]) == sorted(faults.known())


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        *(("assist", fault) for fault in OF_THE_FEED),
        # Of those that modular11 shares with the feeds, the ones that it is not to take as they come.
        *(("modular11", fault) for fault in dict.fromkeys([*OF_THE_LIST, *ENDS["modular11"]])),
    ],
)
def test_a_fault_ends_as_it_should_and_the_summary_adds_up(
    site: Site, run: Run, home: Path, monkeypatch: pytest.MonkeyPatch, source: str, fault: str
) -> None:
    monkeypatch.setenv("MLS_SCRAPER_TIMEOUT_SECONDS", "0.5")
    site(fault)
    # The waits between attempts are left out here; that they are kept is tested elsewhere.
    with stamina.set_testing(True, attempts=2, cap=True):
        ended = run("scrape", *ASKED.get(fault, U15), "--use-queue", "--source", source)
    queue = home / "spool" / "matches" / "queue"
    sent = sum(b"process_match_data" in message.read_bytes() for message in queue.glob("*"))
    assert ended.summary["confirmed"] == sent
    assert (ended.code, sent) == ENDS[source].get(fault, (0, ALL))
    assert (sent == 0) == (ended.summary["seen"] == 0)
    assert ended.summary["unreadable"] == (fault in ("unreadable-event", "unreadable-row"))
