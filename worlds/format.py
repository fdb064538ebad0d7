"""The import format: the rows of each file, typed.

A world is a folder with one gzip-compressed file of JSON lines per kind. Ids are strings of the
source's own, unique within their kind. A field that is absent or null is unknown. Fields that are
not named here are passed over.

What a type cannot say (lengths of cleaned text, references, addresses) is checked in
`worlds.cleaning` and `worlds.conversion`.
"""

from typing import Annotated

import msgspec

from domain.boards import BoardPrivacy
from domain.campaigns import BillableEvent
from domain.users import AccountType

SourceId = Annotated[str, msgspec.Meta(min_length=1, max_length=256)]
"""An id of the source's own."""

Pixels = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
Micros = Annotated[int, msgspec.Meta(ge=1, le=2**53)]
Ppm = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]
Cap = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]

KINDS = ("users", "boards", "pins", "saves", "follows", "promotions", "comments")
"""The kinds of row, in the order in which they refer to each other."""


def file_name(kind: str) -> str:
    """The name of the file that holds the rows of a kind."""
    return f"{kind}.jsonl.gz"


class UserRow(msgspec.Struct, kw_only=True, frozen=True):
    """A person or business."""

    id: SourceId
    username: str
    full_name: str | None = None
    about: str | None = None
    website_url: str | None = None
    account_type: AccountType | None = None
    created_at: str | None = None


class BoardRow(msgspec.Struct, kw_only=True, frozen=True):
    """A board; its collaborators are accepted editors."""

    id: SourceId
    owner: SourceId
    name: str
    description: str | None = None
    privacy: BoardPrivacy | None = None
    collaborators: list[SourceId] | None = None
    created_at: str | None = None


class ImageRow(msgspec.Struct, kw_only=True, frozen=True):
    """The picture of a pin, in pixels."""

    url: str
    width: Pixels
    height: Pixels


class PinRow(msgspec.Struct, kw_only=True, frozen=True):
    """A root pin. `topics` are names."""

    id: SourceId
    creator: SourceId
    board: SourceId
    title: str | None = None
    description: str | None = None
    link: str | None = None
    alt_text: str | None = None
    image: ImageRow | None = None
    dominant_color: str | None = None
    topics: list[str] | None = None
    created_at: str | None = None


class SaveRow(msgspec.Struct, kw_only=True, frozen=True):
    """The user saved a copy of a root pin to the board."""

    pin: SourceId
    user: SourceId
    board: SourceId
    created_at: str | None = None


class FollowRow(msgspec.Struct, kw_only=True, frozen=True):
    """An edge to a user or to a board: exactly one of the two."""

    follower: SourceId
    user: SourceId | None = None
    board: SourceId | None = None
    created_at: str | None = None


class TargetingRow(msgspec.Struct, kw_only=True, frozen=True):
    """Whom a promotion is for; `topics` are names."""

    topics: list[str] | None = None


class PromotionRow(msgspec.Struct, kw_only=True, frozen=True):
    """The promotion of one pin. Money is in micros of US dollars; an IMPRESSION bid is per 1,000.

    `campaign` and `ad_group` are names within the advertiser's account.
    """

    id: SourceId
    advertiser: SourceId
    pin: SourceId
    billable_event: BillableEvent
    bid_micros: Micros
    daily_budget_micros: Micros
    campaign: str | None = None
    ad_group: str | None = None
    predicted_ctr_ppm: Ppm | None = None
    frequency_cap: Cap | None = None
    targeting: TargetingRow | None = None


class CommentRow(msgspec.Struct, kw_only=True, frozen=True):
    """A comment on a root pin."""

    id: SourceId
    pin: SourceId
    author: SourceId
    text: str
    created_at: str | None = None


Row = UserRow | BoardRow | PinRow | SaveRow | FollowRow | PromotionRow | CommentRow

ROW_TYPES: dict[str, type[Row]] = {
    "users": UserRow,
    "boards": BoardRow,
    "pins": PinRow,
    "saves": SaveRow,
    "follows": FollowRow,
    "promotions": PromotionRow,
    "comments": CommentRow,
}
