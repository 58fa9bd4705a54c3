"""The inputs: messages as a plain Celery producer sends them, and what can become of each part of one."""

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from fuzz.contract import a_match

TASK: Final = "missing_table.tasks.process_match_data"
Headers = dict[str, Any]
Mutation = Callable[["Input", random.Random], None]


@dataclass
class Input:
    """One message. A mutation changes it in place."""

    kind: str
    task_id: str
    match: dict[str, Any]
    body: bytes = b""
    headers: Headers = field(default_factory=dict)
    properties: dict[str, Any] = field(default_factory=dict)
    raw_properties: bytes | None = None
    """In place of headers and properties, as they go over the wire."""

    @property
    def usable_id(self) -> str | None:
        """The id under which its outcome must be kept; None where it has none that could be kept."""
        if self.raw_properties is not None:
            return None
        found = self.headers.get("id") or self.properties.get("correlation_id")
        return found if isinstance(found, str) and 0 < len(found) <= 200 and found.isprintable() else None

    def encode(self, body: Any = None) -> None:
        """Makes the body anew: `[[match], {}, embed]`, or what is given."""
        embed = {"callbacks": None, "errbacks": None, "chain": None, "chord": None}
        self.body = json.dumps([[self.match], {}, embed] if body is None else body).encode()


def a_valid_input(kind: str, number: int, chance: random.Random) -> Input:
    """What `send_task` sends, but for what nobody reads."""
    task_id = f"{number:08}-{chance.getrandbits(64):016x}"
    made = Input(kind, task_id, a_match(chance))
    made.headers = {
        "lang": "py",
        "task": TASK,
        "id": task_id,
        "root_id": task_id,
        "eta": None,
        "expires": None,
        "retries": 0,
        "timelimit": [None, None],
        "argsrepr": "(…,)",
        "kwargsrepr": "{}",
        "origin": "gen1@somewhere",
    }
    made.properties = {
        "content_type": "application/json",
        "content_encoding": "utf-8",
        "delivery_mode": 2,
        "correlation_id": task_id,
    }
    made.encode()
    return made


def inputs(seed: int, count: int, kinds: dict[str, tuple[int, Mutation]]) -> Iterator[Input]:
    """`count` inputs, the same for the same seed. `kinds`: how often, and what is done to a valid input."""
    chance = random.Random(seed)
    names, weights = list(kinds), [weight for weight, _ in kinds.values()]
    for number, name in enumerate(chance.choices(names, weights, k=count)):
        # every kind is tried, however few there are
        kind = names[number] if number < len(names) else name
        made = a_valid_input(kind, number, chance)
        kinds[kind][1](made, chance)
        yield made
