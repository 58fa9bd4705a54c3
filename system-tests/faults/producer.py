"""The scraper, killed in the middle of a run and run again."""

import os

from faults.line import PUBLISH
from faults.stage import Embedded, Servers, counts
from surfaces import eventually


def killed(stage: Servers) -> None:
    """kill -9 of the scraper with unconfirmed messages on their way, and another run, which sends the rest."""
    stage.start_worker()
    load = stage.load_up_to_the_first_point()
    for point in stage.points():
        eventually(lambda: stage.producer_line.holding)
        eventually(lambda: stage.stored() > 0)
        stage.strike_in_the_middle()
        load.kill()
        stage.producer_line.cut()
        before = stage.producer_line.sent[PUBLISH]
        later = [each for each in stage.points() if each > point]
        if later:
            stage.producer_line.hold(PUBLISH, after=before + later[0] - point)
        else:
            stage.producer_line.release(PUBLISH)
        load = stage.system.start(*stage.everything)
    stage.ended(load)
    assert 0 < counts(load.output)["unchanged"] < stage.season.matches, f"the last run began anew: {load.output}"


def killed_embedded(stage: Embedded) -> None:
    """kill -9 of the scraper while it fills the embedded folder."""
    stage.start_worker()
    queue = stage.home / "spool" / "matches" / "queue"
    for point in stage.points():
        load = stage.system.start(*stage.everything)
        eventually(lambda due=point: stage.stored() + len(os.listdir(queue)) >= due // 2)  # type: ignore[misc]
        load.kill()
        eventually(lambda: stage.stored() > 0 and stage.waiting() == 0)
        stage.strike_in_the_middle()
    stage.ended(stage.system.start(*stage.everything))
