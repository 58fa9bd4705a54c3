"""Looking at the broker as a run would meet it, without declaring anything and without leaving a message.

The right to publish shows only when something is published. So something is: to a routing key that nobody has bound,
as `mandatory`, which makes the broker check the right first and then send the message back.
"""

import uuid
from collections.abc import Iterator

import amqp

from match_scraper.errors import NotDelivered
from match_scraper.finding import Finding, State, note, ok, wrong

from . import envelope
from .broker_address import BrokerAddress
from .broker_words import HOW_TO_MAKE_THE_QUEUE, trouble
from .publishing import LOST

_NOT_FOUND = 404


def probe_broker(address: BrokerAddress, *, timeout: float) -> Iterator[Finding]:
    """What there is to say about this broker, a line at a time. `timeout` is in seconds, for each step."""
    connection = amqp.Connection(
        **address.connection_options(),
        connect_timeout=timeout,
        read_timeout=timeout,
        write_timeout=timeout,
        confirm_publish=True,
    )
    try:
        connection.connect()
    except LOST as error:
        found = trouble(error, address)
        away = "start it, or set RABBITMQ_URL to where it is"
        what_to_do = away if found.passing else "put it right in RABBITMQ_URL, or on the broker"
        yield wrong("broker", f"{found.sentence}: {what_to_do}", NotDelivered.exit_code)
        return
    try:
        yield ok("broker", f"{address.name} knows {address.who}")
        exchange = _exchange(connection, address)
        yield exchange
        if exchange.state is State.OK:
            yield _queue(connection, address)
            yield _right_to_publish(connection, address, timeout)
    finally:
        try:
            connection.close()
        except LOST:
            connection.collect()


def _exchange(connection: amqp.Connection, address: BrokerAddress) -> Finding:
    try:
        connection.channel().exchange_declare(envelope.EXCHANGE, "direct", passive=True)
    except LOST as error:
        return wrong("exchange", trouble(error, address).sentence, NotDelivered.exit_code)
    return ok("exchange", f"{envelope.EXCHANGE!r} is there")


def _queue(connection: amqp.Connection, address: BrokerAddress) -> Finding:
    try:
        queue = connection.channel().queue_declare(envelope.ROUTING_KEY, passive=True)
    except LOST as error:
        missing = getattr(error, "reply_code", None) == _NOT_FOUND
        said = f"there is no queue {envelope.ROUTING_KEY!r}" if missing else trouble(error, address).sentence
        return wrong("queue", f"{said}; {HOW_TO_MAKE_THE_QUEUE}", NotDelivered.exit_code)
    waiting = f"{envelope.ROUTING_KEY!r} is there, and {queue.message_count} messages wait in it"
    if queue.consumer_count == 0:
        return note("queue", f"{waiting}; no worker takes them: start `missing-table worker`")
    return ok("queue", waiting)


def _right_to_publish(connection: amqp.Connection, address: BrokerAddress, timeout: float) -> Finding:
    returned: list[int] = []
    channel = connection.channel()
    channel.events["basic_return"].add(lambda error, *_: returned.append(error.reply_code))
    try:
        channel.basic_publish(
            amqp.Message(b""), envelope.EXCHANGE, f"doctor-{uuid.uuid4()}", mandatory=True, timeout=timeout
        )
    except LOST as error:
        return wrong("rights", f"{trouble(error, address).sentence}: grant it there", NotDelivered.exit_code)
    if not returned:
        return note("rights", "an empty message for nobody was not sent back: something takes what has no queue")
    return ok("rights", f"{address.who} may publish; whether the queue is bound shows only when a match is sent")
