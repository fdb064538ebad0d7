"""Lua scripts: what Redis does in one step that nobody else can get between.

A script reads and writes the keys that it is given and no others, so that a cluster knows which
node runs it.
"""

from collections.abc import Sequence
from hashlib import sha1
from typing import Any

from redis.exceptions import NoScriptError

from storage.redis import Client


class Script:
    """A script, sent by its hash; and whole to a server that does not know it yet."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._digest = sha1(text.encode(), usedforsecurity=False).hexdigest()

    async def run(
        self, client: Client, keys: Sequence[str], arguments: Sequence[int | bytes]
    ) -> Any:
        """What the script returns. Raises what redis-py raises."""
        given = (len(keys), *keys, *arguments)
        try:
            return await client.evalsha(self._digest, *given)
        except NoScriptError:
            return await client.eval(self._text, *given)
