"""Search over pins, boards, users and topics: relevance, then id."""

from asyncio import gather
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any, ClassVar

import msgspec

from domain.errors import BadUserInput, InvalidCursor
from domain.ids import is_entity_id
from domain.record import Id
from loaders.base import BatchLoader
from loaders.boards import BoardByIdLoader
from loaders.pins import PinByIdLoader
from loaders.topics import TopicByIdLoader
from loaders.users import UserByIdLoader
from resolvers.connections import PageInfo, window
from resolvers.context import Info
from resolvers.declared import batch
from storage.search import Hit, SearchKind, rank

MAX_QUERY = 200
MAX_DEPTH = 1_000

_LOADERS: Mapping[SearchKind, type[BatchLoader[Id, Any]]] = {
    SearchKind.PIN: PinByIdLoader,
    SearchKind.BOARD: BoardByIdLoader,
    SearchKind.USER: UserByIdLoader,
    SearchKind.TOPIC: TopicByIdLoader,
}


class SearchHit(msgspec.Struct, frozen=True):
    """One result at its place, counted from 1, in the search of that fingerprint."""

    hit: Hit
    place: int
    search: str


class SearchPage(msgspec.Struct, frozen=True):
    """A page of results."""

    edges: list[SearchHit]
    page_info: PageInfo[SearchHit]
    total_count: ClassVar[None] = None


class _Cursor(msgspec.Struct, frozen=True, array_like=True):
    """A place in the results: the hit, by value, and how many stand before and at it."""

    search: str
    kind: SearchKind
    id: str
    score: float
    place: int


async def search(
    _root: None,
    info: Info,
    query: str,
    types: list[SearchKind] | None,
    first: int | None,
    after: str | None,
) -> SearchPage:
    """The best results of all kinds that were asked for, searched side by side."""
    words = query.strip()
    if not 1 <= len(words) <= MAX_QUERY:
        raise BadUserInput(f"`query` must have 1–{MAX_QUERY} characters; it had {len(words)}.")
    kinds = list(dict.fromkeys(types or SearchKind))
    fingerprint = _fingerprint(words, kinds)
    start = None if after is None else _decode(after, fingerprint)
    place = 0 if start is None else start.place
    limit = min(window(first, None, None, None).limit, MAX_DEPTH - place)
    hits = await _find(info, words, kinds, limit + 1, start) if place < MAX_DEPTH else []
    edges = [SearchHit(hit, place + i, fingerprint) for i, hit in enumerate(hits[:limit], start=1)]
    has_more = len(hits) > limit and place + limit < MAX_DEPTH
    return SearchPage(
        await _visible(info, edges),
        PageInfo(
            has_next_page=has_more,
            has_previous_page=after is not None,
            ends=(edges[0], edges[-1]) if edges else None,
            cursor_of=cursor,
        ),
    )


def cursor(edge: SearchHit) -> str:
    """The place of a result."""
    payload = msgspec.json.encode(
        _Cursor(edge.search, edge.hit.kind, edge.hit.id, edge.hit.score, edge.place)
    )
    return urlsafe_b64encode(payload).rstrip(b"=").decode("ascii")


def kind(edge: SearchHit) -> SearchKind:
    """What kind of thing was found."""
    return edge.hit.kind


def score(edge: SearchHit) -> float:
    """How well it fits."""
    return edge.hit.score


@batch
async def node(edges: Sequence[SearchHit], info: Info) -> list[Any]:
    """What was found."""
    return await _records(info, edges)


@batch
async def nodes(pages: Sequence[SearchPage], info: Info) -> list[list[Any]]:
    """What was found, without places."""
    return list(await gather(*(_records(info, page.edges) for page in pages)))


async def _find(
    info: Info, words: str, kinds: list[SearchKind], limit: int, start: _Cursor | None
) -> list[Hit]:
    after = None if start is None else Hit(start.kind, Id(start.id), start.score)
    store = info.context.loaders.storage.search
    found = await gather(*(store.find(kind, words, limit, after) for kind in kinds))
    return sorted((hit for hits in found for hit in hits), key=rank, reverse=True)[:limit]


async def _visible(info: Info, edges: list[SearchHit]) -> list[SearchHit]:
    """The edges without hidden results: a page may so become shorter than was asked for."""
    records = await _records(info, edges)
    return [edge for edge, record in zip(edges, records, strict=True) if record is not None]


async def _records(info: Info, edges: Sequence[SearchHit]) -> list[Any]:
    loaders = info.context.loaders
    return list(await gather(*(loaders(_LOADERS[e.hit.kind]).load(e.hit.id) for e in edges)))


def _fingerprint(words: str, kinds: list[SearchKind]) -> str:
    """What a cursor must belong to: the same words in the same kinds of things."""
    return blake2b(f"{sorted(kinds)} {words}".encode(), digest_size=6).hexdigest()


def _decode(text: str, fingerprint: str) -> _Cursor:
    try:
        raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
        place = msgspec.json.decode(raw, type=_Cursor)
    except (ValueError, Base64Error, msgspec.MsgspecError):
        raise InvalidCursor("The cursor is not one that a search gave out.") from None
    if place.search != fingerprint:
        raise InvalidCursor("The cursor belongs to another search.")
    if not is_entity_id(place.id) or not 0 < place.place <= MAX_DEPTH:
        raise InvalidCursor("The cursor is not one that a search gave out.")
    return place
