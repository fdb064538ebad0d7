"""Leads the path that nearly all requests have to its endpoint, without a look at the routes.

Starlette tries one pattern after the other, and wraps what it finds in a handler of exceptions. An
endpoint that answers every failure by itself needs neither.
"""

from starlette.types import ASGIApp, Receive, Scope, Send


class Shortcut:
    """Sends HTTP requests for exactly `path` to `endpoint`, and all others on.

    The router should know the path, too: behind a proxy that serves this application under a prefix
    of its own, it is for the router to take it off.
    """

    def __init__(self, app: ASGIApp, *, path: str, endpoint: ASGIApp) -> None:
        self._app = app
        self._path = path
        self._endpoint = endpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] == "http" and scope["path"] == self._path and not scope.get("root_path"):
            await self._endpoint(scope, receive, send)
        else:
            await self._app(scope, receive, send)
