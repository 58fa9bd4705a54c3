"""The embedded folder: database, spool and the marker that tells match-scraper that it may leave messages here."""

import json
import uuid
from contextlib import suppress
from pathlib import Path

from missing_table.errors import ConfigurationProblem
from missing_table.settings import MARKER
from missing_table.worker.spool import SpoolFolder


def initialise(home: Path, queue: str) -> None:
    """Makes the folder ready for both sides; does nothing where it is.

    A new one gets an id of its own, so that a producer does not take it for one that stood in its place before.

    Raises `ConfigurationProblem` where it cannot be written.
    """
    try:
        home.mkdir(parents=True, exist_ok=True)
        SpoolFolder(home, queue).make()
        with suppress(FileExistsError), (home / MARKER).open("x", encoding="utf-8") as marker:
            marker.write(json.dumps({"format": 1, "queue": queue, "id": str(uuid.uuid4())}) + "\n")
    except OSError as error:
        raise ConfigurationProblem(f"the embedded folder {home} cannot be written: {error.strerror}") from None
