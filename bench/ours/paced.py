"""Matches published one by one, each at its moment, with match-scraper's client.

Run by match-scraper's Python. `python -m ours.paced FILE RATE COUNT EVERY`, with RABBITMQ_URL set. Of every EVERY
matches one is named on a line of its own, with the moment at which it was due: lateness of the sender counts, too.
"""

import itertools
import json
import math
import sys
import threading
import time
from pathlib import Path

from match_scraper.delivery.queue_client import MatchQueueClient

A_CLIENT_DOES = 100
"""Matches a second that one client confirms one by one without running late."""


def main(file: str, rate: str, count: str, every: str) -> None:
    with Path(file).open() as lines:
        matches = [json.loads(line) for line in itertools.islice(lines, int(count))]
    clients = math.ceil(float(rate) / A_CLIENT_DOES)
    start = time.time() + 0.5
    senders = [
        threading.Thread(target=send, args=(matches, start, float(rate), int(every), nth, clients))
        for nth in range(clients)
    ]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()


def send(matches: list[dict[str, object]], start: float, rate: float, every: int, nth: int, clients: int) -> None:
    client = MatchQueueClient()
    for place in range(nth, len(matches), clients):
        due = start + place / rate
        time.sleep(max(0.0, due - time.time()))
        task_id = client.submit_match(matches[place])
        if place % every == 0:
            sys.stdout.write(json.dumps({"task_id": task_id, "due": due}) + "\n")
            sys.stdout.flush()
    client.close()


main(*sys.argv[1:])
