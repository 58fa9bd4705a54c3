"""Messages consumed and acknowledged, a batch at a time, and done nothing with; the seconds that it took, as JSON.

`python -m plain.consume URL COUNT`
"""

import json
import sys
import time
from typing import Any, Final

from plain import bare

BATCH: Final = 500


def main(url: str, count: str) -> None:
    wanted = int(count)
    seen = 0

    def on_message(message: Any) -> None:
        nonlocal seen
        seen += 1
        json.loads(message.body)
        if seen % BATCH == 0 or seen == wanted:
            message.channel.basic_ack(message.delivery_tag, multiple=True)

    with bare.connect(url) as connection:
        channel = connection.channel()
        channel.basic_qos(0, 2 * BATCH, False)
        began = time.perf_counter()
        channel.basic_consume("matches", callback=on_message)
        while seen < wanted:
            connection.drain_events(timeout=30)
        print(json.dumps({"seconds": time.perf_counter() - began}))


if __name__ == "__main__":
    main(*sys.argv[1:])
