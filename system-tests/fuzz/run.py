"""One run: publish, let a real worker consume, and account for every single message."""

import datetime as dt
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import psycopg

from fuzz.contract import COLUMNS, faults_of_row
from fuzz.envelopes import Traps
from fuzz.inputs import Input, inputs
from fuzz.kinds import OUTCOMES, kinds
from fuzz.publishing import Publisher
from surfaces import TABLE, Process, System

STALL: Final = 30.0
"""Seconds without any progress after which the worker counts as stalled."""


@dataclass
class Tally:
    """What became of every input. `wrong` says what should not have been."""

    published: int = 0
    of_kind: Counter[str] = field(default_factory=Counter)
    ended: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    wrong: list[str] = field(default_factory=list)

    @property
    def accounted(self) -> int:
        return sum(counter.total() for counter in self.ended.values())

    def table(self) -> str:
        """A line for each kind, and the sum."""
        lines: list[tuple[str, ...]] = [("kind", "published", *OUTCOMES)]
        lines += [
            (kind, str(number), *(str(self.ended[kind][outcome]) for outcome in OUTCOMES))
            for kind, number in sorted(self.of_kind.items())
        ]
        total: Counter[str] = sum(self.ended.values(), Counter())
        lines.append(("all", str(self.published), *(str(total[outcome]) for outcome in OUTCOMES)))
        width = max(len(line[0]) for line in lines)
        return "\n".join(line[0].ljust(width) + "".join(cell.rjust(13) for cell in line[1:]) for line in lines)


def run(system: System, seed: int, count: int) -> Tally:
    """Publishes `count` inputs made from `seed` into a fresh installation, and says how each ended."""
    traps = Traps(system.folder / "sprung")
    known = kinds(traps)
    tally = Tally()
    kind_of: dict[str, str] = {}
    without_id: Counter[str] = Counter()

    def noted(made: Iterator[Input]) -> Iterator[Input]:
        for each in made:
            tally.of_kind[each.kind] += 1
            task_id = each.usable_id
            if task_id is None:
                without_id[each.kind] += 1
            else:
                kind_of[task_id] = each.kind
            yield each

    worker = system.start(TABLE, "worker")
    with Publisher(system.environment["RABBITMQ_URL"]) as publisher:
        made = inputs(seed, count, {name: (kind.weight, kind.mutation) for name, kind in known.items()})
        tally.published = publisher.publish(noted(made))
    worker.wait_for("consuming")
    _wait(system, worker, len(kind_of), tally)
    _check_worker(worker, tally)

    for task_id, outcome in system.sql("SELECT task_id, outcome FROM outcomes"):
        kind = kind_of.get(task_id)
        if kind is None:
            tally.wrong.append(f"an outcome of a task that nobody sent: {task_id!r}")
        else:
            tally.ended[kind][outcome] += 1
    quarantined = sum(counter["quarantined"] for counter in tally.ended.values())
    ((seen,),) = system.sql("SELECT coalesce(sum(seen), 0) FROM quarantine")
    if seen != quarantined + without_id.total():
        tally.wrong.append(
            f"the quarantine saw {seen}, and not {quarantined} with an id and {without_id.total()} without"
        )
    for kind, number in without_id.items():
        tally.ended[kind]["quarantined"] += number
    for kind, counter in tally.ended.items():
        for outcome in counter.keys() - known[kind].may_be:
            tally.wrong.append(f"{kind}: {counter[outcome]} {outcome}")
    for kind, number in tally.of_kind.items():
        if number != tally.ended[kind].total():
            tally.wrong.append(f"{kind}: {number} were published, and {tally.ended[kind].total()} accounted for")
    if tally.accounted != tally.published:
        tally.wrong.append(f"{tally.published} were published, and {tally.accounted} are accounted for")
    if traps.sprung:
        tally.wrong.append("something was unpickled, or read as YAML with its tags")
    _check_rows(system, tally)
    return tally


def _wait(system: System, worker: Process, with_id: int, tally: Tally) -> None:
    """Until all have been processed, or nothing has moved for `STALL` seconds, or the worker has gone."""
    progress, moved = (-1, -1), time.monotonic()
    without = tally.published - with_id
    question = (
        "SELECT (SELECT count(*) FROM outcomes), (SELECT coalesce(sum(seen), 0) FROM quarantine)"
        " - (SELECT count(*) FROM outcomes WHERE outcome = 'quarantined')"
    )
    with psycopg.connect(system.environment["DATABASE_URL"], autocommit=True) as connection:
        while True:
            row = connection.execute(question).fetchone()
            assert row is not None
            done = (int(row[0]), int(row[1]))
            if done >= (with_id, without) and done[1] >= without:
                return
            if done != progress:
                progress, moved = done, time.monotonic()
                print(f"{sum(done)} of {tally.published}", file=sys.stderr)
            if not worker.running or time.monotonic() - moved > STALL:
                state = "stalled" if worker.running else "died"
                tally.wrong.append(f"the worker {state} at {sum(done)} of {tally.published}:\n{worker.output[-5000:]}")
                return
            time.sleep(0.1)


def _check_worker(worker: Process, tally: Tally) -> None:
    if not worker.running:
        return
    if worker.stop() != 0:
        tally.wrong.append("the worker did not end well")
    if worker.output.count("consuming") != 1 or "Traceback" in worker.output:
        tally.wrong.append(f"the worker had trouble:\n{worker.output[-5000:]}")


def _check_rows(system: System, tally: Tally) -> None:
    now = dt.datetime.now(dt.UTC)
    for row in system.sql(f"SELECT {', '.join(COLUMNS)} FROM matches"):
        faults = faults_of_row(dict(zip(COLUMNS, row, strict=True)), now)
        if faults:
            tally.wrong.append(f"stored against the contract: {'; '.join(faults)}: {row}")
