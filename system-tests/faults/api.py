"""The HTTP API that is killed, beside the queue and as the way to submit, and that stands in for the broker."""

from faults.line import PUBLISH
from faults.season import DIVISIONS
from faults.stage import Servers, counts
from surfaces import eventually


def killed_beside_the_queue(stage: Servers) -> None:
    """kill -9 of the API while the scraper publishes to the queue: neither the scraper nor the worker notices."""
    api = stage.system.start_api()
    load = stage.load_up_to_the_first_point()
    worker = stage.start_worker()
    for point in stage.points():
        eventually(lambda: stage.producer_line.holding)
        eventually(lambda due=point: stage.stored() == due)  # type: ignore[misc]
        stage.strike_in_the_middle()
        api.kill()
        stage.go_on_after(point)
        if point != stage.points()[-1]:
            api = stage.system.start_api()
    stage.ended(load)
    assert worker.running, worker.output


def broker_down_and_the_api_stands_in(stage: Servers) -> None:
    """kill -9 of broker and worker in the middle of a run with --fallback-api: the rest goes over HTTP, at once."""
    stage.system.start_api(RABBITMQ_URL=stage.broker_url)
    stage.confirmed = 0
    parts = tuple(DIVISIONS)
    for part in parts if stage.scale.faults > 1 else parts[:1]:
        before, already = stage.producer_line.sent[PUBLISH], stage.stored()
        share = stage.season.matches // len(parts) if stage.scale.faults > 1 else stage.season.matches
        stage.producer_line.hold(PUBLISH, after=before + share // 2)
        worker = stage.start_worker()
        command = stage.command(part) if stage.scale.faults > 1 else stage.everything
        load = stage.system.start(*command, "--fallback-api", MLS_SCRAPER_SEND_ATTEMPTS="1")
        eventually(lambda: stage.producer_line.holding)
        eventually(lambda at_least=already: stage.stored() > at_least)  # type: ignore[misc]
        stage.strike_in_the_middle()
        stage.rabbitmq.kill()
        worker.kill()
        stage.producer_line.release(PUBLISH)
        stage.ended(load)
        assert "API" in load.output, load.output
        stage.confirmed += counts(load.output)["confirmed"]
        stage.rabbitmq.start()
