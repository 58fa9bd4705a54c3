"""A Chromium of our own: found on this machine, started without a window, and ended for certain.

It is started here and not by Playwright, so that one that hangs can be ended whatever Playwright is waiting for.
"""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterable
from pathlib import Path

from match_scraper.errors import SourceUnreadable, UsageProblem

_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome", "microsoft-edge")
_PLACES = (
    "/usr/lib/chromium/chromium",
    "/snap/bin/chromium",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
HOW_TO_INSTALL = "apt-get install chromium, or name one in CHROMIUM_PATH"
_OPTIONS = (
    "--headless=new",
    "--remote-debugging-port=0",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-dev-shm-usage",
    "--disable-breakpad",
    "--disable-sync",
    "--mute-audio",
    "--no-first-run",
)
_LISTENING = re.compile(rb"DevTools listening on (ws://\S+)")
_GUARD = 'read -r _; kill -s KILL -- "-$1"; rm -rf "$2" || { sleep 1; rm -rf "$2"; }'
"""Waits for the end of its input, which comes when we are gone, and be it by `kill -9`."""
_GRACE = 1.0
"""Seconds between what a dying browser lets us know and its being dead."""


def find_chromium(named: Path | None) -> Path:
    """The browser's program. Raises `UsageProblem` that says how to get one."""
    if named is not None:
        if not os.access(named, os.X_OK) or named.is_dir():
            raise UsageProblem(f"CHROMIUM_PATH: {named} is not a program that can be run ({HOW_TO_INSTALL}).")
        return named
    for name in (*_NAMES, *_PLACES):
        found = shutil.which(name)
        if found:
            return Path(found)
    raise UsageProblem(f"There is no Chromium on this machine to read the public page with: {HOW_TO_INSTALL}.")


class Chromium:
    """One running browser, with a profile that nobody has used.

    Parameters: `seconds`, how long its start may take.
    Raises `SourceUnreadable` where it does not start.
    """

    def __init__(self, program: Path, seconds: float) -> None:
        self._profile = tempfile.mkdtemp(prefix="match-scraper-")
        # As root, as in most containers, Chromium refuses to run with its sandbox.
        as_root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
        command = [str(program), *_OPTIONS, *as_root, f"--user-data-dir={self._profile}", "about:blank"]
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as error:
            shutil.rmtree(self._profile, ignore_errors=True)
            raise SourceUnreadable(f"the browser {program} cannot be started: {error.strerror or error}") from error
        self._guard = subprocess.Popen(
            ["/bin/sh", "-c", _GUARD, "sh", str(self._process.pid), self._profile],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._address: str | None = None
        self._told = threading.Event()
        self._listener = threading.Thread(target=self._listen, name="chromium", daemon=True)
        self._listener.start()
        try:
            if not self._told.wait(seconds) or self._address is None:
                why = "ended at once" if self._told.is_set() else f"was not there in {seconds:g} seconds"
                raise SourceUnreadable(f"the browser {program} {why}")
        except BaseException:  # Ctrl-C, too: nobody else knows of it yet
            self.end()
            raise

    @property
    def address(self) -> str:
        """Where it takes orders."""
        assert self._address is not None
        return self._address

    @property
    def crashed(self) -> bool:
        """Whether it has ended, or does so in the next moment."""
        try:
            self._process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            return False
        return True

    def kill(self) -> None:
        """End it and all its processes at once; from any thread, and as often as one likes."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def end(self) -> None:
        """End it, and leave nothing behind."""
        self.kill()
        # Before the browser's number may become somebody else's.
        self._guard.kill()
        self._guard.communicate()
        self._process.wait()
        self._listener.join()
        shutil.rmtree(self._profile, ignore_errors=True)

    def _listen(self) -> None:
        # To the end: a browser whose complaints nobody reads would stop at a full pipe.
        assert self._process.stderr is not None
        with self._process.stderr as lines:
            self._find_address(lines)
        self._told.set()

    def _find_address(self, lines: Iterable[bytes]) -> None:
        for line in lines:
            found = _LISTENING.search(line)
            if found and self._address is None:
                self._address = found[1].decode()
                self._told.set()
