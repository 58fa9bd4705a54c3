"""The embedded folder on a disk that runs full: scraper and worker say so, and go on when there is room again."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from faults.season import DIVISIONS
from faults.stage import Embedded
from surfaces import eventually

PAGE: Final = 4096
"""Bytes that the smallest file takes."""
LEFT: Final = 60
"""Pages that are left when a fault begins."""


class NoSmallDisk(Exception):
    """Nobody may mount a file system here."""


def full(stage: Embedded) -> None:
    """The disk fills up while the scraper writes, with the worker at work; then there is room, and all goes on."""
    worker = stage.start_worker()
    stage.ended(stage.system.start(*stage.command(next(iter(DIVISIONS)))))
    eventually(lambda: stage.stored() > 0 and stage.waiting() == 0)
    for _ in stage.points():
        with _little_room(stage.home):
            load = stage.system.start(*stage.everything)
            stage.ended(load, exit_code=4)
            assert "takes no more: No space left on device" in load.output, load.output
            stage.strike_in_the_middle()
        eventually(lambda: stage.waiting() == 0)
    stage.ended(stage.system.start(*stage.everything))
    assert worker.running, worker.output


@contextmanager
def small_disk(folder: Path, size: int) -> Iterator[None]:
    """Within: `folder` is a file system of its own with so many bytes. Raises `NoSmallDisk`."""
    folder.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NoSmallDisk(done.stderr.strip())
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def _little_room(folder: Path) -> Iterator[None]:
    """Within: a file takes all of the disk but `LEFT` pages."""
    ballast = folder / "ballast"
    state = os.statvfs(folder)
    with ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, state.f_bavail * state.f_frsize - LEFT * PAGE)
    try:
        yield
    finally:
        ballast.unlink()
