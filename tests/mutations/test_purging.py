"""What is deleted is gone for good once it cannot be taken back."""

from datetime import UTC, datetime, timedelta

from domain.pins import ReactionType
from domain.undo import UNDO_FOR
from storage.counters import recount_all
from storage.purging import GRACE
from tests.client import Client
from tests.mutations.wire import assert_consistent, gid, snapshot
from tests.world import World

DELETE = """
mutation($ids: [ID!]!) { deletePins(input: {ids: $ids}) { undoToken userErrors { code } } }
"""
MOVE = """
mutation($ids: [ID!]!, $board: ID!) {
  movePins(input: {ids: $ids, boardId: $board}) { undoToken userErrors { code } }
}
"""
UNDO = "mutation($token: String!) { undo(input: {undoToken: $token}) { userErrors { code } } }"


async def test_a_deleted_pin_is_purged_with_all_about_it(world: World, client: Client) -> None:
    ana, ben = await world.user("ana"), await world.user("ben")
    board = await world.board(ana)
    gone, kept = await world.pin(board), await world.pin(board)
    for pin in (gone, kept):
        comment = await world.comment(pin, ben)
        await world.comment(pin, ana, parent_id=comment.id)
        await world.reaction(pin, ben, ReactionType.WOW)
    await recount_all(world.storage.mongo)
    copy = await world.save(gone, board)
    await recount_all(world.storage.mongo)
    data = await client.data(DELETE, ana, ids=[gid(gone)])
    over = datetime.now(UTC) + UNDO_FOR + GRACE

    early = await world.storage.purging.purge(over - timedelta(minutes=1))
    assert early == 0
    assert len((await snapshot(world))["comments"]) == 4
    ended = await world.storage.purging.purge(over + timedelta(seconds=5))
    again = await world.storage.purging.purge(over + timedelta(seconds=5))
    late = await client.data(UNDO, ana, token=data["deletePins"]["undoToken"])

    left = await snapshot(world)
    assert (ended, again) == (1, 0)
    assert [row["parent_id"] for row in left["pins"] if row["_id"] == copy.id] == [None]
    assert {row["pin_id"] for row in left["comments"]} == {kept.id}
    assert {row["pin_id"] for row in left["reactions"]} == {kept.id}
    assert "undos" not in left
    assert "undo_steps" not in left
    assert late["undo"]["userErrors"] == [{"code": "NOT_FOUND"}]
    await assert_consistent(world)


async def test_a_moved_pin_keeps_what_is_about_it(world: World, client: Client) -> None:
    ana = await world.user("ana")
    pin = await world.pin(await world.board(ana, "One"))
    await world.comment(pin, ana)
    target = await world.board(ana, "Two")
    await client.data(MOVE, ana, ids=[gid(pin)], board=gid(target))

    ended = await world.storage.purging.purge(datetime.now(UTC) + timedelta(hours=1))

    left = await snapshot(world)
    assert ended == 1
    assert len(left["comments"]) == 1
    assert "undo_steps" not in left
