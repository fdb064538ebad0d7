"""Writes the folders that an importer reads."""

import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

Row = dict[str, Any] | str | bytes
"""A row as JSON, or a line as it is."""

ALICE = {"id": "a", "username": "alice", "created_at": "2024-01-01T10:00:00Z"}
BERT = {"id": "b", "username": "bert", "created_at": "2024-01-02T10:00:00Z"}
SOUPS = {"id": "soups", "owner": "a", "name": "Soups"}
DINNER = {"id": "dinner", "owner": "b", "name": "Dinner", "created_at": "2024-01-03T10:00:00Z"}
BROTH = {
    "id": "broth",
    "creator": "a",
    "board": "soups",
    "title": "Broth",
    "link": "https://www.Example.org/broth",
    "created_at": "2024-02-01T10:00:00Z",
}


def write_world(folder: Path, **files: Sequence[Row]) -> Path:
    """Writes one file for each argument: `users=[...]` and so on."""
    folder.mkdir(parents=True, exist_ok=True)
    for kind, rows in files.items():
        lines = b"".join(_line(row) + b"\n" for row in rows)
        (folder / f"{kind}.jsonl.gz").write_bytes(gzip.compress(lines, mtime=0))
    return folder


def small_world(folder: Path, **more: Sequence[Row]) -> Path:
    """Alice has a board with a pin and Bert a board; `more` rows follow in each file."""
    base: dict[str, list[Row]] = {
        "users": [ALICE, BERT],
        "boards": [SOUPS, DINNER],
        "pins": [BROTH],
    }
    for kind, rows in more.items():
        base.setdefault(kind, []).extend(rows)
    return write_world(folder, **base)


def _line(row: Row) -> bytes:
    if isinstance(row, bytes):
        return row
    return (row if isinstance(row, str) else json.dumps(row, ensure_ascii=False)).encode()
