"""What is said of a batch that was stored: a line in the log, one more for each message that was not, and a span for
each that belongs to a trace.
"""

import logging
from collections import Counter
from collections.abc import Sequence

import structlog

from missing_table.ingest.envelope import Delivery
from missing_table.store.outcomes import Processed
from missing_table.tracing import Tracing

log = structlog.get_logger()


def note(deliveries: Sequence[Delivery], processed: Sequence[Processed], took: float, tracing: Tracing) -> None:
    """Says what became of `deliveries`, which took so many seconds."""
    tracing.spans(
        "store match",
        (
            (delivery.headers, {"outcome": done.outcome, "task_id": done.task_id or ""})
            for delivery, done in zip(deliveries, processed, strict=True)
        ),
        took,
    )
    runs = sorted({each.run_id for each in deliveries if each.run_id is not None})
    outcomes = dict(Counter(each.outcome for each in processed))
    for done in processed:
        if done.outcome == "quarantined":
            log.warning("message_quarantined", task_id=done.task_id, run_id=done.run_id, quarantine=done.quarantine_ref)
    if log.is_enabled_for(logging.DEBUG):  # asked once: lines that are not written cost a hundredth of the whole
        for done in processed:
            log.debug("message_processed", task_id=done.task_id, run_id=done.run_id, outcome=done.outcome)
    log.info("batch_stored", messages=len(processed), outcomes=outcomes, run_ids=runs)
