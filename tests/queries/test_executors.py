"""Every way of executing an operation answers with the same bytes over HTTP."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from hashlib import sha256
from typing import Any

import pytest

from config import Settings
from domain.users import UserRecord
from server import create_app
from storage.embedded import EmbeddedStores
from storage.storage import Storage
from tests.client import OPERATIONS, Client, serving, settings_of
from tests.queries.sized import sized_world
from tests.world import World

NAMES = sorted(path.stem for path in OPERATIONS.glob("*.graphql"))

WITH_ERRORS = """query ($id: ID!) {
  viewer { user { boards(first: 500) { totalCount } username } }
  pin(id: $id) { title media { ... on ImageMedia { image { url(width: 5000) width } } } }
  nodes(ids: ["?", $id]) { __typename id }
  none: pin(id: "nothing") { id }
  wrong: node(id: $id) { ... on Pin { title comments(first: 1, last: 1) { totalCount } } }
}"""


@pytest.fixture(scope="module")
async def servers(stores: EmbeddedStores, prepared: Storage) -> AsyncIterator[dict[str, Client]]:
    """Servers over the same stores that differ in how they execute; `world` empties the stores."""
    async with AsyncExitStack() as stack:

        async def serve(**changes: Any) -> Client:
            settings: Settings = settings_of(stores, **changes)
            url = await stack.enter_async_context(serving(create_app(settings, prepared)))
            client = Client(url, settings)
            stack.push_async_callback(client.http.aclose)
            return client

        yield {
            "compiled": await serve(executor="compiled"),
            "interpreted": await serve(executor="compiled", executor_source=False),
            "core": await serve(executor="core"),
            "shadow": await serve(executor="shadow", shadow_share=1.0),
        }


async def _bytes(client: Client, body: dict[str, Any], viewer: UserRecord) -> bytes:
    """What came, less what development adds: that of loaders differs by the executor."""
    headers = {"Authorization": f"Bearer {client.token(viewer)}"}
    response = await client.http.post("/graphql", json=body, headers=headers)
    assert response.status_code == 200
    answer, _, _ = response.content.partition(b',"extensions":{"loaders"')
    return answer


@pytest.mark.parametrize("name", NAMES)
async def test_the_same_bytes(servers: dict[str, Client], world: World, name: str) -> None:
    sized = await sized_world(world, 3)
    text = (OPERATIONS / f"{name}.graphql").read_text()
    hashed = {"persistedQuery": {"version": 1, "sha256Hash": sha256(text.encode()).hexdigest()}}
    sent = {"query": text, "variables": sized.variables[name]}
    named = {"variables": sized.variables[name], "extensions": hashed}
    expected = await _bytes(servers["core"], sent, sized.viewer)
    assert b'"errors"' not in expected
    for client in servers.values():
        assert await _bytes(client, sent, sized.viewer) == expected
        assert await _bytes(client, sent | named, sized.viewer) == expected
        for _ in range(2):
            assert await _bytes(client, named, sized.viewer) == expected


async def test_the_same_errors(servers: dict[str, Client], world: World) -> None:
    sized = await sized_world(world, 2)
    body = {"query": WITH_ERRORS, "variables": {"id": sized.variables["PinCloseup"]["id"]}}
    expected = await servers["core"].execute(WITH_ERRORS, sized.viewer, **body["variables"])  # type: ignore[arg-type]  # a dictionary
    assert len(expected.errors) == 4
    for client in servers.values():
        answer = await client.execute(WITH_ERRORS, sized.viewer, **body["variables"])  # type: ignore[arg-type]  # a dictionary
        assert answer.data == expected.data
        assert sorted(answer.errors, key=str) == sorted(expected.errors, key=str)


async def test_wrong_variables_are_told_alike(servers: dict[str, Client], world: World) -> None:
    viewer = await world.user("viewer")
    text = """query ($first: Int!, $by: UserBy!) {
      user(by: $by) { boards(first: $first) { nodes { id } } } }"""
    variables = {"first": "many", "by": {"username": "ana", "id": "x"}}
    answers = [await each.execute(text, viewer, **variables) for each in servers.values()]
    assert answers[0].codes == ["BAD_USER_INPUT"] * 2
    assert all(answer == answers[0] for answer in answers)
