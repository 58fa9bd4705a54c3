"""Four jobs in small, for a look at whether something has become slow; under a minute and a half."""

import sys
from typing import Any, Final

from bench.jobs import feed, ingest, publish, season
from bench.scale import Scale
from bench.stage import Stage

SCALE: Final = Scale(repeat=2, slow=1_500, fast=15_000)


def measure(stage: Stage) -> dict[str, Any]:
    """The ratios of publishing and ingesting, and the seconds of reading a feed and of a whole season."""
    found: dict[str, Any] = {}
    for name, job in (("publish", _publish), ("ingest", _ingest), ("feed", _feed), ("season", _season)):
        found[name] = job(stage)
        print(f"» {name}: {found[name]}", file=sys.stderr, flush=True)
    return found


def _publish(stage: Stage) -> dict[str, float]:
    return {"ratio": round(publish.ratio(stage, SCALE), 2)}


def _ingest(stage: Stage) -> dict[str, float]:
    return {"ratio": round(ingest.ratio(stage, SCALE), 2)}


def _feed(stage: Stage) -> dict[str, float]:
    return {"seconds": round(feed.seconds(stage, Scale(repeat=3)), 3)}


def _season(stage: Stage) -> dict[str, float]:
    took = season.on_servers(stage, rescored=False)
    return {"seconds": round(took.cold, 2), "unchanged_seconds": round(took.unchanged, 2)}
