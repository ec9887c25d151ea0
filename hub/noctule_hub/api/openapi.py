"""The OpenAPI document, made of what the endpoints declare; nothing of it is written by hand."""

import asyncio
import inspect
import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any, Final

import msgspec
from aiohttp import web

from noctule_hub import __version__
from noctule_hub.api.bodies import Id
from noctule_hub.api.endpoints import Contract, Endpoint
from noctule_hub.api.problems import PROBLEM_TYPE, Problem
from noctule_hub.auth.permissions import Action, roles_that_may

_REF: Final = "#/components/schemas/{name}"
_PARAMETER: Final = re.compile(r"\{([^}:]+)\}")
_BEARER: Final = "bearer"
_DESCRIPTION: Final = """\
Times are ISO 8601 in UTC with milliseconds, units are SI base units and stand at the end of a name (`rttS`, `inBps`).
Ids are positive integers and never reused. Lists go on at `nextCursor` until that is null. Whoever changes something
sends the `revision` that they read. An error is a problem document (RFC 9457) with `code`, `message` and often `field`.
"""


class Document:
    """The document of some endpoints. It is made, in a tenth of a second, when it is first asked for."""

    def __init__(self, endpoints: Iterable[Endpoint]) -> None:
        self._endpoints = endpoints

    @cached_property
    def encoded(self) -> bytes:
        """Return it as JSON."""
        return msgspec.json.encode(document(self._endpoints))


DOCUMENT: Final = web.AppKey("noctule_openapi_document", Document)


async def show_document(request: web.Request) -> web.Response:
    """`GET /api/v1/openapi.json`: this document."""
    body = await asyncio.to_thread(lambda: request.app[DOCUMENT].encoded)
    return web.Response(body=body, content_type="application/json")


def document(endpoints: Iterable[Endpoint]) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of all endpoints with a contract."""
    described = [(endpoint, endpoint.contract) for endpoint in endpoints if endpoint.contract is not None]
    named = _named_types(described)
    schemas, components = msgspec.json.schema_components(named, ref_template=_REF)
    schema_of = {id(kind): schema for kind, schema in zip(named, schemas, strict=True)}
    paths: dict[str, dict[str, Any]] = {}
    for endpoint, contract in described:
        operation = _operation(endpoint, contract, schema_of, components)
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {"title": "Noctule hub", "version": __version__, "description": _DESCRIPTION},
        "paths": paths,
        "components": {
            "schemas": components,
            "responses": {"Problem": {"description": "Refused, and why.", "content": _content(PROBLEM_TYPE, _PROBLEM)}},
            "securitySchemes": {_BEARER: {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }


_PROBLEM: Final = {"$ref": _REF.format(name="Problem")}


def _named_types(described: Iterable[tuple[Endpoint, Contract]]) -> list[Any]:
    kinds: dict[int, Any] = {id(kind): kind for kind in (Problem, Id)}
    for _, contract in described:
        for kind in (contract.query, contract.body, contract.answer, *contract.path.values()):
            if kind is not None:
                kinds[id(kind)] = kind
    return list(kinds.values())


def _operation(
    endpoint: Endpoint, contract: Contract, schema_of: Mapping[int, Any], components: Mapping[str, Any]
) -> dict[str, Any]:
    module = endpoint.handler.__module__.rpartition(".")[2]
    text = inspect.getdoc(endpoint.handler) or ""
    _, _, summary = text.partition("`: ")
    operation: dict[str, Any] = {
        "operationId": f"{module}-{endpoint.handler.__name__}".replace("_", "-"),
        "tags": [module.replace("_", " ")],
        "summary": (summary or text).partition("\n")[0].removesuffix("."),
        "description": text,
        "parameters": [*_path(endpoint.path, contract, schema_of), *_query(contract, components), *_headers(contract)],
        "responses": {
            str(int(contract.status)): _answer(contract, schema_of),
            **dict.fromkeys(("4XX", "5XX"), _REFUSED),
        },
        "security": [] if endpoint.action is Action.PUBLIC else [{_BEARER: []}],
    }
    if endpoint.action is not Action.PUBLIC:
        operation["x-roles"] = [str(role) for role in roles_that_may(endpoint.action)]
    if contract.body is not None:
        content = _content("application/json", schema_of[id(contract.body)])
        operation["requestBody"] = {"required": not contract.body_optional, "content": content}
    return operation


_REFUSED: Final = {"$ref": "#/components/responses/Problem"}


def _path(path: str, contract: Contract, schema_of: Mapping[int, Any]) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": schema_of[id(contract.path.get(name, Id))]}
        for name in _PARAMETER.findall(path)
    ]


def _query(contract: Contract, components: Mapping[str, Any]) -> list[dict[str, Any]]:
    if contract.query is None:
        return []
    schema = components[contract.query.__name__]
    required = schema.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": _without_null(part)}
        for name, part in schema["properties"].items()
    ]


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a parameter's schema without null: what is not given is left out of a query, there is no null in it."""
    choices = [choice for choice in schema.get("anyOf", ()) if choice != {"type": "null"}]
    if not choices:
        return {key: value for key, value in schema.items() if (key, value) != ("default", None)}
    return choices[0] if len(choices) == 1 else {"anyOf": choices}


def _headers(contract: Contract) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "header", "required": True, "description": text, "schema": {"type": "string"}}
        for name, text in contract.headers.items()
    ]


def _answer(contract: Contract, schema_of: Mapping[int, Any]) -> dict[str, Any]:
    if contract.answer is not None:
        return {"description": "Done.", "content": _content(contract.media_type, schema_of[id(contract.answer)])}
    if contract.media_type != "application/json":
        content = _content(contract.media_type, {"type": "string"})
        for media_type in contract.or_media_types:
            content |= _content(media_type, {"type": "string"})
        return {"description": "Done.", "content": content}
    return {"description": "Done."}


def _content(media_type: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    return {media_type: {"schema": schema}}


ENDPOINTS: Final = (
    Endpoint("GET", "/api/v1/openapi.json", Action.PUBLIC, show_document, Contract(answer=dict[str, Any])),
)
