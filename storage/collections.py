"""In which collection the records of each class are stored."""

from collections.abc import Mapping
from typing import Final

from domain.audits import AuditRecord
from domain.blocks import BlockRecord
from domain.boards import BoardRecord, SectionRecord
from domain.campaigns import AdRecord
from domain.cascades import CascadeRecord
from domain.follows import FollowRecord
from domain.hides import HideRecord
from domain.pins import CommentRecord, PinRecord, ReactionRecord
from domain.preferences import PreferencesRecord
from domain.record import Record
from domain.reports import ReportRecord
from domain.topics import TopicRecord
from domain.undo import UndoRecord
from domain.uploads import MediaUploadRecord
from domain.users import UserRecord

COLLECTIONS: Final[Mapping[type[Record], str]] = {
    UserRecord: "users",
    BoardRecord: "boards",
    SectionRecord: "sections",
    PinRecord: "pins",
    TopicRecord: "topics",
    CommentRecord: "comments",
    ReactionRecord: "reactions",
    FollowRecord: "follows",
    BlockRecord: "blocks",
    HideRecord: "hides",
    ReportRecord: "reports",
    PreferencesRecord: "preferences",
    CascadeRecord: "cascades",
    MediaUploadRecord: "uploads",
    AdRecord: "ads",
    AuditRecord: "audits",
    UndoRecord: "undos",
}

RECORD_TYPES: Final[Mapping[str, type[Record]]] = {
    collection: record_type for record_type, collection in COLLECTIONS.items()
}
