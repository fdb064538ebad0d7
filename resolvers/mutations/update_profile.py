"""`updateProfile`: what the viewer says of themselves, and is called."""

from typing import Protocol

import msgspec

from domain.media import Image
from domain.record import Id
from domain.texts import ABOUT, BUSINESS_NAME, FULL_NAME
from domain.user_errors import UserErrorCode
from domain.users import AccountType, UserRecord, edited
from domain.viewer import Scope
from resolvers.inputs import Input, is_given
from resolvers.mutation import MutationInput, Payload, Write, mutation
from resolvers.revisions import check_revision
from storage.transactions import Gone, Transaction
from storage.uploads import use_upload


class UpdateProfileInput(MutationInput, Protocol):
    """What is to change: what is omitted stays as it is."""

    username: str | None
    full_name: str | None
    about: str | None
    website_url: str | None
    avatar_upload: str | None
    account_type: AccountType | None
    business_name: str | None
    expected_revision: int | None


class UpdateProfilePayload(Payload, frozen=True, kw_only=True):
    """The viewer as they are now."""

    user: UserRecord | None = None


@mutation(UpdateProfilePayload, scopes=(Scope.USER_ACCOUNTS_WRITE,))
async def update_profile(write: Write, input: UpdateProfileInput) -> UpdateProfilePayload:
    """A new username is good at once, and the old one is free for anybody."""
    check = Input()
    changes = check.changes(
        username=check.username(input.username, "username"),
        full_name=check.text(input.full_name, "fullName", FULL_NAME),
        about=check.text(input.about, "about", ABOUT),
        website_url=check.link(input.website_url, "websiteUrl"),
        business_name=check.text(input.business_name, "businessName", BUSINESS_NAME),
    )
    changes |= _new_account_type(check, input)
    upload_id = check.id("MediaUpload", input.avatar_upload, "avatarUpload")
    check.done()
    username: str | None = changes.get("username")

    async def update(tx: Transaction) -> UpdateProfilePayload:
        check = Input()
        me = await tx.get(UserRecord, write.me.id)
        if me is None:
            raise Gone(UserRecord, write.me.id)
        if username is not None and await write.storage.users.has_other(tx, username, me.id):
            check.refuse(UserErrorCode.TAKEN, "Somebody else is called that.", "username")
        account_type = changes.get("account_type", me.account_type)
        if changes.get("business_name") and account_type is not AccountType.BUSINESS:
            message = "Only a business has a business name; this account is a person's."
            check.refuse(UserErrorCode.NOT_ALLOWED, message, "businessName")
        avatar = await _new_avatar(check, tx, input, me.id, upload_id)
        check.done()
        check_revision(me, input.expected_revision)
        after = edited(me, changes | avatar)
        if after != me:
            after = msgspec.structs.replace(after, revision=me.revision + 1)
            await tx.change_all([(me, after)])
        return UpdateProfilePayload(user=after)

    # Whoever asks for the same name waits, and then finds it taken.
    turns = (write.me.id, *([f"username {username}"] if username else []))
    return await write.commit(update, turns=turns)


def _new_account_type(check: Input, input: UpdateProfileInput) -> dict[str, AccountType]:
    if not is_given(input.account_type):
        return {}
    if input.account_type is None:
        message = "It must be PINNER or BUSINESS; it was null."
        check.refuse(UserErrorCode.BLANK, message, "accountType")
        return {}
    return {"account_type": input.account_type}


async def _new_avatar(
    check: Input, tx: Transaction, input: UpdateProfileInput, user_id: Id, upload_id: Id | None
) -> dict[str, Image | None]:
    """The picture of an upload, None to take the old one away, or nothing to leave it."""
    if not is_given(input.avatar_upload):
        return {}
    if upload_id is None:
        return {"avatar": None}
    image = await use_upload(tx, upload_id, user_id, check.path("avatarUpload"))
    if isinstance(image, Image):
        return {"avatar": image}
    check.refuse(image.code, image.message, "avatarUpload")
    return {}
