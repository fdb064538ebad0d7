"""Without GraphQL: one function for each workload, which builds the one answer that it is for.

    python -m benchmarks.servers.hand_written      with RECORDS=mongo or RECORDS=cached

This is what remains when everything general is taken away: a route, a token, the batched reads, the
rules of visibility, a few dictionaries and orjson. With `RECORDS=mongo` records by id are read from
MongoDB each time; with `cached` they come through the layers of cache that Pinery itself has. All
else is the same in both, lists and feed sessions included.
"""

import asyncio
import os
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from heapq import nlargest
from typing import Final

import msgspec
import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from benchmarks.servers.serving import MONGO_DEADLINE_MS, REDIS_DEADLINE_MS, Environment, serve
from benchmarks.servers.sight import Sight, Stores
from benchmarks.workloads import WORKLOADS
from domain.boards import BoardRecord
from domain.feed import FeedItem
from domain.ids import from_global_id
from domain.images import image_url
from domain.media import (
    ImageMedia,
    MixedMedia,
    MultiImageMedia,
    MultiVideoMedia,
    PinMedia,
    VideoMedia,
)
from domain.orders import BoardPinFilter, UserBoardFilter
from domain.pins import CommentRecord, PinRecord
from domain.policies import board_privacies
from domain.record import Id
from domain.users import UserRecord
from protocol.authentication import Authenticator
from storage import boards as board_orders
from storage import comments as comment_orders
from storage import pins as pin_orders
from storage.mongo import Mongo
from storage.paging import Page
from storage.redis import Redis
from storage.related import RelatedPin
from storage.storage import Storage

Json = Mapping[str, object]

LOCAL_RECORDS_MB: Final = 64
"""As Pinery has it."""

SLACK: Final = 10
"""Feed items read beyond a page, so that hidden ones can be replaced without reading again."""

_TYPE_NAMES: Final[Mapping[type[PinMedia], str]] = {
    ImageMedia: "ImageMedia",
    VideoMedia: "VideoMedia",
    MultiImageMedia: "MultiImageMedia",
    MultiVideoMedia: "MultiVideoMedia",
    MixedMedia: "MixedMedia",
}


Answer = Callable[[Sight, Mapping[str, object]], Awaitable[Json]]


async def home_feed(sight: Sight, variables: Mapping[str, object]) -> Json:
    """The first page of the viewer's feed."""
    page, has_more = await _feed(sight, _first(variables))
    edges = []
    for index, pin in page:
        board = sight.board(pin.board_id)
        edges.append(
            {
                "position": 2 * index + 1,
                "node": {
                    "__typename": "Pin",
                    "id": _global_id("Pin", pin.id),
                    "title": pin.title,
                    "description": pin.description,
                    "dominantColor": pin.dominant_color,
                    "createdAt": _time(pin.created_at),
                    "saveCount": pin.save_count,
                    "media": _media(sight, pin.media, 474, with_color=True),
                    "creator": _full_name(sight.user(pin.creator_id)),
                    "owner": _full_name(sight.user(pin.owner_id)),
                    "board": board
                    and {
                        "id": _global_id("Board", board.id),
                        "name": board.name,
                        "privacy": board.privacy,
                    },
                },
            }
        )
    feed = {"edges": edges, "pageInfo": {"hasNextPage": has_more}}
    return {"viewer": {"homeFeed": feed}}


async def profile(sight: Sight, variables: Mapping[str, object]) -> Json:
    """A user, some boards, and some pins of each."""
    storage = sight.stores.storage
    username = str(variables["username"]).lower()
    user_id = (await storage.users.ids_by_username([username])).get(username)
    if user_id is None:
        return {"user": None}
    await sight.users([user_id])
    user = sight.user(user_id)
    if user is None:
        return {"user": None}
    only = UserBoardFilter(board_privacies(sight.viewer, user.id), include_archived=False)
    boards = await storage.boards.pages_by_owner([user.id], Page(10, board_orders.LAST_SAVED), only)
    sight.note_boards(boards[user.id].rows)
    seen = [board for board in boards[user.id].rows if sight.board(board.id)]
    pages = await storage.pins.pages_by_board(
        [board.id for board in seen], Page(4, pin_orders.CUSTOM), BoardPinFilter()
    )
    await sight.users({pin.owner_id for page in pages.values() for pin in page.rows})
    return {
        "user": {
            "id": _global_id("User", user.id),
            "username": user.username,
            "fullName": user.full_name,
            "about": user.about,
            "followerCount": user.follower_count,
            "boards": {
                "edges": [
                    {
                        "node": {
                            "id": _global_id("Board", board.id),
                            "name": board.name,
                            "pinCount": board.pin_count,
                            "pins": {
                                "edges": [
                                    {"node": _tile(sight, pin)}
                                    for pin in pages[board.id].rows
                                    if sight.sees(pin)
                                ]
                            },
                        }
                    }
                    for board in seen
                ]
            },
        }
    }


async def deep_feed(sight: Sight, variables: Mapping[str, object]) -> Json:
    """The first page of the viewer's feed, with comments and related pins of each pin."""
    storage = sight.stores.storage
    page, _ = await _feed(sight, _first(variables))
    pins = [pin for _, pin in page]
    comments = await storage.comments.pages_by_pin(
        [pin.id for pin in pins], Page(3, comment_orders.NEWEST)
    )
    roots = list(dict.fromkeys(pin.root_id for pin in pins))
    ranked = await storage.related.get_many(roots)
    related = {root: _best(ranked.get(root, [])) for root in roots}
    await sight.users(each.author_id for part in comments.values() for each in part.rows)
    others = await sight.pins(dict.fromkeys(i for ids in related.values() for i in ids))
    edges = [
        {
            "node": {
                "__typename": "Pin",
                "id": _global_id("Pin", pin.id),
                "title": pin.title,
                "creator": _username(sight.user(pin.creator_id)),
                "comments": {
                    "edges": [
                        {"node": _comment(sight, each)}
                        for each in comments[pin.id].rows
                        if sight.user(each.author_id)
                    ]
                },
                "related": {
                    "edges": [
                        {"node": _related(sight, others[other])}
                        for other in related[pin.root_id]
                        if other in others
                    ]
                },
            }
        }
        for pin in pins
    ]
    return {"viewer": {"homeFeed": {"edges": edges}}}


async def pin(sight: Sight, variables: Mapping[str, object]) -> Json:
    """One pin."""
    pin_id = _entity_id(variables["id"])
    found = (await sight.pins([pin_id])).get(pin_id)
    if found is None:
        return {"pin": None}
    return {
        "pin": {
            "id": _global_id("Pin", found.id),
            "title": found.title,
            "description": found.description,
            "link": found.link,
            "saveCount": found.save_count,
            "creator": _username(sight.user(found.creator_id)),
            "board": _board_name(sight.board(found.board_id)),
        }
    }


async def wide(sight: Sight, variables: Mapping[str, object]) -> Json:
    """Many pins, with all of their scalars."""
    ids = variables["ids"]
    asked = [_entity_id(each) for each in ids] if isinstance(ids, list) else []
    pins = await sight.pins(asked)
    return {"pins": [_everything(sight, pins[i]) if i in pins else None for i in asked]}


ANSWERS: Final[Mapping[str, Answer]] = {
    "home_feed": home_feed,
    "profile": profile,
    "deep_feed": deep_feed,
    "pin": pin,
    "wide": wide,
}


async def _feed(sight: Sight, first: int) -> tuple[list[tuple[int, PinRecord]], bool]:
    """The first visible pins of the viewer's session with their places, and if there are more."""
    storage = sight.stores.storage
    session, _ = await storage.feeds.latest(sight.viewer_id, with_decisions=False)
    if session is None:
        raise LookupError("The viewer has no session: Pinery must have been asked first.")
    hidden = (await storage.tastes.wishes(sight.viewer_id)).hidden_root_ids
    items: tuple[FeedItem, ...] = session.items
    page: list[tuple[int, PinRecord]] = []
    start, size = 0, first + SLACK
    while start < len(items) and len(page) <= first:
        chunk = [item for item in items[start : start + size] if item.root_id not in hidden]
        pins = await sight.pins([item.pin_id for item in chunk])
        for index, item in enumerate(items[start : start + size], start):
            if item.pin_id in pins:
                page.append((index, pins[item.pin_id]))
        start, size = start + size, 2 * size
    return page[:first], len(page) > first


def _best(ranked: list[RelatedPin]) -> list[Id]:
    return [each.id for each in nlargest(5, ranked, key=lambda each: (each.score, each.id))]


def _tile(sight: Sight, pin: PinRecord) -> Json:
    return {
        "id": _global_id("Pin", pin.id),
        "title": pin.title,
        "dominantColor": pin.dominant_color,
        "media": _media(sight, pin.media, 236, with_color=False),
    }


def _comment(sight: Sight, comment: CommentRecord) -> Json:
    return {
        "id": _global_id("Comment", comment.id),
        "text": comment.text,
        "createdAt": _time(comment.created_at),
        "author": _username(sight.user(comment.author_id)),
    }


def _related(sight: Sight, pin: PinRecord) -> Json:
    return {
        "id": _global_id("Pin", pin.id),
        "title": pin.title,
        "creator": _username(sight.user(pin.creator_id)),
        "board": _board_name(sight.board(pin.board_id)),
    }


def _everything(sight: Sight, pin: PinRecord) -> Json:
    return {
        "id": _global_id("Pin", pin.id),
        "entityId": pin.id,
        "title": pin.title,
        "description": pin.description,
        "altText": pin.alt_text,
        "link": pin.link,
        "domain": pin.domain,
        "dominantColor": pin.dominant_color,
        "createdAt": _time(pin.created_at),
        "isRepin": pin.is_repin,
        "creativeType": pin.creative_type,
        "saveCount": pin.save_count,
        "commentCount": pin.comment_count,
        "reactionCount": sum(pin.reaction_counts.values()),
        "hasBeenPromoted": pin.has_been_promoted,
        "revision": pin.revision,
        "creator": _username(sight.user(pin.creator_id)),
        "board": _board_name(sight.board(pin.board_id)),
    }


def _media(sight: Sight, media: PinMedia | None, width: int, *, with_color: bool) -> Json | None:
    if not isinstance(media, ImageMedia):
        return None if media is None else {"__typename": _TYPE_NAMES[type(media)]}
    image = media.image
    shown: dict[str, object] = {"width": image.width, "height": image.height}
    if with_color:
        shown["dominantColor"] = image.dominant_color
    shown["url"] = image_url(image, sight.image_proxy_url, width)
    return {"__typename": "ImageMedia", "image": shown}


def _full_name(user: UserRecord | None) -> Json | None:
    if user is None:
        return None
    return {
        "id": _global_id("User", user.id),
        "username": user.username,
        "fullName": user.full_name,
    }


def _username(user: UserRecord | None) -> Json | None:
    if user is None:
        return None
    return {"id": _global_id("User", user.id), "username": user.username}


def _board_name(board: BoardRecord | None) -> Json | None:
    if board is None:
        return None
    return {"id": _global_id("Board", board.id), "name": board.name}


def _global_id(type_name: str, entity_id: str) -> str:
    return b64encode(f"{type_name}:{entity_id}".encode()).decode("ascii")


def _entity_id(global_id: object) -> Id:
    named = from_global_id(global_id) if isinstance(global_id, str) else None
    if named is None or named.type_name != "Pin":
        raise ValueError("That is not the id of a pin.")
    return named.entity_id


def _time(value: datetime) -> str:
    return f"{value:%Y-%m-%dT%H:%M:%S}.{value.microsecond // 1000:03}Z"


def _first(variables: Mapping[str, object]) -> int:
    first = variables["first"]
    if not isinstance(first, int):
        raise ValueError("`first` must be a number.")
    return first


class Body(msgspec.Struct):
    """A request: an id of a document, or its text, which is an id as good as any here."""

    variables: dict[str, object]
    document_id: str = msgspec.field(name="documentId", default="")
    query: str = ""


class Server:
    """The one route."""

    def __init__(self, environment: Environment, *, cached: bool) -> None:
        self._environment = environment
        self._cached = cached
        self._authenticator = Authenticator(
            issuer="pinery", audience="pinery", secret=environment.secret.encode()
        )
        self._decode = msgspec.json.Decoder(Body).decode
        self._answers = {each.digest: ANSWERS[each.name] for each in WORKLOADS}
        self._answers |= {each.text: ANSWERS[each.name] for each in WORKLOADS}
        self._stores: Stores

    @asynccontextmanager
    async def lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        """Opens the stores, and closes them."""
        mongo = Mongo(
            self._environment.mongo_url,
            database=self._environment.database,
            deadline_ms=MONGO_DEADLINE_MS,
        )
        redis = Redis(
            self._environment.redis_url,
            deadline_ms=REDIS_DEADLINE_MS,
            local_records_mb=LOCAL_RECORDS_MB if self._cached else 0,
        )
        storage = Storage(mongo, redis)
        self._stores = Stores(storage, cached=self._cached)
        tracking = asyncio.create_task(redis.tracking.run())
        yield
        tracking.cancel()
        await asyncio.wait([tracking])
        await storage.close()

    async def answer(self, request: Request) -> Response:
        """One request."""
        viewer = await self._authenticator.viewer(request.headers.get("authorization"))
        body = self._decode(await request.body())
        if viewer.user_id is None:
            return Response(status_code=401)
        sight = Sight(self._stores, viewer, Id(viewer.user_id), self._environment.image_proxy_url)
        data = await self._answers[body.document_id or body.query](sight, body.variables)
        return Response(orjson.dumps({"data": data}), media_type="application/json")


def main() -> None:
    """The program."""
    environment = Environment.read()
    server = Server(environment, cached=os.environ["RECORDS"] == "cached")
    app = Starlette(
        routes=[Route("/graphql", server.answer, methods=["POST"])], lifespan=server.lifespan
    )
    serve(app, environment.port)


if __name__ == "__main__":
    main()
