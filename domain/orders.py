"""In which order lists can be asked for, and what they can be narrowed to."""

from enum import StrEnum

import msgspec

from domain.boards import BoardPrivacy
from domain.media import CreativeType
from domain.record import Id


class OrderDirection(StrEnum):
    """Which end of a list comes first."""

    ASC = "ASC"
    DESC = "DESC"


class ListEnd(StrEnum):
    """An end of a list that is arranged by hand."""

    TOP = "TOP"
    BOTTOM = "BOTTOM"


class BoardPinOrderField(StrEnum):
    """How the pins of a board are ordered; CUSTOM is the owner's own arrangement."""

    CUSTOM = "CUSTOM"
    CREATED_AT = "CREATED_AT"


class BoardOrderField(StrEnum):
    """How the boards of a user are ordered; CUSTOM is the owner's own arrangement."""

    LAST_SAVED = "LAST_SAVED"
    ALPHABETICAL = "ALPHABETICAL"
    CREATED_AT = "CREATED_AT"
    CUSTOM = "CUSTOM"


class TopicPinOrderField(StrEnum):
    """How the pins of a topic are ordered; TRENDING weighs popularity against age."""

    TRENDING = "TRENDING"
    CREATED_AT = "CREATED_AT"


class CreatedAtOrderField(StrEnum):
    """The order of lists that only know time."""

    CREATED_AT = "CREATED_AT"


class BoardPinFilter(msgspec.Struct, frozen=True):
    """Narrows the pins of a board: AND over fields, OR inside a list."""

    section_id: Id | None = None
    creative_types: frozenset[CreativeType] = frozenset()
    added_by: Id | None = None


class UserPinFilter(msgspec.Struct, frozen=True):
    """Narrows the pins of a user; `privacies` is what the viewer may see there."""

    is_repin: bool
    privacies: frozenset[BoardPrivacy]
    creative_types: frozenset[CreativeType] = frozenset()
    promoted_only: bool = False


class UserBoardFilter(msgspec.Struct, frozen=True):
    """Narrows the boards of a user; `privacies` is what the viewer may see there."""

    privacies: frozenset[BoardPrivacy]
    include_archived: bool = False
