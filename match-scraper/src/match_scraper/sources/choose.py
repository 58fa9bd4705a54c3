"""Which source is read: the one that was asked for, or the one that has the season."""

from match_scraper.settings import Settings

from .assist import AssistSource
from .base import Source
from .body_cache import BodyCache
from .fetch import DocumentFetcher
from .transport import PlainTransport


def choose_source(settings: Settings) -> Source:
    """The source of these settings."""
    transport = PlainTransport(timeout=settings.timeout_seconds, accept="application/json")
    return AssistSource(
        DocumentFetcher(
            transport,
            settings.mls_assist_url,
            BodyCache(settings.cache_dir),
            attempts=settings.attempts,
            first_wait=settings.first_wait_seconds,
            longest_wait=settings.longest_wait_seconds,
        )
    )
