"""A whole season of all three leagues, in size, from the site to messages."""

import json
from collections import Counter
from pathlib import Path

from .conftest import Run, Site


def test_a_whole_season_of_three_leagues_becomes_messages_and_the_summary_adds_up(
    site: Site, run: Run, tmp_path: Path
) -> None:
    assert run("sample-site", "--whole-season", "--export", str(tmp_path / "season")).code == 0
    site(folder=tmp_path / "season")
    ended = run("scrape", "-a", "all", "-d", "all", "--league", "all", "--dry-run", "--format", "json")
    messages = json.loads(ended.out)
    # The property checks that the numbers add up.
    assert (ended.code, ended.summary["seen"], ended.summary["mapped"]) == (0, 24_628, 24_628)
    assert ended.summary["unreadable"] == ended.summary["broken"] == 0
    assert len({message["match_id"] for message in messages}) == len(messages) == 24_628
    by_league = Counter(message["league"] for message in messages)
    assert by_league == {"Homegrown": 7_763, "Flex": 3_160, "Academy": 13_705}
    brackets = {(message["league"], message["age_group"], message["division"]) for message in messages}
    assert len(brackets) > 48 + 28 + 120
    assert all(message["status"] in ("completed", "scheduled", "postponed", "tbd") for message in messages)
    assert ended.lines("note: ") == []
