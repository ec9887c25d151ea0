"""The API describes itself: every endpoint, with what goes in and comes out, and nothing that is not so."""

import json
import re
from typing import Any

import pytest
from noctule_hub.api.openapi import document
from noctule_hub.api.routes import ALL_ENDPOINTS
from noctule_hub.core.principal import Role

from tests.hub.api.harness import Hub


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    return document(ALL_ENDPOINTS)


def test_every_endpoint_of_the_api_has_a_contract() -> None:
    bare = [f"{found.method} {found.path}" for found in ALL_ENDPOINTS if found.contract is None]
    assert [path for path in bare if " /api/v1/" in path] == []


def test_operations_are_named_once_and_say_what_they_do(described: dict[str, Any]) -> None:
    operations = [operation for path in described["paths"].values() for operation in path.values()]
    names = [operation["operationId"] for operation in operations]
    assert len(set(names)) == len(names) > 40
    assert all(operation["summary"] and operation["tags"] for operation in operations)


def test_every_reference_leads_somewhere(described: dict[str, Any]) -> None:
    for reference in set(re.findall(r'"#/components/([^"]+)"', json.dumps(described))):
        section, name = reference.split("/")
        assert name in described["components"][section], reference


def test_a_parameter_of_a_query_is_never_null(described: dict[str, Any]) -> None:
    parameters = [
        parameter
        for path in described["paths"].values()
        for operation in path.values()
        for parameter in operation["parameters"]
    ]
    assert any(parameter["in"] == "query" for parameter in parameters)
    assert all('"null"' not in json.dumps(parameter["schema"]) for parameter in parameters)


async def test_anybody_may_read_the_document(hub: Hub) -> None:
    answer = await hub.get("/api/v1/openapi.json", role=Role.ANONYMOUS)
    assert (answer.status, answer.json["openapi"], answer.json["info"]["title"]) == (200, "3.1.0", "Noctule hub")


async def test_what_takes_no_query_refuses_one(hub: Hub) -> None:
    answer = await hub.get("/api/v1/me?verbose=1")
    assert (answer.status, answer.json["field"]) == (400, "verbose")
