"""A season from the site to the queue in the plain way: fetched, read as `plain.feed` reads, and sent one by one.

`python -m plain.season ADDRESS KEY LEAGUE`, with RABBITMQ_URL set.
"""

import os
import sys

import httpx

from plain.feed import messages
from plain.publish import send_task


def main(address: str, key: str, league: str) -> None:
    with httpx.Client(timeout=60) as client:
        schedule, standings = (
            client.get(f"{address}/data/{kind}/{key}.json").raise_for_status().content
            for kind in ("schedule", "standings")
        )
    found = [message.model_dump(mode="json", exclude_none=True) for message in messages(schedule, standings, league)]
    send_task(os.environ["RABBITMQ_URL"], found, "classic", confirm=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
