"""Small worlds: a test makes the few records it needs, and compares whole answers.

Everything has a default but what a test is about. Ids rise in the order of making, and so do times:
what is made later is newer.
"""

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, TypeVar

from bson import ObjectId

from domain.boards import BoardPrivacy, BoardRecord, SectionRecord
from domain.campaigns import (
    AdAccountRecord,
    AdGroupRecord,
    AdRecord,
    BillableEvent,
    CampaignRecord,
    TargetingSpec,
)
from domain.follows import FollowKind, FollowRecord
from domain.hides import HideRecord
from domain.media import Image, ImageMedia
from domain.notifications import NotificationRecord, NotificationType, SubjectKind
from domain.pins import CommentRecord, Engagement, PinRecord, ReactionType, trend
from domain.positions import at_place, at_top
from domain.preferences import HiddenAdvertiser, PreferencesRecord
from domain.record import Id, Record
from domain.topics import TopicRecord
from domain.users import UserRecord
from storage.codec import document, object_id
from storage.storage import Storage

START = datetime.now(UTC).replace(microsecond=0) - timedelta(days=2)

R = TypeVar("R", bound=Record)

NOTHING_HAPPENED = Engagement()
EVERYBODY = TargetingSpec()


_AT_ONCE = 32


class World:
    """Makes records in the real stores."""

    def __init__(self, storage: Storage) -> None:
        self.storage = storage
        self._steps = count(1)
        # Each insert has a connection of its own: thousands at once would wait for the server.
        self._places = asyncio.Semaphore(_AT_ONCE)

    async def user(self, username: str, **fields: Any) -> UserRecord:
        """A user; the full name is the username in title case."""
        base = self._base() | {"username": username, "full_name": username.title()}
        return await self._put("users", UserRecord(**base | fields))

    async def board(self, owner: UserRecord, name: str = "Kitchen", **fields: Any) -> BoardRecord:
        """A public board; the slug is the name in lower case."""
        base = self._base()
        base |= {
            "owner_id": owner.id,
            "name": name,
            "slug": name.lower().replace(" ", "-"),
            "pins_modified_at": base["created_at"],
            "position": at_top(base["created_at"]),
        }
        return await self._put("boards", BoardRecord(**base | fields))

    async def section(self, board: BoardRecord, title: str, position: int = 0) -> SectionRecord:
        """A section of a board; `position` is its place, counted from 0."""
        base = self._base() | {"board_id": board.id, "title": title, "position": at_place(position)}
        return await self._put("sections", SectionRecord(**base))

    async def topic(self, name: str, **fields: Any) -> TopicRecord:
        """A topic; the key is the name in lower case."""
        base = {"id": self._base()["id"], "name": name, "key": name.lower()}
        return await self._put("topics", TopicRecord(**base | fields))

    async def pin(
        self,
        board: BoardRecord,
        title: str = "A pin",
        *,
        owner: UserRecord | None = None,
        topics: tuple[TopicRecord, ...] = (),
        engagement: Engagement = NOTHING_HAPPENED,
        **fields: Any,
    ) -> PinRecord:
        """A root pin with a picture of its own, by the owner of the board unless told otherwise."""
        base = self._base()
        owner_id = owner.id if owner else board.owner_id
        base |= {
            "owner_id": owner_id,
            "creator_id": owner_id,
            "board_id": board.id,
            "root_id": base["id"],
            "privacy": board.privacy,
            "title": title,
            "media": picture(base["id"]),
            "position": at_top(base["created_at"]),
            "topic_ids": tuple(topic.id for topic in topics),
            "engagement": engagement,
            "trend": trend(engagement, base["created_at"]),
        }
        return await self._put("pins", PinRecord(**base | fields))

    async def save(self, pin: PinRecord, board: BoardRecord, **fields: Any) -> PinRecord:
        """A copy of a pin, saved to a board by its owner."""
        base = self._base()
        base |= {
            "owner_id": board.owner_id,
            "creator_id": pin.creator_id,
            "board_id": board.id,
            "parent_id": pin.id,
            "root_id": pin.root_id,
            "is_repin": True,
            "privacy": board.privacy,
            "title": pin.title,
            "media": pin.media,
            "topic_ids": pin.topic_ids,
            "position": at_top(base["created_at"]),
            "trend": trend(NOTHING_HAPPENED, base["created_at"]),
        }
        return await self._put("pins", PinRecord(**base | fields))

    async def comment(
        self, pin: PinRecord, author: UserRecord, text: str = "Lovely", **fields: Any
    ) -> CommentRecord:
        """A comment on a pin."""
        base = self._base() | {"pin_id": pin.id, "author_id": author.id, "text": text}
        return await self._put("comments", CommentRecord(**base | fields))

    async def reaction(self, pin: PinRecord, user: UserRecord, type: ReactionType) -> None:
        """A user's reaction to a pin."""
        await self._insert(
            "reactions",
            {"pin_id": object_id(pin.id), "user_id": object_id(user.id), "type": type.value},
        )

    async def follow(
        self, follower: UserRecord, target: UserRecord | BoardRecord | TopicRecord, **fields: Any
    ) -> FollowRecord:
        """An edge of the follow graph, of the target's kind."""
        kind = {
            UserRecord: FollowKind.USER,
            BoardRecord: FollowKind.BOARD,
            TopicRecord: FollowKind.TOPIC,
        }[type(target)]
        base = self._base() | {"follower_id": follower.id, "kind": kind, "target_id": target.id}
        return await self._put("follows", FollowRecord(**base | fields))

    async def block(self, blocker: UserRecord, blocked: UserRecord) -> None:
        """A block, which hides both from each other."""
        await self._insert(
            "blocks", {"blocker_id": object_id(blocker.id), "blocked_id": object_id(blocked.id)}
        )

    async def hide(self, user: UserRecord, pin: PinRecord, **fields: Any) -> HideRecord:
        """A hidden pin; it is not counted."""
        base = self._base() | {"user_id": user.id, "pin_id": pin.id, "root_id": pin.root_id}
        return await self._put("hides", HideRecord(**base | fields))

    async def preferences(self, user: UserRecord, *hidden: UserRecord) -> PreferencesRecord:
        """Somebody's preferences: whose ads they do not want."""
        unwanted = tuple(HiddenAdvertiser(user_id=u.id, hidden_at=START) for u in hidden)
        stated = PreferencesRecord(id=user.id, hidden_advertisers=unwanted)
        return await self._put("preferences", stated)

    async def notification(
        self,
        user: UserRecord,
        what: NotificationType,
        actor: UserRecord,
        subject: UserRecord | BoardRecord | PinRecord | CommentRecord | None = None,
        **fields: Any,
    ) -> NotificationRecord:
        """Something that a user is told; it is about the actor unless told otherwise."""
        about = subject or actor
        kind = {
            UserRecord: SubjectKind.USER,
            BoardRecord: SubjectKind.BOARD,
            PinRecord: SubjectKind.PIN,
            CommentRecord: SubjectKind.COMMENT,
        }[type(about)]
        base = self._base() | {
            "user_id": user.id,
            "type": what,
            "actor_id": actor.id,
            "subject_kind": kind,
            "subject_id": about.id,
        }
        return await self._put("notifications", NotificationRecord(**base | fields))

    async def ad(
        self,
        pin: PinRecord,
        *,
        bid_micros: int = 4_000_000,
        targeting: TargetingSpec = EVERYBODY,
        account: AdAccountRecord | None = None,
        **fields: Any,
    ) -> AdRecord:
        """A live ad for a pin, billed by impressions, in a campaign and group of its own."""
        account = account or await self._put(
            "ad_accounts",
            AdAccountRecord(
                **self._base(), owner_id=pin.owner_id, name="Account", currency="USD", country="US"
            ),
        )
        campaign = await self._put(
            "campaigns", CampaignRecord(**self._base(), ad_account_id=account.id, name="Campaign")
        )
        group = await self._put(
            "ad_groups",
            AdGroupRecord(
                **self._base(),
                ad_account_id=account.id,
                campaign_id=campaign.id,
                name="Group",
                billable_event=BillableEvent.IMPRESSION,
                bid_micros=bid_micros,
                targeting=targeting,
            ),
        )
        base = self._base() | {
            "ad_account_id": account.id,
            "campaign_id": campaign.id,
            "ad_group_id": group.id,
            "pin_id": pin.id,
            "name": "Ad",
            "pctr_ppm": 10_000,
        }
        return await self._put("ads", AdRecord(**base | fields))

    async def make_secret(self, board: BoardRecord) -> None:
        """Turns a board SECRET in the stores, as a mutation will."""
        secret = {"$set": {"privacy": BoardPrivacy.SECRET.value}}
        mongo = self.storage.mongo
        await mongo.collection("boards").update_one({"_id": object_id(board.id)}, secret)
        await mongo.collection("pins").update_many({"board_id": object_id(board.id)}, secret)
        await self.storage.redis.client.flushdb()

    def new_id(self) -> Id:
        """An id of its own, newer than all that was made before."""
        return Id(self._base()["id"])

    def _base(self) -> dict[str, Any]:
        step = next(self._steps)
        created_at = START + timedelta(seconds=step)
        stamp = int(created_at.timestamp()).to_bytes(4, "big")
        return {"id": Id(str(ObjectId(stamp + step.to_bytes(8, "big")))), "created_at": created_at}

    async def _put(self, collection: str, record: R) -> R:
        await self._insert(collection, document(record))
        return record

    async def _insert(self, collection: str, fields: dict[str, Any]) -> None:
        async with self._places:
            await self.storage.mongo.collection(collection).insert_one(fields)


def picture(name: str) -> ImageMedia:
    """A picture of its own, 600 × 800."""
    url = f"https://images.example/{name}.jpg"
    return ImageMedia(image=Image(source_url=url, width=600, height=800, dominant_color="#aabbcc"))
