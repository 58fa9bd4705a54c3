"""The API's description as a page shows it: OpenAPI, flattened to what a person reads. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

_METHODS: Final = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter, or a field of a body or an answer."""

    name: str
    kind: str
    required: bool
    description: str


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One address and method."""

    method: str
    path: str
    summary: str
    description: str
    needs_token: bool
    parameters: list[Field]
    body: list[Field]
    answer: list[Field]
    statuses: list[tuple[str, str]]


def endpoints(openapi: Mapping[str, Any]) -> list[Endpoint]:
    """Every endpoint that `openapi` describes, in its order."""
    schemas = openapi.get("components", {}).get("schemas", {})
    return [
        _endpoint(method, path, operations[method], schemas)
        for path, operations in openapi["paths"].items()
        for method in _METHODS
        if method in operations
    ]


def _endpoint(method: str, path: str, operation: Mapping[str, Any], schemas: Mapping[str, Any]) -> Endpoint:
    answers = operation["responses"]
    good: Mapping[str, Any] = next((answers[status] for status in sorted(answers) if status.startswith("2")), {})
    return Endpoint(
        method=method.upper(),
        path=path,
        summary=operation.get("summary", ""),
        description=operation.get("description", ""),
        needs_token=bool(operation.get("security")),
        parameters=[
            Field(found["name"], _kind(found["schema"]), found.get("required", False), _said(found))
            for found in operation.get("parameters", [])
        ],
        body=_fields(operation.get("requestBody", {}), schemas),
        answer=_fields(good, schemas),
        statuses=[(status, found["description"]) for status, found in sorted(answers.items())],
    )


def _said(found: Mapping[str, Any]) -> str:
    return str(found.get("description") or found["schema"].get("description") or "")


def _fields(holder: Mapping[str, Any], schemas: Mapping[str, Any]) -> list[Field]:
    schema = holder.get("content", {}).get("application/json", {}).get("schema", {})
    schema = schema.get("oneOf", [schema])[0]
    if "$ref" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]]
    return list(_properties("", schema, schemas))


def _properties(prefix: str, schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Iterator[Field]:
    """The fields of `schema`, each followed by those of its items where it is a list of objects."""
    required = schema.get("required", [])
    for name, field in schema.get("properties", {}).items():
        yield Field(prefix + name, _kind(field), name in required, field.get("description", ""))
        item = field.get("items", {}).get("$ref", "").rpartition("/")[2]
        if item:
            yield from _properties(f"{prefix}{name}[].", schemas[item], schemas)


def _kind(schema: Mapping[str, Any]) -> str:
    """The type in a word or two: string, integer, array of RowAnswer, string or null."""
    if "anyOf" in schema:
        return " or ".join(_kind(part) for part in schema["anyOf"])
    if "enum" in schema:
        return ", ".join(map(str, schema["enum"]))
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if schema.get("type") == "array":
        return f"array of {_kind(schema.get('items', {}))}"
    return str(schema.get("format") or schema.get("type") or "any")
