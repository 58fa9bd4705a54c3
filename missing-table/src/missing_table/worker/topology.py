"""Exchanges and queues: made where they are missing, taken as they are where they exist, and what is wrong in words.

Everything is declared durable and without a type, so that the broker decides between classic and quorum. What
does not fit comes as `BrokerProblem`, whose sentence says which user lacks which right on what, or which argument
differs; never with a password.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from amqp.exceptions import AccessRefused, AMQPError, NotFound, PreconditionFailed

from missing_table.errors import ConfigurationProblem
from missing_table.ingest.envelope import QUEUE

DEAD_EXCHANGE: Final = "matches.dlx"
DEAD_QUEUE: Final = "matches.dead"
_PAIRS: Final = ((QUEUE, QUEUE), (DEAD_EXCHANGE, DEAD_QUEUE))


class BrokerProblem(ConfigurationProblem):
    """The broker is there, and does not let the worker do its work."""


def declare(connection: Any) -> None:
    """Makes exchanges, queues and bindings on `connection` (kombu's), an AMQP broker. Raises `BrokerProblem`.

    A queue that someone declared with arguments of its own (as a quorum queue, say) would refuse a declaration
    without them: so it is first asked whether it is there.
    """
    user = connection.userid
    for exchange, queue in _PAIRS:
        with _in_words(user, "configure", f"exchange {exchange}"), connection.channel() as channel:
            channel.exchange_declare(exchange, "direct", durable=True, auto_delete=False)
        if not _is_there(connection, queue):
            with _in_words(user, "configure", f"queue {queue}"), connection.channel() as channel:
                channel.queue_declare(queue, durable=True, exclusive=False, auto_delete=False)
        rights = f"write on queue {queue}, and read on exchange {exchange}"
        with _in_words(user, rights, f"the binding of queue {queue}"), connection.channel() as channel:
            channel.queue_bind(queue, exchange, QUEUE)


def _is_there(connection: Any, queue: str) -> bool:
    channel = connection.channel()
    try:
        channel.queue_declare(queue, passive=True)
    except NotFound:  # which closes the channel
        return False
    except AccessRefused:  # a broker that asks for a right even to look: declaring says which
        return False
    channel.close()
    return True


@contextmanager
def _in_words(user: str, right: str, what: str) -> Iterator[None]:
    try:
        yield
    except AccessRefused:
        wanted = right if " on " in right else f"{right} on {what}"
        raise BrokerProblem(
            f"user {user} lacks a right: {wanted}. Give it with `rabbitmqctl set_permissions`; "
            "rabbitmq/definitions.json has the rights that are enough"
        ) from None
    except PreconditionFailed as error:
        raise BrokerProblem(
            f"{what} exists with other settings: {error.reply_text}. To change it without losing messages: stop the "
            "producers, let the worker empty the queue, delete what differs, and start the worker, which makes it anew"
        ) from None


def preflight(url: str, tls: dict[str, Any] | None) -> str | None:
    """Tries the broker once, before a worker is started: None, or why it must be waited for.

    Raises `BrokerProblem` for what waiting does not mend: wrong credentials, missing rights, other settings.
    """
    from kombu import Connection

    with Connection(url, ssl=tls or False, connect_timeout=5) as connection:
        where = f"{connection.hostname}:{connection.port or 5672}"
        try:
            connection.connect()
            declare(connection)
        except AccessRefused:
            raise BrokerProblem(
                f"the broker at {where} refuses user {connection.userid}: wrong password, or no such user"
            ) from None
        except AMQPError as error:
            if error.reply_code == 530:  # not allowed: RabbitMQ's answer for a virtual host
                raise BrokerProblem(
                    f"the broker at {where} does not let user {connection.userid} into virtual host "
                    f"{connection.virtual_host}: {error.reply_text}"
                ) from None
            return f"the broker at {where} is not ready: {error}"
        except OSError as error:
            return f"the broker at {where} cannot be reached: {error.strerror or error}"
    return None
