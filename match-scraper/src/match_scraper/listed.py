"""Which matches a source lists: one that it listed, and lists no more, has vanished.

It is compared with what it listed when that was last told, not with its last answer: whoever else reads the source
tells nobody, and must not keep from others what has gone.
"""

from pathlib import Path

import msgspec

from .remembered import Remembered
from .sources.base import Reading
from .sources.oddities import listed


class Listed(msgspec.Struct, frozen=True):
    """A match that a source lists."""

    match_id: str
    what: str
    """For people, as it was when a match last came or went; empty where it could not be read."""


class Lists:
    """What was listed of each league and season, in files of this folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._untold: list[tuple[Remembered[Listed], list[Listed]]] = []

    def compare(self, reading: Reading) -> list[str]:
        """A sentence about the matches that have vanished, and about a file that could not be read or written.

        What the source lists now is kept for the next run; where something has vanished, not before `told`.
        """
        if reading.listed is None:
            return []
        file = Remembered(self._folder / f"listed-{reading.league}-{reading.season}.json", Listed)
        before = file.load()
        known = {match.match_id: match.what for match in before}
        if known.keys() == reading.listed:
            return file.notices
        words = {**known, **reading.in_words()}
        now = [Listed(match_id, words.get(match_id, "")) for match_id in sorted(reading.listed)]
        gone = [f"{match.match_id} ({match.what})" for match in before if match.match_id not in reading.listed]
        if gone:
            self._untold.append((file, now))
            since = "vanished from the feed since the last run, and kept as stored"
            return [*file.notices, f"{reading.league}: {since}: {listed(gone)}"]
        file.store(now)
        return file.notices

    def told(self) -> list[str]:
        """What has vanished has been told: it is not told again. A sentence about each file that cannot be written."""
        for file, now in self._untold:
            file.store(now)
        return [notice for file, _ in self._untold for notice in file.notices]
