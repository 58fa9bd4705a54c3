"""How much memory a process has, and has had at most."""

import contextlib
import resource
import sys
from pathlib import Path


def peak() -> float:
    """Megabytes that this process has had at most, since it began or since `forget_peak`."""
    status = Path("/proc/self/status")
    if status.exists():
        return _megabytes(status.read_text(), "VmHWM")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


def forget_peak() -> None:
    """Begins anew to watch for the most memory, where the system can do that."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def of_group(pid: int) -> float:
    """Megabytes that a process and all that it started have now."""
    return _sum(pid, "VmRSS")


def peak_of_group(pid: int) -> float:
    """Megabytes that they have had at most, each of them."""
    return _sum(pid, "VmHWM")


def children(pid: int) -> list[int]:
    """All processes that it started and that these started."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in task.read_text().split():
                found += [int(child), *children(int(child))]
    return found


def _sum(pid: int, name: str) -> float:
    total = 0.0
    for each in (pid, *children(pid)):
        with contextlib.suppress(OSError):  # it has just ended
            total += _megabytes(Path(f"/proc/{each}/status").read_text(), name)
    return total


def _megabytes(status: str, name: str) -> float:
    # a process that has ended and is not yet waited for has no memory
    line = next((line for line in status.splitlines() if line.startswith(name)), "none 0")
    return int(line.split()[1]) / 1024
