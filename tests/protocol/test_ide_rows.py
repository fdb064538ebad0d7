"""GraphiQL as the real server serves it (PROTOCOL 13); how it works is in `test_graphiql`."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest

from protocol.graphiql import build
from storage.embedded import EmbeddedStores
from storage.storage import Storage
from tests.protocol.product import Product, product
from tests.protocol.wire import JSON, answered, refused

HTML = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.fixture(scope="module")
async def server(stores: EmbeddedStores, prepared: Storage) -> AsyncIterator[Product]:
    """The server of this module, with its page."""
    async with product(stores, prepared) as served:
        yield served


async def page(server: Product, path: str = "/graphql") -> httpx.Response:
    """The page as a browser asks for it: without any header of ours."""
    response = await server.http.get(path, headers=HTML)
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    return response


@pytest.mark.row("IDE1")
@pytest.mark.parametrize(
    "accept", [None, "*/*", JSON, f"{JSON}, text/html;q=0.9", "text/html;q=0, */*"]
)
async def test_ide1_only_who_asks_for_html_gets_it(server: Product, accept: str | None) -> None:
    assert answered(await server.get(query="{ __typename }", accept=accept))
    await page(server)


@pytest.mark.row("IDE1", "Q7")
async def test_ide1_the_page_executes_nothing(server: Product, calls: list[str]) -> None:
    response = await page(server, "/graphql?query=%7Btopic(by:%7Bkey:%22food%22%7D)%7Bname%7D%7D")
    assert "data" not in response.text[:1]
    assert calls == []


@pytest.mark.row("IDE1")
async def test_ide1_production_has_none_unless_it_is_told_to(
    stores: EmbeddedStores, storage: Storage
) -> None:
    production = {"env": "production", "allowed_hosts": ("127.0.0.1",)}
    async with product(stores, storage, **production) as served:
        refused(
            await served.http.get("/graphql", headers={"Accept": "text/html"}), 406, "BAD_REQUEST"
        )
        assert (await served.http.get("/graphql/demo-viewers")).status_code >= 400
    async with product(stores, storage, **production, graphiql=True) as served:
        await page(served)
        assert (await served.http.get("/graphql/demo-viewers")).status_code >= 400


@pytest.mark.row("IDE2")
async def test_ide2_all_that_the_page_loads_is_ours_and_there(server: Product) -> None:
    if not build.is_up_to_date():
        pytest.skip("GraphiQL is not built: python -m protocol.graphiql.build")
    text = (await page(server)).text
    loaded = re.findall(r'(?:src|href)="([^"]+)"', text)
    assert len(loaded) >= 2
    for path in loaded:
        assert path.startswith("/graphql/assets/")
        assert (await server.http.get(path)).status_code == 200
    assert "//" not in text.replace("<!-- ", "")


@pytest.mark.row("IDE3")
async def test_ide3_nobody_frames_the_page_and_nothing_comes_in(server: Product) -> None:
    response = await page(server)
    policy = response.headers["content-security-policy"].split("; ")
    assert {"default-src 'none'", "frame-ancestors 'none'", "script-src 'self'"} <= set(policy)
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["cache-control"] == "no-store"


@pytest.mark.row("IDE4")
async def test_ide4_no_word_of_a_request_is_in_the_page(server: Product) -> None:
    plain = (await page(server)).text
    word = "<script>alert(1)</script>"
    asked = await server.http.get(
        "/graphql",
        params={"query": word, "variables": word, "operationName": word, word: word},
        headers={**HTML, "Referer": word, "User-Agent": word, "X-Forwarded-Host": "evil.example"},
    )
    assert asked.text == plain


@pytest.mark.row("IDE5", "C4")
async def test_ide5_what_the_page_runs_sends_our_header() -> None:
    """A browser shows it in `test_graphiql`; here it is so in what is built, browser or not."""
    source = (build.HOME / "src" / "fetcher.js").read_text()
    assert "'graphql-require-preflight': 'true'" in source
