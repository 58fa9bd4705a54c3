"""The command `missing-table`. Each command is thin: it reads the settings and calls what does the work.

Imports of what a command needs stand in the command, so that `--help` is quick.
"""

import sys
from enum import StrEnum
from typing import Annotated, Any, NoReturn

import typer

from missing_table.errors import ConfigurationProblem, MissingTableError, NotFound

app = typer.Typer(
    name="missing-table",
    help="Stores youth-soccer results once and correctly, and serves league tables.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
)
quarantine_app = typer.Typer(
    help="Messages that could not be stored: look, mend, retry or discard.", no_args_is_help=True
)
teams_app = typer.Typer(help="Teams: those known by a name alone, and who they are.", no_args_is_help=True)
matches_app = typer.Typer(help="Matches that wait for a person to decide.", no_args_is_help=True)
broker_app = typer.Typer(help="The broker: is it set up as it should be?", no_args_is_help=True)
token_app = typer.Typer(help="Tokens for what writes over HTTP.", no_args_is_help=True)
app.add_typer(quarantine_app, name="quarantine")
app.add_typer(teams_app, name="teams")
app.add_typer(matches_app, name="matches")
app.add_typer(broker_app, name="broker")
app.add_typer(token_app, name="token")


BY_COMMAND = "command line"
"""Who decided, for the history."""


class Format(StrEnum):
    """How a command prints what it found."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


class Verdict(StrEnum):
    """What becomes of a dispute."""

    KEEP = "keep"
    TAKE = "take"
    UNPIN = "unpin"


FormatOption = Annotated[Format, typer.Option("--format", help="table for people, json or csv for programs.")]


@app.command()
def migrate() -> None:
    """Bring the database up to date; on the embedded default, make it first."""
    from missing_table import home
    from missing_table.ingest.envelope import QUEUE
    from missing_table.store import engine, schema

    settings = _settings()
    if settings.embedded and (settings.database_url is None or settings.rabbitmq_url is None):
        settings.database()
        home.initialise(settings.home.expanduser(), QUEUE)
    before, after = schema.migrate(engine.create(settings.database()))
    done = "is up to date" if before == after else f"was brought from {before or 'nothing'} to {after}"
    print(f"the database {done}: {_where(settings.database())}")


@app.command()
def worker() -> None:
    """Take messages from the queue and store them, until stopped (Ctrl-C or SIGTERM finish the batch in hand)."""
    import os

    from missing_table.errors import DatabaseAway
    from missing_table.store import engine, schema

    settings = _settings()
    broker = settings.broker()
    _must_be_initialised(settings)
    try:
        schema.check(engine.create(settings.database()))
    except DatabaseAway as away:
        print(f"waiting for the database: {away}", file=sys.stderr)
    if broker is not None:
        from missing_table.worker.topology import preflight

        if waiting := preflight(broker, settings.broker_tls()):
            print(f"waiting for the broker: {waiting}", file=sys.stderr)
    print(
        f"worker: messages from {_where(broker) if broker else settings.home.expanduser() / 'spool'}, "
        f"matches into {_where(settings.database())}",
        file=sys.stderr,
    )
    import warnings

    from celery.platforms import SecurityWarning

    from missing_table.worker import app as celery_app

    warnings.simplefilter("ignore", SecurityWarning)  # it warns root of pickle, which is never read here

    running: Any = celery_app.Worker(
        pool_cls="solo",
        hostname=f"missing-table-{os.getpid()}@%h",
        loglevel="WARNING" if settings.log_level == "INFO" else settings.log_level,
        without_mingle=True,
        without_gossip=True,
        quiet=True,
    )
    running.start()
    raise typer.Exit(running.exitcode or 0)


@app.command()
def outcomes(
    task_id: Annotated[str | None, typer.Argument(help="Only this task.")] = None,
    run: Annotated[str | None, typer.Option(help="Only what this run of a producer sent, by its `run_id`.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many, the newest first.")] = 100_000,
    format: FormatOption = Format.TABLE,  # noqa: A002 (the option's name)
) -> None:
    """What became of each message, by task id, for the last thirty days.

    Example: missing-table outcomes --format json
    """
    from missing_table.store import outcomes as store
    from missing_table.store.engine import reading

    with reading(_checked_engine()) as connection:
        found = store.listed(connection, task_id=task_id, run_id=run, limit=limit)
    if not found and (task_id is not None or run is not None):
        asked = " of ".join(f"{kind} {each}" for kind, each in (("task", task_id), ("run", run)) if each is not None)
        raise NotFound(f"no outcome of {asked}: not processed yet, or never sent, or more than 30 days ago")
    _show(
        format,
        ("task_id", "outcome", "match", "quarantine", "run_id", "at"),
        [(o.task_id, o.outcome, o.match_ref, o.quarantine_ref, o.run_id, _moment(o.at)) for o in found],
    )


@quarantine_app.command("list")
def quarantine_list(
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

    with reading(_checked_engine()) as connection:
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
        (q.id, q.task_id, q.reason, q.errors, q.state, q.seen, _moment(q.first_seen), _moment(q.last_seen))
        for q in held
    ]
    if format is Format.TABLE:
        rows = [(row[0], row[1], row[2], *row[4:]) for row in rows]
        columns = ("id", "task_id", "reason", "state", "seen", "first_seen", "last_seen")
    _show(format, columns, rows)


@quarantine_app.command("show")
def quarantine_show(ref: Annotated[int, typer.Argument(metavar="ID")]) -> None:
    """One message in quarantine: why it is there, and its payload as it came."""
    from missing_table.store import quarantine as store
    from missing_table.store.engine import reading

    with reading(_checked_engine()) as connection:
        held = _held(store.get(connection, ref), ref)
    for name, value in (
        ("id", held.id),
        ("state", held.state),
        ("reason", held.reason),
        ("task id", held.task_id),
        ("task", held.task),
        ("content type", held.content_type),
        ("content encoding", held.content_encoding),
        ("seen", f"{held.seen} times, {_moment(held.first_seen)} to {_moment(held.last_seen)}"),
    ):
        print(f"{name}: {value if value is not None else '-'}")
    for error in held.errors:
        print(f"  {error['field']}: {error['problem']}")
    print("payload:")
    print(held.payload.decode("utf-8", errors="backslashreplace"))


@quarantine_app.command("retry")
def quarantine_retry(
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
    settings = _settings()
    engine = _checked_engine()
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


@quarantine_app.command("discard")
def quarantine_discard(refs: Annotated[list[int], typer.Argument(metavar="ID...")]) -> None:
    """Give up on messages; they are kept for thirty days more."""
    from missing_table.store import quarantine as store
    from missing_table.store.engine import writing

    with writing(_checked_engine()) as connection:
        for ref in refs:
            if not store.settle(connection, ref, "discarded"):
                raise NotFound(f"no message {ref} in quarantine: see `missing-table quarantine list`")
    print(f"discarded: {', '.join(str(ref) for ref in refs)}")


@app.command()
def table(
    season: Annotated[str | None, typer.Option(help="Such as 2026-27; without, the newest.")] = None,
    league: Annotated[str | None, typer.Option(help="Such as Homegrown.")] = None,
    age_group: Annotated[str | None, typer.Option("--age-group", "-a", help="Such as U14.")] = None,
    division: Annotated[str | None, typer.Option("--division", "-d", help="Such as Northeast.")] = None,
    format: FormatOption = Format.TABLE,  # noqa: A002
) -> None:
    """The table of a bracket.

    Example: missing-table table --season 2026-27 --league Homegrown --age-group U15 --division Northeast
    """
    from missing_table import bracket, report
    from missing_table.store.engine import reading

    settings = _settings()
    asked = bracket.Asked(season=season, league=league, age_group=age_group, division=division)
    with reading(_checked_engine()) as connection:
        view = bracket.view(connection, asked, default_league=settings.default_league)
    report.render_table(view.table, format.value)


@app.command()
def api(
    host: Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 for every one.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: any free one, which is printed.")] = 8000,
) -> None:
    """Serve the HTTP API and the pages, until stopped."""
    from missing_table.api import serve

    settings = _settings()
    settings.broker()
    _must_be_initialised(settings)
    serve(settings, host, port)


@app.command()
def up(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: any free one, which is printed.")] = 8000,
) -> None:
    """Everything in one go: bring the database up to date, then API, pages and a worker, until stopped."""
    from missing_table import together

    migrate()
    raise typer.Exit(together.run(_settings(), host, port))


@teams_app.command("list")
def teams_list(format: FormatOption = Format.TABLE) -> None:  # noqa: A002
    """The provisional teams, with the known ones whose names are nearest."""
    from missing_table.ingest import merging

    found = merging.provisional(_checked_engine())
    rows: list[tuple[Any, ...]]
    if format is Format.TABLE:
        rows = [
            (p.team.ref, p.team.name, p.team.age_group, ", ".join(f"{t.name} ({t.ref})" for t in p.nearest))
            for p in found
        ]
    else:
        rows = [
            (p.team.ref, p.team.name, p.team.age_group, [{"team_id": t.ref, "name": t.name} for t in p.nearest])
            for p in found
        ]
    _show(format, ("team_id", "name", "age_group", "nearest"), rows)


@teams_app.command("alias")
def teams_alias(
    provisional: Annotated[int, typer.Argument(metavar="ID", help="The provisional team.")],
    known: Annotated[int, typer.Argument(metavar="KNOWN_ID", help="The team that it is.")],
) -> None:
    """A provisional team is a team that is known: its name becomes an alias, its matches the known team's.

    Example: missing-table teams alias 41 7
    """
    from missing_table.clock import utc_now
    from missing_table.ingest import merging

    merged = merging.make_alias(_checked_engine(), provisional, known, utc_now(), by=BY_COMMAND)
    folded = f", {merged.folded} of which were stored already" if merged.folded else ""
    print(f"it is {merged.kept.name} ({merged.kept.age_group}): {merged.moved + merged.folded} matches moved{folded}")
    print(f"to undo it: missing-table teams unmerge {provisional}")


@teams_app.command("merges")
def teams_merges(format: FormatOption = Format.TABLE) -> None:  # noqa: A002
    """The teams that became an alias of another, the newest first."""
    from missing_table.ingest import unmerging

    rows: list[tuple[Any, ...]] = [
        (m.gone_ref, m.name, m.age_group, m.kept_ref, _moment(m.at), m.by, m.undone_at and _moment(m.undone_at))
        for m in unmerging.merges(_checked_engine())
    ]
    _show(format, ("team_id", "name", "age_group", "known_id", "at", "by", "undone_at"), rows)


@teams_app.command("unmerge")
def teams_unmerge(ref: Annotated[int, typer.Argument(metavar="ID", help="The team that became an alias.")]) -> None:
    """Undo `teams alias`: the team, its names and its matches are there again, and what came since under its name.

    Example: missing-table teams unmerge 41
    """
    from missing_table.clock import utc_now
    from missing_table.ingest import unmerging

    team = unmerging.unmerge(_checked_engine(), ref, utc_now(), by=BY_COMMAND)
    print(f"{team.name} ({team.age_group}) is team {team.ref} again")


@teams_app.command("confirm")
def teams_confirm(
    refs: Annotated[list[int] | None, typer.Argument(metavar="ID...")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every provisional team.")] = False,
) -> None:
    """Provisional teams are teams of their own."""
    from missing_table.ingest import merging

    if every == bool(refs):
        raise ConfigurationProblem("say which teams to confirm, by id, or --all")
    engine = _checked_engine()
    for ref in [p.team.ref for p in merging.provisional(engine)] if every else refs or []:
        team = merging.confirm(engine, ref)
        print(f"{team.name} ({team.age_group}) is confirmed")


@matches_app.command("disputes")
def matches_disputes(format: FormatOption = Format.TABLE) -> None:  # noqa: A002
    """Where a source says otherwise than a person did, and nobody has decided."""
    from missing_table.ingest import disputes

    rows: list[tuple[Any, ...]] = [
        (found.ref, _match_line(found.match), found.register, change.field, _plain(change.old), _plain(change.new))
        for found in disputes.listed(_checked_engine())
        for change in found.changes
    ]
    _show(format, ("match", "what", "register", "field", "ours", "theirs"), rows)


@matches_app.command("decide")
def matches_decide(
    ref: Annotated[int, typer.Argument(metavar="ID")],
    register: Annotated[str, typer.Argument(metavar="REGISTER", help="As `matches disputes` names it: result …")],
    verdict: Annotated[Verdict, typer.Argument(metavar="VERDICT", help="keep, take or unpin.")],
) -> None:
    """Decide a dispute: keep ours until the source says something else, take theirs, or unpin to follow the source.

    Example: missing-table matches decide 17 result take
    """
    from missing_table.clock import utc_now
    from missing_table.ingest import disputes

    decided = disputes.settle(_checked_engine(), ref, register, verdict.value, utc_now(), by=BY_COMMAND)
    changed = "; ".join(f"{c.field} {_plain(c.old)} → {_plain(c.new)}" for c in decided.changes)
    print(f"match {ref}: {changed or 'nothing shown changed'}")


@matches_app.command("duplicates")
def matches_duplicates(format: FormatOption = Format.TABLE) -> None:  # noqa: A002
    """Matches that may be another one over again: they do not count until that is decided."""
    from missing_table.ingest import duplicates

    rows: list[tuple[Any, ...]] = [
        (found.ref, found.match.match_id, _match_line(found.match), found.of, found.first.match_id)
        for found in duplicates.listed(_checked_engine())
    ]
    _show(format, ("match", "match_id", "what", "of", "of_match_id"), rows)


@matches_app.command("same")
def matches_same(
    ref: Annotated[int, typer.Argument(metavar="ID")],
    of: Annotated[int, typer.Argument(metavar="KEPT_ID", help="The match that it is, which is kept.")],
) -> None:
    """Two matches are one: both numbers, and both ids, lead to the second from then on.

    Example: missing-table matches same 18 17
    """
    from missing_table.clock import utc_now
    from missing_table.ingest import duplicates

    match = duplicates.same_match(_checked_engine(), ref, of, utc_now(), by=BY_COMMAND)
    print(f"match {ref} is match {of}: {_match_line(match)}")


@matches_app.command("separate")
def matches_separate(ref: Annotated[int, typer.Argument(metavar="ID")]) -> None:
    """A possible duplicate is a match of its own: it counts beside the other."""
    from missing_table.clock import utc_now
    from missing_table.ingest import duplicates

    match = duplicates.two_matches(_checked_engine(), ref, utc_now(), by=BY_COMMAND)
    print(f"match {ref} counts for itself: {_match_line(match)}")


@matches_app.command("vanished")
def matches_vanished(format: FormatOption = Format.TABLE) -> None:  # noqa: A002
    """Matches to be played that their source has not stated for two weeks, while it stated most of the bracket."""
    from missing_table.ingest import vanished

    rows: list[tuple[Any, ...]] = [
        (each.row.ref, each.row.match.match_id, _match_line(each.row.match), _moment(each.stated), _moment(each.newest))
        for each in vanished.listed(_checked_engine())
    ]
    _show(format, ("match", "match_id", "what", "stated", "bracket_stated"), rows)


@matches_app.command("cancel")
def matches_cancel(ref: Annotated[int, typer.Argument(metavar="ID")]) -> None:
    """A match that vanished is cancelled; should its source have it again, that is shown as disputed."""
    from missing_table.clock import utc_now
    from missing_table.ingest import vanished

    vanished.cancel(_checked_engine(), ref, utc_now(), by=BY_COMMAND)
    print(f"match {ref} is cancelled")


@matches_app.command("keep")
def matches_keep(ref: Annotated[int, typer.Argument(metavar="ID")]) -> None:
    """A match has not vanished: it is listed no more, unless its source states it again and then stops."""
    from missing_table.clock import utc_now
    from missing_table.ingest import vanished

    vanished.keep(_checked_engine(), ref, utc_now(), by=BY_COMMAND)
    print(f"match {ref} stays")


def _match_line(match: Any) -> str:
    score = f"{match.score_home}:{match.score_away}" if match.score_home is not None else "–"
    return f"{match.home_team} {score} {match.away_team}, {match.date}, {match.age_group}"


def _plain(value: Any) -> str:
    return "nothing" if value is None else str(value)


@broker_app.command("check")
def broker_check(
    management_url: Annotated[
        str | None,
        typer.Option(envvar="RABBITMQ_MANAGEMENT_URL", help="Such as http://user:password@host:15672."),
    ] = None,
) -> None:
    """Compare a running broker with rabbitmq/definitions.json, and say what differs. Exit 2 where something does.

    Without --management-url: the host and the user of RABBITMQ_URL, port 15672.
    """
    from missing_table.worker import broker_check as check

    broker = _settings().broker()
    if broker is None:
        raise ConfigurationProblem("there is no broker to check: RABBITMQ_URL is not set")
    found = check.running(management_url or check.management_url(broker), check.virtual_host(broker))
    differences = check.differences(check.shipped(), found)
    for each in differences:
        print(f"- {each}")
    if differences:
        raise typer.Exit(ConfigurationProblem.exit_code)
    print("the broker is set up as rabbitmq/definitions.json has it")


class Scope(StrEnum):
    """What a token may do."""

    SUBMIT = "submit"
    ADMIN = "admin"


@token_app.command("create")
def token_create(
    name: Annotated[str, typer.Option(help="Who will use it; shown in the history.")],
    scope: Annotated[
        Scope, typer.Option(help="submit: hand in matches, as a scraper does. admin: that, and correct and decide.")
    ] = Scope.ADMIN,
    expires: Annotated[
        str | None, typer.Option(metavar="TIME", help="After 90d, 12h or 30m it is worthless; without, never.")
    ] = None,
) -> None:
    """Make a token and print it: it is shown this once, only its hash is kept.

    Example: missing-table token create --name match-scraper --scope submit --expires 90d
    """
    from missing_table.clock import utc_now
    from missing_table.store import tokens

    now = utc_now()
    expires_at = now + _duration("--expires", expires) if expires is not None else None
    print(tokens.create(_checked_engine(), _name(name), now, scope=scope.value, expires_at=expires_at))


@token_app.command("list")
def token_list(format: FormatOption = Format.TABLE) -> None:  # noqa: A002
    """The tokens by name: what each may do, until when, and when it was last used."""
    from missing_table.store import tokens

    rows: list[tuple[Any, ...]] = [
        (
            t.name,
            t.scope,
            *(moment and _moment(moment) for moment in (t.created_at, t.expires_at, t.last_used_at, t.revoked_at)),
        )
        for t in tokens.listed(_checked_engine())
    ]
    _show(format, ("name", "scope", "created_at", "expires_at", "last_used_at", "revoked_at"), rows)


@token_app.command("revoke")
def token_revoke(name: Annotated[str, typer.Option(help="As given to `token create`.")]) -> None:
    """Make every token of a name worthless, at once."""
    from missing_table.clock import utc_now
    from missing_table.store import tokens

    revoked = tokens.revoke(_checked_engine(), name, utc_now())
    if not revoked:
        raise NotFound(f"no token named {name!r} is in use: see `missing-table token list`")
    print(f"revoked: {revoked}")


def main() -> None:
    """The entry point: a mistake that a person can mend is one sentence and an exit code, never a traceback."""
    try:
        app()
    except MissingTableError as error:
        _fail(str(error), error.exit_code)
    except KeyboardInterrupt:
        _fail("interrupted", 130)


def _fail(sentence: str, exit_code: int) -> NoReturn:
    print(f"error: {sentence}", file=sys.stderr)
    raise SystemExit(exit_code)


def _settings() -> Any:
    from missing_table import logs
    from missing_table.settings import load_settings

    settings = load_settings()
    logs.configure(settings.log_level)
    return settings


def _checked_engine() -> Any:
    from missing_table.store import engine, schema

    settings = _settings()
    _must_be_initialised(settings)
    made = engine.create(settings.database())
    schema.check(made)
    return made


def _must_be_initialised(settings: Any) -> None:
    """SQLite would make an empty database where there is none: say what is missing instead."""
    if settings.database_url is None and not (settings.home.expanduser() / "missing-table.db").exists():
        settings.database()
        raise ConfigurationProblem(
            f"neither DATABASE_URL is set, nor is {settings.home.expanduser()} an embedded folder: "
            "set DATABASE_URL, or run `missing-table migrate` to make the folder"
        )


def _held(found: Any, ref: int) -> Any:
    if found is None:
        raise NotFound(f"no message {ref} in quarantine: see `missing-table quarantine list`")
    return found


def _duration(option: str, text: str) -> Any:
    """90d, 12h or 30m as a time span; never none at all, and no more than a hundred years."""
    import datetime as dt
    import re

    found = re.fullmatch(r"([1-9][0-9]{0,8})([dhm])", text.strip(), re.ASCII)
    unit = {"d": "days", "h": "hours", "m": "minutes"}
    span = dt.timedelta(**{unit[found[2]]: int(found[1])}) if found else None
    if span is None or span > dt.timedelta(days=36_525):
        raise ConfigurationProblem(f"{option} {text!r} is not a time such as 90d, 12h or 30m")
    return span


def _name(text: str) -> str:
    """The name of a token: something that a history can show."""
    name = text.strip()
    if not name or len(name) > 200 or not name.isprintable():
        raise ConfigurationProblem("--name must be 1 to 200 printable characters")
    return name


def _moment(moment: Any) -> str:
    return str(moment.isoformat(timespec="seconds")).replace("+00:00", "Z")


def _where(url: str) -> str:
    """A URL for people: without its password."""
    from sqlalchemy.engine import make_url

    return make_url(url).render_as_string(hide_password=True)


def _show(format: Format, columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:  # noqa: A002
    import csv
    import json

    if format is Format.JSON:
        print(json.dumps([dict(zip(columns, row, strict=True)) for row in rows], indent=1))
    elif format is Format.CSV:
        writer = csv.writer(sys.stdout)
        writer.writerow(columns)
        writer.writerows(rows)
    else:
        from rich.console import Console
        from rich.table import Table

        table = Table(*columns)
        for row in rows:
            table.add_row(*("" if value is None else str(value) for value in row))
        Console().print(table)
