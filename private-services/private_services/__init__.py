"""A RabbitMQ node and a PostgreSQL cluster of one's own: on free ports, in a temporary folder, gone at the end.

For tests, benchmarks and development. Nothing here touches a server that already runs.
"""

from private_services.owned import ServiceFailed, ServiceMissing
from private_services.postgresql import PostgreSQL
from private_services.rabbitmq import RabbitMQ

__all__ = ["PostgreSQL", "RabbitMQ", "ServiceFailed", "ServiceMissing"]
