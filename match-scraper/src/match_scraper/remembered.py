"""What one run leaves for the next, beside the ledger: a small JSON file, written whole or not at all.

Nothing depends on it. A file that cannot be read or written is said, and never stops a run.
"""

import contextlib
import os
import tempfile
from pathlib import Path
from typing import Generic, TypeVar

import msgspec

T = TypeVar("T")


class Remembered(Generic[T]):
    """One file of items of one type. `notices` holds a sentence for each thing that went wrong with it."""

    def __init__(self, path: Path, kind: type[T]) -> None:
        self.notices: list[str] = []
        self._path = path
        self._decoder = msgspec.json.Decoder(list[kind])  # type: ignore[valid-type]

    def load(self) -> list[T]:
        """What was left; nothing where nothing was, or where it makes no sense."""
        try:
            return self._decoder.decode(self._path.read_bytes())
        except FileNotFoundError:
            return []
        except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            self.notices.append(f"{self._path} cannot be read, and begins anew: {error}")
            return []

    def store(self, items: list[T]) -> None:
        """Leave these, in place of what was there."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            descriptor, temporary = tempfile.mkstemp(dir=self._path.parent, prefix=f".{self._path.name}-")
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(msgspec.json.format(msgspec.json.encode(items), indent=1) + b"\n")
                Path(temporary).replace(self._path)
            except BaseException:
                with contextlib.suppress(OSError):
                    Path(temporary).unlink()
                raise
        except OSError as error:
            self.notices.append(f"{self._path} cannot be written: {error.strerror or error}")
