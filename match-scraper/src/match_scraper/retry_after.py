"""How long a server asks to be left alone."""

import datetime as dt
import email.utils

import httpx


def seconds_until_retry(headers: httpx.Headers) -> float | None:
    """How many seconds `Retry-After` asks for; None where it is absent or makes no sense.

    It names seconds or a date; a date counts from the server's own `Date`, so that no clock of ours comes in.
    """
    value = headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return float(value)
    until, now = _http_date(value), _http_date(headers.get("Date", ""))
    if until is None or now is None:
        return None
    return max(0.0, (until - now).total_seconds())


def _http_date(value: str) -> dt.datetime | None:
    try:
        moment = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
