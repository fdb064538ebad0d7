"""Reports: what users want somebody who works here to look at (DOMAIN a.2, UserReport)."""

from datetime import datetime
from enum import StrEnum

from domain.notifications import SubjectKind
from domain.record import Id, Record


class ReportReason(StrEnum):
    """What is wrong with what is reported."""

    SPAM = "SPAM"
    NUDITY = "NUDITY"
    HATE = "HATE"
    SELF_HARM = "SELF_HARM"
    MISINFORMATION = "MISINFORMATION"
    HARASSMENT = "HARASSMENT"
    VIOLENCE = "VIOLENCE"
    INTELLECTUAL_PROPERTY = "INTELLECTUAL_PROPERTY"
    OTHER = "OTHER"


class ReportStatus(StrEnum):
    """Whether somebody has to look at it still."""

    OPEN = "OPEN"
    CLOSED = "CLOSED"


class ReportRecord(Record, frozen=True, kw_only=True):
    """What one user says of a subject. Of one user and subject at most one report is OPEN."""

    reporter_id: Id
    subject_kind: SubjectKind
    subject_id: Id
    reason: ReportReason
    created_at: datetime
    details: str | None = None
    status: ReportStatus = ReportStatus.OPEN
