"""The settings of missing-table: environment variables, read once, when a command starts.

Nothing is read at import time, and the sentence about a wrong setting never repeats a secret.
"""

import ssl
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit

import platformdirs
from pydantic import BeforeValidator, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from missing_table.errors import ConfigurationProblem

MARKER: Final = "missing-table.json"
"""The file that says a folder is missing-table's: match-scraper looks for it before it leaves a message there."""


def _upper(value: Any) -> Any:
    return value.upper() if isinstance(value, str) else value


class Settings(BaseSettings):
    """What the environment says. Each field is the environment variable of its alias; empty counts as absent."""

    # not by the names of the fields: what is set for another program, HOME above all, says nothing here
    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True)

    database_url: SecretStr | None = Field(None, validation_alias="DATABASE_URL")
    """Such as postgresql://user:password@host:5432/name. Absent: SQLite in the embedded folder."""
    rabbitmq_url: SecretStr | None = Field(None, validation_alias="RABBITMQ_URL")
    """Such as amqp://user:password@host:5672//; amqps:// for TLS. Absent: the spool in the embedded folder."""
    rabbitmq_ca_file: Path | None = Field(None, validation_alias="RABBITMQ_CA_FILE")
    """For amqps://: whom to trust, PEM. Absent: the system's authorities."""
    rabbitmq_cert_file: Path | None = Field(None, validation_alias="RABBITMQ_CERT_FILE")
    """For amqps://: our own certificate, PEM."""
    rabbitmq_key_file: Path | None = Field(None, validation_alias="RABBITMQ_KEY_FILE")
    """For amqps://: the key of our own certificate, PEM."""
    home: Path = Field(
        default_factory=lambda: platformdirs.user_data_path("missing-table"), validation_alias="MISSING_TABLE_HOME"
    )
    """The embedded folder."""
    embedded: bool = Field(True, validation_alias="MISSING_TABLE_EMBEDDED")
    """0: never fall back to the embedded folder, so that a missing secret is noticed at once."""
    default_league: Annotated[str, Field(min_length=1, max_length=200)] = Field(
        "Homegrown", validation_alias="DEFAULT_LEAGUE"
    )
    """The league of a message that names none."""
    log_level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"], BeforeValidator(_upper)] = Field(
        "INFO", validation_alias="LOG_LEVEL"
    )
    batch_size: Annotated[int, Field(ge=1, le=10_000)] = Field(500, validation_alias="MISSING_TABLE_BATCH_SIZE")
    """Messages that the worker stores in one transaction, at most."""
    batch_wait_ms: Annotated[int, Field(ge=1, le=10_000)] = Field(30, validation_alias="MISSING_TABLE_BATCH_WAIT_MS")
    """Milliseconds that a message waits for company, at most."""
    worker_port: Annotated[int | None, Field(ge=0, le=65_535)] = Field(
        None, validation_alias="MISSING_TABLE_WORKER_PORT"
    )
    """Where the worker answers /health, /ready and /metrics, on every address; 0 takes a free one. Absent: nowhere."""
    message_limit: Annotated[int, Field(ge=1_000)] = Field(262_144, validation_alias="MISSING_TABLE_MESSAGE_LIMIT")
    """Bytes of one message's body, at most; a larger one is quarantined."""
    request_limit: Annotated[int, Field(ge=1_000)] = Field(10_485_760, validation_alias="MISSING_TABLE_REQUEST_LIMIT")
    """Bytes of one HTTP request's body, at most; a larger one is answered with 413."""
    stale_after_hours: Annotated[float, Field(gt=0)] = Field(48, validation_alias="MISSING_TABLE_STALE_AFTER_HOURS")
    """Hours after which a page warns that no source has said anything new, while the season goes on."""

    reads_per_second: Annotated[float, Field(ge=0)] = Field(300, validation_alias="MISSING_TABLE_READS_PER_SECOND")
    """Requests that read, from one address, that one process answers a second, on average; 0 is no limit."""
    writes_per_second: Annotated[float, Field(ge=0)] = Field(50, validation_alias="MISSING_TABLE_WRITES_PER_SECOND")
    """The same of requests that write."""
    live_streams: Annotated[int, Field(ge=0)] = Field(500, validation_alias="MISSING_TABLE_LIVE_STREAMS")
    """Streams of events that one process keeps open at once; beyond that 503. Each takes a socket; 0 is none."""
    live_streams_each: Annotated[int, Field(ge=1)] = Field(50, validation_alias="MISSING_TABLE_LIVE_STREAMS_EACH")
    """How many of them may be of one address; beyond that 429."""

    @field_validator("rabbitmq_url")
    @classmethod
    def _is_a_broker(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            try:
                parts = urlsplit(value.get_secret_value())
                usable = parts.scheme in ("amqp", "amqps") and bool(parts.hostname) and parts.port != 0
            except ValueError:
                usable = False
            if not usable:
                raise ValueError("must be an address such as amqp://user:password@host:5672//, or amqps:// for TLS")
        return value

    def database(self) -> str:
        """The database's URL. Raises `ConfigurationProblem` where there is none and the embedded default is refused."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        self._may_embed("DATABASE_URL")
        return f"sqlite:///{self.home.expanduser() / 'missing-table.db'}"

    def broker(self) -> str | None:
        """The broker's URL, None for the spool in the embedded folder. Raises `ConfigurationProblem` as `database`."""
        if self.rabbitmq_url is not None:
            return self.rabbitmq_url.get_secret_value()
        self._may_embed("RABBITMQ_URL")
        return None

    def broker_tls(self) -> dict[str, Any] | None:
        """What kombu takes as `ssl` for `broker`: None where the URL is not amqps://."""
        broker = self.broker()
        if broker is None or not broker.startswith("amqps:"):
            return None
        files = {
            "ca_certs": self.rabbitmq_ca_file,
            "certfile": self.rabbitmq_cert_file,
            "keyfile": self.rabbitmq_key_file,
        }
        given = {name: str(path.expanduser()) for name, path in files.items() if path is not None}
        return {"cert_reqs": ssl.CERT_REQUIRED, "server_hostname": urlsplit(broker).hostname, **given}

    def _may_embed(self, variable: str) -> None:
        if not self.embedded:
            raise ConfigurationProblem(
                f"{variable} is not set, and MISSING_TABLE_EMBEDDED=0 refuses the embedded default"
            )


def load_settings(**overrides: Any) -> Settings:
    """The settings of this environment; `overrides`, by field name, stand before it.

    Raises `ConfigurationProblem` that names each wrong variable and what it must be, never its value.
    """
    try:
        return Settings(**{str(Settings.model_fields[name].validation_alias): overrides[name] for name in overrides})
    except ValidationError as error:
        wrong = "; ".join(
            f"{detail['loc'][0]}: {detail['msg'].removeprefix('Value error, ')}"
            for detail in error.errors(include_input=False)
        )
        raise ConfigurationProblem(wrong) from None
