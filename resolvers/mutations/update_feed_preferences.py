"""`updateFeedPreferences`: what the viewer's home feed begins with, and what ads may do (c.2.5)."""

from typing import Final, Protocol

import msgspec

from domain.preferences import (
    MAX_HIDDEN_ADVERTISERS,
    MAX_HOME_TOPICS,
    PreferencesRecord,
    with_advertisers,
)
from domain.record import Id
from domain.topics import TopicRecord
from domain.user_errors import UserErrorCode
from domain.users import UserRecord
from domain.viewer import Scope, Viewer
from resolvers.context import Info
from resolvers.inputs import Input, is_given
from resolvers.mutation import MutationInput, Payload, Write, mutation
from storage.transactions import Transaction

MAX_AT_ONCE: Final = 100
"""Advertisers that one request hides or shows."""


class UpdateFeedPreferencesInput(MutationInput, Protocol):
    """What is to change: what is omitted stays as it is."""

    topic_ids: list[str] | None
    hide_advertiser_ids: list[str] | None
    unhide_advertiser_ids: list[str] | None
    personalized_ads: bool | None


class UpdateFeedPreferencesPayload(Payload, frozen=True, kw_only=True):
    """Nothing of its own: the viewer's preferences are loaded anew."""


@mutation(UpdateFeedPreferencesPayload, scopes=(Scope.USER_ACCOUNTS_WRITE,))
async def update_feed_preferences(
    write: Write, input: UpdateFeedPreferencesInput
) -> UpdateFeedPreferencesPayload:
    """Ads of hidden advertisers are not shown from the next page on (c.8)."""
    check, me_id = Input(), write.me.id
    topics = check.ids("Topic", input.topic_ids, "topicIds", limit=MAX_HOME_TOPICS, at_least=0)
    hide = _advertisers(check, input.hide_advertiser_ids, "hideAdvertiserIds")
    show = _advertisers(check, input.unhide_advertiser_ids, "unhideAdvertiserIds")
    for place, id in enumerate(show):
        if id in hide:
            message = "It cannot be hidden and shown at once."
            check.refuse(UserErrorCode.INVALID, message, "unhideAdvertiserIds", str(place))
    if input.personalized_ads is None:
        message = "It must be true or false; it was null."
        check.refuse(UserErrorCode.BLANK, message, "personalizedAds")
    check.done()

    async def update(tx: Transaction) -> UpdateFeedPreferencesPayload:
        check = Input()
        await _check_topics(check, tx, topics)
        await _check_users(check, write, tx, hide)
        stated = await tx.get(PreferencesRecord, me_id)
        before = stated or PreferencesRecord(id=me_id)
        after = with_advertisers(before, hide=hide, show=show, now=tx.now)
        if is_given(input.personalized_ads):
            ads = bool(input.personalized_ads)
            after = msgspec.structs.replace(after, personalized_ads=ads)
        if len(after.hidden_advertisers) > MAX_HIDDEN_ADVERTISERS:
            message = f"A user hides at most {MAX_HIDDEN_ADVERTISERS:,} advertisers."
            check.refuse(UserErrorCode.LIMIT_EXCEEDED, message, "hideAdvertiserIds")
        check.done()
        if stated is not None:
            await tx.change_all([(before, after)])
        elif after != before:
            await tx.insert(after)
        if is_given(input.topic_ids):
            await _choose_topics(tx, me_id, topics)
        return UpdateFeedPreferencesPayload()

    return await write.commit(update, turns=(me_id,))


def viewer(payload: UpdateFeedPreferencesPayload, info: Info) -> Viewer | None:
    """The viewer, whose preferences are as they are now."""
    return None if payload.user_errors else info.context.viewer


def _advertisers(check: Input, ids: list[str] | None, name: str) -> tuple[Id, ...]:
    return check.ids("User", ids, name, limit=MAX_AT_ONCE, at_least=0)


async def _check_topics(check: Input, tx: Transaction, ids: tuple[Id, ...]) -> None:
    known = await tx.get_many(TopicRecord, ids) if ids else {}
    for place, id in enumerate(ids):
        check.found(known.get(id), "topic", "topicIds", str(place))


async def _check_users(check: Input, write: Write, tx: Transaction, ids: tuple[Id, ...]) -> None:
    users = await write.sight_as_user(tx).users(ids) if ids else {}
    for place, id in enumerate(ids):
        check.found(users.get(id), "user", "hideAdvertiserIds", str(place))


async def _choose_topics(tx: Transaction, user_id: Id, topic_ids: tuple[Id, ...]) -> None:
    user = await tx.get(UserRecord, user_id)
    if user is not None and user.home_topic_ids != topic_ids:
        await tx.change(user, home_topic_ids=topic_ids)
