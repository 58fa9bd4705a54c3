"""How much of the processors a process has used."""

import contextlib
import os
from pathlib import Path
from typing import Final

from bench.memory import children

_TICKS: Final = os.sysconf("SC_CLK_TCK")


def of_group(pid: int) -> float:
    """Seconds of CPU, for itself and for the system's work, of a process and all that it started; Linux only."""
    return sum(_ticks(each) for each in (pid, *children(pid))) / _TICKS


def _ticks(pid: int) -> int:
    with contextlib.suppress(OSError):  # it has just ended, and its parent has its time
        # the name, in brackets, may hold anything; the times of what has ended come third and fourth
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[11:15]))
    return 0
