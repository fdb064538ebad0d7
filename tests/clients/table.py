"""Which client was tried with which convention: `python -m tests.clients.table` prints the table.

A test says which cells it is about:

    @tried("urql", "text by POST", "errors")

The table in `docs/clients.md` must be this one.
"""

import json
import pkgutil
from collections.abc import Callable
from importlib import import_module
from typing import Final, TypeVar

from tests.clients import node

Test = TypeVar("Test", bound=Callable[..., object])

CLIENTS: Final = {
    "Apollo Client": "@apollo/client",
    "urql": "@urql/core",
    "Relay": "relay-runtime",
    "graphql-codegen": "@graphql-codegen/client-preset",
    "Apollo Kotlin": None,
    "Apollo iOS": None,
}
"""The clients, and the package that each is. Those without one are replayed."""

CONVENTIONS: Final = (
    "text by POST",
    "APQ by POST",
    "APQ by GET",
    "APQ off",
    "trusted by POST",
    "trusted by GET",
    "refused in `only`",
    "errors",
    "pages",
    "types",
)
"""What a client may do."""

_cells: dict[tuple[str, str], str] = {}


def tried(client: str, *conventions: str) -> Callable[[Test], Test]:
    """Says that a test runs a client with some conventions."""
    for convention in conventions:
        if client not in CLIENTS or convention not in CONVENTIONS:
            raise ValueError(f"The table has no cell for {client}, {convention}.")
        _cells[client, convention] = "✓" if CLIENTS[client] else "↻"
    return lambda test: test


def cells() -> dict[tuple[str, str], str]:
    """Every cell that a test of this package is about, by client and convention."""
    package = import_module("tests.clients")
    for module in pkgutil.iter_modules(package.__path__):
        if module.name.startswith("test_"):
            import_module(f"{package.__name__}.{module.name}")
    return dict(_cells)


def markdown() -> str:
    """The table, with the versions that `package.json` names."""
    found = cells()
    lines = [f"| | {' | '.join(CONVENTIONS)} |", f"|---|{'---|' * len(CONVENTIONS)}"]
    for client in CLIENTS:
        row = [found.get((client, convention), "–") for convention in CONVENTIONS]
        lines.append(f"| {_label(client)} | {' | '.join(row)} |")
    return "\n".join(lines) + "\n"


def _label(client: str) -> str:
    package = CLIENTS[client]
    versions = json.loads((node.HOME / "package.json").read_text("utf-8"))["dependencies"]
    return client if package is None else f"{client} {versions[package]}"


if __name__ == "__main__":
    # Tests add their cells to the module of this name, which is not the one that is run.
    print(import_module("tests.clients.table").markdown(), end="")
