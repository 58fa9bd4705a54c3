"""The embedded folder: database, spool and the marker that tells match-scraper that it may leave messages here."""

import json
from pathlib import Path

from missing_table.errors import ConfigurationProblem
from missing_table.settings import MARKER
from missing_table.worker.spool import SpoolFolder


def initialise(home: Path, queue: str) -> None:
    """Makes the folder ready for both sides; does nothing where it is.

    Raises `ConfigurationProblem` where it cannot be written.
    """
    try:
        home.mkdir(parents=True, exist_ok=True)
        SpoolFolder(home, queue).make()
        marker = home / MARKER
        if not marker.exists():
            marker.write_text(json.dumps({"format": 1, "queue": queue}) + "\n", encoding="utf-8")
    except OSError as error:
        raise ConfigurationProblem(f"the embedded folder {home} cannot be written: {error.strerror}") from None
