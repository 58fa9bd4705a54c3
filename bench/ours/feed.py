"""A season's two documents, from bytes to validated messages, as match-scraper does it; seconds and memory as JSON.

Run by match-scraper's Python. `python -m ours.feed FOLDER LEAGUE whole|decode`: `decode` stops at the typed events.
"""

import json
import sys
import time
from pathlib import Path
from types import SimpleNamespace

from match_scraper.message import to_message
from match_scraper.season import parse_season
from match_scraper.sources.assist import AssistSource, feed_key
from match_scraper.sources.base import Wanted
from match_scraper.sources.feed import decode_schedule

from bench.memory import forget_peak, peak

SEASON = parse_season("2026-27")


class Bodies:
    """What the source asks for its documents, without a network."""

    def __init__(self, folder, key):
        self.bodies = {
            f"/data/{kind}/{key}.json": (folder / kind / f"{key}.json").read_bytes()
            for kind in ("schedule", "standings")
        }

    def get(self, path, decode):
        return SimpleNamespace(document=decode(self.bodies[path]))


def main(folder: str, league: str, how_far: str) -> None:
    key = feed_key(league, SEASON)
    bodies = Bodies(Path(folder), key)
    forget_peak()
    before = peak()
    began = time.perf_counter()
    if how_far == "decode":
        found = decode_schedule(bodies.bodies[f"/data/schedule/{key}.json"]).events
    else:
        reading = AssistSource(bodies).read(Wanted(SEASON, league))
        found = [to_message(match) for match in reading.matches]
    seconds = time.perf_counter() - began
    print(json.dumps({"seconds": seconds, "messages": len(found), "megabytes": peak() - before}))


main(*sys.argv[1:])
