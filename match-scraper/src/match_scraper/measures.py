"""What a run measured, for Prometheus. A job that ends has no port to be asked on: it writes a file, or pushes.

The file is for the text-file collector of the node exporter; the address that is pushed to is a Pushgateway.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Final

from prometheus_client import CollectorRegistry, Gauge, push_to_gateway, pushadd_to_gateway, write_to_textfile
from prometheus_client.parser import text_string_to_metric_families

JOB: Final = "mls-scraper"
LAST_SUCCESS: Final = "mls_scraper_last_success_timestamp_seconds"
PUSH_TIMEOUT: Final = 10.0
"""Seconds; a gateway that is away must not hold up a run that is over."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One run. Times are seconds since 1970, UTC, by our own clock; `took` is in seconds."""

    target: str
    """What was asked for, such as “Homegrown U14 Northeast”: one series each."""
    ended_at: float
    took: float
    exit_code: int
    matches: Mapping[str, int]
    """The numbers of the summary, by their names."""
    source_age: float | None
    """Seconds since the source was last brought up to date; None where nothing could be read."""


def registry_of(run: Measured, last_success: float | None = None) -> CollectorRegistry:
    """The measurements of `run`.

    Parameters: `last_success` is when a run last ended well, for a run that did not.
    """
    registry = CollectorRegistry()

    def gauge(name: str, what: str, *labels: str) -> Gauge:
        return Gauge(name, what, ["target", *labels], registry=registry)

    gauge("mls_scraper_last_run_timestamp_seconds", "When the last run ended.").labels(run.target).set(run.ended_at)
    gauge("mls_scraper_last_run_exit_code", "How the last run ended; 0 is well.").labels(run.target).set(run.exit_code)
    gauge("mls_scraper_run_seconds", "How long the last run took.").labels(run.target).set(run.took)
    matches = gauge("mls_scraper_matches", "The numbers of the last run's summary.", "state")
    for state, count in run.matches.items():
        matches.labels(run.target, state.replace(" ", "_")).set(count)
    if run.source_age is not None:
        age = gauge("mls_scraper_source_age_seconds", "How old the source's data was.")
        age.labels(run.target).set(run.source_age)
    success = run.ended_at if run.exit_code == 0 else last_success
    if success is not None:
        gauge(LAST_SUCCESS, "When a run last ended well.").labels(run.target).set(success)
    return registry


def write(run: Measured, path: Path) -> None:
    """Puts `run` in the place of what `path` holds, all at once. Raises `OSError`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_to_textfile(str(path), registry_of(run, _last_success(path, run.target)))


def push(run: Measured, gateway: str) -> None:
    """Pushes `run` to the Pushgateway at this address. Raises `OSError`.

    A run that did not end well leaves the time of the last that did as the gateway has it.
    """
    send = push_to_gateway if run.exit_code == 0 else pushadd_to_gateway
    try:
        send(gateway, JOB, registry_of(run), grouping_key={"target": run.target}, timeout=PUSH_TIMEOUT)
    except HTTPException as error:
        raise OSError(f"what answers there is no Pushgateway ({type(error).__name__})") from error


def _last_success(path: Path, target: str) -> float | None:
    try:
        families = list(text_string_to_metric_families(path.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return None  # the first run, or a file that is none of ours: there is nothing to carry on
    for family in families:
        for sample in family.samples:
            if sample.name == LAST_SUCCESS and sample.labels.get("target") == target:
                return sample.value
    return None
