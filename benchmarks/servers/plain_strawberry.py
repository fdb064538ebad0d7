"""Strawberry as an ordinary, competent team writes it.

    python -m benchmarks.servers.plain_strawberry

Classes with async resolvers, a `DataLoader` for each kind of thing, Strawberry's own ASGI view with
its caches of parsed and validated documents, and orjson. No record is cached.
"""

from base64 import b64decode, b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from enum import Enum
from typing import Annotated, Any, NewType, Self

import jwt
import orjson
import strawberry
from bson import ObjectId
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase
from redis.asyncio import Redis
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.extensions import ParserCache, ValidationCache
from strawberry.schema.config import StrawberryConfig
from strawberry.types.info import Info as StrawberryInfo
from strawberry.types.scalar import ScalarDefinition

from benchmarks.servers.plain_loaders import Document, Loaders
from benchmarks.servers.serving import Environment, persisted_texts, serve
from domain.images import image_url
from domain.media import Image as Picture


class Context:
    """What resolvers have at hand."""

    def __init__(self, loaders: Loaders, image_proxy_url: str) -> None:
        self.loaders = loaders
        self.image_proxy_url = image_proxy_url


Info = StrawberryInfo[Context, None]
Color = NewType("Color", str)
Url = NewType("Url", str)


@strawberry.enum
class BoardPrivacy(Enum):
    PUBLIC = "PUBLIC"
    PROTECTED = "PROTECTED"
    SECRET = "SECRET"


@strawberry.enum
class CreativeType(Enum):
    REGULAR = "REGULAR"
    VIDEO = "VIDEO"
    SHOPPING = "SHOPPING"
    CAROUSEL = "CAROUSEL"
    MAX_VIDEO = "MAX_VIDEO"
    COLLECTION = "COLLECTION"
    IDEA = "IDEA"
    SHOWCASE = "SHOWCASE"
    QUIZ = "QUIZ"
    COLLAGE = "COLLAGE"
    MAX_WIDTH_REGULAR_COLLECTION = "MAX_WIDTH_REGULAR_COLLECTION"
    MAX_WIDTH_VIDEO_COLLECTION = "MAX_WIDTH_VIDEO_COLLECTION"


@strawberry.type
class Image:
    width: int
    height: int
    dominant_color: Color | None
    source_url: strawberry.Private[str]

    @classmethod
    def of(cls, document: Document) -> Self:
        return cls(
            width=document["width"],
            height=document["height"],
            dominant_color=document["dominant_color"],
            source_url=document["source_url"],
        )

    @strawberry.field
    def url(self, info: Info, width: int | None = None) -> Url:
        picture = Picture(source_url=self.source_url, width=self.width, height=self.height)
        return Url(image_url(picture, info.context.image_proxy_url, width))


@strawberry.type
class ImageMedia:
    image: Image


@strawberry.type
class VideoMedia:
    video_url: Url


@strawberry.type
class MultiImageMedia:
    size: int


@strawberry.type
class MultiVideoMedia:
    size: int


@strawberry.type
class MixedMedia:
    size: int


PinMedia = Annotated[
    ImageMedia | VideoMedia | MultiImageMedia | MultiVideoMedia | MixedMedia,
    strawberry.union("PinMedia"),
]


def media_of(document: Document) -> PinMedia:
    match document["kind"]:
        case "image":
            return ImageMedia(image=Image.of(document["image"]))
        case "video":
            return VideoMedia(video_url=document["video_url"])
        case "images":
            return MultiImageMedia(size=len(document["items"]))
        case "videos":
            return MultiVideoMedia(size=len(document["items"]))
    return MixedMedia(size=len(document["items"]))


@strawberry.type
class User:
    id: strawberry.ID
    username: str
    full_name: str
    about: str | None
    follower_count: int
    entity_id: strawberry.Private[ObjectId]

    @classmethod
    def of(cls, document: Document) -> Self:
        return cls(
            id=global_id("User", document["_id"]),
            username=document["username"],
            full_name=document["full_name"],
            about=document["about"],
            follower_count=document["follower_count"],
            entity_id=document["_id"],
        )

    @strawberry.field
    async def boards(self, info: Info, first: int = 25) -> "BoardConnection":
        boards = await info.context.loaders.boards_by_owner.load((self.entity_id, first))
        return BoardConnection(edges=[BoardEdge(node=Board.of(board)) for board in boards])


@strawberry.type
class Board:
    id: strawberry.ID
    name: str
    privacy: BoardPrivacy
    pin_count: int
    entity_id: strawberry.Private[ObjectId]

    @classmethod
    def of(cls, document: Document) -> Self:
        return cls(
            id=global_id("Board", document["_id"]),
            name=document["name"],
            privacy=BoardPrivacy(document["privacy"]),
            pin_count=document["pin_count"],
            entity_id=document["_id"],
        )

    @strawberry.field
    async def pins(self, info: Info, first: int = 25) -> "PinConnection":
        pins = await info.context.loaders.pins_by_board.load((self.entity_id, first))
        return PinConnection(edges=[PinEdge(node=Pin.of(pin)) for pin in pins])


@strawberry.type
class BoardEdge:
    node: Board | None


@strawberry.type
class BoardConnection:
    edges: list[BoardEdge]


@strawberry.type
class Pin:
    id: strawberry.ID
    entity_id: str
    title: str | None
    description: str | None
    alt_text: str | None
    link: Url | None
    domain: str | None
    dominant_color: Color | None
    created_at: datetime
    is_repin: bool
    creative_type: CreativeType | None
    save_count: int
    comment_count: int
    reaction_count: int
    has_been_promoted: bool
    revision: int
    document: strawberry.Private[Document]

    @classmethod
    def of(cls, document: Document) -> Self:
        creative_type = document["creative_type"]
        return cls(
            id=global_id("Pin", document["_id"]),
            entity_id=str(document["_id"]),
            title=document["title"],
            description=document["description"],
            alt_text=document["alt_text"],
            link=document["link"],
            domain=document["domain"],
            dominant_color=document["dominant_color"],
            created_at=document["created_at"],
            is_repin=document["is_repin"],
            creative_type=CreativeType(creative_type) if creative_type else None,
            save_count=document["save_count"],
            comment_count=document["comment_count"],
            reaction_count=sum(document["reaction_counts"].values()),
            has_been_promoted=document["has_been_promoted"],
            revision=document["revision"],
            document=document,
        )

    @strawberry.field
    def media(self) -> PinMedia | None:
        media = self.document["media"]
        return media_of(media) if media else None

    @strawberry.field
    async def creator(self, info: Info) -> User | None:
        return await user_by_id(info, self.document["creator_id"])

    @strawberry.field
    async def owner(self, info: Info) -> User | None:
        return await user_by_id(info, self.document["owner_id"])

    @strawberry.field
    async def board(self, info: Info) -> Board | None:
        board = await info.context.loaders.boards.load(self.document["board_id"])
        return Board.of(board) if board else None

    @strawberry.field
    async def comments(self, info: Info, first: int = 25) -> "CommentConnection":
        key = (self.document["_id"], first)
        comments = await info.context.loaders.comments_by_pin.load(key)
        return CommentConnection(edges=[CommentEdge(node=Comment.of(each)) for each in comments])

    @strawberry.field
    async def related(self, info: Info, first: int = 25) -> "PinConnection":
        key = (self.document["root_id"], first)
        pins = await info.context.loaders.related_by_root.load(key)
        return PinConnection(edges=[PinEdge(node=Pin.of(pin)) for pin in pins])


@strawberry.type
class PinEdge:
    node: Pin | None


@strawberry.type
class PinConnection:
    edges: list[PinEdge]


@strawberry.type
class Comment:
    id: strawberry.ID
    text: str
    created_at: datetime
    author_id: strawberry.Private[ObjectId]

    @classmethod
    def of(cls, document: Document) -> Self:
        return cls(
            id=global_id("Comment", document["_id"]),
            text=document["text"],
            created_at=document["created_at"],
            author_id=document["author_id"],
        )

    @strawberry.field
    async def author(self, info: Info) -> User | None:
        return await user_by_id(info, self.author_id)


@strawberry.type
class CommentEdge:
    node: Comment | None


@strawberry.type
class CommentConnection:
    edges: list[CommentEdge]


@strawberry.type
class PromotedPin:
    slot_id: strawberry.ID


FeedItem = Annotated[Pin | PromotedPin, strawberry.union("FeedItem")]


@strawberry.type
class FeedEdge:
    position: int
    node: FeedItem | None


@strawberry.type
class PageInfo:
    has_next_page: bool


@strawberry.type
class FeedConnection:
    edges: list[FeedEdge]
    page_info: PageInfo


@strawberry.type
class Viewer:
    @strawberry.field
    async def home_feed(
        self, info: Info, first: int = 25, include_promoted: bool = True
    ) -> FeedConnection:
        pins, has_more = await info.context.loaders.home_feed(first)
        return FeedConnection(
            edges=[FeedEdge(position=2 * index + 1, node=Pin.of(pin)) for index, pin in pins],
            page_info=PageInfo(has_next_page=has_more),
        )


@strawberry.input
class UserBy:
    username: str


@strawberry.type
class Query:
    @strawberry.field
    def viewer(self) -> Viewer:
        return Viewer()

    @strawberry.field
    async def user(self, info: Info, by: UserBy) -> User | None:
        user = await info.context.loaders.users_by_name.load(by.username.lower())
        return User.of(user) if user else None

    @strawberry.field
    async def pin(self, info: Info, id: strawberry.ID) -> Pin | None:
        pin = await info.context.loaders.pins.load(entity_id(id))
        return Pin.of(pin) if pin else None

    @strawberry.field
    async def pins(self, info: Info, ids: list[strawberry.ID]) -> list[Pin | None]:
        pins = await info.context.loaders.pins.load_many([entity_id(id) for id in ids])
        return [Pin.of(pin) if pin else None for pin in pins]


async def user_by_id(info: Info, id: ObjectId) -> User | None:
    user = await info.context.loaders.users.load(id)
    return User.of(user) if user else None


def global_id(type_name: str, id: ObjectId) -> strawberry.ID:
    return strawberry.ID(b64encode(f"{type_name}:{id}".encode()).decode())


def entity_id(id: strawberry.ID) -> ObjectId:
    return ObjectId(b64decode(id).decode().partition(":")[2])


def write_time(value: datetime) -> str:
    written = value.astimezone(UTC).isoformat(timespec="milliseconds")
    return written.replace("+00:00", "Z")


SCALARS: dict[object, ScalarDefinition] = {
    datetime: strawberry.scalar(name="DateTime", serialize=write_time),
    Url: strawberry.scalar(name="URL"),
    Color: strawberry.scalar(name="Color"),
}

schema = strawberry.Schema(
    Query,
    extensions=[ParserCache, ValidationCache],
    config=StrawberryConfig(scalar_map=SCALARS),
)


class View(GraphQL[Context, None]):
    """Strawberry's view, with persisted documents and orjson."""

    def __init__(self, environment: Environment) -> None:
        super().__init__(schema, graphql_ide=None)
        self._environment = environment
        self._texts = persisted_texts()
        self._database: AsyncDatabase[Document]
        self._redis: Redis

    @asynccontextmanager
    async def lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        mongo: AsyncMongoClient[Document] = AsyncMongoClient(
            self._environment.mongo_url, tz_aware=True
        )
        self._database = mongo[self._environment.database]
        self._redis = Redis.from_url(self._environment.redis_url)
        yield
        await mongo.close()
        await self._redis.aclose()

    async def get_context(
        self, request: Request | WebSocket, response: Response | WebSocket
    ) -> Context:
        token = request.headers["authorization"].removeprefix("Bearer ")
        claims = jwt.decode(
            token, self._environment.secret, ["HS256"], audience="pinery", issuer="pinery"
        )
        loaders = Loaders(self._database, self._redis, claims["sub"])
        return Context(loaders, self._environment.image_proxy_url)

    async def get_root_value(self, request: Request | WebSocket) -> None:
        return None

    def decode_json(self, data: str | bytes) -> object:
        body = orjson.loads(data)
        if "documentId" in body:
            body["query"] = self._texts[body.pop("documentId")]
        return body

    def encode_json(self, data: Any) -> bytes:
        return orjson.dumps(data)


def main() -> None:
    """The program."""
    environment = Environment.read()
    view = View(environment)
    serve(Starlette(routes=[Route("/graphql", view)], lifespan=view.lifespan), environment.port)


if __name__ == "__main__":
    main()
