"""The rows of our protocol, and which tests are marked with them.

A row is one requirement on what goes over the wire. A test says which ones it is about:

    @pytest.mark.row("Q7", "C2")

One case of a parametrised test says it with `pytest.param(…, marks=pytest.mark.row("S4"))`, a whole
file with `pytestmark = pytest.mark.row("D4")`. Markers are read from the source, so the answer is
the same whichever tests run, and in however many processes.
"""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple, TypeGuard

REQUESTS: Final = {
    "Q1": "POST of application/json, whatever its case and parameters",
    "Q2": "all parameters; null is absent; unknown keys are ignored",
    "Q3": "a parameter or a body of a wrong type is 4xx",
    "Q4": "bytes, numbers and nesting that Python chokes on are never 5xx",
    "Q5": "GET with its parameters; an empty optional one is absent",
    "Q6": "malformed JSON in a URL is 400",
    "Q7": "GET never executes a mutation: 405 and Allow",
    "Q8": "other methods are 405 and Allow",
    "Q9": "an unsupported content type is 415",
    "Q10": "a repeated parameter is refused",
}

NEGOTIATION: Final = {
    "N1": "both media types, by q-values and in the client's order",
    "N2": "an ordinary result is one JSON body whatever else Accept lists",
    "N3": "only an operation that streams is answered with a stream",
    "N4": "an Accept that we cannot meet is 406",
    "N5": "every error is a GraphQL response in JSON",
    "N6": "a request error has no data key",
    "N7": "Vary: Accept",
    "N8": "large answers are compressed when asked",
}

STATUS: Final = {
    "S1": "success is 200",
    "S2": "data with errors is 200",
    "S3": "data that is null after execution is 200",
    "S4": "JSON that does not parse is 400",
    "S5": "a syntax error is 400, and 200 as application/json",
    "S6": "what is not well-formed is 400",
    "S7": "validation, operation and coercion are 400, and 200 as application/json",
    "S8": "a mutation by GET or another method is 405",
    "S9": "a content type is 415",
    "S10": "an Accept is 406",
    "S11": "too large is 413, 414 or 431",
    "S12": "unauthenticated is 401, a forbidden transport 403",
    "S13": "overload is 503 and Retry-After",
    "S14": "a miss of a persisted query is 200",
    "S15": "a caller's mistake found while executing has a code of its own",
    "S16": "a bug is masked; validation errors and the words of persisted queries are not",
}

FORGERY: Final = {
    "C1": "what needs no preflight executes nothing",
    "C2": "a GET needs a header that no form can set",
    "C3": "a GET of another content type is 415",
    "C4": "our own page sends that header",
    "C5": "uploads are refused",
    "C6": "other origins are not let in",
    "C7": "WebSockets are refused",
}

AUTOMATIC: Final = {
    "P1": "version and hash; further keys are tolerated",
    "P2": "a miss: one error, in exactly these words",
    "P3": "a miss is 200 in both media types",
    "P4": "a miss, and whatever has errors, is not cacheable",
    "P5": "a hash that is not the text's is 400 and stores nothing",
    "P6": "stored only when valid, for a time, and up to a size",
    "P7": "a malformed hash is refused and never reaches the store",
    "P8": "registration by POST and by GET",
    "P9": "switched off it says so in exactly these words",
    "P10": "a store that fails is a miss; processes share one",
    "P11": "mutations by POST only, also by hash",
    "P12": "a hash inside a batch is no way around",
    "P13": "parsed and validated once per hash",
}

TRUSTED: Final = {
    "D1": "documentId by POST and GET",
    "D2": "what each client sends names the same document",
    "D3": "manifests of every tool are imported",
    "D4": "no remote persisting unless it is on",
    "D5": "an unknown id: one error, no data, not cacheable",
    "D6": "trusted only: text is refused",
    "D7": "documentId and query together are refused",
    "D8": "a mutation by GET is 405, also by id",
    "D9": "the path /graphql/sha256:<hex>",
    "D10": "trusted documents are free of the limits for strangers",
    "D11": "an id of a wrong type or length is 4xx, and nothing is looked up",
    "D12": "the order of parameters does not matter",
}

CACHING: Final = {
    "G1": "Cache-Control on every GET: the least that any field allows",
    "G2": "a strong ETag, and 304",
    "G3": "Vary, and no Set-Cookie",
    "G4": "stale answers may be served as the configuration says",
    "G5": "POST answers are no-store",
}

BATCHES: Final = {
    "B1": "batches are off",
    "B2": "an empty array is 400",
    "B3": "whatever an array holds executes nothing",
    "B4": "ten operations in an array are refused",
}

LIMITS: Final = {
    "T1": "the body, by its declared length",
    "T2": "the body, in chunks",
    "T3": "a compressed body is 415",
    "T4": "tokens, before parsing",
    "T5": "aliases",
    "T6": "root fields",
    "T7": "depth, with the steps of a connection as one",
    "T8": "directives",
    "T9": "operations",
    "T10": "cost, with page sizes",
    "T11": "pages of at most 100",
    "T12": "errors reported",
    "T13": "time to execute",
    "T14": "no message suggests a name in production",
    "T15": "linear limiters: no abuse takes long, and the server outlives it",
    "T16": "depth of variables",
}

BROWSER: Final = {
    "IDE1": "for text/html and not for */*",
    "IDE2": "from our own origin only, and it works without any other",
    "IDE3": "the policy lets nobody frame it and nothing in; nosniff",
    "IDE4": "no word of a request is in the page",
    "IDE5": "it sends our header against forgery",
}

SCHEMA: Final = {
    "L1": "Node, node and nodes; null for ids that name nothing",
    "L2": "connections, edges and PageInfo; forward paging",
    "L3": "a list of several types pages without doubles or gaps",
    "L4": "every object with an id is a Node",
    "L5": "ids are unique across types",
    "L6": "mutations return what they changed",
    "L8": "custom scalars say where they are specified",
}
"""L7 and L9 are about compilers of clients, and nothing of them goes over the wire."""

ROWS: Final[Mapping[str, str]] = {
    **REQUESTS,
    **NEGOTIATION,
    **STATUS,
    **FORGERY,
    **AUTOMATIC,
    **TRUSTED,
    **CACHING,
    **BATCHES,
    **LIMITS,
    **BROWSER,
    **SCHEMA,
}
"""Every row, by its id."""


class Marked(NamedTuple):
    """A row, and the place in the tests that names it."""

    row: str
    place: str


class StrayMarker(ValueError):
    """A marker that is on no test, case or file, or whose rows are not written out."""


def marked_in(directory: Path) -> Iterator[Marked]:
    """The markers of all test files below a directory. Raises `StrayMarker`."""
    for path in sorted(directory.rglob("test_*.py")):
        yield from marked(path.read_text("utf-8"), str(path.relative_to(directory)))


def marked(source: str, name: str) -> Iterator[Marked]:
    """The markers of one test file. Raises `StrayMarker`."""
    tree = ast.parse(source)
    placed = set[ast.AST]()
    for node in ast.walk(tree):
        for call in _on_a_test(node):
            placed.add(call.func)
            yield from _rows(call, name)
    for node in ast.walk(tree):
        if _is_row(node) and node not in placed:
            raise StrayMarker(f"{name}:{node.lineno}: a row is marked on a test, a param or a file")


def _on_a_test(node: ast.AST) -> Iterator[ast.Call]:
    """The calls of the marker with which a node marks a test, a case or a file."""
    found: list[ast.expr] = []
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
        found = node.decorator_list
    elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "pytestmark":
        found = node.value.elts if isinstance(node.value, ast.List) else [node.value]
    elif isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.param":
        found = [each.value for each in node.keywords if each.arg == "marks"]
    yield from (each for each in found if isinstance(each, ast.Call) and _is_row(each.func))


def _rows(call: ast.Call, name: str) -> Iterator[Marked]:
    for argument in call.args:
        if not isinstance(argument, ast.Constant) or not isinstance(argument.value, str):
            raise StrayMarker(f"{name}:{argument.lineno}: a row must be written out")
        yield Marked(argument.value, f"{name}:{call.lineno}")


def _is_row(node: ast.AST) -> TypeGuard[ast.Attribute]:
    return isinstance(node, ast.Attribute) and ast.unparse(node) == "pytest.mark.row"
