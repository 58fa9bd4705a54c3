"""The example of a plain producer in docs/08-integrations/README.md, run as it stands there."""

import os
import re
import subprocess
import sys
from pathlib import Path

from kombu import Connection

from missing_table.ingest.envelope import QUEUE, Delivery, open_envelope
from missing_table.match_data import MatchData

README = Path(__file__).parents[2] / "docs" / "08-integrations" / "README.md"


def test_what_the_example_publishes_is_a_match(broker_url: str) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    environment = {"PATH": os.environ["PATH"], "RABBITMQ_URL": broker_url}
    task_id = subprocess.run(
        [sys.executable, "-c", example], env=environment, check=True, capture_output=True, text=True, timeout=60
    ).stdout.strip()
    with Connection(broker_url) as connection:
        message = connection.channel().basic_get(QUEUE, no_ack=True)
    delivery = Delivery(message.body.encode(), message.content_type, message.content_encoding, message.headers)
    assert delivery.task_id == task_id
    read = open_envelope(delivery, limit=100_000)
    assert isinstance(read, MatchData)
    assert read.home_team == "Chicago Fire Juniors"
