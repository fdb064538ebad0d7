"""One line per request, with an id that leads to it, and with nothing private."""

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from protocol.access_log import AccessLog
from tests.client import serving
from tests.protocol.conftest import Logs
from tests.protocol.example import example_token
from tests.protocol.wire import Wire

HEADER = "X-Request-Id"


async def test_one_line_per_request(wire: Wire, logs: Logs) -> None:
    response = await wire.post("query Greet { hello }")
    [line] = logs
    assert line["event"] == "request"
    assert line["log_level"] == "info"
    assert line["method"] == "POST"
    assert line["path"] == "/graphql"
    assert line["status"] == 200
    assert line["operation"] == "Greet"
    assert line["request_id"] == response.headers[HEADER]
    assert line["ms"] >= 0


@pytest.mark.parametrize("query", ["{", "{ unknown }", "{ broken }"])
async def test_every_kind_of_answer_has_its_line(wire: Wire, logs: Logs, query: str) -> None:
    await wire.post(query)
    await wire.http.put("/graphql")
    assert [each["status"] for each in logs if each["event"] == "request"] == [200, 405]


async def test_lines_of_one_request_share_its_id_and_those_of_the_next_do_not(
    wire: Wire, logs: Logs
) -> None:
    first = await wire.post("query Fails { broken }")
    second = await wire.post("{ broken }")
    by_id = {
        response.headers[HEADER]: [
            each["event"] for each in logs if each["request_id"] == response.headers[HEADER]
        ]
        for response in (first, second)
    }
    assert list(by_id.values()) == [["field_failed", "request"]] * 2
    assert [each.get("operation") for each in logs] == ["Fails", "Fails", None, None]


@pytest.mark.parametrize("sane", ["a", "0f-_.Z", "x" * 64, "65f0c0ff-ee65-40c0-8fee-65f0c0ffee65"])
async def test_a_sane_id_is_kept(wire: Wire, logs: Logs, sane: str) -> None:
    response = await wire.post("{ hello }", headers={HEADER: sane})
    assert response.headers[HEADER] == sane
    assert logs[0]["request_id"] == sane


@pytest.mark.parametrize(
    "insane", ["", "x" * 65, "a b", "a\tb", "<script>", "a,b", "ä", "${jndi:ldap://x}", "a%0d%0ab"]
)
async def test_an_insane_id_is_replaced(wire: Wire, logs: Logs, insane: str) -> None:
    headers = [(HEADER.encode(), insane.encode())]
    response = await wire.http.post("/graphql", json={"query": "{ hello }"}, headers=headers)
    given = response.headers[HEADER]
    assert given != insane
    assert len(given) == 32
    assert logs[0]["request_id"] == given
    assert insane == "" or insane not in repr(logs)


async def test_new_ids_differ(wire: Wire) -> None:
    ids = {(await wire.post("{ hello }")).headers[HEADER] for _ in range(5)}
    assert len(ids) == 5


async def test_nothing_private_is_logged(wire: Wire, logs: Logs) -> None:
    secrets = {
        "variable": "ada@example.org",
        "literal": "bob@example.org",
        "cookie": "a-session-cookie",
        "header": "a-private-header",
        "url": "carol@example.org",
        "name": "dave-example-org",
    }
    token = example_token()
    query = f'query($name: String!) {{ hello(name: $name) b: hello(name: "{secrets["literal"]}") }}'
    headers = {
        "Authorization": f"Bearer {token}",
        "Cookie": secrets["cookie"],
        "X-Private": secrets["header"],
    }
    await wire.post(query, variables={"name": secrets["variable"]}, headers=headers)
    await wire.post(query, variables={"name": [secrets["variable"]]}, headers=headers)
    await wire.post(query, operationName=secrets["name"], headers=headers)
    await wire.get({"query": f'{{ hello(name: "{secrets["url"]}") }}'})
    await wire.get({"query": "{ hello }", "variables": secrets["url"]})
    assert len(logs) == 5
    written = repr(logs)
    for secret in (*secrets.values(), *token.split(".")[1:]):
        assert secret not in written


async def test_probes_are_logged_quietly(wire: Wire, logs: Logs) -> None:
    await wire.http.get("/healthz")
    assert [each["log_level"] for each in logs] == ["debug"]


async def test_other_paths_are_logged_too(wire: Wire, logs: Logs) -> None:
    assert (await wire.http.get("/elsewhere?token=private")).status_code == 404
    [line] = logs
    assert (line["path"], line["status"]) == ("/elsewhere", 404)
    assert "private" not in repr(logs)


async def test_a_failure_of_the_application_is_logged_as_500(logs: Logs) -> None:
    async def fail(_request: Request) -> Response:
        raise RuntimeError("A bug.")

    app = Starlette(routes=[Route("/", fail)], middleware=[Middleware(AccessLog)])
    async with serving(app) as url, httpx.AsyncClient() as http:
        assert (await http.get(url)).status_code == 500
    assert [each["status"] for each in logs] == [500]
