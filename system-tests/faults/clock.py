"""A scraper whose clock is wrong by a day: nothing that is stored depends on it."""

import datetime as dt
import json
import os
import time
from pathlib import Path
from typing import Final

from faults.season import Season
from faults.stage import Servers
from surfaces import eventually

FAKETIME: Final = Path("/usr/lib") / f"{os.uname().machine}-linux-gnu" / "faketime" / "libfaketime.so.1"
"""Of Debian's package libfaketime: what is loaded with it sees another clock."""


def wrong_by_a_day(stage: Servers) -> None:
    """Ahead it sends the season; behind, a correction, which counts; ahead again, the old season, which must not."""
    earlier = Season(stage.system.folder / "earlier", stage.season.matches)
    earlier.write(stage.system)
    later = Season(stage.system.folder / "later", stage.season.matches)
    later.write(stage.system)
    later.change(hours=2)
    stage.start_worker()
    for season, days in ((earlier, 1), (later, -1), (earlier, 1)):
        stage.system.start_league("--data", season.folder)
        load = stage.system.start(*stage.everything, "--full", LOG_LEVEL="INFO", **another_clock(days))
        if not stage.kills:
            eventually(lambda: stage.stored() > 0)
        stage.kills += 1
        stage.ended(load)
        assert round((_clock_of(load.output) - time.time()) / 86_400) == days, "its clock was right"
    stage.system.start_league("--data", later.folder)


def another_clock(days: int) -> dict[str, str]:
    """The environment of a process whose clock is wrong by so many days; it still runs at its speed."""
    return {"LD_PRELOAD": str(FAKETIME), "FAKETIME": f"{days:+d}d", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}


def _clock_of(output: str) -> float:
    """What time the scraper's log says it is, in seconds since 1970."""
    line = next(line for line in output.splitlines() if '"run_ended"' in line)
    return dt.datetime.fromisoformat(json.loads(line)["timestamp"]).timestamp()
