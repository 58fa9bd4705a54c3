"""What the maintainer sees of the ingest: how it runs, and what waits for a decision. One function for page and API."""

import datetime as dt
import statistics
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, Final

from pydantic import Field
from sqlalchemy import ColumnElement, Connection, Engine, func, select

from missing_table.answers import Answer
from missing_table.backlog import Backlog
from missing_table.ingest import disputes, duplicates, merging, unmerging, vanished
from missing_table.ingest.merge import Match
from missing_table.store import attention, quarantine
from missing_table.store.attention import Event, Minute
from missing_table.store.engine import reading
from missing_table.store.quarantine import Quarantined
from missing_table.store.tables import history, teams
from missing_table.store.tables import quarantine as quarantine_table

LOOKED_BACK: Final = dt.timedelta(hours=48)
"""How far back runs are looked for."""
DAY: Final = dt.timedelta(hours=24)
PAUSE: Final = dt.timedelta(minutes=10)
"""Silence that separates two runs."""
RUNS: Final = 12
SHOWN: Final = 100
"""How many of each kind one page lists, at most."""
MOST_PAGES: Final = 1_000_000
CHANGES: Final = 300
"""How many changes are listed, at most, on every page."""
PAYLOAD: Final = 4_000
"""Characters of a payload that are shown."""


class RunAnswer(Answer):
    """The messages of one run; of those that name none, what came without a pause of ten minutes."""

    run_id: str | None = Field(description="The header `run_id`, as the producer sent it; null where there was none.")
    began: dt.datetime = Field(description="When the first of its messages was processed.")
    ended: dt.datetime = Field(description="When the last was, a retry by a person included.")
    messages: int
    outcomes: dict[str, int] = Field(description="How many came to what.")
    per_minute: float


class QuarantineAnswer(Answer):
    """A message that could not be stored."""

    id: int
    task_id: str | None
    reason: str
    errors: list[dict[str, Any]]
    seen: int = Field(description="How often it arrived.")
    first_seen: dt.datetime
    last_seen: dt.datetime
    payload: str = Field(description="What came, as text, cut after 4,000 characters.")


class NamedTeam(Answer):
    """A team by its id here."""

    id: int
    name: str
    age_group: str


class ProvisionalAnswer(NamedTeam):
    """A team that is known by a name alone."""

    nearest: list[NamedTeam] = Field(description="The known teams whose names are most like it.")


class MergeAnswer(Answer):
    """A team that became an alias of another, and can be one of its own again."""

    id: int = Field(description="The team that is gone.")
    name: str
    age_group: str
    known: int = Field(description="The team that it became.")
    at: dt.datetime
    by: str


class MatchLine(Answer):
    """A match in short."""

    id: int
    match_id: str | None
    season: str
    league: str
    age_group: str
    division: str | None
    date: dt.date
    home_team: str
    away_team: str
    status: str
    score_home: int | None
    score_away: int | None


class DifferenceAnswer(Answer):
    """A field about which a person and a source differ."""

    field: str
    ours: Any
    theirs: Any


class DisputedAnswer(Answer):
    """Something that a person pinned and a source says otherwise."""

    match: MatchLine
    register_: str = Field(alias="register", serialization_alias="register", description="What is decided together.")
    differences: list[DifferenceAnswer]


class DuplicateAnswer(Answer):
    """A match that may be another one over again: it does not count until that is decided."""

    match: MatchLine
    of: MatchLine


class VanishedAnswer(Answer):
    """A match that its source has not stated for long."""

    match: MatchLine
    stated: dt.datetime = Field(description="When its source stated it last.")
    newest: dt.datetime = Field(description="When the source stated any match of its bracket last.")


class EventAnswer(Answer):
    """One change of what is shown."""

    match: int
    home_team: str
    away_team: str
    age_group: str
    field: str
    old: Any
    new: Any
    at: dt.datetime
    source: str
    task_id: str | None


class IngestAnswer(Answer):
    """How the ingest is, and what waits for a decision: of each list one page. Moments are UTC."""

    at: dt.datetime
    page: int = Field(description="Which hundred of each list that waits; 1 is the first.")
    totals: dict[str, int] = Field(description="How many there are in all, by the name of the list.")
    waiting: int | None = Field(description="Messages in the queue; null where the broker does not say.")
    dead: int | None = Field(description="Dead letters that wait to be tried alone; null as above.")
    last_message_at: dt.datetime | None = Field(description="When a message was last processed, in the last two days.")
    per_minute: float = Field(description="Messages processed a minute, over the last hour.")
    lag_seconds: float | None = Field(
        description="From when a source's statement was current to its storage: the median of the last day's changes."
    )
    outcomes: dict[str, int] = Field(description="What the messages of the last 24 hours came to.")
    runs: list[RunAnswer] = Field(description="The newest first, of the last two days.")
    quarantine_open: int
    quarantine: list[QuarantineAnswer]
    provisional: list[ProvisionalAnswer]
    merges: list[MergeAnswer]
    disputes: list[DisputedAnswer]
    duplicates: list[DuplicateAnswer]
    vanished: list[VanishedAnswer]
    changes: list[EventAnswer] = Field(description="Of the last 24 hours, the newest 300.")


def overview(engine: Engine, backlog: Callable[[], Backlog | None], now: dt.datetime, page: int = 1) -> IngestAnswer:
    """How the ingest is at `now`; each list has `SHOWN` entries of its page number `page`. Raises `DatabaseAway`."""
    waiting = backlog()
    some = slice((page - 1) * SHOWN, page * SHOWN)
    with reading(engine) as connection:
        minutes = attention.outcomes_by_minute(connection, now - LOOKED_BACK)
        named = attention.runs_since(connection, now - LOOKED_BACK, RUNS)
        held = quarantine.listed(connection, limit=SHOWN, skip=some.start)
        changes = attention.changes_since(connection, now - DAY, CHANGES)
        totals = {
            "quarantine": _count(connection, quarantine_table.c.state == "open"),
            "provisional": _count(connection, teams.c.provisional),
            "changes": _count(connection, history.c.at >= now - DAY),
        }
    done = [*runs_by_pause(minutes), *(_run(*each) for each in named)]
    last_hour = sum(each.messages for each in minutes if each.at >= now - dt.timedelta(hours=1))
    merges = [merge for merge in unmerging.merges(engine) if merge.undone_at is None]
    disputed, doubled, gone = disputes.listed(engine), duplicates.listed(engine), vanished.listed(engine)
    totals |= {"merges": len(merges), "disputes": len(disputed), "duplicates": len(doubled), "vanished": len(gone)}
    return IngestAnswer(
        at=now,
        page=page,
        totals=totals,
        waiting=waiting.waiting if waiting else None,
        dead=waiting.dead if waiting else None,
        last_message_at=max((each.at for each in minutes), default=None),
        per_minute=round(last_hour / 60, 2),
        lag_seconds=lag(changes),
        outcomes=_outcomes((each.outcome, each.messages) for each in minutes if each.at >= now - DAY),
        runs=sorted(done, key=lambda run: run.ended, reverse=True)[:RUNS],
        quarantine_open=totals["quarantine"],
        quarantine=[_quarantined(each) for each in held],
        provisional=[
            ProvisionalAnswer(
                id=each.team.ref,
                name=each.team.name,
                age_group=each.team.age_group,
                nearest=[NamedTeam(id=t.ref, name=t.name, age_group=t.age_group) for t in each.nearest],
            )
            for each in merging.provisional(engine, some)
        ],
        merges=[
            MergeAnswer(id=m.gone_ref, name=m.name, age_group=m.age_group, known=m.kept_ref, at=m.at, by=m.by)
            for m in merges[some]
        ],
        disputes=[
            DisputedAnswer(
                match=line(each.ref, each.match),
                register=each.register,
                differences=[DifferenceAnswer(field=c.field, ours=c.old, theirs=c.new) for c in each.changes],
            )
            for each in disputed[some]
        ],
        duplicates=[
            DuplicateAnswer(match=line(each.ref, each.match), of=line(each.of, each.first)) for each in doubled[some]
        ],
        vanished=[
            VanishedAnswer(match=line(each.row.ref, each.row.match), stated=each.stated, newest=each.newest)
            for each in gone[some]
        ],
        changes=[_event(each) for each in changes],
    )


def runs_by_pause(minutes: Iterable[Minute]) -> list[RunAnswer]:
    """What came together of messages that name no run, the earliest first. Pure."""
    together: list[list[Minute]] = []
    for each in sorted(each for each in minutes if not each.named):
        if together and each.at - together[-1][-1].at < PAUSE:
            together[-1].append(each)
        else:
            together.append([each])
    return [
        _run(
            None,
            run[0].at,
            run[-1].at + dt.timedelta(minutes=1),
            _outcomes((each.outcome, each.messages) for each in run),
        )
        for run in together
    ]


def _run(run_id: str | None, began: dt.datetime, ended: dt.datetime, outcomes: dict[str, int]) -> RunAnswer:
    messages = sum(outcomes.values())
    minutes = max(1.0, (ended - began) / dt.timedelta(minutes=1))
    rate = round(messages / minutes, 1)
    return RunAnswer(run_id=run_id, began=began, ended=ended, messages=messages, outcomes=outcomes, per_minute=rate)


def lag(changes: Iterable[Event]) -> float | None:
    """The median time from when a source said so to its storage; None where no source said anything. Pure."""
    spans = [(each.at - each.observed_at).total_seconds() for each in changes if each.task_id is not None]
    return max(0.0, round(statistics.median(spans), 1)) if spans else None


def line(ref: int, match: Match) -> MatchLine:
    """`match` in short."""
    fields = [name for name in MatchLine.model_fields if name != "id"]
    return MatchLine(id=ref, **{name: getattr(match, name) for name in fields})


def _outcomes(counted: Iterable[tuple[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for outcome, count in counted:
        total[outcome] += count
    return dict(sorted(total.items()))


def _count(connection: Connection, which: ColumnElement[bool]) -> int:
    return connection.execute(select(func.count()).where(which)).scalar_one()


def _quarantined(held: Quarantined) -> QuarantineAnswer:
    return QuarantineAnswer(
        id=held.id,
        task_id=held.task_id,
        reason=held.reason,
        errors=held.errors,
        seen=held.seen,
        first_seen=held.first_seen,
        last_seen=held.last_seen,
        payload=shown(held.payload),
    )


def shown(payload: bytes) -> str:
    """What came, as text that does no harm wherever it is shown: what cannot be printed is escaped."""
    text = payload[: PAYLOAD * 4].decode("utf-8", errors="backslashreplace")
    safe = "".join(c if c.isprintable() or c == "\n" else ascii(c)[1:-1] for c in text[:PAYLOAD])
    return safe if len(text) <= PAYLOAD and len(payload) <= PAYLOAD * 4 else f"{safe}…"


def _event(event: Event) -> EventAnswer:
    fields = event._asdict()
    del fields["observed_at"]
    return EventAnswer(match=fields.pop("match_ref"), **fields)
