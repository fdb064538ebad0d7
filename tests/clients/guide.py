"""Reads `docs/clients.md`: its blocks are the files of a small app, its table is what was tried.

    ```js title="src/apollo/client.js"

is a file, which the tests run. What cannot be run here says so:

    ```swift not-run
"""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from tests.clients import node

ROOT: Final = node.HOME.parents[1]
GUIDE: Final = ROOT / "docs" / "clients.md"

_BLOCK: Final = re.compile(r"^```(?P<info>[^\n]+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_TITLE: Final = re.compile(r'title="(?P<path>[\w./-]+)"')
_TABLE: Final = re.compile(r"<!-- table -->\n(?P<table>.*?)<!-- /table -->", re.DOTALL)


class Block(NamedTuple):
    """A block of code: its language, its file unless it is not run, and its text."""

    language: str
    path: str | None
    is_run: bool
    text: str


def blocks() -> Iterator[Block]:
    """The blocks of the guide, in order."""
    for found in _BLOCK.finditer(GUIDE.read_text("utf-8")):
        language, _, rest = found["info"].partition(" ")
        title = _TITLE.fullmatch(rest)
        yield Block(language, title and title["path"], rest != "not-run", found["text"])


def files() -> dict[str, str]:
    """The files of the guide's app, by their paths."""
    return {block.path: block.text for block in blocks() if block.path is not None}


def table() -> str:
    """The table of what was tried, as it stands in the guide."""
    found = _TABLE.search(GUIDE.read_text("utf-8"))
    return found["table"] if found else ""


def section(title: str) -> str:
    """The text below a heading, up to the next one of its level."""
    return GUIDE.read_text("utf-8").partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def lay_out(folder: Path) -> None:
    """Makes the app in an empty folder, with the packages, the schema and the tests' scripts."""
    for path, text in files().items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")
    (folder / "package.json").write_text('{ "private": true, "type": "module" }\n', "utf-8")
    (folder / "node_modules").symlink_to(node.PACKAGES, target_is_directory=True)
    shutil.copy(ROOT / "schema.graphql", folder)
    for script in node.SCRIPTS.iterdir():
        shutil.copy(script, folder)
