"""Enums. Clients must expect new values of any of them."""

from collections.abc import Mapping
from enum import Enum
from typing import TypeVar

import strawberry

from domain.boards import BoardPrivacy, BoardRole, InviteStatus, PinDisposition
from domain.campaigns import CallToAction, GridClickType
from domain.feed import FeedReasonKind
from domain.hides import HideReason
from domain.images import ImageFit, ImageFormat
from domain.media import CreativeType, MediaStatus
from domain.notifications import NotificationType
from domain.orders import (
    BoardOrderField,
    BoardPinOrderField,
    CreatedAtOrderField,
    ListEnd,
    OrderDirection,
    TopicPinOrderField,
)
from domain.permissions import CannotReason
from domain.pins import ReactionType
from domain.reports import ReportReason
from domain.targeting import TargetingKey
from domain.users import AccountType
from storage.search import SearchKind

E = TypeVar("E", bound=type[Enum])


def declare_enum(
    enum: E, description: str, values: Mapping[str, str], name: str | None = None
) -> E:
    """Publishes a domain enum, with a sentence on the values that need one."""
    strawberry.enum(enum, name=name, description=description)
    for value in enum.__strawberry_definition__.values:  # type: ignore[attr-defined]
        value.description = values.get(value.name)
    return enum


declare_enum(
    BoardPrivacy,
    "Who may see a board.",
    {
        "PUBLIC": "Everybody.",
        "PROTECTED": "Its members; its pins are shown to others only as ads.",
        "SECRET": "Its members; for everybody else it does not exist.",
    },
)
declare_enum(
    BoardRole,
    "What a member of a board may do.",
    {
        "OWNER": "Everything. A board has one owner.",
        "EDITOR": "Add pins, and move and delete their own.",
        "VIEWER": "Read a secret board.",
    },
)
declare_enum(InviteStatus, "How an invitation to a board stands.", {})
declare_enum(
    PinDisposition,
    "What becomes of the pins of a section that is deleted.",
    {"MOVE_TO_BOARD": "They stay on the board.", "DELETE": "They are deleted with it."},
)
declare_enum(
    AccountType, "What kind of account a user has.", {"PINNER": "A person.", "BUSINESS": "A firm."}
)
declare_enum(
    CreativeType, "The form of a pin.", {"CAROUSEL": "Two to five pictures or videos to swipe."}
)
declare_enum(
    MediaStatus,
    "How far the processing of an upload has come.",
    {"SUCCEEDED": "It can be shown.", "FAILED": "It cannot be shown."},
)
declare_enum(ReactionType, "The ways to react to a pin.", {})
declare_enum(
    CannotReason,
    "Why the viewer may not do something.",
    {
        "LOGIN_REQUIRED": "Nobody is signed in.",
        "NOT_OWNER": "It belongs to somebody else.",
        "NOT_MEMBER": "Only members who may edit can do this.",
        "NOT_ALLOWED_TO_INVITE": "The owner has not given this member the right to invite.",
        "NOT_INVITED": "There is no open invitation for the viewer.",
        "NOT_AUTHOR": "Somebody else wrote it.",
        "OWNER_CANNOT_LEAVE": "A board needs its owner: give it to another member first.",
        "ADS_ONLY_BOARD": "A board for ads only has no members but its owner.",
        "SECRET_BOARD": "It is on a secret board.",
        "NO_LINK": "It has no link to a page of the web.",
        "AD_NOT_SAVABLE": "It is an ad that may not be saved.",
        "OWN_CONTENT": "It is the viewer's own.",
    },
)
declare_enum(OrderDirection, "Which end of a list comes first.", {})
declare_enum(ListEnd, "An end of a list that is arranged by hand.", {"TOP": "Where it begins."})
declare_enum(
    BoardOrderField,
    "What boards are ordered by.",
    {
        "LAST_SAVED": "The last time a pin was added; newest first unless asked otherwise.",
        "ALPHABETICAL": "The name, from A.",
        "CREATED_AT": "When the board was made; newest first unless asked otherwise.",
        "CUSTOM": "The owner's own arrangement.",
    },
)
declare_enum(
    BoardPinOrderField,
    "What the pins of a board are ordered by.",
    {
        "CUSTOM": "The board's own arrangement: newest first until somebody moves a pin.",
        "CREATED_AT": "When the pin was added; newest first unless asked otherwise.",
    },
)
declare_enum(
    TopicPinOrderField,
    "What the pins of a topic are ordered by.",
    {
        "TRENDING": "Popularity weighed against age.",
        "CREATED_AT": "When the pin was made; newest first unless asked otherwise.",
    },
)
declare_enum(CreatedAtOrderField, "Lists that are ordered by time only.", {})
declare_enum(CallToAction, "The words on the button of an ad.", {})
declare_enum(
    GridClickType,
    "What a click on an ad in the grid does.",
    {"CLOSEUP": "Opens the pin.", "DIRECT_TO_DESTINATION": "Opens the advertiser's page."},
)
declare_enum(ImageFormat, "The file format of a picture.", {})
declare_enum(
    ImageFit,
    "How a picture meets a size of another shape.",
    {"COVER": "Fills it, and cuts what is over.", "CONTAIN": "Fits inside, and cuts nothing."},
)
declare_enum(SearchKind, "What can be searched.", {}, name="SearchType")
declare_enum(
    FeedReasonKind,
    "Why something is in a feed.",
    {
        "FOLLOWS_USER": "The viewer follows the user.",
        "FOLLOWS_BOARD": "The viewer follows the board.",
        "FOLLOWS_TOPIC": "The viewer follows the topic, or chose it at the start.",
        "RELATED_TO_BOARD": "It resembles what the viewer saved to the board.",
        "PICKED_FOR_YOU": "It is new.",
        "TRENDING": "Many people save it.",
    },
)
declare_enum(
    NotificationType,
    "What somebody is told of.",
    {
        "FOLLOW": "Somebody follows the viewer.",
        "BOARD_FOLLOW": "Somebody follows a board of the viewer.",
        "SAVE": "Somebody saved a pin of the viewer.",
        "COMMENT": "Somebody commented on a pin of the viewer.",
        "REPLY": "Somebody replied to a comment of the viewer.",
        "REACTION": "Somebody reacted to a pin of the viewer.",
        "INVITE": "Somebody invited the viewer to a board.",
        "INVITE_ACCEPTED": "Somebody whom the viewer invited to a board joined it.",
    },
)
declare_enum(TargetingKey, "What an advertiser may ask for.", {})
declare_enum(
    HideReason,
    "Why somebody hides a pin.",
    {
        "NOT_INTERESTED": "It is about what they do not care for.",
        "SEEN_TOO_OFTEN": "They have seen it enough.",
        "LOW_QUALITY": "It is badly made, or leads nowhere.",
        "OFFENSIVE": "It hurts them; what breaks our rules is for `reportContent`.",
    },
)
declare_enum(
    ReportReason,
    "What is wrong with what is reported.",
    {
        "SPAM": "It is advertising in disguise, or the same again and again.",
        "NUDITY": "It shows nudity or sexual acts.",
        "HATE": "It is against people for what they are.",
        "SELF_HARM": "It shows self-harm or asks for it.",
        "MISINFORMATION": "It is false, and harms who believes it.",
        "HARASSMENT": "It attacks somebody.",
        "VIOLENCE": "It shows violence or asks for it.",
        "INTELLECTUAL_PROPERTY": "It belongs to somebody else.",
    },
)
