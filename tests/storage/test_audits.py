"""What staff do is kept, with what they did or not at all."""

from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from domain.audits import MAX_REASON, AuditRecord
from domain.record import Id
from domain.viewer import EVERY_SCOPE, StaffRole, Viewer
from storage.audits import AuditStore, audit
from storage.storage import Storage
from storage.transactions import Transaction
from tests.world import World

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ADMIN = Viewer("a" * 24, EVERY_SCOPE, staff=StaffRole.ADMIN)


async def stored(storage: Storage) -> list[dict[str, Any]]:
    """All audits, oldest first."""
    return await storage.mongo.find("audits.all", "audits", {}, sort=[("_id", 1)])


async def test_an_audit_is_kept_with_what_it_is_about(storage: Storage, world: World) -> None:
    ana = await world.user("ana")
    board = await world.board(ana)

    async def rename(tx: Transaction) -> AuditRecord:
        made = audit(ADMIN, "updateBoard", board, tx.now, "It was a slur.")
        await tx.change(board, name="Board")
        await tx.insert(made)
        return made

    made = await storage.transactions.run("rename", rename)
    assert await stored(storage) == [
        {
            "_id": made.id,
            "actor_id": ADMIN.user_id,
            "role": "ADMIN",
            "action": "updateBoard",
            "object_kind": "Board",
            "object_id": board.id,
            "created_at": made.created_at,
            "reason": "It was a slur.",
        }
    ]


async def test_what_was_not_done_is_not_audited(storage: Storage, world: World) -> None:
    ana = await world.user("ana")

    async def fail(tx: Transaction) -> None:
        await tx.insert(audit(ADMIN, "deletePin", ana, tx.now))
        raise RuntimeError("It cannot be done.")

    with pytest.raises(RuntimeError):
        await storage.transactions.run("fail", fail)
    assert await stored(storage) == []


async def test_audits_are_found_by_object_and_by_actor(storage: Storage) -> None:
    for field in ("object_id", "actor_id"):
        plan = (
            await storage.mongo.collection(AuditStore.COLLECTION)
            .find({field: "b" * 24}, sort=[("_id", -1)])
            .explain()
        )
        assert plan["queryPlanner"]["winningPlan"]["inputStage"]["indexName"] == f"{field}_1__id_-1"


async def test_a_record_says_who_did_what_to_which_thing(world: World) -> None:
    ana = await world.user("ana")
    long = "é" * (MAX_REASON + 1)
    made = audit(ADMIN, "removeCollaborator", ana, NOW, long)
    assert replace(made, id=Id("0" * 24)) == AuditRecord(
        id=Id("0" * 24),
        actor_id=Id("a" * 24),
        role=StaffRole.ADMIN,
        action="removeCollaborator",
        object_kind="User",
        object_id=ana.id,
        created_at=NOW,
        reason=long[:MAX_REASON],
    )
    assert made.id != audit(ADMIN, "removeCollaborator", ana, NOW).id
    with pytest.raises(ValueError, match="not staff"):
        audit(ADMIN.as_user, "removeCollaborator", ana, NOW)
