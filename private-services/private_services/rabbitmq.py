"""A private RabbitMQ node that can be killed, and brought back with its durable messages."""

import base64
import json
import os
import secrets
import shlex
import shutil
import signal
import subprocess
import urllib.parse
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from private_services.owned import (
    OwnedProcess,
    Ownership,
    ServiceFailed,
    ServiceMissing,
    accepts_connections,
    free_port,
    wait_until,
)

INSTALL = "apt-get install rabbitmq-server (or your system's package of the same name)"

# The scripts themselves. Debian's /usr/sbin has a wrapper that switches users, which a private node must not do.
_FOLDERS = ("/usr/lib/rabbitmq/bin", "/opt/homebrew/opt/rabbitmq/sbin", "/usr/local/opt/rabbitmq/sbin")


def _programs() -> Path:
    for folder in map(Path, _FOLDERS):
        if (folder / "rabbitmq-server").exists():
            return folder
    found = shutil.which("rabbitmq-server")
    if found and Path(found).resolve().parent != Path("/usr/sbin"):
        return Path(found).resolve().parent
    raise ServiceMissing(f"RabbitMQ is not installed: {INSTALL}")


def _epmd() -> str:
    found = shutil.which("epmd")
    if not found:
        raise ServiceMissing(f"Erlang's epmd is not on the PATH: {INSTALL}")
    return found


class RabbitMQ:
    """One node, with a user of its own who may do everything.

    Parameters
    ----------
    conf
        Extra lines for `rabbitmq.conf`.
    definitions
        A definitions file (users, virtual hosts, queues, policies) to load at start. The node's own user is
        added to it.
    plugins
        Plugins to enable. `virtual_host()` and `api()` need `rabbitmq_management`.
    start_timeout
        Seconds to wait for the node to be ready.
    """

    def __init__(
        self,
        *,
        conf: Sequence[str] = (),
        definitions: Path | None = None,
        plugins: Sequence[str] = ("rabbitmq_management",),
        start_timeout: float = 90,
    ) -> None:
        self.user = "private"
        self.password = secrets.token_hex(12)
        self.node_name = f"private-{secrets.token_hex(6)}@localhost"
        self._conf = tuple(conf)
        self._definitions = definitions
        self._plugins = tuple(plugins)
        self._start_timeout = start_timeout
        self._programs = _programs()
        self._epmd_program = _epmd()
        self._owned: Ownership | None = None
        self._server: OwnedProcess | None = None
        self._epmd: OwnedProcess | None = None

    @property
    def url(self) -> str:
        """Where AMQP clients connect: the default virtual host, with the node's own user and password."""
        return self.url_for("/")

    @property
    def management_url(self) -> str:
        """Where the management pages and their API are; the user and the password are `user` and `password`."""
        return f"http://127.0.0.1:{self._management_port}"

    @property
    def folder(self) -> Path:
        """The node's folder: configuration, logs, data."""
        return self._ownership.folder

    @property
    def running(self) -> bool:
        return self._server is not None and self._server.running

    @property
    def pid(self) -> int:
        """Of the process that was started; the node itself is among its children."""
        assert self._server is not None
        return self._server.pid

    def url_for(self, virtual_host: str, user: str | None = None, password: str | None = None) -> str:
        """The AMQP URL of a virtual host, for the node's own user or another one."""
        name = urllib.parse.quote(user or self.user, safe="")
        secret = urllib.parse.quote(password or self.password, safe="")
        path = urllib.parse.quote(virtual_host, safe="")
        return f"amqp://{name}:{secret}@127.0.0.1:{self.port}/{path}"

    def start(self) -> None:
        """Start the node, or bring it back in the same folder and on the same ports; returns when it serves.

        Raises ServiceFailed, with the end of its log, when it does not.
        """
        if self.running:
            return
        try:
            if self._owned is None:
                self._prepare()
            self._start_epmd()
            log = self.folder / "server.log"
            self._server = self._ownership.start(
                [str(self._programs / "rabbitmq-server")], environment=self._environment(), log=log
            )
            # Listeners of AMQP come last: after plugins, queues and definitions.
            wait_until(
                lambda: accepts_connections(self.port), self._server, "RabbitMQ", log, seconds=self._start_timeout
            )
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End the node and remove its folder. For good: `kill()` is what can be followed by `start()`."""
        if self._owned is not None:
            # The folder goes too, so there is nothing to shut down in order.
            self._owned.release()
        self._owned = self._server = self._epmd = None

    def shut_down(self) -> None:
        """Let the node end in order, as an administrator would; its folder stays, and `start()` brings it back."""
        if self._server is None:
            return
        self._server.signal(signal.SIGTERM)
        if not self._server.wait(60):
            raise ServiceFailed("RabbitMQ did not shut down within 60 seconds")

    def kill(self) -> None:
        """kill -9 of the server process. `start()` brings it back with its durable messages."""
        if self._server is not None:
            self._server.kill()

    def pause(self) -> None:
        """Freeze the server process: it keeps its connections and does nothing, until `resume()`."""
        if self._server is not None:
            self._server.signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let a frozen server go on."""
        if self._server is not None:
            self._server.signal(signal.SIGCONT)

    def settle(self) -> None:
        """Put what was declared, and the register of quorum queues, on the disk.

        RabbitMQ 3.10 writes it up to some seconds after a quorum queue was declared; a node that is killed
        before does not bring that queue back. A test that kills the node soon after declaring calls this between.
        """
        self.rabbitmqctl("eval", "mnesia:sync_log(), [ok = dets:sync(Table) || Table <- dets:all()].")

    def rabbitmqctl(self, *arguments: str) -> str:
        """Run rabbitmqctl against this node (about a second each) and return its output.

        Raises ServiceFailed with what it said when it fails.
        """
        done = subprocess.run(
            [str(self._programs / "rabbitmqctl"), "-q", "-n", self.node_name, *arguments],
            env=self._environment(),
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        if done.returncode:
            raise ServiceFailed(f"rabbitmqctl {' '.join(arguments)}: {done.stderr or done.stdout}")
        return done.stdout

    def control_script(self) -> str:
        """A shell script that is rabbitmqctl for this node, for a PATH."""
        needed = {name: self._environment()[name] for name in ("HOME", "ERL_EPMD_PORT", "RABBITMQ_NODENAME")}
        settings = " ".join(f"{name}={shlex.quote(value)}" for name, value in needed.items())
        return f'#!/bin/sh\n{settings} exec {self._programs / "rabbitmqctl"} "$@"\n'

    def api(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """One request to the management API, such as `api("GET", "/api/queues")`; returns the decoded answer.

        Raises urllib.error.HTTPError for an answer that is an error. Counters are seconds old; declare a queue
        passively to count its messages.
        """
        credentials = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        request = urllib.request.Request(
            self.management_url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Basic {credentials}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def virtual_host(self, name: str | None = None) -> str:
        """Make a virtual host, with a random name unless one is given, and return its name."""
        name = name or f"test-{secrets.token_hex(6)}"
        self.api("PUT", f"/api/vhosts/{urllib.parse.quote(name, safe='')}", {})
        self.allow(name, self.user)
        return name

    def add_user(self, virtual_host: str, name: str, password: str, **rights: str) -> str:
        """Make a user and return his AMQP URL. `rights`: configure, write, read, each a pattern (default: all)."""
        self.api("PUT", f"/api/users/{urllib.parse.quote(name, safe='')}", {"password": password, "tags": ""})
        self.allow(virtual_host, name, **rights)
        return self.url_for(virtual_host, name, password)

    def allow(self, virtual_host: str, user: str, configure: str = ".*", write: str = ".*", read: str = ".*") -> None:
        """Set what a user may do in a virtual host."""
        path = f"{urllib.parse.quote(virtual_host, safe='')}/{urllib.parse.quote(user, safe='')}"
        self.api("PUT", f"/api/permissions/{path}", {"configure": configure, "write": write, "read": read})

    def remove_virtual_host(self, name: str) -> None:
        """Remove a virtual host with all that it holds; its clients are disconnected."""
        self.api("DELETE", f"/api/vhosts/{urllib.parse.quote(name, safe='')}")

    @property
    def _ownership(self) -> Ownership:
        if self._owned is None:
            raise ServiceFailed("this RabbitMQ has not been started")
        return self._owned

    def _prepare(self) -> None:
        self._owned = Ownership("rabbitmq")
        self.port = free_port()
        self._management_port = free_port()
        self._dist_port = free_port()
        self._epmd_port = free_port()
        for name in ("data", "logs", "conf.d", "home", "generated"):
            (self.folder / name).mkdir()
        conf = [
            f"listeners.tcp.default = 127.0.0.1:{self.port}",
            "disk_free_limit.absolute = 50MB",
            f"default_user = {self.user}",
            f"default_pass = {self.password}",
        ]
        if "rabbitmq_management" in self._plugins:
            conf += ["management.tcp.ip = 127.0.0.1", f"management.tcp.port = {self._management_port}"]
        if self._definitions is not None:
            conf.append(f"load_definitions = {self._own_definitions(self._definitions)}")
        (self.folder / "rabbitmq.conf").write_text("\n".join([*conf, *self._conf, ""]))
        (self.folder / "enabled_plugins").write_text(f"[{','.join(self._plugins)}].\n")

    def _own_definitions(self, source: Path) -> Path:
        """The definitions with the node's user added: where definitions are loaded, no default user is made."""
        definitions = json.loads(source.read_text())
        definitions.setdefault("vhosts", [])
        if not any(virtual_host["name"] == "/" for virtual_host in definitions["vhosts"]):
            definitions["vhosts"].append({"name": "/"})
        definitions.setdefault("users", []).append(
            {"name": self.user, "password": self.password, "tags": "administrator"}
        )
        definitions.setdefault("permissions", []).extend(
            {"user": self.user, "vhost": virtual_host["name"], "configure": ".*", "write": ".*", "read": ".*"}
            for virtual_host in definitions["vhosts"]
        )
        target = self.folder / "definitions.json"
        target.write_text(json.dumps(definitions))
        return target

    def _start_epmd(self) -> None:
        """Erlang's port mapper as a child of ours, so that the node does not leave a daemon behind."""
        if self._epmd is not None and self._epmd.running:
            return
        log = self.folder / "epmd.log"
        self._epmd = self._ownership.start(
            [self._epmd_program, "-port", str(self._epmd_port), "-address", "127.0.0.1"],
            environment=self._environment(),
            log=log,
        )
        wait_until(lambda: accepts_connections(self._epmd_port), self._epmd, "epmd", log, seconds=20)

    def _environment(self) -> dict[str, str]:
        folder = self.folder
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("RABBITMQ_", "ERL_"))}
        return inherited | {
            "HOME": str(folder / "home"),
            "ERL_EPMD_PORT": str(self._epmd_port),
            "RABBITMQ_NODENAME": self.node_name,
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_DIST_PORT": str(self._dist_port),
            "RABBITMQ_MNESIA_BASE": str(folder / "data"),
            "RABBITMQ_LOG_BASE": str(folder / "logs"),
            "RABBITMQ_GENERATED_CONFIG_DIR": str(folder / "generated"),
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
            "RABBITMQ_CONFIG_FILES": str(folder / "conf.d"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(folder / "advanced.config"),
            "RABBITMQ_CONF_ENV_FILE": str(folder / "rabbitmq-env.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
            "RABBITMQ_PID_FILE": str(folder / "pid"),
            # Makes the script become the server instead of waiting for it as its parent, so that the process
            # that is killed is the server, and is gone once it has been waited for. It still reads no input.
            "RABBITMQ_ALLOW_INPUT": "true",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-noinput",
        }
