"""Compares a running broker with the configuration that is shipped, and says in words what differs."""

import json
from importlib import resources
from typing import Any, Final
from urllib.parse import quote, unquote, urlsplit

import httpx

from missing_table.errors import ConfigurationProblem

TIMEOUT: Final = 10.0
"""Seconds."""
MANAGEMENT_PORT: Final = 15672
_RIGHTS: Final = ("configure", "write", "read")
_FROM_THE_BROKER: Final = frozenset({"x-queue-type"})
"""Arguments that the broker gives a queue by itself."""


def shipped() -> dict[str, Any]:
    """`rabbitmq/definitions.json`."""
    text = resources.files("missing_table.rabbitmq").joinpath("definitions.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def management_url(broker_url: str) -> str:
    """Where the management API of the broker at `broker_url` (amqp) is by default, with the same credentials."""
    parts = urlsplit(broker_url)
    credentials = parts.netloc.rpartition("@")[0]
    host = f"[{parts.hostname}]" if parts.hostname and ":" in parts.hostname else parts.hostname
    scheme = "https" if parts.scheme == "amqps" else "http"
    return f"{scheme}://{credentials + '@' if credentials else ''}{host}:{MANAGEMENT_PORT}"


def virtual_host(broker_url: str) -> str:
    """The virtual host in an AMQP URL; `/` where it names none."""
    path = urlsplit(broker_url).path
    return unquote(path[1:]) or "/"


def running(url: str, vhost: str) -> dict[str, Any]:
    """What the broker behind the management API at `url` has in `vhost`. Raises `ConfigurationProblem`."""
    parts = urlsplit(url)
    credentials = (unquote(parts.username or ""), unquote(parts.password or ""))
    host = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
    try:
        with httpx.Client(base_url=host, auth=credentials, timeout=TIMEOUT) as client:
            answer = client.get(f"/api/definitions/{quote(vhost, safe='')}")
            rights = client.get(f"/api/vhosts/{quote(vhost, safe='')}/permissions")
            answer.raise_for_status()
            rights.raise_for_status()
            found: dict[str, Any] = answer.json()
            found["permissions"] = rights.json()
            return found
    except httpx.HTTPStatusError as error:
        status = error.response.status_code
        why = {
            401: f"it refuses user {credentials[0]}: wrong password, or the user has no tag `monitoring` or more",
            404: f"it has no virtual host {vhost}",
        }.get(status, f"it answered {status}")
        raise ConfigurationProblem(f"the management API at {host}: {why}") from None
    except (httpx.HTTPError, ValueError) as error:
        raise ConfigurationProblem(
            f"the management API at {host} cannot be read: {error}. Is the plugin rabbitmq_management on, "
            "and is this its address (--management-url)?"
        ) from None


def differences(wanted: dict[str, Any], found: dict[str, Any]) -> list[str]:
    """What `found` lacks or has otherwise, a sentence each. What it has beyond that is nobody's business here."""
    said: list[str] = []
    for kind in ("exchanges", "queues"):
        there = {each["name"]: each for each in found.get(kind, [])}
        for each in wanted[kind]:
            said += _declared(kind.removesuffix("s"), each, there.get(each["name"]))
    bindings = {(b["source"], b["destination"], b["routing_key"]) for b in found.get("bindings", [])}
    for each in wanted["bindings"]:
        if (each["source"], each["destination"], each["routing_key"]) not in bindings:
            said.append(
                f"queue {each['destination']} is not bound to exchange {each['source']} with key {each['routing_key']}"
            )
    said += _policies(wanted["policies"], found.get("policies", []))
    said += _permissions(wanted["permissions"], found["permissions"])
    return said


def _declared(kind: str, wanted: dict[str, Any], found: dict[str, Any] | None) -> list[str]:
    name = wanted["name"]
    if found is None:
        return [f"{kind} {name} is missing: starting the worker makes it"]
    said = [
        f"{kind} {name}: {setting} is {found.get(setting)}, not {value}"
        for setting, value in wanted.items()
        if setting in ("type", "durable", "auto_delete", "internal") and found.get(setting) != value
    ]
    arguments = {key: value for key, value in found.get("arguments", {}).items() if key not in _FROM_THE_BROKER}
    if arguments != wanted["arguments"]:
        said.append(
            f"{kind} {name} was declared with arguments {json.dumps(arguments)}: a producer that declares it without "
            "them is refused (406). Limits belong into a policy. To change it without losing messages: stop the "
            "producers, let the worker empty it, delete it, and start the worker, which makes it anew"
        )
    if found.get("arguments", {}).get("x-queue-type") == "quorum" and kind == "queue":
        said.append(
            f"queue {name} may have been declared as a quorum queue: unless default_queue_type = quorum is set, a "
            "producer that declares it without a type is refused (406)"
        )
    return said


def _policies(wanted: list[dict[str, Any]], found: list[dict[str, Any]]) -> list[str]:
    said: list[str] = []
    for policy in wanted:
        like = [each for each in found if each["pattern"] == policy["pattern"]]
        if not like:
            said.append(
                f"no policy for {policy['pattern']}: what is delivered too often may be dropped. "
                f"Set it with: rabbitmqctl set_policy {policy['name']} '{policy['pattern']}' "
                f"'{json.dumps(policy['definition'])}' --apply-to {policy['apply-to']}"
            )
        for each in like:
            said += [
                f"policy {each['name']}: {key} is {each['definition'].get(key, 'not set')}, not {value}"
                for key, value in policy["definition"].items()
                if each["definition"].get(key) != value
            ]
    return said


def _permissions(wanted: list[dict[str, Any]], found: list[dict[str, Any]]) -> list[str]:
    there = {each["user"]: each for each in found}
    said: list[str] = []
    for each in wanted:
        user = each["user"]
        if user not in there:
            said.append(f"user {user} has no rights here: `rabbitmqctl add_user`, `rabbitmqctl set_permissions`")
            continue
        said += [
            f"user {user}: its right to {right} is {there[user][right]!r}, not {each[right]!r}"
            for right in _RIGHTS
            if there[user][right] != each[right]
        ]
    return said
