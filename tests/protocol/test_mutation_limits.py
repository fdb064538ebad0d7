"""The limits of mutations on the real schema: what is refused has written nothing."""

from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from domain.rate_limits import ACTION, BURSTS, THOUSANDTHS, Burst
from domain.users import UserRecord
from protocol.bursts import burst_of
from storage import keys
from storage.embedded import EmbeddedStores
from storage.storage import Storage
from tests.client import SCHEMA
from tests.mutations.wire import gid, snapshot
from tests.protocol.product import Product
from tests.protocol.product import product as serving_one
from tests.world import World

FRAGMENT = """
fragment Saves on Mutation {
  a: savePin(input: $input) { board { pinCount } userErrors { code } }
  b: savePin(input: $input) { board { pinCount } userErrors { code } }
}
"""
ONE = FRAGMENT.splitlines()[2].replace("a:", "one:")
FOUR = f"{ONE} other:{ONE.partition(':')[2]} ...Saves"
POLICY = BURSTS[Burst.SAVE]

NEVER_MS = 4_102_444_800_000
"""A moment that no test lives to see: nothing comes back to a bucket of that time."""


COUNTED = {
    "save": Burst.SAVE,
    "copy": Burst.SAVE,
    "follow": Burst.FOLLOW,
    "addComment": Burst.COMMENT,
    "addReaction": Burst.REACT,
    "createMediaUpload": Burst.UPLOAD,
    "create": Burst.CREATE,
    "invite": Burst.INVITE,
    "report": Burst.REPORT,
}
"""How the names of mutations begin that make something, or reach other people."""


class Scene(msgspec.Struct):
    """A viewer, what they save, and all that is stored before."""

    viewer: UserRecord
    input: dict[str, Any]
    stored: dict[str, Any]


@pytest.fixture
async def scene(world: World) -> Scene:
    """Ana, a pin and an empty board."""
    ana = await world.user("ana")
    pin, board = await world.pin(await world.board(ana, "Pies")), await world.board(ana, "Cakes")
    asked = {"pinId": gid(pin), "boardId": gid(board), "allowDuplicate": True}
    return Scene(ana, asked, await snapshot(world))


@pytest.fixture
async def product(stores: EmbeddedStores, storage: Storage) -> AsyncIterator[Product]:
    """A server that counts bursts."""
    async with serving_one(stores, storage, mutation_bursts=True) as product:
        yield product


def test_what_makes_something_or_reaches_others_is_counted() -> None:
    mutation = SCHEMA._schema.mutation_type
    assert mutation is not None
    missing = {
        name: kinds[0]
        for name, field in mutation.fields.items()
        if (kinds := [kind for begin, kind in COUNTED.items() if name.startswith(begin)])
        and burst_of(field) is not kinds[0]
    }
    assert missing == {}


async def test_four_run_one_after_the_other(product: Product, scene: Scene) -> None:
    status, body = await _send(product, scene, FOUR)
    assert status == 200
    assert body == {
        "data": {
            name: {"board": {"pinCount": count}, "userErrors": []}
            for count, name in enumerate(("one", "other", "a", "b"), 1)
        }
    }


@pytest.mark.parametrize("fifth", ["fifth: savePin", "savePin", "__typename fifth: savePin"])
async def test_five_run_not_at_all(
    product: Product, world: World, scene: Scene, fifth: str
) -> None:
    selection = FOUR + f" ... on Mutation {{ {fifth}(input: $input) {{ alreadySaved }} }}"
    status, body = await _send(product, scene, selection)
    assert status == 400
    (error,) = body["errors"]
    assert error["extensions"]["code"] == "QUERY_TOO_EXPENSIVE"
    assert error["message"].startswith("A mutation may have at most 4 root fields: it has ")
    assert await snapshot(world) == scene.stored


@pytest.mark.row("Q7")
async def test_a_get_writes_nothing(product: Product, world: World, scene: Scene) -> None:
    response = await product.get(
        query=f"mutation ($input: SavePinInput!) {{ {ONE} }}",
        variables=scene.input,
        headers=product.bearer(scene.viewer),
    )
    assert response.status_code == 405
    assert response.headers["allow"] == "POST"
    assert await snapshot(world) == scene.stored


async def test_who_saves_too_much_saves_nothing_more(
    product: Product, world: World, scene: Scene
) -> None:
    name = keys.rate_limit(_bucket(scene.viewer))
    used = (POLICY.at_once - 2) * ACTION * THOUSANDTHS
    await world.storage.redis.client.set(name, f"{used} {NEVER_MS}")
    status, body = await _send(product, scene, f"{ONE} ...Saves")
    assert status == 429
    (error,) = body["errors"]
    assert error["extensions"] == {"code": "RATE_LIMITED", "burst": "SAVE"}
    assert error["message"] == (
        "The limit SAVE allows 100 actions at once and 120 a minute; "
        "the operation has 3, and 2 are left."
    )
    assert await snapshot(world) == scene.stored
    assert (await _send(product, scene, "...Saves"))[0] == 200


async def test_who_has_no_points_left_keeps_their_saves(
    stores: EmbeddedStores, world: World, scene: Scene
) -> None:
    settings = {"mutation_bursts": True, "rate_limit_points": 11, "rate_limit_refill_per_s": 1}
    async with serving_one(stores, world.storage, **settings) as poor:
        status, body = await _send(poor, scene, ONE)
    assert status == 429
    assert "cost" in body["errors"][0]["extensions"]
    draw = await world.storage.rate_limits.draw(_bucket(scene.viewer), 0, POLICY.bucket)
    assert draw.remaining == POLICY.at_once * ACTION
    assert await snapshot(world) == scene.stored


async def _send(product: Product, scene: Scene, selection: str) -> tuple[int, dict[str, Any]]:
    """The status and the body of a mutation of the viewer."""
    fragment = FRAGMENT if "...Saves" in selection else ""
    response = await product.post(
        query=f"mutation ($input: SavePinInput!) {{ {selection} }} {fragment}",
        variables={"input": scene.input},
        headers=product.bearer(scene.viewer),
    )
    body = response.json()
    body.pop("extensions", None)  # which loaders ran
    return response.status_code, body


def _bucket(viewer: UserRecord) -> str:
    """The name of a viewer's bucket of saves."""
    return f"burst:{Burst.SAVE}:{viewer.id}"
