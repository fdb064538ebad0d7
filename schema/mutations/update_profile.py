"""`updateProfile`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import strawberry

from domain.users import AccountType
from resolvers.mutations import update_profile as answers
from schema.fields import attribute, input_type, object_type
from schema.payload import EXPECTED_REVISION, MutationInput, Payload

if TYPE_CHECKING:
    from schema.user import User


@input_type(description="What is to change. What is omitted stays; null takes away.")
class UpdateProfileInput(MutationInput):
    username: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="The unique name: 3–30 of `a-z`, `0-9` and `_`, and not digits alone. "
        "The old one is free at once.",
    )
    full_name: str | None = strawberry.field(
        default=strawberry.UNSET, description="The name as it is shown; 1–100 characters."
    )
    about: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="What the viewer says about themselves; up to 500 characters.",
    )
    website_url: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="Their website. On another host than `verifiedWebsite`, it is not verified.",
    )
    avatar_upload: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="Their picture: an upload that has SUCCEEDED."
    )
    account_type: AccountType | None = strawberry.field(
        default=strawberry.UNSET,
        description="Person or business. A business that becomes a person loses `businessName`.",
    )
    business_name: str | None = strawberry.field(
        default=strawberry.UNSET, description="The name of a business; up to 100 characters."
    )
    expected_revision: int | None = strawberry.field(default=None, description=EXPECTED_REVISION)


@object_type(answers.UpdateProfilePayload, description="What `updateProfile` gives.")
class UpdateProfilePayload(Payload):
    user: User | None = attribute("The viewer as they are now.")
