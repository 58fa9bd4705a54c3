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
    """Writes and pushes the measurements of `run`; a run is not worse for what could not be left, but says so."""
    if settings.metrics_file is None and settings.pushgateway_url is None:
        return
    from match_scraper import measures
    from match_scraper.report import counts

    synced_at = min((reading.synced_at for reading in run.readings), default=None)
    measured = measures.Measured(
        target=" ".join(",".join(names) for names in (asked.leagues, asked.age_groups, asked.divisions)),
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
