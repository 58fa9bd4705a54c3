"""Where the broker is and who we are there: the broker's URL taken apart, its password never shown."""

import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from match_scraper.errors import UsageProblem

from . import envelope

_PORTS = {"amqp": 5672, "pyamqp": 5672, "amqps": 5671}


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    """A broker, a virtual host of it, and the user to be there."""

    host: str
    port: int
    virtual_host: str
    user: str | None
    password: str | None = field(repr=False)
    tls: bool
    ca_file: Path | None = None
    """Certificates of the authorities to trust, PEM; None: the system's."""
    cert_file: Path | None = None
    """Our own certificate, PEM, where the broker asks for one."""
    key_file: Path | None = None
    """The key of `cert_file`; None: it stands in the same file."""

    @classmethod
    def parse(
        cls, url: str, *, ca_file: Path | None = None, cert_file: Path | None = None, key_file: Path | None = None
    ) -> "BrokerAddress":
        """Take a URL apart: `amqp://user:password@host:port/virtual-host`, or amqps for TLS.

        As Celery reads it, an empty path and `//` both mean the virtual host `/`; special characters in the
        user, the password and the virtual host are percent-encoded. Raises `UsageProblem`, which does not show
        the URL, if it is not one.
        """
        wrong = UsageProblem(
            "RABBITMQ_URL is not the address of a broker: it must look like amqp://user:password@host:5672/, "
            "or amqps:// for TLS, with special characters in the password and the virtual host percent-encoded and "
            "nothing after the virtual host (for TLS files there are RABBITMQ_CA_FILE and its neighbours)."
        )
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            # The text of the error may hold a part of the URL, and that part may be the password.
            raise wrong from None
        # An @ in the path: a / in the password that is not percent-encoded, and what stands before it is no host.
        if parts.scheme not in _PORTS or not parts.hostname or parts.query or parts.fragment or "@" in parts.path:
            raise wrong
        return cls(
            host=parts.hostname,
            port=port or _PORTS[parts.scheme],
            virtual_host=unquote(parts.path[1:]) or "/",
            user=None if parts.username is None else unquote(parts.username),
            password=None if parts.password is None else unquote(parts.password),
            tls=parts.scheme == "amqps",
            ca_file=ca_file,
            cert_file=cert_file,
            key_file=key_file,
        )

    @property
    def name(self) -> str:
        """For people."""
        return f"the broker at {self._host_port}, virtual host {self.virtual_host}"

    @property
    def key(self) -> str:
        """For the ledger: broker host, port, virtual host and queue. The user does not matter."""
        return f"amqp://{self._host_port.lower()}/{self.virtual_host}/{envelope.ROUTING_KEY}"

    @property
    def who(self) -> str:
        """As whom we come, for people."""
        if self.user is not None:
            return f"user {self.user!r}"
        return "the client certificate" if self.cert_file else "the default user (RABBITMQ_URL names none)"

    def connection_options(self) -> dict[str, Any]:
        """What py-amqp's Connection needs to know about address, user and TLS.

        With a certificate of ours and no user, the certificate is the proof of who we are (SASL EXTERNAL).
        """
        options: dict[str, Any] = {"host": self._host_port, "virtual_host": self.virtual_host, "ssl": self._tls()}
        if self.user is not None:
            options |= {"userid": self.user, "password": self.password or "", "login_method": "PLAIN"}
        elif self.cert_file:
            options["login_method"] = "EXTERNAL"
        return options

    @property
    def _host_port(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    def _tls(self) -> dict[str, Any] | bool:
        if not self.tls:
            return False
        files = {"ca_certs": self.ca_file, "certfile": self.cert_file, "keyfile": self.key_file}
        # Naming the host makes py-amqp check that the certificate is the host's.
        return {"server_hostname": self.host, "cert_reqs": ssl.CERT_REQUIRED} | {
            name: str(path) for name, path in files.items() if path is not None
        }
