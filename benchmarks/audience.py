"""Who asks in a comparison, and for what: chosen from a demo world, the same in every run."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Final

import httpx
from rich.progress import Progress

from benchmarks.contestants import Grounds
from benchmarks.workloads import WORKLOADS, Audience, Question
from domain.documents import AppVersion, NewDocument, OperationKind
from domain.record import Id
from domain.viewer import EVERY_SCOPE
from protocol.authentication import Authenticator
from protocol.publishing import publish
from storage.keys import CACHED
from storage.mongo import Mongo
from storage.redis import Redis
from storage.storage import Storage
from worlds.demo import DEMO_VIEWERS, build_demo

VIEWERS: Final = 40
_AT_ONCE: Final = 4
_LIFETIME: Final = timedelta(days=1)
_PATIENCE_S: Final = 30.0


async def build_world(grounds: Grounds, *, users: int, pins: int) -> None:
    """Fills the database, unless it is full, and publishes the documents of all workloads."""
    async with _Opened(grounds) as storage:
        await storage.prepare()
        with Progress(transient=True) as progress:
            await build_demo(storage.mongo, users=users, pins=pins, progress=progress)
        await publish_workloads(storage)


async def publish_workloads(storage: Storage) -> None:
    """Makes the documents of all workloads known to Pinery by their ids."""
    documents = [NewDocument(each.text, each.name, OperationKind.QUERY) for each in WORKLOADS]
    await publish(storage.documents, documents, AppVersion("benchmarks", "1"))


def tokens_of(grounds: Grounds, user_ids: Iterable[Id]) -> list[str]:
    """Bearer tokens of some users."""
    signer = Authenticator(issuer="pinery", audience="pinery", secret=grounds.secret.encode())
    return [signer.mint(each, EVERY_SCOPE, _LIFETIME) for each in user_ids]


async def gather_audience(grounds: Grounds, port: int, *, viewers: int = VIEWERS) -> Audience:
    """The audience, after Pinery, at a port, has taken a session of each viewer's feed."""
    async with _Opened(grounds) as storage:
        ids, usernames = await _choose(storage, viewers)
    tokens = tokens_of(grounds, ids)
    pins = await _look_around(port, tokens)
    return Audience(tokens, usernames, pins)


async def renew_feeds(grounds: Grounds, port: int, audience: Audience) -> None:
    """Has Pinery find again what all servers read and none but Pinery makes.

    Sessions of feeds, and lists of related pins, which end after an hour.
    """
    async with _Opened(grounds) as storage:
        await storage.redis.clear(tuple(each for each in CACHED if each.startswith("related")))
    deep = next(each for each in WORKLOADS if each.name == "deep_feed")
    places = asyncio.Semaphore(_AT_ONCE)

    async def ask(question: Question) -> None:
        async with places:
            await ask_one(http, question, {"documentId": deep.digest})

    async with _client(port) as http:
        await asyncio.gather(*map(ask, deep.questions(audience)))


async def ask_one(
    http: httpx.AsyncClient, question: Question, document: dict[str, str]
) -> dict[str, object]:
    """The data of one answer. Raises `ValueError` for an answer that is none, or has errors."""
    answer = await http.post(
        "/graphql",
        json={**document, "variables": question.variables},
        headers={"Authorization": f"Bearer {question.token}"},
    )
    body = answer.json() if answer.is_success else {}
    if "errors" in body or not isinstance(body.get("data"), dict):
        raise ValueError(f"{answer.status_code}: {answer.text[:500]}")
    data: dict[str, object] = body["data"]
    return data


async def _choose(storage: Storage, viewers: int) -> tuple[list[Id], list[str]]:
    """Viewers, the well-known ones first, and users with several boards whose profiles they see."""
    known = [each.username for each in DEMO_VIEWERS]
    users = storage.mongo.collection("users")
    active = {"status": "ACTIVE", "username": {"$nin": known}}
    others = await users.find(active, {"_id": 1}, sort=[("_id", 1)], limit=viewers).to_list(None)
    ids = [*(await storage.users.ids_by_username(known)).values(), *(row["_id"] for row in others)]
    famous = await users.find(
        {"status": "ACTIVE", "board_count": {"$gte": 5}},
        {"username": 1},
        sort=[("follower_count", -1), ("_id", 1)],
        limit=viewers,
    ).to_list(None)
    return ids[:viewers], [row["username"] for row in famous]


async def _look_around(port: int, tokens: Sequence[str]) -> list[str]:
    """The pins that some viewers are shown in their feeds."""
    feed = next(each for each in WORKLOADS if each.name == "home_feed")
    shown: dict[str, None] = {}
    async with _client(port) as http:
        for token in tokens:
            data = await ask_one(http, Question(token, {"first": 25}), {"query": feed.text})
            shown |= dict.fromkeys(_ids_in(data))
    return sorted(shown)


def _ids_in(data: dict[str, object]) -> list[str]:
    match data:
        case {"viewer": {"homeFeed": {"edges": list(edges)}}}:
            return [edge["node"]["id"] for edge in edges if edge["node"]]
    raise ValueError("That is not a feed.")


def _client(port: int) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=_PATIENCE_S)


class _Opened:
    """The stores, open."""

    def __init__(self, grounds: Grounds) -> None:
        self._grounds = grounds

    async def __aenter__(self) -> Storage:
        patient_ms = 60_000
        mongo = Mongo(
            self._grounds.mongo_url, database=self._grounds.database, deadline_ms=patient_ms
        )
        self._storage = Storage(mongo, Redis(self._grounds.redis_url, deadline_ms=patient_ms))
        return self._storage

    async def __aexit__(self, *_: object) -> None:
        await self._storage.close()
