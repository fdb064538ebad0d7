"""The same key does the same thing once, and gives the same answer (DOMAIN b.3)."""

import asyncio
from typing import Any

from tests.client import Answer, Client
from tests.mutations.wire import gid, snapshot
from tests.world import World

SAVE = """
mutation Save($input: SavePinInput!, $key: String!) {
  savePin(input: $input) @idempotent(key: $key) {
    alreadySaved
    clientMutationId
    pinEdge { addedAt node { entityId note board { name } } }
    board { pinCount }
    savedPin { saveCount }
    userErrors { code field }
  }
}
"""
KEY = "8f14e45f-ceea-467f-a9d5-6f1c2a1b0c11"


async def _asked(world: World) -> tuple[Any, dict[str, Any]]:
    ana = await world.user("ana")
    pin = await world.pin(await world.board(ana, "Pies"))
    board = await world.board(ana, "Cakes")
    return ana, {"pinId": gid(pin), "boardId": gid(board), "allowDuplicate": True}


async def test_a_repeated_key_gives_the_original_answer(world: World, client: Client) -> None:
    ana, asked = await _asked(world)
    first = await client.execute(SAVE, ana, input=asked, key=KEY)
    other = await client.execute(SAVE, ana, input=asked, key="another")
    written = await snapshot(world)

    again = await client.execute(SAVE, ana, input=asked, key=KEY)

    assert first.data["savePin"]["board"] == {"pinCount": 1}
    assert other.data["savePin"]["board"] == {"pinCount": 2}
    assert again.data == first.data
    assert await snapshot(world) == written


async def test_the_client_s_own_id_is_no_part_of_the_request(world: World, client: Client) -> None:
    ana, asked = await _asked(world)
    await client.data(SAVE, ana, input={**asked, "clientMutationId": "1"}, key=KEY)

    again = await client.data(SAVE, ana, input={**asked, "clientMutationId": "2"}, key=KEY)

    assert again["savePin"]["clientMutationId"] == "2"
    assert again["savePin"]["savedPin"] == {"saveCount": 1}


async def test_a_key_with_another_input_is_an_error(world: World, client: Client) -> None:
    ana, asked = await _asked(world)
    await client.data(SAVE, ana, input=asked, key=KEY)
    written = await snapshot(world)

    other = await client.execute(SAVE, ana, input={**asked, "note": "!"}, key=KEY)

    assert other.codes == ["IDEMPOTENCY_KEY_REUSED"]
    assert other.data == {"savePin": None}
    assert await snapshot(world) == written


async def test_keys_are_each_viewer_s_own(world: World, client: Client) -> None:
    ana, asked = await _asked(world)
    ben = await world.user("ben")
    await client.data(SAVE, ana, input=asked, key=KEY)

    theirs = {**asked, "boardId": gid(await world.board(ben))}
    saved = await client.data(SAVE, ben, input=theirs, key=KEY)

    assert saved["savePin"]["savedPin"] == {"saveCount": 2}


async def test_a_refusal_is_not_kept(world: World, client: Client) -> None:
    ana, asked = await _asked(world)
    refused = await client.data(SAVE, ana, input={**asked, "note": "x" * 501}, key=KEY)

    corrected = await client.data(SAVE, ana, input=asked, key=KEY)

    assert refused["savePin"]["userErrors"] == [{"code": "TOO_LONG", "field": ["input", "note"]}]
    assert corrected["savePin"]["savedPin"] == {"saveCount": 1}


async def test_twenty_at_once_are_done_once(world: World, client: Client) -> None:
    ana, asked = await _asked(world)

    async def send() -> Answer:
        return await client.execute(SAVE, ana, input=asked, key=KEY)

    answers = await asyncio.gather(*(send() for _ in range(20)))

    assert [each.errors for each in answers] == [[]] * 20
    assert all(each.data == answers[0].data for each in answers)
    pins = world.storage.mongo.collection("pins")
    assert await pins.count_documents({"is_repin": True}) == 1


async def test_the_header_is_the_key_of_the_only_mutation(world: World, client: Client) -> None:
    ana, asked = await _asked(world)
    document = SAVE.replace(" @idempotent(key: $key)", "").replace(", $key: String!", "")

    async def send() -> Any:
        response = await client.http.post(
            "/graphql",
            json={"query": document, "variables": {"input": asked}},
            headers={"Authorization": f"Bearer {client.token(ana)}", "Idempotency-Key": KEY},
        )
        return response.json()["data"]

    assert await send() == await send()


async def test_what_the_viewer_may_not_see_any_more_is_null(world: World, client: Client) -> None:
    ana, ben = await world.user("ana"), await world.user("ben")
    shown = await world.board(ana, "Pies")
    asked = {
        "pinId": gid(await world.pin(shown)),
        "boardId": gid(await world.board(ben)),
    }
    await client.data(SAVE, ben, input=asked, key=KEY)
    await world.make_secret(shown)

    again = await client.data(SAVE, ben, input=asked, key=KEY)

    assert again["savePin"]["savedPin"] is None
    assert again["savePin"]["board"] == {"pinCount": 1}
