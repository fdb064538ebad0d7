"""Users: the people and businesses that pin."""

from datetime import datetime
from enum import StrEnum

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
    nothing. Counters are materialised and may lag (INV-12).
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
