"""The settings of the scraper: environment variables, read once, when a command starts.

Nothing is read at import time. A secret is a `SecretStr`, and the sentence about a wrong setting never repeats
the value of one.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import unquote, urlsplit, urlunsplit

import platformdirs
from pydantic import BeforeValidator, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from .errors import UsageProblem

DEFAULT_API = "http://127.0.0.1:8000"
DEFAULT_ASSIST = "https://mls-assist.theintelligenceplatform.com"
DEFAULT_MODULAR11 = "https://www.modular11.com"
DEFAULT_PAGE = "https://www.mlssoccer.com/mlsnext/schedule/all/"


def _comma_separated(value: Any) -> Any:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


def _upper(value: Any) -> Any:
    return value.upper() if isinstance(value, str) else value


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_comma_separated)]
Seconds = Annotated[float, Field(gt=0, le=3600)]


def without_password(url: str) -> str:
    """The address for people: the same, with `***` where its password stands.

    An address that cannot be taken apart is not shown at all.
    """
    try:
        parts = urlsplit(url)
        # An @ further on: a password with a / ? or # in it that is not percent-encoded breaks the address in two.
        if "@" in parts.path + parts.query + parts.fragment:
            return "***"
        if parts.password is None:
            return url
    except ValueError:
        return "***"
    user, at, host = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{user.partition(':')[0]}:***{at}{host}"))


class Settings(BaseSettings):
    """What the environment says. Each field is the environment variable of its alias; empty counts as absent."""

    # not by the names of the fields: what is set for another program, SOURCE perhaps, says nothing here
    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True)

    rabbitmq_url: SecretStr | None = Field(None, validation_alias="RABBITMQ_URL")
    """Broker, such as amqp://user:password@host:5672//; amqps:// for TLS."""
    rabbitmq_ca_file: Path | None = Field(None, validation_alias="RABBITMQ_CA_FILE")
    """For amqps: PEM file of the authorities to trust; without it the system's."""
    rabbitmq_cert_file: Path | None = Field(None, validation_alias="RABBITMQ_CERT_FILE")
    """For amqps: our own certificate, PEM, where the broker asks for one."""
    rabbitmq_key_file: Path | None = Field(None, validation_alias="RABBITMQ_KEY_FILE")
    """For amqps: the key of that certificate, PEM, if it stands in a file of its own."""
    missing_table_api_base_url: str = Field(DEFAULT_API, validation_alias="MISSING_TABLE_API_BASE_URL")
    missing_table_api_token: SecretStr | None = Field(None, validation_alias="MISSING_TABLE_API_TOKEN")
    age_group: Names = Field((), validation_alias="AGE_GROUP")
    """Used when no --age-group is given; comma-separated."""
    division: Names = Field((), validation_alias="DIVISION")
    """Used when no --division is given; comma-separated, since names hold spaces."""
    log_level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"], BeforeValidator(_upper)] = Field(
        "WARNING", validation_alias="LOG_LEVEL"
    )
    mls_assist_url: str = Field(DEFAULT_ASSIST, validation_alias="MLS_ASSIST_URL")
    """What stands before /data/… ."""
    modular11_url: str = Field(DEFAULT_MODULAR11, validation_alias="MODULAR11_URL")
    """What stands before /public_schedule/… ."""
    mlsnext_page_url: str = Field(DEFAULT_PAGE, validation_alias="MLSNEXT_PAGE_URL")
    missing_table_home: Path = Field(
        default_factory=lambda: platformdirs.user_data_path("missing-table"), validation_alias="MISSING_TABLE_HOME"
    )
    """Folder of the embedded default, where both sides meet without a broker."""
    missing_table_embedded: bool = Field(True, validation_alias="MISSING_TABLE_EMBEDDED")
    """0: never fall back to the embedded folder, so that a missing secret is noticed at once."""

    cache_dir: Path = Field(
        default_factory=lambda: platformdirs.user_cache_path("mls-scraper"), validation_alias="MLS_SCRAPER_CACHE_DIR"
    )
    """Where the last answers of the league's site are kept; may be deleted at any time."""
    state_dir: Path = Field(
        default_factory=lambda: platformdirs.user_state_path("mls-scraper"), validation_alias="MLS_SCRAPER_STATE_DIR"
    )
    """Where the ledger of confirmed matches is kept."""
    timeout_seconds: Seconds = Field(30.0, validation_alias="MLS_SCRAPER_TIMEOUT_SECONDS")
    """Longest wait for one step (connect, next bytes) of a request to the league's site."""
    attempts: Annotated[int, Field(ge=1, le=20)] = Field(4, validation_alias="MLS_SCRAPER_ATTEMPTS")
    """How often one document is asked for before giving up."""
    first_wait_seconds: Seconds = Field(1.0, validation_alias="MLS_SCRAPER_FIRST_WAIT_SECONDS")
    """Wait before the second attempt; doubles from there, with jitter."""
    longest_wait_seconds: Seconds = Field(60.0, validation_alias="MLS_SCRAPER_LONGEST_WAIT_SECONDS")
    """No wait is longer; a site that asks for more (Retry-After) is given up on."""
    source: Annotated[Literal["auto", "assist", "modular11", "browser"], BeforeValidator(_lower)] = Field(
        "auto", validation_alias="MLS_SCRAPER_SOURCE"
    )
    """Where matches are read when no --source is given."""
    page_pause_seconds: Annotated[float, Field(ge=0, le=3600)] = Field(
        1.0, validation_alias="MLS_SCRAPER_PAGE_PAUSE_SECONDS"
    )
    """Least time from one request to modular11 to the next."""
    chromium_path: Path | None = Field(None, validation_alias="CHROMIUM_PATH")
    """The browser's program; without it the usual places are looked at."""
    browser_seconds: Seconds = Field(60.0, validation_alias="MLS_SCRAPER_BROWSER_SECONDS")
    """Longest wait for the public page's viewer to show its data, and then for each further document."""
    send_timeout_seconds: Seconds = Field(10.0, validation_alias="MLS_SCRAPER_SEND_TIMEOUT_SECONDS")
    """Longest wait for the broker or the API to answer."""
    send_attempts: Annotated[int, Field(ge=1, le=20)] = Field(4, validation_alias="MLS_SCRAPER_SEND_ATTEMPTS")
    """How often a broker or an API that is away is tried."""

    metrics_file: Path | None = Field(None, validation_alias="MLS_SCRAPER_METRICS_FILE")
    """Where a run leaves its measurements, for the node exporter's text-file collector; a file for each target."""
    pushgateway_url: str | None = Field(None, validation_alias="MLS_SCRAPER_PUSHGATEWAY_URL")
    """Prometheus Pushgateway that a run pushes its measurements to."""

    @property
    def ledger_path(self) -> Path:
        """The ledger's SQLite file."""
        return self.state_dir / "ledger.sqlite3"

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        for name, value in super().__repr_args__():
            yield name, without_password(value) if isinstance(value, str) and "://" in value else value

    @field_validator("rabbitmq_url")
    @classmethod
    def _is_a_broker(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            _check_address(value.get_secret_value(), ("amqp", "amqps", "pyamqp"))
        return value

    @field_validator("missing_table_api_base_url", "mls_assist_url", "modular11_url", "mlsnext_page_url")
    @classmethod
    def _is_a_site(cls, value: str) -> str:
        _check_address(value, ("http", "https"))
        return value.rstrip("/")

    @field_validator("pushgateway_url")
    @classmethod
    def _is_a_gateway(cls, value: str | None) -> str | None:
        if value is not None:
            _check_address(value, ("http", "https"))
        return value

    @field_validator("missing_table_home", "cache_dir", "state_dir", "metrics_file", "chromium_path")
    @classmethod
    def _at_home(cls, value: Path | None) -> Path | None:
        if value is None:
            return None
        try:
            return value.expanduser()
        except RuntimeError:
            raise ValueError(f"there is no home folder of {value.parts[0]}") from None


def _check_address(value: str, schemes: tuple[str, ...]) -> None:
    expected = " or ".join(f"{scheme}://" for scheme in schemes if scheme != "pyamqp")
    try:
        parts = urlsplit(value)
        usable = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise ValueError(f"must be an address that starts with {expected} and names a host")


def load_settings(**overrides: Any) -> Settings:
    """The settings of this environment.

    Parameters: `overrides`, by field name, stand before the environment.
    Raises `UsageProblem` that names each wrong variable and what it must be, never its value.
    """
    try:
        return Settings(**{str(Settings.model_fields[name].validation_alias): overrides[name] for name in overrides})
    except ValidationError as error:
        raise UsageProblem(f"{'; '.join(_wrong(error))}.") from None


def usable_settings() -> Settings:
    """The settings of this environment, as if each wrong variable were not set: enough to tell that one is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        wrong = {str(name) for detail in error.errors(include_input=False) for name in detail["loc"][:1]}
    fields = {str(field.validation_alias): field for field in Settings.model_fields.values()}
    return Settings(**{name: fields[name].get_default(call_default_factory=True) for name in wrong & fields.keys()})


def wrong_settings() -> list[str]:
    """A line for each variable of this environment that cannot be what it is: a value, or a file that is not there."""
    from .asked import nearest_first

    wrong = [
        f"{name}: there is no file {os.environ[name]}"
        for name in ("RABBITMQ_CA_FILE", "RABBITMQ_CERT_FILE", "RABBITMQ_KEY_FILE")
        if os.environ.get(name) and not Path(os.environ[name]).is_file()
    ]
    known = [str(field.validation_alias) for field in Settings.model_fields.values()]
    for name in sorted(os.environ):
        if name.startswith("MLS_SCRAPER_") and name not in known:
            wrong.append(f"{name}: there is no such setting; the nearest is {nearest_first(name, known)[0]}")
    try:
        settings = Settings()
    except ValidationError as error:
        return _wrong(error) + wrong
    for path, variable in (
        (settings.cache_dir, "MLS_SCRAPER_CACHE_DIR"),
        (settings.state_dir, "MLS_SCRAPER_STATE_DIR"),
    ):
        if path.exists() and not path.is_dir():
            wrong.append(f"{variable}: {path} is not a folder")
    if settings.chromium_path is not None and not os.access(settings.chromium_path, os.X_OK):
        wrong.append(f"CHROMIUM_PATH: {settings.chromium_path} is not a program that can be run")
    if settings.rabbitmq_url is not None:
        from .delivery.broker_address import BrokerAddress

        try:
            BrokerAddress.parse(settings.rabbitmq_url.get_secret_value())
        except UsageProblem as error:
            wrong.append(str(error))
    return wrong


def _wrong(error: ValidationError) -> list[str]:
    return [_about(detail["loc"], detail["msg"]) for detail in error.errors(include_input=False)]


def _about(location: tuple[int | str, ...], message: str) -> str:
    return f"{location[0] if location else 'settings'}: {message.removeprefix('Value error, ')}"


def shown(settings: Settings) -> list[tuple[str, str]]:
    """Each variable and its value, for people: secrets and passwords are masked, absent ones are empty."""
    lines = []
    for name, field in Settings.model_fields.items():
        value = getattr(settings, name)
        if isinstance(value, SecretStr):
            secret = value.get_secret_value()
            text = without_password(secret) if "://" in secret else "***"
        elif isinstance(value, tuple):
            text = ",".join(value)
        elif isinstance(value, bool):
            text = str(int(value))
        else:
            text = "" if value is None else str(value)
        lines.append((str(field.validation_alias), without_password(text) if "://" in text else text))
    return lines


def redacted(text: str, settings: Settings) -> str:
    """The text without any secret of these settings, wherever it came from."""
    secrets = set()
    for value in (settings.rabbitmq_url, settings.missing_table_api_token):
        if value is not None:
            secrets.add(value.get_secret_value())
    sites = settings.missing_table_api_base_url, settings.mls_assist_url, settings.modular11_url
    for address in [*secrets, *sites, settings.mlsnext_page_url, settings.pushgateway_url or ""]:
        if "://" in address and (password := urlsplit(address).password):
            secrets |= {password, unquote(password)}
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, "***")
    return text
