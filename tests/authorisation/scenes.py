"""A small world with one of everything, on a PUBLIC, a SECRET and a PROTECTED board of one owner.

Every user of `roles` has the same things of their own. It is made once a process, and put back as
it was, document by document, before each test and after each case that changed it.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import md5
from typing import Any, Final, NamedTuple

from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from pymongo import DeleteOne, ReplaceOne

from domain.boards import BoardPrivacy, BoardRecord, BoardRole, Collaborator, InviteStatus
from domain.ids import to_global_id
from domain.media import Image, MediaStatus
from domain.notifications import NotificationType
from domain.pins import PinRecord, ReactionType
from domain.record import Id, Record
from domain.topics import TopicRecord
from domain.undo import UndoRecord, UndoStep
from domain.uploads import ImageType, MediaKind, MediaUploadRecord
from domain.users import UserRecord, UserStatus
from resolvers.nodes import TYPE_NAMES
from storage.codec import document
from storage.counters import recount_all
from storage.transactions import Transaction
from storage.undo import UndoStore
from tests.authorisation.oracle import Thing
from tests.authorisation.roles import TOKENS, USERNAMES, Role
from tests.world import World

FRIEND: Final = "friend"
"""A user who is nobody's enemy, and has nothing to do with the boards."""

_PLACE, _OWN, _ALONE = "place", "own", "alone"

THINGS: Final[Mapping[str, tuple[str, str, str]]] = {
    # on the board that a case is about
    "board": ("Board", "owner", _PLACE),
    "section": ("BoardSection", "owner", _PLACE),
    "other_section": ("BoardSection", "owner", _PLACE),
    "pin": ("Pin", "owner", _PLACE),
    "saved_pin": ("Pin", "owner", _PLACE),
    "editor_pin": ("Pin", "editor", _PLACE),
    "comment": ("Comment", "owner", _PLACE),
    "reply": ("Comment", "editor", _PLACE),
    "left_pin": ("Pin", "me", _PLACE),
    "own_comment": ("Comment", "me", _PLACE),
    # of whoever asks, on a public board of theirs
    "own_board": ("Board", "me", _OWN),
    "own_pin": ("Pin", "me", _OWN),
    "own_copy": ("Pin", "me", _OWN),
    # of no board
    "own_notification": ("Notification", "me", _ALONE),
    "own_upload": ("MediaUpload", "me", _ALONE),
    "friend_notification": ("Notification", FRIEND, _ALONE),
    "friend_upload": ("MediaUpload", FRIEND, _ALONE),
    "me": ("User", "me", _ALONE),
    "owner": ("User", "owner", _ALONE),
    "editor": ("User", "editor", _ALONE),
    "viewer": ("User", "viewer", _ALONE),
    "friend": ("User", FRIEND, _ALONE),
    "deactivated": ("User", "deactivated", _ALONE),
    "topic": ("Topic", "", _ALONE),
    # what is no node: a token that takes the deletion of a pin on the board back
    "undo": ("", "me", _PLACE),
    "friend_undo": ("", FRIEND, _PLACE),
}
"""What there is: its type, whose it is, and where it stands. `me` is whoever asks."""


PROMOTED: Final = "pin"
"""What is also an ad: the owner's pin on the ads-only board."""


class Key(NamedTuple):
    """Which of the things of one name is meant."""

    name: str
    author: str
    privacy: BoardPrivacy


def key(name: str, username: str, privacy: BoardPrivacy) -> Key:
    """The thing of a name that a user means in a case about the board of this privacy."""
    _, author, where = THINGS[name]
    author = username if author == "me" else author
    return Key(name, author, privacy if where == _PLACE else BoardPrivacy.PUBLIC)


def thing(name: str, username: str, privacy: BoardPrivacy) -> Thing:
    """What the oracle is to know of a thing."""
    kind, _, where = THINGS[name]
    _, author, privacy = key(name, username, privacy)
    return Thing(kind, author, {_PLACE: "owner", _OWN: author}.get(where, ""), privacy)


def username_of(role: Role) -> str:
    """Whose things a role calls its own; nobody's, who has no token, are the stranger's."""
    return TOKENS[role].username if role in TOKENS else "stranger"


Stored = Mapping[str, Mapping[Any, RawBSONDocument]]
"""Documents by collection and id, byte by byte."""


Hashes = Mapping[str, str]
"""The hash of each collection that is not empty."""

_EMPTY: Final = md5(b"", usedforsecurity=False).hexdigest()


class Scene(NamedTuple):
    """What was made: users by name, things by key, and every document by collection."""

    users: Mapping[str, UserRecord]
    ids: Mapping[Key, str]
    documents: Stored
    hashes: Hashes

    def viewer(self, role: Role) -> UserRecord | None:
        """Whose token a role sends."""
        return self.users[TOKENS[role].username] if role in TOKENS else None


async def build(world: World) -> Scene:
    """Makes the scene in empty stores."""
    return await _Builder(world).build()


async def hashes(world: World) -> Hashes:
    """What MongoDB says of all documents there are: equal before and after, if nothing was written.

    It is exact, and a hundred times as fast as reading them.
    """
    answer = await world.storage.mongo.database.command("dbHash")
    return {
        name: hash
        for name, hash in answer["collections"].items()
        if name != "idempotency" and hash != _EMPTY
    }


async def put_back(world: World, scene: Scene, now: Hashes) -> None:
    """Makes the stores what the scene is. `now` is how they are."""
    database = world.storage.mongo.database
    for name in now.keys() | scene.hashes.keys():
        if now.get(name) == scene.hashes.get(name):
            continue
        wanted, there = scene.documents.get(name, {}), await _documents(world, name)
        # One by one: nobody is ever gone, not even for those who read at this moment.
        changes: list[Any] = [
            ReplaceOne({"_id": id}, each, upsert=True)
            for id, each in wanted.items()
            if there.get(id) != each
        ]
        changes += [DeleteOne({"_id": id}) for id in there.keys() - wanted.keys()]
        await database[name].bulk_write(changes)
    await world.storage.redis.client.flushdb()


async def _documents(world: World, name: str) -> dict[Any, RawBSONDocument]:
    collection = world.storage.mongo.database[name].with_options(
        codec_options=CodecOptions(document_class=RawBSONDocument)
    )
    return {each["_id"]: each for each in await collection.find().to_list(None)}


class _Builder:
    def __init__(self, world: World) -> None:
        self._world = world
        self._users: dict[str, UserRecord] = {}
        self._ids: dict[Key, str] = {}
        self._homes: dict[str, BoardRecord] = {}
        self._undone: list[tuple[UndoRecord, PinRecord]] = []

    async def build(self) -> Scene:
        world = self._world
        for name in (*USERNAMES, FRIEND):
            is_gone = name == "deactivated"
            self._users[name] = await world.user(
                name, status=UserStatus.DEACTIVATED if is_gone else UserStatus.ACTIVE
            )
            for other in ("me", name):
                if other in THINGS:
                    self._name(other, name, self._users[name])
        topic = await world.topic("Food")
        self._name("topic", "", topic)
        for owner in self._users.values():
            await self._belongings(owner)
        places = [await self._place(privacy, topic) for privacy in BoardPrivacy]
        await self._ties(places[0], topic)
        await recount_all(world.storage.mongo)
        await world.storage.transactions.run("scene", self._undos)
        made = await hashes(world)
        documents = {name: await _documents(world, name) for name in made}
        return Scene(self._users, self._ids, documents, made)

    def _name(
        self,
        name: str,
        author: str,
        record: Record,
        privacy: BoardPrivacy = BoardPrivacy.PUBLIC,
    ) -> None:
        self._ids[Key(name, author, privacy)] = to_global_id(TYPE_NAMES[type(record)], record.id)

    async def _belongings(self, user: UserRecord) -> None:
        """What everybody has of their own."""
        world, name = self._world, user.username
        board = self._homes[name] = await world.board(user, f"Own of {name}")
        self._name("own_board", name, board)
        is_promoted = name == "advertiser"
        link = "https://shop.example/"
        pin = await world.pin(board, f"own pin of {name}", link=link, has_been_promoted=is_promoted)
        if is_promoted:
            await world.ad(pin)
        self._name("own_pin", name, pin)
        upload = _upload(world.new_id(), user)
        await world.storage.mongo.collection("uploads").insert_one(document(upload))
        told = await world.notification(user, NotificationType.FOLLOW, self._users[FRIEND])
        prefix = "own" if name != FRIEND else "friend"
        self._name(f"{prefix}_notification", name, told)
        self._name(f"{prefix}_upload", name, upload)

    async def _place(self, privacy: BoardPrivacy, topic: TopicRecord) -> BoardRecord:
        """A board of the owner with one of everything on it."""
        world, users, word = self._world, self._users, privacy.value.lower()
        owner = users["owner"]
        shared = () if privacy is BoardPrivacy.PROTECTED else _members(users)
        is_ads_only = privacy is BoardPrivacy.PROTECTED
        board = await world.board(
            owner,
            f"{word} board",
            privacy=privacy,
            is_ads_only=is_ads_only,
            description=f"{word} description",
            collaborators=shared,
        )
        section = await world.section(board, f"{word} section")
        pin = await world.pin(
            board,
            f"{word} pin",
            link="https://shop.example/",
            topics=(topic,),
            section_id=section.id,
            has_been_promoted=is_ads_only,
        )
        if is_ads_only:
            await world.ad(pin)
        saved = await world.pin(board, f"{word} saved pin", topics=(topic,))
        editor_pin = await world.pin(board, f"{word} editor's pin", owner=users["editor"])
        comment = await world.comment(pin, owner, f"{word} comment")
        reply = await world.comment(pin, users["editor"], f"{word} reply", parent_id=comment.id)
        for name, record in {"board": board, "section": section, "pin": pin}.items():
            self._name(name, "owner", record, privacy)
        other_section = await world.section(board, f"{word} other section", 1)
        self._name("other_section", "owner", other_section, privacy)
        self._name("saved_pin", "owner", saved, privacy)
        self._name("editor_pin", "editor", editor_pin, privacy)
        self._name("comment", "owner", comment, privacy)
        self._name("reply", "editor", reply, privacy)
        for user in users.values():
            await self._traces(user, board, pin, saved)
        return board

    async def _traces(
        self, user: UserRecord, board: BoardRecord, pin: PinRecord, saved: PinRecord
    ) -> None:
        """What everybody left on a board, whether or not they may still see it."""
        world, name, privacy = self._world, user.username, board.privacy
        word = privacy.value.lower()
        left = await world.pin(board, f"{word} pin left by {name}", owner=user)
        self._name("left_pin", name, left, privacy)
        said = await world.comment(pin, user, f"{word} comment by {name}")
        self._name("own_comment", name, said, privacy)
        await world.reaction(pin, user, ReactionType.LOVE)
        if privacy is BoardPrivacy.PUBLIC:
            # Of what is not public there are no copies, so that no path leads from one to it.
            copy = await world.save(saved, self._homes[name], title=f"copy of {name}")
            self._name("own_copy", name, copy)
        self._plan_undo(user, board)

    def _plan_undo(self, user: UserRecord, board: BoardRecord) -> None:
        """An undo of the deletion of a pin of theirs; good for longer than the tests may take."""
        world, name = self._world, user.username
        token = f"undo-{name}-{board.privacy}"
        prefix = "friend_undo" if name == FRIEND else "undo"
        self._ids[Key(prefix, name, board.privacy)] = token
        now = datetime.now(UTC).replace(microsecond=0)
        undo = UndoRecord(
            id=world.new_id(),
            token=token,
            viewer_id=user.id,
            action="deletePins",
            created_at=now,
            expires_at=now + timedelta(days=1),
        )
        pin_id = world.new_id()
        deleted = PinRecord(
            id=pin_id,
            owner_id=user.id,
            creator_id=user.id,
            board_id=board.id,
            root_id=pin_id,
            privacy=board.privacy,
            title=f"{board.privacy.value.lower()} deleted pin of {name}",
            created_at=now,
            position="a",
        )
        self._undone.append((undo, deleted))

    async def _undos(self, tx: Transaction) -> None:
        for undo, pin in self._undone:
            await tx.insert(undo)
            await UndoStore().add(tx, undo.id, [UndoStep(pin)])

    async def _ties(self, public: BoardRecord, topic: TopicRecord) -> None:
        """Follows, and the blocks that hide people from each other."""
        world, users = self._world, self._users
        for target in (users["owner"], public, topic):
            await world.follow(users["follower"], target)
        await world.block(users["owner"], users["blocked"])
        await world.block(users["owner"], users["blockedadmin"])
        await world.block(users["blocker"], users["owner"])


def _members(users: Mapping[str, UserRecord]) -> tuple[Collaborator, ...]:
    now = datetime.now(UTC).replace(microsecond=0)

    def share(name: str, status: InviteStatus, role: BoardRole = BoardRole.EDITOR) -> Collaborator:
        return Collaborator(user_id=users[name].id, role=role, status=status, invited_at=now)

    return (
        share("editor", InviteStatus.ACCEPTED),
        share("viewer", InviteStatus.ACCEPTED, BoardRole.VIEWER),
        share("deactivated", InviteStatus.ACCEPTED),
        share("invited", InviteStatus.PENDING),
        share("former", InviteStatus.DECLINED),
    )


def _upload(id: Id, user: UserRecord) -> MediaUploadRecord:
    """A picture that was uploaded, and that no pin shows yet."""
    now = datetime.now(UTC).replace(microsecond=0)
    return MediaUploadRecord(
        id=id,
        owner_id=user.id,
        kind=MediaKind.IMAGE,
        content_type=ImageType.PNG,
        size_bytes=100,
        key=id.rjust(32, "0"),
        created_at=now,
        expires_at=now + timedelta(days=1),
        forget_at=None,
        status=MediaStatus.SUCCEEDED,
        completed_at=now,
        image=Image(source_url=f"https://images.example/{id}.jpg", width=600, height=800),
    )
