"""A private PostgreSQL cluster that can be stopped at once, and brought back with what it had committed."""

import os
import pwd
import secrets
import shutil
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from private_services.owned import (
    OwnedProcess,
    Ownership,
    ServiceFailed,
    ServiceMissing,
    accepts_connections,
    free_port,
    wait_until,
)

INSTALL = "apt-get install postgresql (or your system's package of the same name)"

_SIGNALS = {"fast": signal.SIGINT, "immediate": signal.SIGQUIT}


def _programs() -> Path:
    candidates = [
        *Path("/usr/lib/postgresql").glob("*/bin"),
        *Path("/opt/homebrew/opt").glob("postgresql@*/bin"),
        *Path("/usr").glob("pgsql-*/bin"),
    ]
    complete = [folder for folder in candidates if (folder / "initdb").exists() and (folder / "postgres").exists()]
    if complete:
        return max(complete, key=lambda folder: int("".join(filter(str.isdigit, folder.parent.name)) or 0))
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    raise ServiceMissing(f"PostgreSQL is not installed: {INSTALL}")


def _account() -> str | None:
    """Whom the server runs as. It refuses root, so root hands it to the user that the package made."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    raise ServiceFailed("PostgreSQL does not run as root, and there is no user postgres or nobody to run it")


class PostgreSQL:
    """One cluster, its superuser `postgres` trusted without a password on 127.0.0.1.

    Parameters
    ----------
    durable
        False turns fsync off, which is faster: what was committed then outlives the death of every process, since the
        system has it, but not the death of the machine.
    options
        Further server settings, by name.
    start_timeout
        Seconds to wait for the server to be ready.
    """

    def __init__(
        self, *, durable: bool = True, options: Mapping[str, str] | None = None, start_timeout: float = 60
    ) -> None:
        self._settings = {} if durable else {"fsync": "off"}
        self._settings |= dict(options or {})
        self._start_timeout = start_timeout
        self._programs = _programs()
        self._user = _account()
        self._owned: Ownership | None = None
        self._server: OwnedProcess | None = None

    @property
    def folder(self) -> Path:
        """The cluster's folder: data and log."""
        if self._owned is None:
            raise ServiceFailed("this PostgreSQL has not been started")
        return self._owned.folder

    @property
    def running(self) -> bool:
        return self._server is not None and self._server.running

    @property
    def pid(self) -> int:
        """Of the postmaster."""
        assert self._server is not None
        return self._server.pid

    def url(self, database: str = "postgres") -> str:
        """A plain `postgresql://` URL of a database."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start the cluster, or bring it back in the same folder and on the same port; returns when it serves.

        Raises ServiceFailed, with the end of its log, when it does not.
        """
        if self.running:
            return
        try:
            if self._owned is None:
                self._prepare()
            self._start_server()
        except BaseException:
            self.remove()
            raise

    def stop(self, mode: Literal["fast", "immediate"] = "fast") -> None:
        """Stop the server; its data stays, and `start()` brings it back.

        `fast` ends open transactions and shuts down in order. `immediate` is the crash: no checkpoint, and the
        next start recovers from the log.
        """
        if self._server is None or not self._server.running:
            return
        self._server.signal(_SIGNALS[mode])
        if not self._server.wait(60):
            raise ServiceFailed(f"PostgreSQL did not stop ({mode}) within 60 seconds")

    def kill(self) -> None:
        """kill -9 of the server process; its sessions notice and end by themselves."""
        if self._server is not None:
            self._server.kill()

    def remove(self) -> None:
        """End the server and remove its folder, for good."""
        if self._owned is not None:
            # A killed server may leave sessions that still write; an immediate stop waits for them.
            if self._server is not None:
                self._server.signal(signal.SIGQUIT)
                self._server.wait(20)
            self._owned.release()
        self._owned = self._server = None

    def create_database(self, name: str | None = None) -> str:
        """Make an empty database, with a random name unless one is given, and return its URL."""
        name = name or f"test_{secrets.token_hex(6)}"
        self.execute(f'CREATE DATABASE "{name}"')
        return self.url(name)

    def drop_database(self, name: str) -> None:
        """Remove a database, disconnecting who still uses it."""
        self.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def execute(self, statement: str, database: str = "postgres") -> str:
        """Run one SQL statement through psql and return its rows, unaligned, without headings.

        Raises ServiceFailed with the server's words when it is refused.
        """
        command = [str(self._programs / "psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"]
        return self._run([*command, "-d", self.url(database), "-c", statement], user=None)

    def _prepare(self) -> None:
        self._owned = Ownership("postgresql")
        self.port = free_port()
        if self._user:
            shutil.chown(self.folder, self._user)
        # --no-sync: there is nothing yet that a crash could lose.
        self._run(
            [
                str(self._programs / "initdb"),
                *("-D", str(self.folder / "data"), "-A", "trust", "-U", "postgres"),
                *("--encoding=UTF8", "--locale=C", "--no-sync"),
            ],
            user=self._user,
        )

    def _start_server(self) -> None:
        assert self._owned is not None
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            # A socket's path may be too long in a deep temporary folder, and nobody needs it.
            "unix_socket_directories": "",
        } | self._settings
        log = self.folder / "server.log"
        self._server = self._owned.start(
            [
                str(self._programs / "postgres"),
                *("-D", str(self.folder / "data")),
                *(f"--{name.replace('_', '-')}={value}" for name, value in settings.items()),
            ],
            environment=self._environment(),
            log=log,
            user=self._user,
        )
        wait_until(self._ready, self._server, "PostgreSQL", log, seconds=self._start_timeout)

    def _ready(self) -> bool:
        if not accepts_connections(self.port):
            return False
        # It listens before it has recovered; pg_isready knows the difference.
        command = [str(self._programs / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres"]
        return subprocess.run(command, check=False).returncode == 0

    def _run(self, command: list[str], user: str | None) -> str:
        account = pwd.getpwnam(user) if user else None
        done = subprocess.run(
            command,
            env=self._environment(),
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
            user=account.pw_uid if account else None,
            group=account.pw_gid if account else None,
            extra_groups=[] if account else None,
        )
        if done.returncode:
            raise ServiceFailed(f"{Path(command[0]).name}: {done.stderr or done.stdout}")
        return done.stdout

    def _environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        return inherited | {"HOME": str(self.folder), "LC_ALL": "C"}
