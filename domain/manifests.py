"""Manifests: the operations of an app as its build tools write them down (PROTOCOL D3).

Two forms are read. Apollo's says what it is:

    {"format": "apollo-persisted-query-manifest", "version": 1,
     "operations": [{"id": …, "name": …, "type": …, "body": …}]}

Those of Relay's compiler and of graphql-codegen are a map from id to text.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple, TypeAlias

from domain.documents import LONGEST_ID, SHA256_PREFIX, canonical_id, sha256_of

MOST_BYTES: Final = 10_000_000
MOST_OPERATIONS: Final = 10_000
LONGEST_TEXT_BYTES: Final = 100_000

_FORMAT: Final = "apollo-persisted-query-manifest"
_VERSION: Final = 1
_LONGEST_QUOTE: Final = 60

Json: TypeAlias = "Mapping[str, Json] | list[Json] | str | int | float | bool | None"


class ManifestEntry(NamedTuple):
    """One operation: its canonical id, its text, and its name when the manifest tells it."""

    id: str
    text: str
    name: str | None = None


class InvalidManifest(Exception):
    """What is wrong with a manifest: every mistake, with its place."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


def read_manifest(content: bytes) -> list[ManifestEntry]:
    """The operations of a manifest, in its order. Raises `InvalidManifest`."""
    if len(content) > MOST_BYTES:
        raise InvalidManifest([f"A manifest may have {MOST_BYTES:,} bytes; this one has more."])
    operations = list(_operations(_parsed(content)))
    if not operations:
        raise InvalidManifest(["The manifest has no operations."])
    if len(operations) > MOST_OPERATIONS:
        raise InvalidManifest(
            [f"A manifest may have {MOST_OPERATIONS:,} operations, not {len(operations):,}."]
        )
    mistakes: list[str] = []
    entries = [_entry(each, mistakes) for each in operations]
    _refuse_shared_ids(operations, entries, mistakes)
    if mistakes:
        raise InvalidManifest(mistakes)
    return [entry for entry in entries if entry is not None]


class _Object(dict[str, Json]):
    """A JSON object that remembers which keys it had twice."""

    def __init__(self, pairs: list[tuple[str, Json]]) -> None:
        super().__init__(pairs)
        self.repeated: list[str] = []
        if len(self) < len(pairs):
            self.repeated = [key for key, n in Counter(key for key, _ in pairs).items() if n > 1]


class _Operation(NamedTuple):
    """An operation as it stands in the manifest, and the places of its id and text."""

    id: Json
    text: Json
    name: Json
    id_at: str
    text_at: str


def _parsed(content: bytes) -> "_Object":
    try:
        value: Json = json.loads(content.decode("utf-8-sig"), object_pairs_hook=_Object)
    except UnicodeDecodeError as error:
        raise InvalidManifest([f"The manifest is not UTF-8: byte {error.start:,}."]) from None
    except json.JSONDecodeError as error:
        raise InvalidManifest(
            [f"The manifest is not JSON: {error.msg} (line {error.lineno}, column {error.colno})."]
        ) from None
    except RecursionError:
        raise InvalidManifest(["The manifest is nested too deeply."]) from None
    except ValueError:  # Python reads no integer of more than 4,300 digits
        raise InvalidManifest(["The manifest has a number of too many digits."]) from None
    if not isinstance(value, _Object):
        raise InvalidManifest([f"The manifest must be a JSON object; it was {_quoted(value)}."])
    return value


def _operations(manifest: _Object) -> Iterator[_Operation]:
    if "format" not in manifest and "operations" not in manifest:
        _refuse_repeated(manifest)
        for key, text in manifest.items():
            place = _quoted(key)
            yield _Operation(key, text, None, place, place)
        return
    for name, expected in (("format", _FORMAT), ("version", _VERSION)):
        actual = manifest.get(name)
        if actual != expected or isinstance(actual, bool):
            raise InvalidManifest([f"{name}: expected {expected!r}; it was {_quoted(actual)}."])
    _refuse_repeated(manifest)
    operations = manifest.get("operations")
    if not isinstance(operations, list):
        raise InvalidManifest([f"operations: expected a list; it was {_quoted(operations)}."])
    for number, operation in enumerate(operations):
        place = f"operations[{number}]"
        if not isinstance(operation, _Object):
            raise InvalidManifest([f"{place}: expected an object; it was {_quoted(operation)}."])
        yield _Operation(
            operation.get("id"),
            operation.get("body"),
            operation.get("name"),
            f"{place}.id",
            f"{place}.body",
        )


def _refuse_repeated(manifest: _Object) -> None:
    if manifest.repeated:
        raise InvalidManifest([f"{_quoted(key)}: stands here twice." for key in manifest.repeated])


def _entry(operation: _Operation, mistakes: list[str]) -> ManifestEntry | None:
    """The entry of an operation, or None for one with mistakes, which join the others."""
    known = canonical_id(operation.id) if isinstance(operation.id, str) else None
    if known is None:
        mistakes.append(
            f"{operation.id_at}: expected `{SHA256_PREFIX}` and 64 lower-case hexadecimal digits, "
            f"or at most {LONGEST_ID} letters, digits, `_`, `.` and `-`; "
            f"it was {_quoted(operation.id)}."
        )
    if (wrong := _what_is_wrong(operation.text)) is not None:
        mistakes.append(f"{operation.text_at}: {wrong}")
    elif known is not None:
        text = str(operation.text)
        expected = SHA256_PREFIX + sha256_of(text)
        if known == expected or not known.startswith(SHA256_PREFIX):
            name = operation.name if isinstance(operation.name, str) else None
            return ManifestEntry(known, text, name or None)
        mistakes.append(
            f"{operation.id_at}: expected the hash of the text, {expected}; it was {known}."
        )
    return None


def _what_is_wrong(text: Json) -> str | None:
    """Why a text cannot be stored; None when it can."""
    if not isinstance(text, str) or not text.strip():
        return f"expected the text of an operation; it was {_quoted(text)}."
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        return "has half a surrogate pair, which is no character."
    if size > LONGEST_TEXT_BYTES:
        return f"may have {LONGEST_TEXT_BYTES:,} bytes, not {size:,}."
    return None


def _refuse_shared_ids(
    operations: list[_Operation], entries: list[ManifestEntry | None], mistakes: list[str]
) -> None:
    """Adds the ids that name two texts. A text may come twice: tools repeat what is shared."""
    first: dict[str, tuple[str, str]] = {}
    for operation, entry in zip(operations, entries, strict=True):
        if entry is not None:
            text, place = first.setdefault(entry.id, (entry.text, operation.id_at))
            if text != entry.text:
                mistakes.append(f"{operation.id_at}: names another text than {place}.")


def _quoted(value: Json) -> str:
    """A value in a message: short, and without anything that a terminal would obey."""
    if value is None:
        return "missing"
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, list):
        return "a list"
    text = value if isinstance(value, str) else str(value)
    return repr(text[:_LONGEST_QUOTE] + "…" if len(text) > _LONGEST_QUOTE else text)
