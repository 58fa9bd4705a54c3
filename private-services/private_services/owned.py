"""What a private service owns, and what must not outlive the session: its ports, its folder, its processes."""

import atexit
import contextlib
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

# Linux hands out ports from 32768 up to outgoing connections. A port below cannot be taken that way while a
# killed server is down and wants its own port back.
_PORTS = range(20_000, 32_000)

# Runs beside the session and reads a pipe whose other end only the session holds. However the session ends,
# kill -9 included, the pipe closes; then what it started is killed, by process group, and its folder removed.
_GUARD = """
import os, shutil, signal, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)
signal.signal(signal.SIGTERM, signal.SIG_IGN)
groups = set()
for line in sys.stdin:
    sign, _, number = line.strip().partition(" ")
    if sign == "+":
        groups.add(int(number))
    else:
        groups.discard(int(number))
for group in groups:
    try:
        os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass
shutil.rmtree(sys.argv[1], ignore_errors=True)
"""


class ServiceMissing(Exception):
    """The programs of a service are not installed."""


class ServiceFailed(Exception):
    """A service that is installed did not start, or did not stop."""


def free_port() -> int:
    """A TCP port on 127.0.0.1 that nothing listens on, and that no other call gives out while this process runs.

    A service listens seconds after its port was chosen, and test suites run side by side. The UDP port of the
    same number, which nothing here uses, says that this one is taken.
    """
    for port in random.sample(_PORTS, 200):
        claim = socket.socket(type=socket.SOCK_DGRAM)
        with socket.socket() as probe:
            try:
                claim.bind(("127.0.0.1", port))
                probe.bind(("127.0.0.1", port))
            except OSError:
                claim.close()
                continue
        claim.detach()  # stays open until this process ends
        return port
    raise ServiceFailed(f"no free port among 200 tried between {_PORTS.start} and {_PORTS.stop}")


def accepts_connections(port: int) -> bool:
    """Whether something listens on 127.0.0.1:port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


class OwnedProcess:
    """A child process in a process group of its own, so that a signal reaches all that it starts."""

    def __init__(self, popen: subprocess.Popen[bytes], released: Callable[[int], None]) -> None:
        self.popen = popen
        self.pid = popen.pid
        self._released = released

    @property
    def running(self) -> bool:
        return self.popen.poll() is None

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the process alone."""
        if self.running:
            self.popen.send_signal(number)

    def kill(self) -> None:
        """kill -9 of the process and of its group; returns when it is gone."""
        # The group may outlive its leader, so it is sent the signal in any case.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self.popen.wait()
        self._released(self.pid)

    def wait(self, seconds: float) -> bool:
        """Whether it ended by itself within so many seconds."""
        try:
            self.popen.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        self._released(self.pid)
        return True


class Ownership:
    """One temporary folder and the processes that live in it; `release()` ends both, at exit at the latest."""

    def __init__(self, name: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix=f"{name}-"))
        self._processes: list[OwnedProcess] = []
        self._guard = subprocess.Popen(
            [sys.executable, "-I", "-c", _GUARD, str(self.folder)],
            stdin=subprocess.PIPE,
            start_new_session=True,
        )
        atexit.register(self.release)

    def start(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str],
        log: Path,
        user: str | None = None,
    ) -> OwnedProcess:
        """Start a command whose output goes to `log`, as another user if one is named (only root can)."""
        with log.open("ab") as output:
            account = pwd.getpwnam(user) if user else None
            popen = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
                env=dict(environment),
                start_new_session=True,
                user=account.pw_uid if account else None,
                group=account.pw_gid if account else None,
                extra_groups=[] if account else None,
            )
        self._tell_guard(f"+ {popen.pid}")
        process = OwnedProcess(popen, self._forget)
        self._processes.append(process)
        return process

    def release(self) -> None:
        """Kill what still runs and remove the folder. A second call does nothing."""
        atexit.unregister(self.release)
        for process in list(self._processes):
            process.kill()
        if self._guard.stdin and not self._guard.stdin.closed:
            self._guard.stdin.close()
        self._guard.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _forget(self, pid: int) -> None:
        self._processes = [process for process in self._processes if process.pid != pid]
        self._tell_guard(f"- {pid}")

    def _tell_guard(self, line: str) -> None:
        if self._guard.stdin and not self._guard.stdin.closed:
            # A guard that someone killed is no reason to fail: `release` does the same work.
            with contextlib.suppress(BrokenPipeError):
                self._guard.stdin.write(f"{line}\n".encode())
                self._guard.stdin.flush()


def wait_until(condition: Callable[[], bool], process: OwnedProcess, what: str, log: Path, seconds: float) -> None:
    """Wait for a condition while a process runs.

    Raises ServiceFailed, with the end of the log, when the process ends first or the seconds are over.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        if not process.running:
            raise ServiceFailed(f"{what} ended with status {process.popen.returncode}:\n{tail(log)}")
        if time.monotonic() > deadline:
            raise ServiceFailed(f"{what} was not ready after {seconds:.0f} seconds:\n{tail(log)}")
        time.sleep(0.02)


def tail(log: Path, lines: int = 30) -> str:
    """The last lines of a log file."""
    if not log.exists():
        return "(no log)"
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
