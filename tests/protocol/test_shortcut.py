"""The path of nearly all requests goes to its endpoint at once, and nowhere else."""

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route

from protocol.shortcut import Shortcut
from tests.client import serving


def _app() -> Starlette:
    async def routed(_request: Request) -> PlainTextResponse:
        return PlainTextResponse("routed")

    return Starlette(
        routes=[Route("/graphql", routed), Route("/graphql/{id}", routed)],
        middleware=[Middleware(Shortcut, path="/graphql", endpoint=PlainTextResponse("at once"))],
    )


async def _said(app: Starlette, path: str, method: str = "GET") -> tuple[int, str]:
    async with serving(app) as url, httpx.AsyncClient() as http:
        response = await http.request(method, url + path)
        return response.status_code, response.text


@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
async def test_its_path_is_taken_at_once_whatever_the_method(method: str) -> None:
    assert await _said(_app(), "/graphql", method) == (200, "at once")
    assert await _said(_app(), "/graphql?a=b", method) == (200, "at once")


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/graphql/1", (200, "routed")),
        ("/graphql/", (307, "")),
        ("/graphqls", (404, "Not Found")),
        ("/GraphQL", (404, "Not Found")),
    ],
)
async def test_every_other_path_is_for_the_routes(path: str, answer: tuple[int, str]) -> None:
    assert await _said(_app(), path) == answer


async def test_under_a_prefix_the_router_finds_it() -> None:
    mounted = Starlette(routes=[Mount("/api", _app())])
    assert await _said(mounted, "/api/graphql") == (200, "routed")
