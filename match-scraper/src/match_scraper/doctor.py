"""Whether a run would go well here: the feed, the folders, where matches go, and the browser."""

import contextlib
import datetime as dt
import importlib.util
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from .delivery.api_probe import probe_api
from .delivery.broker_address import BrokerAddress
from .delivery.broker_probe import probe_broker
from .delivery.ledger import HELD
from .delivery.spool import is_initialised
from .errors import NotPublished, ScraperError, SourceUnreadable, UsageProblem
from .finding import Finding, State, note, ok, wrong
from .scrape import ahead, stale
from .season import season_of
from .settings import Settings
from .sources.base import Source, Wanted
from .sources.chromium import find_chromium

_LEAGUE = "Homegrown"


def look_at_everything(
    settings: Settings, open_source: Callable[[Settings], Source], now: dt.datetime, *, strict: bool = False
) -> Iterator[Finding]:
    """A line for each thing, as it is found out. Sends no match, and declares nothing.

    Parameters: `strict`, whether to judge the feed as a run with --strict does.
    """
    try:
        with contextlib.closing(open_source(settings)) as source:
            yield look_at_feed(source, now, strict=strict)
    except UsageProblem as error:
        yield wrong("feed", str(error), error.exit_code)
    yield _folder("cache", settings.cache_dir, "MLS_SCRAPER_CACHE_DIR")
    yield _folder("state", settings.state_dir, "MLS_SCRAPER_STATE_DIR")
    yield _ledger(settings.ledger_path)
    queue = list(_queue(settings))
    token = settings.missing_table_api_token
    api = list(
        probe_api(
            settings.missing_table_api_base_url,
            token.get_secret_value() if token else None,
            timeout=settings.send_timeout_seconds,
        )
    )
    # One way is enough; one that nobody set up need not work while the other does.
    yield from queue if settings.rabbitmq_url is not None else _forgiven(queue, works(api))
    api_named = token is not None or "missing_table_api_base_url" in settings.model_fields_set
    yield from api if api_named else _forgiven(api, works(queue))
    yield _browser(settings)


def works(findings: list[Finding]) -> bool:
    return all(finding.state is not State.WRONG for finding in findings)


def look_at_feed(source: Source, now: dt.datetime, *, strict: bool = False) -> Finding:
    """Whether today's season can be read, and is fresh."""
    season = season_of(now.date())
    try:
        brackets = source.brackets(season, _LEAGUE)
        first = brackets[0] if brackets else None
        if first is None:
            return note("feed", f"{_LEAGUE} {season} has no bracket yet")
        reading = source.read(Wanted(season, _LEAGUE, frozenset({first.age_group}), frozenset({first.division})))
    except NotPublished as error:
        return note("feed", str(error))
    except ScraperError as error:
        hint = "is the network there, and are MLS_ASSIST_URL and its neighbours right?"
        return wrong("feed", f"{error}: {hint}", SourceUnreadable.exit_code)
    doubt = stale(reading, now) or ahead(reading, now)
    told = f"{doubt}; look at the league's own page whether it moves"
    if doubt and strict:
        return wrong("feed", told, SourceUnreadable.exit_code)
    if reading.problems:
        return wrong("feed", str(reading.problems[0]), reading.problems[0].exit_code)
    if doubt:
        return note("feed", told)
    if not reading.seen:
        return note("feed", f"{_LEAGUE} {season} can be read, and has no match of {first.age_group} {first.division}")
    made = f"{reading.synced_at:%Y-%m-%d %H:%M} UTC"
    return ok("feed", f"{_LEAGUE} {season} can be read: {reading.seen} matches, as of {made}")


def _folder(what: str, path: Path, variable: str) -> Finding:
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError as error:
        said = f"{path} cannot be written to ({error.strerror or error}): set {variable} to a folder that can"
        return wrong(what, said, UsageProblem.exit_code)
    return ok(what, f"{path} can be written to")


def _ledger(path: Path) -> Finding:
    if not path.exists():
        return ok("ledger", "there is none yet: the first run sends everything")
    try:
        database = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=10)
        try:
            matches, tables = database.execute(HELD).fetchone()
        finally:
            database.close()
    except sqlite3.Error as error:
        return note("ledger", f"{path} cannot be read ({error}): the next run begins a new one, and sends everything")
    return ok("ledger", f"confirmed before: {matches} matches, {tables} official tables")


def _queue(settings: Settings) -> Iterator[Finding]:
    if settings.rabbitmq_url is not None:
        try:
            address = BrokerAddress.parse(
                settings.rabbitmq_url.get_secret_value(),
                ca_file=settings.rabbitmq_ca_file,
                cert_file=settings.rabbitmq_cert_file,
                key_file=settings.rabbitmq_key_file,
            )
        except UsageProblem as error:
            yield wrong("broker", str(error), error.exit_code)
            return
        yield from probe_broker(address, timeout=settings.send_timeout_seconds)
        return
    home = settings.missing_table_home
    if not settings.missing_table_embedded:
        said = "MISSING_TABLE_EMBEDDED=0 switches the embedded folder off, and RABBITMQ_URL is not set: set it"
        yield wrong("queue", said, UsageProblem.exit_code)
    elif not is_initialised(home):
        yield wrong(
            "queue",
            f"missing-table has not set up the embedded folder {home}: run `missing-table up` (or `missing-table "
            "migrate`), or start a broker and set RABBITMQ_URL",
            UsageProblem.exit_code,
        )
    else:
        found = _folder("queue", home, "MISSING_TABLE_HOME")
        yield replace(found, said=f"embedded folder {found.said}")


def _forgiven(findings: list[Finding], other_works: bool) -> Iterator[Finding]:
    for finding in findings:
        if finding.state is State.WRONG and other_works:
            yield note(finding.what, f"not set up, and not needed while the other way works: {finding.said}")
        else:
            yield finding


def _browser(settings: Settings) -> Finding:
    needed = settings.source == "browser"
    if importlib.util.find_spec("playwright") is None:
        said = "Playwright is missing: pip install 'match-scraper[browser]'"
    else:
        try:
            return ok("browser", f"{find_chromium(settings.chromium_path)}, for when plain clients are refused")
        except UsageProblem as error:
            said = str(error)
    return wrong("browser", said, UsageProblem.exit_code) if needed else note("browser", f"{said} It is rarely needed.")
