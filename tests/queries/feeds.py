"""Home feeds as tests read them, and worlds whose feed has a known order."""

from asyncio import gather
from typing import Any

from domain.boards import BoardPrivacy
from domain.pins import Engagement, PinRecord
from domain.users import UserRecord
from storage import keys
from storage.codec import object_id
from tests.client import Answer, Client
from tests.world import World

HOME_FEED = """
query (
  $first: Int, $after: String, $last: Int, $before: String, $refresh: Boolean! = false,
  $includePromoted: Boolean! = true
) {
  viewer {
    homeFeed(
      first: $first, after: $after, last: $last, before: $before, refresh: $refresh,
      includePromoted: $includePromoted
    ) {
      edges {
        cursor position trackingToken
        reason { kind user { username } board { name } topic { name } }
        node { ...item }
      }
      nodes { ...item }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      session { id createdAt wasRebuilt }
      newItemCount
    }
  }
}
fragment item on FeedItem {
  __typename
  ... on Pin { id title }
  ... on PromotedPin { id trackingToken pin { title } }
}
"""


async def ask(client: Client, viewer: UserRecord, **arguments: Any) -> Answer:
    """Asks for a page of the viewer's home feed."""
    return await client.execute(HOME_FEED, viewer, **arguments)


async def page(client: Client, viewer: UserRecord, **arguments: Any) -> Any:
    """A page of the viewer's home feed, which agrees with itself."""
    answer = await ask(client, viewer, **arguments)
    assert answer.errors == []
    found = answer.data["viewer"]["homeFeed"]
    cursors = [edge["cursor"] for edge in found["edges"]]
    assert found["nodes"] == [edge["node"] for edge in found["edges"]]
    assert found["pageInfo"]["startCursor"] == (cursors[0] if cursors else None)
    assert found["pageInfo"]["endCursor"] == (cursors[-1] if cursors else None)
    return found


def titles(found: Any) -> list[str]:
    """What the edges of a page show: titles, those of promoted pins with `ad: ` before them."""
    return [title(node) for node in found["nodes"]]


def title(node: Any) -> str:
    """What an edge shows."""
    if node["__typename"] == "PromotedPin":
        return f"ad: {node['pin']['title']}"
    return str(node["title"])


def flags(found: Any) -> tuple[bool, bool]:
    """Whether there is a page before, and one after."""
    return found["pageInfo"]["hasPreviousPage"], found["pageInfo"]["hasNextPage"]


def places(found: Any) -> list[tuple[int, str, Any]]:
    """The edges without their cursors: those at the end of a page are longer."""
    return [(edge["position"], edge["trackingToken"], edge["node"]) for edge in found["edges"]]


async def strangers(world: World, count: int) -> list[PinRecord]:
    """Pins `0`, `1`, … of as many people, each less popular than the one before it.

    A viewer who follows nothing sees them in this order: nothing else tells them apart.
    """
    users = await gather(*(world.user(f"stranger{i}") for i in range(count)))
    boards = await gather(*(world.board(user) for user in users))
    saves = (Engagement(saves=5000 - 100 * i) for i in range(count))
    return await gather(
        *(
            world.pin(board, f"{i}", engagement=engagement)
            for i, (board, engagement) in enumerate(zip(boards, saves, strict=True))
        )
    )


async def advertise(
    world: World, advertiser: UserRecord, title: str = "promoted", **fields: Any
) -> PinRecord:
    """A live ad for a pin on an ads-only board, which is in no feed by itself."""
    board = await world.board(
        advertiser,
        f"Ads for {title}",
        privacy=BoardPrivacy.PROTECTED,
        is_ads_only=True,
    )
    pin = await world.pin(board, title, link=f"https://shop.example/{board.id}")
    await world.ad(pin, **fields)
    await world.storage.ads.refresh()
    return pin


async def delete(world: World, pin: PinRecord) -> None:
    """Deletes a pin, as a mutation will."""
    await world.storage.mongo.collection("pins").delete_one({"_id": object_id(pin.id)})
    await world.storage.redis.client.unlink(keys.record("pins", pin.id))
