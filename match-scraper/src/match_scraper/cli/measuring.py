"""What a run leaves for Prometheus, where the settings name a file or a Pushgateway."""

import datetime as dt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from match_scraper.asked import Asked
    from match_scraper.scrape import Run
    from match_scraper.settings import Settings


def leave_measures(
    run: "Run", asked: "Asked", settings: "Settings", *, exit_code: int, began: dt.datetime, ended: dt.datetime
) -> None:
    """Writes and pushes the measurements of `run`; a run is not worse for what could not be left, but says so.

    One that does not name the brackets that it is for has no series of its own, and leaves nothing.
    """
    nowhere = settings.metrics_file is None and settings.pushgateway_url is None
    if nowhere or not asked.age_groups or not asked.divisions:
        return
    from match_scraper import measures
    from match_scraper.report import counts

    synced_at = min((reading.synced_at for reading in run.readings), default=None)
    measured = measures.Measured(
        target=target_of(asked),
        ended_at=ended.timestamp(),
        took=(ended - began).total_seconds(),
        exit_code=exit_code,
        matches=counts(run),
        source_age=None if synced_at is None else (ended - synced_at).total_seconds(),
    )
    if settings.metrics_file is not None:
        try:
            measures.write(measured, settings.metrics_file)
        except OSError as error:
            run.notices.append(f"measurements not written to {settings.metrics_file}: {error.strerror or error}")
    if settings.pushgateway_url is not None:
        try:
            measures.push(measured, settings.pushgateway_url)
        except OSError as error:
            run.notices.append(f"measurements not pushed: {error}")


def target_of(asked: "Asked") -> str:
    """What is asked for, in words; what narrows it is part of it, so that a backfill is not taken for the daily run."""
    narrowed = {"club": ",".join(asked.clubs), "from": asked.first_day, "to": asked.last_day}
    named = *(",".join(names) for names in (asked.leagues, asked.age_groups, asked.divisions)), asked.season or ""
    return " ".join(filter(None, (*named, *(f"{word} {value}" for word, value in narrowed.items() if value))))
