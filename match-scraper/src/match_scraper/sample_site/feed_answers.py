"""The documents behind the site: the bundled sample or a folder of your own, changed by faults."""

import datetime as dt
import email.utils
import hashlib
import json
import re
from collections.abc import Iterable
from pathlib import Path

from . import faults as fault_module
from .fault import FEED, Answer, Fault
from .feeds import SYNCED_AT, Document, Documents, as_bytes, bundled, past
from .matches_list import Entry, entries

_ADDRESS = re.compile(r"/data/(schedule|standings)/([A-Za-z0-9][A-Za-z0-9_-]*)\.json")
MADE = dt.datetime.fromisoformat(SYNCED_AT)
"""When the sample was made. The site's clock stands still at that moment."""


class Shelf:
    """What the site has to serve. Parameters: as for `SampleSite`."""

    def __init__(self, folder: Path | None, faults: list[Fault]) -> None:
        self._folder = folder
        self._changes = [fault.change for fault in faults if fault.change]
        self._listed: tuple[object, dict[str, list[Entry]], dt.datetime] | None = None

    def feed(self, path: str, request: int) -> Answer | None:
        """The document of this address; None where there is none."""
        address = _ADDRESS.fullmatch(path)
        if address is None:
            return None
        kind, key = address.groups()
        body: bytes | None = None
        modified = MADE
        if self._folder is None or self._changes:
            documents = self._documents(request)
            held = documents.schedule if kind == "schedule" else documents.standings
            body = as_bytes(held[key]) if key in held else None
        if self._folder is not None:
            file = self._folder / kind / f"{key}.json"
            if body is None and file.is_file():
                # Without a fault the file goes out as it is, also where it is no JSON.
                body = file.read_bytes()
            modified = _modified(file)
        if body is None:
            return None
        headers = {
            "Content-Type": "application/json",
            "ETag": f'"{hashlib.sha256(body).hexdigest()[:32]}"',
            "Last-Modified": http_date(modified),
        }
        return Answer(200, headers, body, FEED)

    def listed(self, request: int) -> tuple[dict[str, list[Entry]], dt.datetime]:
        """Every match by tournament, as modular11 lists them, and when that was."""
        # Worked out again only where a file or a fault may have changed it.
        state = (request, *_files(self._folder)) if self._changes else _files(self._folder)
        if self._listed is None or self._listed[0] != state:
            documents = self._documents(request)
            with_past = Documents(
                {**past().schedule, **documents.schedule}, {**past().standings, **documents.standings}
            )
            self._listed = state, entries(with_past), _clock(documents)
        return self._listed[1], self._listed[2]

    def _documents(self, request: int) -> Documents:
        documents = bundled() if self._folder is None else _from_folder(self._folder)
        for change in self._changes:
            change(documents, request)
        return documents


def export(folder: Path, faults: Iterable[str] = ()) -> list[Path]:
    """Write the bundled documents into this folder, in the form that `SampleSite` reads; returns the files."""
    documents = bundled()
    for name in faults:
        fault = fault_module.known()[name]
        if fault.change:
            fault.change(documents, 1)
    written = []
    for kind, held in (("schedule", documents.schedule), ("standings", documents.standings)):
        (folder / kind).mkdir(parents=True, exist_ok=True)
        for key, document in held.items():
            file = folder / kind / f"{key}.json"
            file.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
            written.append(file)
    return written


def http_date(moment: dt.datetime) -> str:
    """The moment as HTTP writes it."""
    return email.utils.format_datetime(moment, usegmt=True)


def _from_folder(folder: Path) -> Documents:
    def read(kind: str) -> dict[str, Document]:
        found = {}
        for file in sorted((folder / kind).glob("*.json")):
            try:
                document = json.loads(file.read_bytes())
            except ValueError:
                continue  # served as it is; a fault has nothing to change in it
            if isinstance(document, dict):
                found[file.stem] = document
        return found

    return Documents(read("schedule"), read("standings"))


def _files(folder: Path | None) -> tuple[object, ...]:
    if folder is None:
        return ()
    files = sorted(folder.glob("*/*.json"))
    return tuple((file.name, status.st_mtime_ns, status.st_size) for file in files for status in [file.stat()])


def _clock(documents: Documents) -> dt.datetime:
    moments = [document.get("synced_at") for document in documents.schedule.values()]
    return min((dt.datetime.fromisoformat(moment) for moment in moments if moment), default=MADE)


def _modified(file: Path) -> dt.datetime:
    try:
        seconds = int(file.stat().st_mtime)
    except FileNotFoundError:
        return MADE
    return dt.datetime.fromtimestamp(seconds, dt.UTC)
