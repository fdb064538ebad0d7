"""What is stored, who needs it, who uses it: what may go, and what a new schema would break."""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple, Protocol

from domain.documents import (
    OTHER,
    AppVersion,
    DocumentRecord,
    OperationKind,
    Retention,
    retention,
)
from protocol.publishing import Problem, Verifier
from storage.document_uses import DocumentUseStore
from storage.documents import PAGE, DocumentStore

UNUSED_FOR: Final = timedelta(days=90)
"""How long a version counts as living after its last push or use."""

SHOWN_USES: Final = timedelta(days=30)
"""The time over which uses are shown."""


_OTHERS: Final = AppVersion(OTHER, OTHER)


class Stores(Protocol):
    """Where documents and their uses are; `storage.Storage` is one."""

    documents: DocumentStore
    document_uses: DocumentUseStore


class Item(NamedTuple):
    """A document without its text, and how often each version of an app used it.

    `uses` has every version that was built with the document, in order, and those that used it
    all the same.
    """

    name: str
    kind: OperationKind
    ids: tuple[str, ...]
    uses: Mapping[AppVersion, int]

    def lines(self) -> Iterator[str]:
        """For people: the document, then a line for each version."""
        yield f"{self.name or '(no name)'}  {self.kind}  {'  '.join(self.ids)}"
        for version, count in self.uses.items():
            who = "other clients" if version == _OTHERS else version
            yield f"    {who}: {counted(count, 'use')} in {SHOWN_USES.days} days"
        if not self.uses:
            yield "    no version of any app"


class Pruned(NamedTuple):
    """Documents that nobody needs. `deleted` of them are gone: none, unless that was asked for."""

    removable: list[Item]
    deleted: int


class Finding(NamedTuple):
    """A document that a schema breaks, or that uses what it will drop."""

    problems: list[Problem]
    needed_by: list[AppVersion]

    def lines(self) -> Iterator[str]:
        """For people: each problem, then who has it."""
        yield from map(str, self.problems)
        yield f"    needed by {', '.join(map(str, self.needed_by)) or 'nobody that we know'}"


class Checked(NamedTuple):
    """What a schema would mean for `total` stored documents.

    `broken` ones are needed or used. `unneeded` is how many others would break: they may go.
    """

    total: int
    broken: list[Finding]
    deprecated: list[Finding]
    unneeded: int

    def lines(self) -> Iterator[str]:
        """For people: what breaks, what is deprecated, and the sum."""
        for heading, findings in (("Would break:", self.broken), ("Deprecated:", self.deprecated)):
            if findings:
                yield heading
            for finding in findings:
                yield from (f"  {line}" for line in finding.lines())
        yield (
            f"{counted(self.total, 'document')} checked: {len(self.broken)} would break, "
            f"{len(self.deprecated)} use what is deprecated; "
            f"{self.unneeded} that nobody needs would break as well."
        )


async def rule(stores: Stores, unused_for: timedelta, now: datetime) -> Retention:
    """What must stay at this moment, from all pushes and uses."""
    pushes: dict[AppVersion, datetime] = {}
    async for document in stores.documents.every():
        for release in document.releases:
            latest = pushes.get(release.app_version, release.pushed_at)
            pushes[release.app_version] = max(latest, release.pushed_at)
    since = now - unused_for
    uses = await stores.document_uses.since(since.date())
    return retention(pushes, uses.keys(), since)


async def listed(
    stores: Stores, *, app: str | None, unused_for: timedelta | None, now: datetime
) -> list[Item]:
    """The documents by name: those of an app, or all; with `unused_for`, only unused ones."""
    used: frozenset[str] = frozenset()
    if unused_for is not None:
        since = (now - unused_for).date()
        used = frozenset(use.sha256 for use in await stores.document_uses.since(since))
    uses = await _uses_by_document(stores, now)
    return _by_name(
        [
            _item(each, uses)
            async for each in stores.documents.every(app=app)
            if each.sha256 not in used
        ]
    )


async def prune(stores: Stores, *, unused_for: timedelta, now: datetime, apply: bool) -> Pruned:
    """Finds what nobody needs and nobody used for so long, and with `apply` deletes it.

    A document stays that a release brings back in the meantime.
    """
    kept = await rule(stores, unused_for, now)
    uses = await _uses_by_document(stores, now)
    found = [each async for each in _removable(stores, kept)]
    deleted = 0
    if apply:
        for batch in _batches([each.sha256 for each in found]):
            deleted += await stores.documents.delete(batch, pushed_before=kept.since)
    return Pruned(_by_name([_item(each, uses) for each in found]), deleted)


async def check(
    stores: Stores, verifier: Verifier, *, unused_for: timedelta, now: datetime
) -> Checked:
    """Validates every stored document against a schema."""
    kept = await rule(stores, unused_for, now)
    total = unneeded = 0
    broken: list[Finding] = []
    deprecated: list[Finding] = []
    async for document in stores.documents.every():
        total += 1
        label = document.name or document.ids[0]
        problems = verifier.problems(document.text, label)
        if problems and kept.is_removable(document):
            unneeded += 1
        elif problems:
            broken.append(Finding(problems, kept.needed_by(document)))
        elif outdated := verifier.deprecations(document.text, label):
            deprecated.append(Finding(outdated, kept.needed_by(document)))
    for findings in (broken, deprecated):
        findings.sort(key=lambda finding: str(finding.problems[0]))
    return Checked(total, broken, deprecated, unneeded)


async def _removable(stores: Stores, kept: Retention) -> AsyncIterator[DocumentRecord]:
    async for document in stores.documents.every():
        if kept.is_removable(document):
            yield document


async def _uses_by_document(
    stores: Stores, now: datetime
) -> Mapping[str, Mapping[AppVersion, int]]:
    uses: dict[str, dict[AppVersion, int]] = defaultdict(dict)
    for use, count in (await stores.document_uses.since((now - SHOWN_USES).date())).items():
        uses[use.sha256][use.app_version] = count
    return uses


def _item(document: DocumentRecord, uses: Mapping[str, Mapping[AppVersion, int]]) -> Item:
    counts = dict.fromkeys((release.app_version for release in document.releases), 0)
    counts |= uses.get(document.sha256, {})
    return Item(document.name, document.kind, document.ids, dict(sorted(counts.items())))


def _by_name(items: list[Item]) -> list[Item]:
    return sorted(items, key=lambda item: (item.name, item.ids))


def _batches(hashes: Sequence[str]) -> Iterator[Sequence[str]]:
    return (hashes[start : start + PAGE] for start in range(0, len(hashes), PAGE))


def counted(count: int, thing: str) -> str:
    """A number of things, in words."""
    return f"{count:,} {thing}{'' if count == 1 else 's'}"
