"""Growth: ingest and table read with nothing, 100,000 and 1,000,000 matches stored; the curve goes into the docs."""

from collections.abc import Iterator
from typing import Final

from bench import curve, league, load, report
from bench.figures import Figure, Row, at_least, percentile
from bench.intake import OURS, intake
from bench.jobs import reads
from bench.scale import Scale
from bench.stage import Stage
from bench.stored import stored

LEAST: Final = 0.8
"""Of the rate with an empty table."""
READ_RATE: Final = 50
"""Requests a second: few enough that no request waits for another."""


def run(stage: Stage, scale: Scale) -> Iterator[Row]:
    """A row for each size, for ingest and for the table."""
    sizes = (0, *scale.stored)
    count = scale.fast // 3
    rates: dict[int, list[float]] = {size: [] for size in sizes}
    tables: dict[int, list[float]] = {}
    for size in sizes:
        stored(stage, size)
    for _ in range(min(2, scale.repeat)):
        for size in sizes:
            with intake(stage, OURS, template=stored(stage, size)) as taking:
                rates[size].append(taking.rate(league.messages(count, skip=league.SEASON_MATCHES)))
    for size in scale.stored:
        with reads.serving(stage, stored(stage, size)) as (address,):
            requests = [load.Request(url) for url in reads.tables(address)]
            load.at_rate(requests, READ_RATE, len(requests) / READ_RATE)  # a copy of a database is on the disk alone
            tables[size] = load.at_rate(requests, READ_RATE, scale.seconds / 2).milliseconds
    empty = Figure("nothing stored", "matches/s", tuple(rates[0]))
    for size in sizes:
        ours = Figure(f"{size:,} stored", "matches/s", tuple(rates[size]))
        share = ours.median / empty.median
        last = size == sizes[-1]
        yield Row(
            "growth",
            f"queue → PostgreSQL, {size:,} stored",
            ours,
            targets=(at_least(f"≥ {LEAST:.0%} of the rate with none", share, LEAST),) if last else (),
            note=f"{share:.0%}" if size else None,
        )
    for size, milliseconds in tables.items():
        median = Figure("p50", "ms", (percentile(milliseconds, 0.5),))
        yield Row("growth", f"table read, {size:,} stored", median)
    if scale == Scale(scale.repeat):
        points = [(size, Figure("", "matches/s", tuple(found)).median) for size, found in rates.items()]
        report.CURVE.write_text(curve.svg(points, "matches stored", "ingested a second"))
