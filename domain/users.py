"""Users: the people and businesses that pin."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from domain.links import domain_of
from domain.media import Image
from domain.record import Id, Record


class AccountType(StrEnum):
    """What kind of account a user has."""

    PINNER = "PINNER"
    BUSINESS = "BUSINESS"


class UserStatus(StrEnum):
    """Whether the account can be seen; a deactivated one is restorable for 14 days."""

    ACTIVE = "ACTIVE"
    DEACTIVATED = "DEACTIVATED"


class UserRecord(Record, frozen=True, kw_only=True):
    """A user, without anything private: it is safe to share between viewers.

    `home_topic_ids` are the topics chosen at sign-up: the feed's start for a user who follows
    nothing. Counters are materialised and may lag (INV-12). `revision` rises with each edit of the
    profile.
    """

    username: str
    full_name: str
    created_at: datetime
    about: str | None = None
    website_url: str | None = None
    avatar: Image | None = None
    account_type: AccountType = AccountType.PINNER
    business_name: str | None = None
    is_verified_merchant: bool = False
    verified_website: str | None = None
    status: UserStatus = UserStatus.ACTIVE
    home_topic_ids: tuple[Id, ...] = ()
    follower_count: int = 0
    following_count: int = 0
    board_count: int = 0
    pin_count: int = 0
    monthly_views: int | None = None
    revision: int = 1


def edited(user: UserRecord, changes: Mapping[str, Any]) -> UserRecord:
    """A user with another profile, and without what that one cannot have.

    A business that becomes a person has no name as a business, and is no merchant. A website on
    another host than the verified one is not verified.
    """
    after = msgspec.structs.replace(user, **changes)
    if changes.get("account_type") is AccountType.PINNER:
        after = msgspec.structs.replace(after, business_name=None, is_verified_merchant=False)
    if after.website_url != user.website_url and not _same_site(after):
        after = msgspec.structs.replace(after, verified_website=None)
    return after


def _same_site(user: UserRecord) -> bool:
    return _host(user.website_url) == _host(user.verified_website)


def _host(link: str | None) -> str | None:
    """The host of a link; None without one, and for what was stored and is none."""
    with suppress(ValueError):
        return None if link is None else domain_of(link)
    return None
