"""Matches to a durable queue with match-scraper's client; the seconds that it took, as JSON.

Run by match-scraper's Python. `python -m ours.publish FILE COUNT validated|raw`, with RABBITMQ_URL set.
`validated`: the matches are made into messages before the clock starts, as the scraper's sources do.
"""

import itertools
import json
import sys
import time
from pathlib import Path

from match_scraper.delivery.queue_client import MatchQueueClient
from match_scraper.match_data import MatchData


def main(file: str, count: str, form: str) -> None:
    with Path(file).open() as lines:
        matches = [json.loads(line) for line in itertools.islice(lines, int(count))]
    if form == "validated":
        matches = [MatchData.model_validate(match) for match in matches]
    began = time.perf_counter()
    client = MatchQueueClient()
    task_ids = client.submit_matches_batch(matches)
    client.close()
    print(json.dumps({"seconds": time.perf_counter() - began, "sent": len(task_ids)}))


main(*sys.argv[1:])
