"""In which form an answer is given: JSON, or CSV where that is asked for."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Any, Final, Literal

from fastapi import Depends, Header, Query

from missing_table.api.problems import Problem

JSON: Final = "application/json"
CSV: Final = "text/csv; charset=utf-8"
VARIES: Final[Mapping[str, str]] = {"Vary": "Accept"}
"""The header of an answer that has both forms: who keeps it must not give it to who asks for the other."""
FORMS: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}
"""For the description of a route that has both."""


def wanted_form(named: Literal["json", "csv"] | None, accept: str) -> Literal["json", "csv"]:
    """What is asked for by name, else what is wanted most of what there is. Ends the request where that is nothing."""
    if named is not None:
        return named
    weights = _weights(accept)
    best = max(_FORMS, key=lambda form: _weight(weights, _FORMS[form]))
    if not _weight(weights, _FORMS[best]):
        raise _not_acceptable(" or ".join(_FORMS.values()))
    return best


# what FastAPI calls for each request is a coroutine, since it would call a plain function in a thread
async def _wanted(
    format: Annotated[  # noqa: A002 (the parameter's word)
        Literal["json", "csv"] | None,
        Query(description="`csv` for a spreadsheet. Else what `Accept` asks for, or JSON.", examples=["csv"]),
    ] = None,
    accept: Annotated[str, Header(include_in_schema=False)] = "*/*",
) -> Literal["json", "csv"]:
    return wanted_form(format, accept)


async def _only_json(accept: Annotated[str, Header(include_in_schema=False)] = "*/*") -> None:
    if not _weight(_weights(accept), JSON):
        raise _not_acceptable(JSON)


Form = Annotated[Literal["json", "csv"], Depends(_wanted)]
OnlyJson = Depends(_only_json)
_FORMS: Final[dict[Literal["json", "csv"], str]] = {"json": JSON, "csv": "text/csv"}


def _not_acceptable(offered: str) -> Problem:
    detail = f"this address answers with {offered}, and `Accept` refuses that"
    return Problem(HTTPStatus.NOT_ACCEPTABLE, detail, headers=VARIES)


def _weights(accept: str) -> dict[str, float]:
    """How much each kind in an `Accept` header is wanted, from 0 to 1."""
    weights: dict[str, float] = {}
    for part in accept.split(","):
        kind, *parameters = (piece.strip() for piece in part.lower().split(";"))
        quality = next((p.removeprefix("q=") for p in parameters if p.startswith("q=")), "1")
        try:
            weights[kind] = float(quality)
        except ValueError:
            weights[kind] = 1.0
    return weights if any(weights) else {"*/*": 1.0}


def _weight(weights: dict[str, float], kind: str) -> float:
    """What `weights` say of `kind`: the closest entry counts."""
    for entry in (kind, f"{kind.partition('/')[0]}/*", "*/*"):
        if entry in weights:
            return weights[entry]
    return 0.0
