"""Exchange and queue `matches`, declared without a type, so that the broker decides between classic and quorum."""

from typing import Any

from amqp.exceptions import NotFound
from kombu import Queue


def declare(connection: Any, app: Any) -> Queue:
    """Makes exchange, queue and binding where they are missing, and takes an existing queue as it is.

    A queue that someone declared with arguments of its own (as a quorum queue, say) would refuse a declaration
    without them: so it is only asked whether it is there. Raises amqp's `PreconditionFailed` where the exchange
    is of another kind.
    """
    queue: Queue = next(iter(app.conf.task_queues))
    if connection.transport.driver_type != "amqp":
        with connection.channel() as channel:
            queue(channel).declare()
        return queue
    there = True
    with connection.channel() as channel:
        queue.exchange(channel).declare()
    channel = connection.channel()
    try:
        queue(channel).queue_declare(passive=True)
    except NotFound:  # which closes the channel
        there = False
    else:
        channel.close()
    with connection.channel() as channel:
        if not there:
            queue(channel).queue_declare()
        queue(channel).queue_bind()
    return queue
