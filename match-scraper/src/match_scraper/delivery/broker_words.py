"""What a broker or the network said, as a sentence for a person, and whether trying again can help."""

import re
import socket
import ssl
from dataclasses import dataclass

from amqp.exceptions import AMQPError, ConnectionForced, RecoverableConnectionError

from . import envelope
from .broker_address import BrokerAddress

HOW_TO_MAKE_THE_QUEUE = (
    "missing-table's worker makes both when it starts, and so do the broker definitions that come with it"
)
UNROUTABLE = (
    f"exchange {envelope.EXCHANGE!r} has no queue for routing key {envelope.ROUTING_KEY!r}, so the broker sent the "
    f"message back; {HOW_TO_MAKE_THE_QUEUE}"
)
# RabbitMQ's reply codes: https://www.rabbitmq.com/amqp-0-9-1-reference#constants
_ACCESS_REFUSED, _NOT_FOUND, _NOT_ALLOWED = 403, 404, 530


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why sending stopped."""

    sentence: str
    passing: bool
    """Whether it may be over in a moment, so that trying again makes sense."""


def trouble(error: Exception, address: BrokerAddress) -> Trouble:
    """What this error of py-amqp or of the socket means for sending to this broker."""
    if isinstance(error, AMQPError):
        return _said_by_the_broker(error, address)
    if isinstance(error, ssl.SSLCertVerificationError):
        return Trouble(f"{address.name} shows a certificate that is not trusted: {error.verify_message}", passing=False)
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return Trouble(f"{address.name} closed the connection{_certificate_hint(address)}", passing=True)
    if isinstance(error, ssl.SSLError) and "CERTIFICATE_REQUIRED" in (error.reason or ""):
        return Trouble(f"{address.name} wants to see a certificate of ours: set RABBITMQ_CERT_FILE", passing=False)
    if isinstance(error, ssl.SSLError):
        reason = error.reason or "no TLS"
        return Trouble(f"{address.name}: the TLS handshake failed ({reason})", passing=False)
    if isinstance(error, FileNotFoundError | PermissionError | IsADirectoryError):
        return Trouble(f"{address.name}: a TLS file cannot be read: {error.strerror}", passing=False)
    if isinstance(error, socket.gaierror):
        return Trouble(f"{address.name} cannot be found: {error.strerror}", passing=True)
    if isinstance(error, TimeoutError):
        return Trouble(f"{address.name} did not answer in time", passing=True)
    if isinstance(error, ConnectionRefusedError):
        return Trouble(f"{address.name} cannot be reached: {_plain(error)}", passing=True)
    return Trouble(f"{address.name} cannot be reached: {_plain(error)}{_certificate_hint(address)}", passing=True)


def refusal_of_return(reply_code: int, reply_text: str) -> str:
    """Why a message came back, from the code and the text of `basic.return`."""
    # 312 NO_ROUTE is the only one that RabbitMQ sends for a mandatory message.
    return UNROUTABLE if reply_code == 312 else f"the broker sent the message back: {reply_code} {reply_text}"


def _said_by_the_broker(error: AMQPError, address: BrokerAddress) -> Trouble:
    code, text = error.reply_code, str(error.reply_text or "")
    if code == _ACCESS_REFUSED and "login" in text.lower():
        return Trouble(f"{address.name} refused {address.who}: wrong name or password", passing=False)
    if code == _ACCESS_REFUSED:
        return Trouble(
            f"{address.name}: {address.who} has no write right on exchange {envelope.EXCHANGE!r}", passing=False
        )
    if code == _NOT_FOUND:
        return Trouble(f"{address.name} has no exchange {envelope.EXCHANGE!r}; {HOW_TO_MAKE_THE_QUEUE}", passing=False)
    if code == _NOT_ALLOWED and "not found" in text:
        return Trouble(f"{address.name}: there is no such virtual host", passing=False)
    if code == _NOT_ALLOWED and "refused for user" in text:
        return Trouble(f"{address.name}: {address.who} has no right to use this virtual host", passing=False)
    if isinstance(error, ConnectionForced | RecoverableConnectionError):
        return Trouble(f"{address.name} closed the connection: {_plain(error)}", passing=True)
    return Trouble(f"{address.name} refused to go on: {code} {text}".rstrip(), passing=False)


def _certificate_hint(address: BrokerAddress) -> str:
    """TLS 1.3 refuses a missing client certificate after the handshake, and often only by closing the connection."""
    if not address.tls or address.cert_file is not None:
        return ""
    return "; if it wants to see a certificate of ours, set RABBITMQ_CERT_FILE"


def _plain(error: Exception) -> str:
    text = error.reply_text if isinstance(error, AMQPError) else getattr(error, "strerror", None)
    return re.sub(r"\s+", " ", str(text or error) or type(error).__name__).strip()
