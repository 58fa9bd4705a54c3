"""`missing-table quarantine`: messages that could not be stored."""

from typing import Annotated, Any

import typer

from missing_table.cli.running import checked_engine, configured
from missing_table.cli.showing import Format, FormatOption, show, to_second
from missing_table.errors import ConfigurationProblem, NotFound

app = typer.Typer(help="Messages that could not be stored: look, mend, retry or discard.", no_args_is_help=True)


@app.command("list")
def list_held(
    all_states: Annotated[bool, typer.Option("--all", help="Those retried or discarded, too.")] = False,
    reason: Annotated[str | None, typer.Option(help="Only where the reason contains this.")] = None,
    field: Annotated[str | None, typer.Option(help="Only where this field is wrong.")] = None,
    task_id: Annotated[str | None, typer.Option(help="Only the message of this task.")] = None,
    format: FormatOption = Format.TABLE,  # noqa: A002
) -> None:
    """The messages in quarantine, the last seen first.

    Example: missing-table quarantine list --field score_home
    """
    from missing_table.store import quarantine as store
    from missing_table.store.engine import reading

    with reading(checked_engine()) as connection:
        held = store.listed(connection, state=None if all_states else "open", limit=1_000_000)
    held = [
        q
        for q in held
        if (reason is None or reason.casefold() in q.reason.casefold())
        and (field is None or any(error["field"] == field for error in q.errors))
        and (task_id is None or q.task_id == task_id)
    ]
    columns: tuple[str, ...] = ("id", "task_id", "reason", "errors", "state", "seen", "first_seen", "last_seen")
    rows: list[tuple[Any, ...]] = [
        (q.id, q.task_id, q.reason, q.errors, q.state, q.seen, to_second(q.first_seen), to_second(q.last_seen))
        for q in held
    ]
    if format is Format.TABLE:
        rows = [(row[0], row[1], row[2], *row[4:]) for row in rows]
        columns = ("id", "task_id", "reason", "state", "seen", "first_seen", "last_seen")
    show(format, columns, rows, lesser=("first_seen", "seen"))


@app.command("show")
def show_one(ref: Annotated[int, typer.Argument(metavar="ID")]) -> None:
    """One message in quarantine: why it is there, and its payload as it came."""
    from missing_table.store import quarantine as store
    from missing_table.store.engine import reading

    with reading(checked_engine()) as connection:
        held = _held(store.get(connection, ref), ref)
    for name, value in (
        ("id", held.id),
        ("state", held.state),
        ("reason", held.reason),
        ("task id", held.task_id),
        ("task", held.task),
        ("content type", held.content_type),
        ("content encoding", held.content_encoding),
        ("seen", f"{held.seen} times, {to_second(held.first_seen)} to {to_second(held.last_seen)}"),
    ):
        print(f"{name}: {value if value is not None else '-'}")
    for error in held.errors:
        print(f"  {error['field']}: {error['problem']}")
    print("payload:")
    print(store.text_of(held.payload))


@app.command("retry")
def retry(
    refs: Annotated[list[int] | None, typer.Argument(metavar="ID...")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every open one.")] = False,
) -> None:
    """Process messages once more, after what was wrong has been mended. Exit 4 where one fails again."""
    from missing_table.clock import utc_now
    from missing_table.ingest.pipeline import Ingest
    from missing_table.store import quarantine as store
    from missing_table.store.engine import reading

    if every == bool(refs):
        raise ConfigurationProblem("say which messages to retry, by id, or --all")
    settings = configured()
    engine = checked_engine()
    ingest = Ingest.of(settings, engine)
    with reading(engine) as connection:
        held = (
            store.listed(connection, limit=1_000_000)
            if every
            else [_held(store.get(connection, ref), ref) for ref in refs or []]
        )
    failed = 0
    for message in held:
        processed, why = ingest.retry(message, utc_now())
        failed += why is not None
        print(f"{message.id}: {processed.outcome}" + (f": {why}" if why else ""))
    raise typer.Exit(4 if failed else 0)


@app.command("discard")
def discard(refs: Annotated[list[int], typer.Argument(metavar="ID...")]) -> None:
    """Give up on messages; they are kept for thirty days more."""
    from missing_table.store import quarantine as store
    from missing_table.store.engine import writing

    with writing(checked_engine()) as connection:
        for ref in refs:
            if not store.settle(connection, ref, "discarded"):
                raise NotFound(f"no message {ref} in quarantine: see `missing-table quarantine list`")
    print(f"discarded: {', '.join(str(ref) for ref in refs)}")


def _held(found: Any, ref: int) -> Any:
    if found is None:
        raise NotFound(f"no message {ref} in quarantine: see `missing-table quarantine list`")
    return found
