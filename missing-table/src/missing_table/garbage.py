"""How often Python looks for garbage: a look at all that a program is made of stops every thread of it for a while."""

import gc
from typing import Final

COLLECTED_AFTER: Final = 50_000
"""New objects after which Python looks for cycles among them. A batch makes some ten thousand, and hardly any cycle."""


def collect_rarely() -> None:
    """Leaves out what is there now, which is to stay, and looks through what is new only when there is much of it."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECTED_AFTER)
