"""Where a run sends to, from the settings, --use-queue and --fallback-api.

Each way is imported only where it is taken.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from match_scraper.errors import UsageProblem
from match_scraper.settings import Settings

from .base import Destination

if TYPE_CHECKING:
    from .api_client import MissingTableClient
    from .queue_client import MatchQueueClient
    from .spool import SpoolFolder


def choose_destinations(
    settings: Settings, use_queue: bool, *, fallback_api: bool = False, carried: Mapping[str, str] | None = None
) -> tuple[Destination, ...]:
    """The queue: the broker of RABBITMQ_URL, else the embedded folder. Without `use_queue`: the HTTP API.

    With `fallback_api` the HTTP API stands behind the queue, for what that does not take. What is `carried` goes with
    every message, such as the id of the run.
    Raises `UsageProblem`, naming both ways, where there is no queue, and for a fallback without one. Connects to
    nothing yet.
    """
    if not use_queue and fallback_api:
        raise UsageProblem("--fallback-api goes with --use-queue: without it, all goes over HTTP anyway.")
    if not use_queue:
        return (_api(settings, carried),)
    queue = _embedded(settings, carried) if settings.rabbitmq_url is None else _broker(settings, carried)
    return (queue, _api(settings, carried)) if fallback_api else (queue,)


def _broker(settings: Settings, carried: Mapping[str, str] | None) -> "MatchQueueClient":
    from .queue_client import MatchQueueClient

    assert settings.rabbitmq_url is not None
    return MatchQueueClient(
        settings.rabbitmq_url.get_secret_value(),
        ca_file=settings.rabbitmq_ca_file,
        cert_file=settings.rabbitmq_cert_file,
        key_file=settings.rabbitmq_key_file,
        timeout=settings.send_timeout_seconds,
        attempts=settings.send_attempts,
        carried=carried,
    )


def _api(settings: Settings, carried: Mapping[str, str] | None) -> "MissingTableClient":
    from .api_client import MissingTableClient

    token = settings.missing_table_api_token
    return MissingTableClient(
        settings.missing_table_api_base_url,
        token.get_secret_value() if token else None,
        timeout=settings.send_timeout_seconds,
        attempts=settings.send_attempts,
        carried=carried,
    )


def _embedded(settings: Settings, carried: Mapping[str, str] | None) -> "SpoolFolder":
    from .spool import SpoolFolder, is_initialised

    broker = "set RABBITMQ_URL to a broker such as amqp://user:password@host:5672/"
    home = settings.missing_table_home
    if not settings.missing_table_embedded:
        raise UsageProblem(
            f"There is no queue to send to: {broker}. The embedded folder is switched off (MISSING_TABLE_EMBEDDED=0)."
        )
    if not is_initialised(home):
        raise UsageProblem(
            f"There is no queue to send to: {broker}, or let missing-table set up its embedded folder {home} "
            "(`missing-table migrate`; MISSING_TABLE_HOME names another one)."
        )
    return SpoolFolder(home, carried=carried)
