"""What every mutation takes and gives, beside what is its own."""

from __future__ import annotations

import strawberry

from domain import user_errors
from domain.user_errors import UserErrorCode
from protocol.cost import Cost, ListSize
from schema.enums import declare_enum
from schema.fields import attribute, interface, object_type

UNDO_TOKEN = "For `undo`, which takes this back: good for ten minutes, for the viewer alone."

EXPECTED_REVISION = (
    "The revision that the viewer saw: if there is a newer one, nothing is changed, and a "
    "`ConflictError` tells it. Without it the last edit wins."
)

ERROR_POLICY = "What happens to the others when one cannot be done."

declare_enum(
    UserErrorCode,
    "What is wrong with an input.",
    {
        "NOT_FOUND": "An id names nothing that the viewer may see.",
        "NOT_ALLOWED": "The viewer sees it, and may not do this to it.",
        "TOO_LONG": "A text has too many characters.",
        "BLANK": "A text is missing that must be there.",
        "INVALID": "A value has the wrong form.",
        "TAKEN": "Somebody else has the name.",
        "LIMIT_EXCEEDED": "There would be too many.",
        "CONFLICT": "Somebody else changed it first: read it again.",
    },
)


@interface(description="One thing that cannot be done as the input asks. Nothing was written.")
class UserError:
    code: UserErrorCode = attribute("What is wrong. Expect new values.")
    message: str = attribute("The same in words, for the person who filled it in.")
    field: list[str] | None = attribute(
        "The path to what is wrong, from the argument `input`; null if it is no single field."
    )


@object_type(user_errors.InputError, description="Something is wrong with the input.")
class InputError(UserError):
    pass


@object_type(
    user_errors.ConflictError,
    description="Somebody else changed the object since `expectedRevision` was read.",
)
class ConflictError(UserError):
    current_revision: int = attribute("The revision that the object has now.")


@strawberry.input
class MutationInput:
    """What every input has."""

    client_mutation_id: str | None = strawberry.field(
        default=None, description="Given back as it is, for clients that match answers by it."
    )


@strawberry.type
class Payload:
    """What every payload has."""

    user_errors: list[UserError] = attribute(
        "Why nothing was done: everything that is wrong at once. Empty when it was done.",
        cost=Cost(size=ListSize(10)),
    )
    client_mutation_id: str | None = attribute("The input's `clientMutationId`.")
