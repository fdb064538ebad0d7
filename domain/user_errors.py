"""What a mutation answers when its input cannot be done: data for a form (DOMAIN g.7).

A mutation collects everything that is wrong with its input, then raises `Refused` once. Nothing was
written when it does. The `field` of an error is the path to it from the argument: `("input",
"title")`, or `("input", "ids", "3")` within a list.
"""

from enum import StrEnum

import msgspec

Path = tuple[str, ...]


class UserErrorCode(StrEnum):
    """What is wrong (DOMAIN b.5)."""

    NOT_FOUND = "NOT_FOUND"
    NOT_ALLOWED = "NOT_ALLOWED"
    TOO_LONG = "TOO_LONG"
    BLANK = "BLANK"
    INVALID = "INVALID"
    TAKEN = "TAKEN"
    LIMIT_EXCEEDED = "LIMIT_EXCEEDED"
    CONFLICT = "CONFLICT"


class InputError(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="input"):
    """One thing that is wrong with an input; `message` is for the person who filled it in."""

    code: UserErrorCode
    message: str
    field: Path | None = None


class ConflictError(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="conflict"):
    """Somebody else changed the object first: read it again, at `current_revision`."""

    code: UserErrorCode = UserErrorCode.CONFLICT
    message: str
    field: Path | None = None
    current_revision: int


UserError = InputError | ConflictError


class Refused(Exception):
    """A mutation whose input cannot be done; `errors` has all that is wrong, at least one."""

    def __init__(self, *errors: UserError) -> None:
        super().__init__("; ".join(error.message for error in errors))
        self.errors = errors
