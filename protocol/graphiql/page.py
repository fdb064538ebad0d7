"""The page that browsers are shown at the endpoint, and the files that it loads.

Everything comes from our own origin, and the page's policy lets nothing else in. No word of a
request is written into the page (PROTOCOL 13).
"""

import html
import re
from pathlib import Path
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from protocol.compression import accepts_gzip
from protocol.graphiql.build import DIST

_CONTENT_SECURITY_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "worker-src 'self'",
        # Monaco makes <style> elements for the colours of its text.
        "style-src 'self' 'unsafe-inline'",
        # GraphiQL's style brings its fonts with it.
        "font-src 'self' data:",
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)

_NOSNIFF: Final = {"X-Content-Type-Options": "nosniff"}

_PAGE_HEADERS: Final = {
    **_NOSNIFF,
    "Content-Security-Policy": _CONTENT_SECURITY_POLICY,
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Vary": "Accept",
}

_ASSET_HEADERS: Final = {
    **_NOSNIFF,
    # The name of an asset holds a hash of its content.
    "Cache-Control": "public, max-age=31536000, immutable",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Vary": "Accept-Encoding",
}

# Not from `mimetypes`: what that knows differs from one machine to the next.
_MEDIA_TYPES: Final = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".ttf": "font/ttf",
    ".txt": "text/plain",
}

_ASSET_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,99}")

_NOT_BUILT: Final = """<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>Pinery</title>
    <style>
      body { max-width: 40rem; margin: 15vh auto; padding: 0 1rem; font: 17px/1.6 system-ui, sans-serif }
      code { padding: .15em .4em; border-radius: .3em; background: #8883; font-size: .95em }
    </style>
  </head>
  <body>
    <h1>GraphiQL is not built yet</h1>
    <p>The endpoint works: POST a query to it. To explore the schema here, run</p>
    <p><code>python -m protocol.graphiql.build</code></p>
    <p>and load this page again. It needs Node 20 or newer, and is done once.</p>
  </body>
</html>
"""  # noqa: E501  # a line of CSS


class GraphiQLPage:
    """Serves GraphiQL for the endpoint at the path `endpoint`.

    With `demo_viewers`, people can sign in as users of the demo world, whom the page gets from
    `{endpoint}/demo-viewers`: a JSON list of `{"username", "fullName", "token"}`. The first of them
    is signed in to begin with. `dist` is what `protocol.graphiql.build` made.
    """

    def __init__(
        self, *, endpoint: str = "/graphql", demo_viewers: bool = False, dist: Path = DIST
    ) -> None:
        self._assets = f"{endpoint}/assets"
        self._dist = dist
        self._words = {
            "%ASSETS%": html.escape(self._assets),
            "%ENDPOINT%": html.escape(endpoint),
            "%DEMO_VIEWERS%": "data-demo-viewers" if demo_viewers else "",
        }

    async def response(self, _request: Request) -> Response:
        """The page: 200; 503, and a word on how to build it, while it is not built."""
        try:
            page = await run_in_threadpool((self._dist / "index.html").read_text, encoding="utf-8")
        except FileNotFoundError:
            return HTMLResponse(_NOT_BUILT, 503, headers=_PAGE_HEADERS)
        for name, word in self._words.items():
            page = page.replace(name, word)
        return HTMLResponse(page, headers=_PAGE_HEADERS)

    def routes(self) -> list[BaseRoute]:
        """Where the files of the page are; to stand before a route that takes all paths."""
        return [Route(f"{self._assets}/{{name}}", self._asset)]

    async def _asset(self, request: Request) -> Response:
        """A file of the page; 404 for any name that the build did not make."""
        name: str = request.path_params["name"]
        media_type = _MEDIA_TYPES.get(Path(name).suffix)
        if media_type is None or not _ASSET_NAME.fullmatch(name):
            return _not_found()
        asset = self._dist / "assets" / name
        if accepts_gzip(request.scope):
            compressed = asset.with_name(f"{name}.gz")
            if await run_in_threadpool(compressed.is_file):
                headers = {**_ASSET_HEADERS, "Content-Encoding": "gzip"}
                return FileResponse(compressed, headers=headers, media_type=media_type)
        if await run_in_threadpool(asset.is_file):
            return FileResponse(asset, headers=_ASSET_HEADERS, media_type=media_type)
        return _not_found()


def _not_found() -> Response:
    headers = {**_NOSNIFF, "Cache-Control": "no-store"}
    return PlainTextResponse("There is no such file.", 404, headers=headers)
