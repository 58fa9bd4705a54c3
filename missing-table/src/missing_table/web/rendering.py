"""How a page is made of a template: the environment, the forms of dates and numbers, and the answer."""

import datetime as dt
import hashlib
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse, Response

from missing_table.answers import BracketAnswer, MatchAnswer, TableAnswer
from missing_table.bracket import in_words
from missing_table.standings import Bracket
from missing_table.web import freshness
from missing_table.web.changes import TITLES

STATIC: Final = Path(__file__).parent / "static"
_LAST_ZONE: Final = dt.timezone(dt.timedelta(hours=-12))
"""Where each day ends last."""


@dataclass(frozen=True, slots=True)
class Link:
    """Where else to go."""

    address: str
    title: str


def page(template: str, status: int = HTTPStatus.OK, **values: Any) -> Response:
    """The answer that `template` makes of `values`."""
    return HTMLResponse(render(template, **values), status)


def render(template: str, **values: Any) -> bytes:
    """What `template` makes of `values`."""
    return _templates.get_template(template).render(**values).encode()


def sentence(text: str) -> str:
    """An error's words as a sentence that can stand alone."""
    return f"{text[:1].upper()}{text[1:]}."


def version(name: str) -> str:
    """A few characters that change with the content of a static file."""
    if name not in _versions:
        _versions[name] = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]
    return _versions[name]


_versions: Final[dict[str, str]] = {}


def _asset(name: str) -> str:
    """The address of a static file: another one for another content, so that it may be kept for good."""
    return f"/static/{name}?v={version(name)}"


def _day(date: dt.date) -> str:
    return f"{date:%a} {date.day} {date:%b %Y}"


def _long_day(date: dt.date) -> str:
    return f"{date:%A}, {date.day} {date:%B %Y}"


def _short_day(date: dt.date) -> str:
    return f"{date.day} {date:%b}"


def _moment(moment: dt.datetime) -> str:
    return f"{_day(moment.date())}, {moment:%H:%M} UTC"


def _instant(moment: dt.datetime) -> str:
    """For `<time datetime>`: the form that every browser reads."""
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _utc(moment: dt.datetime, day: dt.date) -> str:
    """`moment` (UTC) beside a time of the day `day`: its own day is said where it is another."""
    return f"{'' if moment.date() == day else f'{moment:%a} {_short_day(moment.date())}, '}{moment:%H:%M} UTC"


def _signed(number: int) -> str:
    """With a real minus sign, and a plus, as tables have it."""
    return f"+{number}" if number > 0 else str(number).replace("-", "−")


def _seconds(number: float) -> str:
    """A span of time in words."""
    return f"{number:.0f} seconds" if number < 90 else freshness.in_words(dt.timedelta(seconds=number))


def _titled(field: str) -> str:
    """What a field of the contract is called on a page."""
    return TITLES.get(field, field)


def _ordinal(number: int) -> str:
    """3rd."""
    teen = 10 <= number % 100 <= 20
    return f"{number}{'th' if teen else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


def _season(label: str) -> str:
    """A range has a dash: 2026–27."""
    return label.replace("-", "–")


def _prose(text: str) -> Markup:
    """Plain text with `code` in it."""
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if inside % 2 else part for inside, part in enumerate(text.split("`"))
    )


def address(bracket: Bracket | BracketAnswer | TableAnswer, **more: str) -> str:
    """Where the page of `bracket` is."""
    return f"/?{query(bracket, **more)}"


def query(bracket: Bracket | BracketAnswer | TableAnswer, **more: str) -> str:
    """`bracket` as the parameters of an address."""
    parts = {name: getattr(bracket, name) or "" for name in Bracket._fields}
    return urlencode(parts | more)


def kick_off(match: MatchAnswer) -> dt.datetime | None:
    """When it begins, in UTC; None where the time or the zone of the venue is not known."""
    zone = _zone(match)
    if match.match_time is None or zone is None:
        return None
    try:
        return dt.datetime.combine(match.date, dt.time.fromisoformat(match.match_time), zone).astimezone(dt.UTC)
    except OverflowError:
        return None  # on the first or the last day of all years


def day_is_over(match: MatchAnswer, as_of: dt.datetime) -> bool:
    """Whether the day of `match` was over at its venue at `as_of`; where its zone is not known, everywhere."""
    return dt.datetime.combine(match.date, dt.time.max, _zone(match) or _LAST_ZONE) < as_of


def _zone(match: MatchAnswer) -> dt.tzinfo | None:
    try:
        return ZoneInfo(match.timezone) if match.timezone is not None else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None  # the source's name for it is none that this machine knows: the venue's own time is still shown


_templates: Final = Environment(
    loader=PackageLoader("missing_table.web"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.filters |= {
    "address": address,
    "asset": _asset,
    "day": _day,
    "day_is_over": day_is_over,
    "in_words": in_words,
    "instant": _instant,
    "long_day": _long_day,
    "moment": _moment,
    "ordinal": _ordinal,
    "prose": _prose,
    "query": query,
    "season": _season,
    "seconds": _seconds,
    "short_day": _short_day,
    "signed": _signed,
    "titled": _titled,
    "utc": _utc,
}
