"""Reads over 1,000,000 matches: page and API at a fixed rate, and at the most, with one and two processes."""

import contextlib
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlencode

from bench import league, load
from bench.figures import Figure, Row, at_most, number, percentile
from bench.scale import Scale
from bench.stage import Stage
from bench.stored import stored

RATE: Final = 200
"""Requests a second."""
P99: Final = 20.0
"""Milliseconds."""


def run(stage: Stage, scale: Scale) -> Iterator[Row]:
    """Rows for page and API, cold and with If-None-Match, for one process and two."""
    size = scale.stored[-1]
    for processes in (1, 2):
        with serving(stage, stored(stage, size), processes) as addresses:
            for what, paths in (("API table", tables), ("bracket page", pages)):
                urls = [url for each in zip(*map(paths, addresses), strict=True) for url in each]
                yield from _rows(f"{what}, {processes} process{'es' * (processes > 1)}", urls, scale)


@contextlib.contextmanager
def serving(stage: Stage, template: str, processes: int = 1) -> Iterator[dict[str, int]]:
    """API processes over a copy of a database: their addresses, each with its process id."""
    with (
        stage.broker() as broker,
        stage.database(template) as database,
        # all that is asked here comes from one address, where readers have one each
        stage.system(RABBITMQ_URL=broker, DATABASE_URL=database, MISSING_TABLE_READS_PER_SECOND="0") as system,
    ):
        started = [system.start_api() for _ in range(processes)]
        yield {
            next(word for word in api.wait_for("http://").split() if word.startswith("http://")): api.pid
            for api in started
        }


def tables(address: str) -> list[str]:
    """The API's tables of every Homegrown bracket of this season."""
    return [f"{address}/api/table?{query}" for query in _brackets()]


def pages(address: str) -> list[str]:
    """The pages of the same."""
    return [f"{address}/?{query}" for query in _brackets()]


def _brackets() -> list[str]:
    of = league.HOMEGROWN
    return [
        urlencode({"season": "2026-27", "league": of.name, "age_group": age_group, "division": division})
        for age_group in of.age_groups
        for division in of.divisions
    ]


def _rows(what: str, urls: list[str], scale: Scale) -> Iterator[Row]:
    tagged = load.known(urls)
    forms = {"": [load.Request(url) for url in urls], ", If-None-Match": tagged}
    for form, requests in forms.items():
        if form and not all(request.etag for request in requests):
            yield Row("reads", f"{what}{form}", failed="the answers have no ETag")
            continue
        steady = load.at_rate(requests, RATE, scale.seconds)
        if not steady.milliseconds:
            yield Row("reads", f"{what}{form}", failed=f"none of {steady.errors} requests was answered")
            continue
        p99 = Figure("p99", "ms", (percentile(steady.milliseconds, 0.99),))
        median, longest = percentile(steady.milliseconds, 0.5), max(steady.milliseconds)
        yield Row(
            "reads",
            f"{what}{form}, {RATE}/s",
            p99,
            targets=(at_most(f"p99 ≤ {P99:.0f} ms", p99.median, P99),),
            note=f"p99; p50 {number(median)}, max {number(longest)}, {steady.errors} errors",
        )
        most = load.at_most(requests, scale.seconds / 2)
        p99_then = number(percentile(most.milliseconds, 0.99)) if most.milliseconds else "none"
        yield Row(
            "reads",
            f"{what}{form}, at the most",
            Figure("at the most", "requests/s", (most.rate,)),
            note=f"p99 {p99_then} ms, {most.errors} errors",
        )
