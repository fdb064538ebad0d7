"""`reportContent`: asks for a look at a pin, a comment, a board or a user."""

from collections.abc import Mapping
from typing import Final, Protocol

from domain.boards import BoardRecord
from domain.ids import from_global_id, to_global_id
from domain.notifications import SubjectKind
from domain.permissions import cannot_report
from domain.pins import CommentRecord, PinRecord
from domain.rate_limits import Burst
from domain.record import Id
from domain.reports import ReportReason, ReportRecord
from domain.texts import REPORT_DETAILS
from domain.user_errors import UserErrorCode
from domain.users import UserRecord
from domain.viewer import Scope
from resolvers.advertised import advertised_pin
from resolvers.inputs import Input
from resolvers.mutation import MutationInput, Payload, Write, mutation
from resolvers.sight import Sight
from storage.transactions import Transaction

Subject = PinRecord | CommentRecord | BoardRecord | UserRecord

_KINDS: Final[Mapping[str, SubjectKind]] = {
    "Pin": SubjectKind.PIN,
    "Comment": SubjectKind.COMMENT,
    "Board": SubjectKind.BOARD,
    "User": SubjectKind.USER,
}
_TYPE_NAMES: Final = {kind: name for name, kind in _KINDS.items()}


class ReportContentInput(MutationInput, Protocol):
    """What is reported, and what is wrong with it."""

    id: str
    reason: ReportReason
    details: str | None


class ReportContentPayload(Payload, frozen=True, kw_only=True):
    """What was reported. A pin is hidden from then on: `deleted_id` is its own."""

    subject_kind: SubjectKind | None = None
    subject_id: Id | None = None

    @property
    def deleted_id(self) -> Id | None:
        """The stored id of a pin that was reported."""
        return self.subject_id if self.subject_kind is SubjectKind.PIN else None


@mutation(ReportContentPayload, scopes=(Scope.USER_ACCOUNTS_WRITE,), burst=Burst.REPORT)
async def report_content(write: Write, input: ReportContentInput) -> ReportContentPayload:
    """A viewer has one open report of a subject: reporting it again says something else of it."""
    check, me = Input(), write.me.id
    kind, subject_id = _subject(check, input.id)
    details = check.text(input.details, "details", REPORT_DETAILS)
    check.done()

    async def report(tx: Transaction) -> ReportContentPayload:
        sight, check = write.sight_as_user(tx), Input()
        seen = await _seen(sight, kind, subject_id)
        if seen is None and kind is SubjectKind.PIN:
            seen = await advertised_pin(write, tx, subject_id)
        subject = check.found(seen, kind.lower(), "id")
        check.done()
        await write.permit(tx, cannot_report, subject, at="id")
        standing = await write.storage.reports.standing(tx, me, kind, subject_id)
        if standing is not None:
            await tx.change(standing, reason=input.reason, details=details)
        else:
            await tx.insert(
                ReportRecord(
                    id=tx.new_id(),
                    reporter_id=me,
                    subject_kind=kind,
                    subject_id=subject_id,
                    reason=input.reason,
                    details=details,
                    created_at=tx.now,
                )
            )
        if isinstance(subject, PinRecord):
            await write.storage.hides.hide(tx, me, subject, reason=None)
        return ReportContentPayload(subject_kind=kind, subject_id=subject_id)

    return await write.commit(report, turns=(subject_id,))


def reported_id(payload: ReportContentPayload) -> str | None:
    """The global id of what was reported."""
    if payload.subject_kind is None or payload.subject_id is None:
        return None
    return to_global_id(_TYPE_NAMES[payload.subject_kind], payload.subject_id)


def _subject(check: Input, id: str) -> tuple[SubjectKind, Id]:
    named = from_global_id(id)
    kind = None if named is None else _KINDS.get(named.type_name)
    if named is None or kind is None:
        came = "something else" if named is None else f"the id of a {named.type_name}"
        expected = "It must be the id of a Pin, a Comment, a Board or a User"
        check.refuse(UserErrorCode.INVALID, f"{expected}; it was {came}.", "id")
        return SubjectKind.PIN, Id("")
    return kind, named.entity_id


async def _seen(sight: Sight, kind: SubjectKind, id: Id) -> Subject | None:
    match kind:
        case SubjectKind.PIN:
            return await sight.pin(id)
        case SubjectKind.COMMENT:
            return await sight.comment(id)
        case SubjectKind.BOARD:
            return await sight.board(id)
        case SubjectKind.USER:
            return await sight.user(id)
