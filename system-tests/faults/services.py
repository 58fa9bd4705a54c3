"""Servers that crash, and a broker whose disk is full."""

from faults.line import BLOCKED
from faults.stage import Servers
from surfaces import eventually


def broker_killed(stage: Servers) -> None:
    """kill -9 of the broker while the scraper publishes and a worker has a batch in hand, and a restart."""
    load = stage.load_up_to_the_first_point()
    stage.start_worker()
    for point in stage.points():
        eventually(lambda: stage.producer_line.holding)
        eventually(lambda: stage.stored() > 0)
        with stage.in_a_workers_transaction(point):
            eventually(lambda: stage.producer_line.holding)
            stage.strike_in_the_middle()
            stage.rabbitmq.kill()
        stage.go_on_after(point)
        stage.rabbitmq.start()
    stage.ended(load)


def database_crashed(stage: Servers) -> None:
    """PostgreSQL stops at once, without a checkpoint, in the middle of a worker's transaction, and comes back."""
    load = stage.load_up_to_the_first_point()
    worker = stage.start_worker()
    for point in stage.points():
        eventually(lambda: stage.stored() > 0)
        with stage.in_a_workers_transaction(point):
            stage.strike_in_the_middle()
            stage.postgresql.stop("immediate")
        stage.go_on_after(point)
        stage.postgresql.start()
    stage.ended(load)
    assert worker.running, worker.output


def disk_of_the_broker_full(stage: Servers) -> None:
    """The broker's disk alarm: it takes nothing from the scraper any more, until there is room again."""
    load = stage.load_up_to_the_first_point()
    stage.start_worker()
    for point in stage.points():
        eventually(lambda due=point: stage.stored() == due)  # type: ignore[misc]
        before = stage.producer_line.answered[BLOCKED]
        try:
            stage.rabbitmq.rabbitmqctl("set_disk_free_limit", "1000000000000000")
            stage.go_on_after(point)
            eventually(lambda known=before: stage.producer_line.answered[BLOCKED] > known)  # type: ignore[misc]
            assert load.running
            stage.strike_in_the_middle()
        finally:
            stage.rabbitmq.rabbitmqctl("set_disk_free_limit", "50000000")
    stage.ended(load)
