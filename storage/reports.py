"""Reports, for those who work here to look at."""

from pymongo import IndexModel

from domain.notifications import SubjectKind
from domain.record import Id
from domain.reports import ReportRecord, ReportStatus
from storage.codec import object_id
from storage.transactions import Transaction


class ReportStore:
    """Who reported what. The second index is the queue of those that are OPEN, oldest first."""

    COLLECTION = "reports"
    INDEXES = (
        IndexModel(
            [("reporter_id", 1), ("subject_kind", 1), ("subject_id", 1)],
            name="one_open",
            unique=True,
            partialFilterExpression={"status": ReportStatus.OPEN.value},
        ),
        IndexModel([("status", 1), ("_id", 1)]),
    )

    async def standing(
        self, tx: Transaction, reporter_id: Id, kind: SubjectKind, subject_id: Id
    ) -> ReportRecord | None:
        """The open report of a user about a subject."""
        query = {
            "reporter_id": object_id(reporter_id),
            "subject_kind": kind.value,
            "subject_id": object_id(subject_id),
            "status": ReportStatus.OPEN.value,
        }
        found = await tx.find(ReportRecord, query, limit=1)
        return found[0] if found else None
