"""No page of another site may make a browser execute anything (PROTOCOL C1 to C3).

A browser sends such a request only after it has asked us with a preflight, which CORS answers. It
does not ask for what an HTML form could send, so exactly that is refused here.
"""

from typing import Final, NoReturn

from protocol.errors import RequestError
from protocol.incoming import Incoming
from protocol.status import Condition

PREFLIGHT_HEADERS: Final = (
    "graphql-require-preflight",
    "apollo-require-preflight",
    "x-apollo-operation-name",
    "x-requested-with",
)
"""Headers that no form can set; clients send one of them with every GET."""

_NAMES: Final = tuple(name.encode() for name in PREFLIGHT_HEADERS)

_JSON: Final = "application/json"


def check_request(request: Incoming) -> None:
    """Refuses what a browser sends without asking, and bodies that are not plain JSON.

    Raises `RequestError` with 415 for a content type (C1, C3, Q9) or a compressed body, 403 for a
    GET without one of `PREFLIGHT_HEADERS` (C2).
    """
    content_type = _content_type(request)
    if request.method == "POST":
        if content_type != _JSON:
            _refuse_content(f"A POST must have the Content-Type {_JSON}; it {_came(content_type)}.")
        encoding = request.headers.get(b"content-encoding")
        if encoding is not None and encoding.strip().lower() != "identity":
            # A kilobyte of gzip may hold a gigabyte.
            _refuse_content("A body must not be compressed.")
    elif content_type is not None and content_type != _JSON:
        _refuse_content(f"A GET may have the Content-Type {_JSON}; it {_came(content_type)}.")
    elif content_type is None and not any(map(request.headers.get, _NAMES)):
        raise RequestError(
            Condition.FORBIDDEN,
            f"A GET must have the header `{PREFLIGHT_HEADERS[0]}: true` (or one of "
            f"{', '.join(PREFLIGHT_HEADERS[1:])}), so that no other site can send it for you.",
        )


def _content_type(request: Incoming) -> str | None:
    """The media type without parameters, in lower case; several headers are one that is wrong."""
    values = request.headers.all(b"content-type")
    if not values:
        return None
    return values[0].partition(";")[0].strip().lower() if len(values) == 1 else "several"


def _came(content_type: str | None) -> str:
    return "had none" if content_type is None else f"was {content_type[:100]}"


def _refuse_content(message: str) -> NoReturn:
    raise RequestError(Condition.UNSUPPORTED_CONTENT, message)
