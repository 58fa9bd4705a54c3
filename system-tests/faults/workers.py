"""Workers that are killed: in a transaction, between commit and acknowledgement, and one of two."""

from faults.line import ACK, PUBLISH
from faults.stage import Embedded, Servers
from surfaces import Process, eventually


def killed_again_and_again(stage: Servers) -> None:
    """kill -9 of the one worker, in a transaction and between commit and acknowledgement in turn."""
    load = stage.load_up_to_the_first_point()
    for nth, point in enumerate(stage.points()):
        worker = stage.start_worker()
        if nth % 2 == 0:
            _kill_in_a_transaction(stage, [worker], worker)
        else:
            _kill_between_commit_and_acknowledgement(stage, worker)
        stage.go_on_after(point)
    stage.start_worker()
    stage.ended(load)


def one_of_two_killed(stage: Servers) -> None:
    """Two workers share the queue, and one of them is killed with its batch in hand; the other goes on."""
    load = stage.load_up_to_the_first_point()
    pair = [stage.start_worker(), stage.start_worker()]
    for worker in pair:
        worker.wait_for("consuming")
    for point in stage.points():
        _kill_in_a_transaction(stage, pair, pair[0])
        stage.go_on_after(point)
        if point != stage.points()[-1]:
            pair = [pair[1], stage.start_worker()]
    stage.ended(load)


def killed_embedded(stage: Embedded) -> None:
    """kill -9 of the worker of the embedded folder, with messages leased that it has not stored yet."""
    stage.ended(stage.system.start(*stage.everything))
    for point in stage.points():
        worker = stage.start_worker()
        eventually(lambda due=point: stage.stored() >= due // 2)  # type: ignore[misc]
        worker.kill()
        stage.strike_in_the_middle()
        assert stage.leased() > 0, "it had nothing in hand"


def _kill_in_a_transaction(stage: Servers, workers: list[Process], victim: Process) -> None:
    """Kills `victim` while every worker that has something to do stands in a transaction."""
    before = stage.stored()
    eventually(lambda: stage.stored() > before or (before > 0 and stage.waiting() > 0))
    with stage.workers_stand_in_a_transaction():
        # room for more, so that there is something to be in the middle of
        already = stage.producer_line.sent[PUBLISH]
        stage.producer_line.hold(PUBLISH, after=min(already + 2 * len(workers) * stage.scale.batch, stage.most))
        stage.a_worker_waits()
        stage.strike_in_the_middle()
        victim.kill()


def _kill_between_commit_and_acknowledgement(stage: Servers, worker: Process) -> None:
    """Kills the worker when it has stored a batch that the broker does not know to be done."""
    stage.worker_line.hold(ACK, after=stage.worker_line.sent[ACK])
    eventually(lambda: stage.worker_line.holding)
    stage.strike_in_the_middle()
    worker.kill()
    stage.worker_line.release(ACK)
