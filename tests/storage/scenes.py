"""A small world in which nothing is wrong, and ways to make something wrong by hand."""

import asyncio
from typing import Any

import msgspec
from bson import ObjectId

from domain.boards import BoardRecord, Collaborator, SectionRecord
from domain.follows import FollowRecord
from domain.pins import CommentRecord, PinRecord, ReactionType
from domain.record import Id
from domain.topics import TopicRecord
from domain.users import UserRecord
from storage.codec import Document, object_id
from storage.counters import differences, recount_all
from storage.mongo import Mongo
from storage.reconciler import Finding, Report, reconcile
from storage.storage import Storage
from tests.world import START, World


class Scene(msgspec.Struct, kw_only=True):
    """A world with something of everything, in which nothing is wrong."""

    storage: Storage
    world: World
    ana: UserRecord
    bruno: UserRecord
    cleo: UserRecord
    food: TopicRecord
    kitchen: BoardRecord
    travel: BoardRecord
    soups: SectionRecord
    soup: PinRecord
    copy: PinRecord
    copy_of_copy: PinRecord
    comment: CommentRecord
    reply: CommentRecord
    follow: FollowRecord
    implicit: FollowRecord
    of_kitchen: FollowRecord

    @property
    def mongo(self) -> Mongo:
        """The database."""
        return self.storage.mongo

    async def set(self, collection: str, id: Id, **fields: Any) -> None:
        """Sets fields behind everybody's back; `__` in a name is a dot."""
        values = {name.replace("__", "."): value for name, value in fields.items()}
        found = await self.mongo.collection(collection).update_one(
            {"_id": object_id(id)}, {"$set": values}
        )
        assert found.matched_count == 1

    async def get(self, collection: str, id: Id) -> Document:
        """A document as it is stored."""
        [found] = await self.mongo.collection(collection).find({"_id": object_id(id)}).to_list(None)
        return dict(found)

    async def remove(self, collection: str, id: Id) -> None:
        """Deletes a document behind everybody's back."""
        found = await self.mongo.collection(collection).delete_one({"_id": object_id(id)})
        assert found.deleted_count == 1

    async def put(self, collection: str, /, **fields: Any) -> Id:
        """Stores a document behind everybody's back."""
        document = {"_id": ObjectId(), **fields}
        await self.mongo.collection(collection).insert_one(document)
        return Id(str(document["_id"]))

    async def reconcile(self, *, fix: bool = False) -> Report:
        """One run, which waits for nobody."""
        return await reconcile(
            self.mongo, self.storage.transactions, fix=fix, pause=lambda: asyncio.sleep(0)
        )


async def make_scene(world: World) -> Scene:
    """The world, counted."""
    ana, bruno, cleo = [await world.user(name) for name in ("ana", "bruno", "cleo")]
    food = await world.topic("Food")
    kitchen = await world.board(ana, "Kitchen", collaborators=(Collaborator(user_id=cleo.id),))
    travel = await world.board(bruno, "Travel")
    soups = await world.section(kitchen, "Soups")
    soup = await world.pin(kitchen, "Soup", topics=(food,), section_id=soups.id)
    copy = await world.save(soup, travel)
    copy_of_copy = await world.save(copy, kitchen)
    comment = await world.comment(soup, bruno)
    scene = Scene(
        storage=world.storage,
        world=world,
        ana=ana,
        bruno=bruno,
        cleo=cleo,
        food=food,
        kitchen=kitchen,
        travel=travel,
        soups=soups,
        soup=soup,
        copy=copy,
        copy_of_copy=copy_of_copy,
        comment=comment,
        reply=await world.comment(soup, ana, parent_id=comment.id),
        follow=await world.follow(ana, bruno),
        implicit=await world.follow(bruno, ana, is_explicit=False),
        of_kitchen=await world.follow(bruno, kitchen),
    )
    await world.follow(cleo, food)
    await world.reaction(soup, bruno, ReactionType.LOVE)
    hidden = {"pin_id": object_id(copy.id), "root_id": object_id(soup.id)}
    await scene.put("hides", user_id=object_id(cleo.id), created_at=START, **hidden)
    await world.ad(soup)
    await recount_all(scene.mongo)
    return scene


def wrong(report: Report) -> dict[str, int]:
    """How much is wrong of what."""
    return {finding.name: finding.wrong for finding in report.findings if finding.wrong}


def fixed(report: Report) -> dict[str, int]:
    """How much was fixed of what."""
    return {finding.name: finding.fixed for finding in report.findings if finding.fixed}


def found(report: Report, name: str) -> Finding:
    """One finding."""
    [finding] = [finding for finding in report.findings if finding.name == name]
    return finding


async def counter_differences(mongo: Mongo, target: str) -> list[Document]:
    """The documents of a collection with a wrong counter."""
    return await mongo.aggregate("differences", target, differences(target))
