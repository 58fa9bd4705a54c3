"""The ways in which the league's site misbehaves, each under a name, to be switched on one by one."""

# Importing a module of faults registers them, in this order.
from . import feed_faults, page_faults, wire_faults
from .fault import Fault, registered
from .feed_faults import EXTRA_MATCH

__all__ = ["EXTRA_MATCH", "feed_faults", "known", "page_faults", "wire_faults"]


def known() -> dict[str, Fault]:
    """Every fault by its name."""
    return dict(registered)
