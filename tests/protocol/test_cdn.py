"""What a CDN and an app's own cache are told, over the wire (PROTOCOL 6)."""

from collections.abc import AsyncIterator
from typing import NamedTuple

import httpx
import pytest

from domain.boards import BoardPrivacy
from domain.ids import to_global_id
from domain.pins import PinRecord
from domain.users import UserRecord
from storage.embedded import EmbeddedStores
from storage.storage import Storage
from tests.protocol.product import Product, by_hash, hash_of, product, publish
from tests.protocol.wire import GRAPHQL_RESPONSE, JSON, MEDIA_TYPES, answered
from tests.world import World

ORIGIN = "https://app.example.com"

PIN = "query PinPage($id: ID!) { pin(id: $id) { title comments { nodes { text } } } }"
MINE = "query Mine($id: ID!) { pin(id: $id) { title viewerHasSaved } }"

KEPT = "max-age=60, public"
RULED = "max-age=5, public, s-maxage=600, stale-while-revalidate=30"
NEVER = "no-store"


@pytest.fixture(scope="module")
async def shared(stores: EmbeddedStores, prepared: Storage) -> AsyncIterator[Product]:
    """The server of this module. Everybody is charged, as in production."""
    rules = {
        "Ruled": {"max_age_s": 5, "s_maxage_s": 600, "stale_while_revalidate_s": 30},
        "Mine": {"max_age_s": 600, "s_maxage_s": 600},
    }
    async with product(
        stores, prepared, rate_limit_points=2_000, cdn_rules=rules, cors_origins=[ORIGIN]
    ) as served:
        yield served


@pytest.fixture
def server(shared: Product, storage: Storage) -> Product:
    """That server, over stores that are empty at first."""
    return shared


class Shown(NamedTuple):
    """A pin on a public board, and whose it is."""

    ana: UserRecord
    pin: PinRecord
    variables: dict[str, str]


@pytest.fixture
async def shown(world: World) -> Shown:
    """A pin that everybody may see."""
    ana = await world.user("ana")
    pin = await world.pin(await world.board(ana), "A boat")
    return Shown(ana, pin, {"id": to_global_id("Pin", pin.id)})


def vary(response: httpx.Response) -> list[str]:
    """What the answer depends on; nothing is named twice."""
    names = [name.strip() for name in response.headers["vary"].split(",")]
    assert len(names) == len(set(names))
    return sorted(names)


def not_kept(response: httpx.Response, control: str = NEVER) -> None:
    """Asserts that no cache may give the answer again without asking."""
    assert response.headers["cache-control"] == control
    assert "etag" not in response.headers
    assert vary(response) == ["Accept", "Accept-Encoding", "Origin"]


@pytest.mark.row("G1", "G3", "N7")
@pytest.mark.parametrize("accept", MEDIA_TYPES)
async def test_a_public_answer_may_be_kept(server: Product, shown: Shown, accept: str) -> None:
    response = await server.get(query=PIN, variables=shown.variables, accept=accept)
    assert answered(response, accept) == {"pin": {"title": "A boat", "comments": {"nodes": []}}}
    assert response.headers["cache-control"] == KEPT
    assert vary(response) == ["Accept", "Accept-Encoding", "Authorization", "Origin"]
    assert response.headers["etag"].startswith('"')
    assert "set-cookie" not in response.headers


@pytest.mark.row("G1")
async def test_with_a_field_of_the_viewer_it_is_private(server: Product, shown: Shown) -> None:
    for headers in ({}, server.bearer(shown.ana)):
        response = await server.get(query=MINE, variables=shown.variables, headers=headers)
        assert answered(response)["pin"]["viewerHasSaved"] is False
        # A rule of its name does not make it public.
        assert response.headers["cache-control"] == "private, no-cache"


@pytest.mark.row("G1")
async def test_with_credentials_it_is_private(server: Product, shown: Shown) -> None:
    for headers in (server.bearer(shown.ana), {"Cookie": "consent=yes"}):
        response = await server.get(query=PIN, variables=shown.variables, headers=headers)
        assert answered(response)["pin"]["title"] == "A boat"
        assert response.headers["cache-control"] == "max-age=60, private"
        assert "Authorization" in vary(response)


@pytest.mark.row("P4")
async def test_with_errors_it_is_asked_for_each_time(server: Product) -> None:
    response = await server.get(query='query Ruled { pin(id: "x") { title } }')
    assert response.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    not_kept(response, "private, no-cache, must-revalidate")


@pytest.mark.row("G1", "P4")
@pytest.mark.parametrize("accept", MEDIA_TYPES)
@pytest.mark.parametrize(
    "query", ["{ nothing }", "{", "{ __schema { queryType { name } } }", "mutation { nothing }"]
)
async def test_what_is_no_public_data_is_never_kept(
    server: Product, query: str, accept: str
) -> None:
    not_kept(await server.get(query=query, accept=accept, headers={"If-None-Match": "*"}))


@pytest.mark.row("G5")
async def test_a_post_is_never_kept(server: Product, shown: Shown) -> None:
    headers = {"If-None-Match": "*"}
    response = await server.post(query=PIN, variables=shown.variables, headers=headers)
    assert answered(response)["pin"]["title"] == "A boat"
    not_kept(response)


@pytest.mark.row("G2", "G3")
async def test_who_has_it_is_not_sent_it_again(server: Product, shown: Shown, world: World) -> None:
    first = await server.get(query=PIN, variables=shown.variables)
    condition = {"If-None-Match": f'"other", W/{first.headers["etag"]}'}
    again = await server.get(query=PIN, variables=shown.variables, headers=condition)
    assert again.status_code == 304
    assert again.content == b""
    for name in ("cache-control", "etag", "vary"):
        assert again.headers[name] == first.headers[name]
    assert not {"content-type", "content-length"} & set(again.headers)
    await world.comment(shown.pin, shown.ana, "How blue")
    changed = await server.get(query=PIN, variables=shown.variables, headers=condition)
    assert answered(changed)["pin"]["comments"] == {"nodes": [{"text": "How blue"}]}
    assert changed.headers["etag"] != first.headers["etag"]


@pytest.mark.row("G2")
async def test_a_private_answer_may_be_found_unchanged(server: Product, shown: Shown) -> None:
    headers = server.bearer(shown.ana)
    first = await server.get(query=MINE, variables=shown.variables, headers=headers)
    headers |= {"If-None-Match": first.headers["etag"]}
    again = await server.get(query=MINE, variables=shown.variables, headers=headers)
    assert again.status_code == 304
    assert again.headers["cache-control"] == "private, no-cache"


@pytest.mark.row("G2")
async def test_each_media_type_has_its_own_etag(server: Product, shown: Shown) -> None:
    etags = {}
    for accept in MEDIA_TYPES:
        response = await server.get(query=PIN, variables=shown.variables, accept=accept)
        etags[accept] = response.headers["etag"]
    condition = {"If-None-Match": etags[JSON]}
    response = await server.get(
        query=PIN, variables=shown.variables, accept=GRAPHQL_RESPONSE, headers=condition
    )
    assert response.status_code == 200
    assert response.headers["etag"] == etags[GRAPHQL_RESPONSE] != etags[JSON]


@pytest.mark.row("G2")
async def test_equal_answers_are_equal_whoever_is_charged(server: Product, shown: Shown) -> None:
    """The state of somebody's account is no part of what is kept, and POST still tells it."""
    first = await server.get(query=PIN, variables=shown.variables)
    again = await server.get(query=PIN, variables=shown.variables)
    assert again.content == first.content
    assert "throttleStatus" not in first.text
    posted = await server.post(query=PIN, variables=shown.variables)
    assert "throttleStatus" in posted.json()["extensions"]["cost"]


@pytest.mark.row("G4")
async def test_a_rule_gives_public_answers_another_age(server: Product, shown: Shown) -> None:
    query = PIN.replace("PinPage", "Ruled")
    response = await server.get(query=query, variables=shown.variables)
    assert response.headers["cache-control"] == RULED
    headers = server.bearer(shown.ana)
    response = await server.get(query=query, variables=shown.variables, headers=headers)
    assert response.headers["cache-control"] == "max-age=60, private"


@pytest.mark.row("G1", "G2")
async def test_an_answer_by_hash_is_kept_as_that_of_its_text(server: Product, shown: Shown) -> None:
    by = by_hash(hash_of(PIN))
    not_kept(await server.get(variables=shown.variables, extensions=by))  # a miss
    await server.post(query=PIN, variables=shown.variables, extensions=by)
    text = await server.get(query=PIN, variables=shown.variables)
    hashed = await server.get(variables=shown.variables, extensions=by)
    assert hashed.content == text.content
    for name in ("cache-control", "etag", "vary"):
        assert hashed.headers[name] == text.headers[name]
    condition = {"If-None-Match": text.headers["etag"]}
    again = await server.get(variables=shown.variables, extensions=by, headers=condition)
    assert again.status_code == 304


@pytest.mark.row("D9", "G1", "G2", "G4")
async def test_a_document_s_address_is_made_for_a_cdn(
    server: Product, shown: Shown, storage: Storage
) -> None:
    text = PIN.replace("PinPage", "Ruled")
    await publish(storage, text)
    path = f"/graphql/sha256:{hash_of(text)}"
    first = await server.get(path, variables=shown.variables)
    assert answered(first) == {"pin": {"title": "A boat", "comments": {"nodes": []}}}
    assert first.headers["cache-control"] == RULED
    condition = {"If-None-Match": first.headers["etag"]}
    again = await server.get(path, variables=shown.variables, headers=condition)
    assert again.status_code == 304
    assert again.headers["cache-control"] == RULED


async def test_a_stranger_s_answer_is_not_that_of_a_member(
    server: Product, shown: Shown, world: World
) -> None:
    """The same URL, and what it shows depends on who asks: a cache has to keep them apart."""
    query = 'query Board { user(by: {username: "ana"}) { boards { nodes { name } } } }'
    await world.board(shown.ana, "Hidden", privacy=BoardPrivacy.SECRET)
    hers = await server.get(query=query, headers=server.bearer(shown.ana))
    anonymous = await server.get(query=query)
    assert "Hidden" in hers.text
    assert "Hidden" not in anonymous.text
    assert hers.headers["cache-control"] == "max-age=60, private"
    assert anonymous.headers["cache-control"] == KEPT
    assert "Authorization" in vary(anonymous)
    condition = {**server.bearer(shown.ana), "If-None-Match": anonymous.headers["etag"]}
    assert (await server.get(query=query, headers=condition)).status_code == 200


class TestCompressed:
    """Answers that are large enough to be worth it (N8)."""

    @pytest.fixture
    async def large(self, shown: Shown, world: World) -> dict[str, str]:
        """The variables of a pin with much to say about it."""
        for _ in range(10):
            await world.comment(shown.pin, shown.ana, "How blue " * 50)
        return shown.variables

    @pytest.mark.row("G2", "N8")
    async def test_it_has_an_etag_of_its_own(self, server: Product, large: dict[str, str]) -> None:
        plain = await server.get(query=PIN, variables=large, headers={"Accept-Encoding": "br"})
        packed = await server.get(query=PIN, variables=large, headers={"Accept-Encoding": "gzip"})
        assert packed.headers["content-encoding"] == "gzip"
        assert "content-encoding" not in plain.headers
        assert packed.json() == plain.json()
        assert packed.headers["etag"] == plain.headers["etag"][:-1] + '-gzip"'
        assert vary(packed) == vary(plain)
        assert "Accept-Encoding" in vary(plain)

    @pytest.mark.row("G2")
    @pytest.mark.parametrize("had", ["gzip", "identity"])
    @pytest.mark.parametrize("accepts", ["gzip", "identity"])
    async def test_it_is_found_unchanged_in_either_form(
        self, server: Product, large: dict[str, str], had: str, accepts: str
    ) -> None:
        first = await server.get(query=PIN, variables=large, headers={"Accept-Encoding": had})
        etag = first.headers["etag"]
        assert etag.endswith('-gzip"') == (had == "gzip")
        condition = {"Accept-Encoding": accepts, "If-None-Match": f"W/{etag}"}
        again = await server.get(query=PIN, variables=large, headers=condition)
        assert again.status_code == 304
        assert again.content == b""
        assert "content-encoding" not in again.headers
        assert vary(again) == vary(first)
        # It names what the client has, as long as the client may be sent that.
        plain = etag.replace("-gzip", "")
        assert again.headers["etag"] == (etag if accepts == "gzip" else plain)

    @pytest.mark.row("G3")
    async def test_what_is_too_small_depends_on_it_too(self, server: Product) -> None:
        for encoding in ("gzip", "identity"):
            response = await server.get(
                query="{ __typename }", headers={"Accept-Encoding": encoding}
            )
            assert "content-encoding" not in response.headers
            assert "Accept-Encoding" in vary(response)
