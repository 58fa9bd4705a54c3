"""Connections that are cut in the middle of a batch: of the scraper, of the worker, and to the database."""

from faults.line import ACK, PUBLISH
from faults.stage import Servers
from surfaces import eventually


def of_the_scraper(stage: Servers) -> None:
    """Between scraper and broker, with half a message written and others unconfirmed."""
    load = stage.load_up_to_the_first_point()
    stage.start_worker()
    for point in stage.points():
        eventually(lambda: stage.producer_line.holding)
        eventually(lambda: stage.stored() > 0)
        before = stage.producer_line.cuts
        stage.strike_in_the_middle()
        stage.producer_line.cut()
        assert stage.producer_line.cuts > before, "there was nothing to cut"
        stage.go_on_after(point)
    stage.ended(load)


def of_the_worker(stage: Servers) -> None:
    """Between worker and broker, with a batch that is stored and whose acknowledgement is cut in half."""
    load = stage.load_up_to_the_first_point()
    stage.worker_line.hold(ACK, after=1)
    worker = stage.start_worker()
    for point in stage.points():
        eventually(lambda: stage.worker_line.holding)
        stage.strike_in_the_middle()
        stage.worker_line.cut()
        stage.go_on_after(point)
        stage.worker_line.hold(ACK, after=stage.worker_line.sent[ACK] + 1)
    stage.worker_line.release(ACK)
    stage.ended(load)
    assert worker.running, worker.output


def to_the_database(stage: Servers) -> None:
    """Between worker and PostgreSQL, in the middle of a transaction."""
    load = stage.load_up_to_the_first_point()
    worker = stage.start_worker()
    for point in stage.points():
        eventually(lambda: stage.stored() > 0)
        with stage.in_a_workers_transaction(point):
            stage.strike_in_the_middle()
            stage.database_line.cut()
        stage.go_on_after(point)
    stage.ended(load)
    assert worker.running, worker.output
    assert stage.producer_line.sent[PUBLISH] >= stage.season.matches
