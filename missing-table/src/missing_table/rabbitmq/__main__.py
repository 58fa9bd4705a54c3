"""`python -m missing_table.rabbitmq`: the definitions with passwords, for a broker that loads them at each start.

The password of a user comes from the variable RABBITMQ_PASSWORD_<USER>, such as RABBITMQ_PASSWORD_MATCH_SCRAPER; only
its salted hash is printed. A user without one cannot log in. A password that was given with rabbitmqctl would be gone
after the next start: the definitions stand before it.
"""

import base64
import hashlib
import json
import os
import secrets
from collections.abc import Mapping
from importlib import resources
from typing import Any

SALT = 4
"""Bytes: RabbitMQ's own form of a salted SHA-256."""


def definitions(environment: Mapping[str, str]) -> dict[str, Any]:
    """`definitions.json` with the passwords that are in `environment`."""
    shipped = resources.files("missing_table.rabbitmq").joinpath("definitions.json")
    found: dict[str, Any] = json.loads(shipped.read_bytes())
    for user in found["users"]:
        password = environment.get(f"RABBITMQ_PASSWORD_{user['name'].replace('-', '_').upper()}")
        if password:
            user["password_hash"] = salted(password, secrets.token_bytes(SALT))
    return found


def salted(password: str, salt: bytes) -> str:
    """What RabbitMQ keeps of a password."""
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()


if __name__ == "__main__":
    print(json.dumps(definitions(os.environ), indent=2))
