"""The last answer for each address, on disk, so that an unchanged document need not travel again.

The cache may be deleted, corrupted or unwritable at any time: it then costs a download, never a scrape.
"""

import datetime as dt
import hashlib
import json
import os
import re
import tempfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class CachedBody:
    """An answer as it came, with what the server needs to say that it has not changed."""

    body: bytes
    etag: str | None
    last_modified: str | None
    date: dt.datetime | None = None
    """When the site said that it answered."""


class BodyCache:
    """Answers in one folder: a line of JSON about each, then its body."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load(self, url: str) -> CachedBody | None:
        """The last answer of this address; None where there is none, or it is damaged."""
        path = self._path(url)
        try:
            header, _, body = path.read_bytes().partition(b"\n")
        except FileNotFoundError:
            return None
        except OSError as error:
            _log.warning("cache_unreadable", path=str(path), error=str(error))
            return None
        try:
            about: Any = json.loads(header)
            whole = about["url"] == url and about["size"] == len(body) and about["crc32"] == zlib.crc32(body)
            if whole:
                return CachedBody(body, _text(about["etag"]), _text(about["last_modified"]), _moment(about.get("date")))
        except (ValueError, TypeError, KeyError, RecursionError):
            pass  # not ours, or cut short: told below, as any other damage
        _log.warning("cache_damaged", path=str(path))
        return None

    def store(self, url: str, cached: CachedBody) -> None:
        """Keep this answer in place of the last one: all of it, or, if the disk says no, nothing."""
        about = {
            "url": url,
            "etag": cached.etag,
            "last_modified": cached.last_modified,
            "date": cached.date.isoformat() if cached.date else None,
            "size": len(cached.body),
            "crc32": zlib.crc32(cached.body),
        }
        path = self._path(url)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            descriptor, temporary = tempfile.mkstemp(dir=self._folder, prefix=".writing-")
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(json.dumps(about).encode() + b"\n")
                    file.write(cached.body)
                Path(temporary).replace(path)
            except BaseException:
                Path(temporary).unlink(missing_ok=True)
                raise
        except OSError as error:
            _log.warning("cache_not_written", path=str(path), error=str(error))

    def _path(self, url: str) -> Path:
        readable = re.sub(r"[^A-Za-z0-9]+", "-", url.rpartition("/data/")[2] or url)[-80:].strip("-")
        return self._folder / f"{readable}-{hashlib.sha256(url.encode()).hexdigest()[:12]}.cached"


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    raise TypeError(value)


def _moment(value: object) -> dt.datetime | None:
    moment = dt.datetime.fromisoformat(value) if isinstance(value, str) else None
    return moment if moment is None or moment.tzinfo else moment.replace(tzinfo=dt.UTC)
