"""`missing-table outcomes`: what became of each message."""

from typing import Annotated

import typer

from missing_table.cli.running import checked_engine
from missing_table.cli.showing import Format, FormatOption, show, to_second
from missing_table.errors import NotFound, Unclear


def outcomes(
    task_id: Annotated[str | None, typer.Argument(help="Only this task; the beginning of its id is enough.")] = None,
    run: Annotated[str | None, typer.Option(help="Only what this run of a producer sent, by its `run_id`.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many, the newest first.")] = 100_000,
    format: FormatOption = Format.TABLE,  # noqa: A002 (the option's name)
) -> None:
    """What became of each message, by task id, for the last thirty days.

    Example: missing-table outcomes --format json
    """
    from missing_table.store import outcomes as store
    from missing_table.store.engine import reading

    with reading(checked_engine()) as connection:
        found = store.listed(connection, task_id=task_id, run_id=run, limit=limit)
        if not found and task_id:
            found = store.listed(connection, begins=task_id, run_id=run, limit=2)
            if len(found) > 1:
                raise Unclear(f"the ids of several tasks begin with {task_id}: give more of it")
    if not found and (task_id is not None or run is not None):
        asked = " of ".join(f"{kind} {each}" for kind, each in (("task", task_id), ("run", run)) if each is not None)
        raise NotFound(f"no outcome of {asked}: not processed yet, or never sent, or more than 30 days ago")
    show(
        format,
        ("task_id", "outcome", "match", "quarantine", "run_id", "at"),
        [(o.task_id, o.outcome, o.match_ref, o.quarantine_ref, o.run_id, to_second(o.at)) for o in found],
        lesser=("run_id", "quarantine"),
    )
