"""The official tables of a batch: weighed against what is stored, and written, within the batch's transaction."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import Connection

from missing_table.ingest.merge import Outcome
from missing_table.ingest.names import Bracket
from missing_table.ingest.official import OfficialTable, weigh
from missing_table.store import official


def write_tables(connection: Connection, tables: Sequence[OfficialTable], now: dt.datetime) -> list[Outcome]:
    """Stores what stands of `tables`; returns what each came to, in their order."""
    if not tables:
        return []
    stored = official.tables(connection, {table.bracket for table in tables}, locked=True)
    standing: dict[Bracket, OfficialTable] = {bracket: found.table for bracket, found in stored.items()}
    changed: set[Bracket] = set()
    outcomes: list[Outcome] = []
    for table in tables:
        before = standing.get(table.bracket)
        outcome = weigh(before, table)
        outcomes.append(outcome)
        if outcome in ("created", "updated"):
            standing[table.bracket] = table
            changed.add(table.bracket)
        elif before is not None and table.observed_at > before.observed_at:
            standing[table.bracket] = before._replace(observed_at=table.observed_at)
    new = [table for bracket, table in standing.items() if bracket not in stored]
    if new:
        official.insert(connection, new, now)
    replaced = [(stored[bracket].ref, standing[bracket]) for bracket in sorted(changed & stored.keys(), key=_sortable)]
    if replaced:
        official.replace(connection, replaced, now)
    official.move_on(
        connection,
        (
            (found.ref, standing[bracket])
            for bracket, found in stored.items()
            if bracket not in changed and standing[bracket].observed_at > found.table.observed_at
        ),
    )
    return outcomes


def _sortable(bracket: Bracket) -> tuple[str, str, str, str]:
    season, league, age_group, division = bracket
    return season, league, age_group, division or ""
