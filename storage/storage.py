"""All stores of a process, over one MongoDB database and one Redis."""

from collections.abc import Collection, Mapping

import msgspec

from domain.blocks import BlockList
from domain.boards import BoardRecord, SectionRecord
from domain.cascades import CascadeRecord
from domain.documents import DocumentRecord
from domain.pins import CommentRecord, PinRecord
from domain.preferences import Wishes
from domain.record import Id
from domain.topics import TopicRecord
from domain.users import UserRecord
from storage.ads import AdStore
from storage.audits import AuditStore
from storage.automatic_documents import AutomaticDocumentStore
from storage.blocks import BlockStore
from storage.boards import BoardStore
from storage.cache import RecordCache, RecordCaches
from storage.cascades import CascadeStore
from storage.cascading import CascadeWorker
from storage.comments import CommentStore
from storage.document_uses import DocumentUseStore
from storage.documents import DocumentStore
from storage.feeds import FeedStore
from storage.follows import FollowStore
from storage.hides import HideStore
from storage.idempotency import IdempotencyStore
from storage.lists import FirstPages
from storage.mongo import Mongo
from storage.notifications import NotificationStore
from storage.pins import PinStore
from storage.preferences import PreferencesStore
from storage.purging import Purger
from storage.rate_limits import RateLimitStore
from storage.reactions import ReactionStore
from storage.redis import Redis
from storage.related import RelatedStore
from storage.reports import ReportStore
from storage.search import SearchStore
from storage.sections import SectionStore
from storage.tastes import TasteStore
from storage.timelines import TimelineStore
from storage.topics import TopicStore
from storage.transactions import Transactions
from storage.undo import STEPS, UndoStore
from storage.uploads import UploadStore
from storage.users import UserStore
from storage.views import BoardsOfUser, CommentsOfPin, PinsOfBoard, View

_INDEXED = (
    UserStore,
    BoardStore,
    SectionStore,
    PinStore,
    CommentStore,
    ReactionStore,
    FollowStore,
    BlockStore,
    HideStore,
    ReportStore,
    PreferencesStore,
    NotificationStore,
    TopicStore,
    AdStore,
    DocumentStore,
    DocumentUseStore,
    AuditStore,
    IdempotencyStore,
    UndoStore,
    CascadeStore,
    UploadStore,
)


class Storage:
    """The stores, each under the name of its entity. `cache_ttl_s` is for records by id."""

    def __init__(
        self,
        mongo: Mongo,
        redis: Redis,
        *,
        cache_ttl_s: int = 300,
        feed_session_ttl_s: int = 1800,
        automatic_document_ttl_s: int = 86_400,
    ) -> None:
        self.mongo = mongo
        self.redis = redis
        users = RecordCache(redis, UserRecord, "users", cache_ttl_s)
        boards = RecordCache(redis, BoardRecord, "boards", cache_ttl_s)
        sections = RecordCache(redis, SectionRecord, "sections", cache_ttl_s)
        pins = RecordCache(redis, PinRecord, "pins", cache_ttl_s)
        topics = RecordCache(redis, TopicRecord, "topics", cache_ttl_s)
        comments = RecordCache(redis, CommentRecord, "comments", cache_ttl_s)
        block_lists, wishes = View(redis, BlockList), View(redis, Wishes)
        boards_of_users: FirstPages[BoardRecord] = FirstPages(redis, BoardsOfUser)
        pins_of_boards: FirstPages[PinRecord] = FirstPages(redis, PinsOfBoard)
        comments_of_pins: FirstPages[CommentRecord] = FirstPages(redis, CommentsOfPin)
        self._caches = RecordCaches(
            redis,
            *(users, boards, sections, pins, topics, comments),
            *(block_lists, wishes, boards_of_users, pins_of_boards, comments_of_pins),
        )
        self.users = UserStore(mongo, users)
        self.boards = BoardStore(mongo, boards, boards_of_users)
        self.sections = SectionStore(mongo, sections)
        self.pins = PinStore(mongo, pins, pins_of_boards)
        self.topics = TopicStore(mongo, topics)
        self.comments = CommentStore(mongo, comments, comments_of_pins)
        self.reactions = ReactionStore(mongo)
        self.follows = FollowStore(mongo)
        self.blocks = BlockStore(mongo, block_lists)
        self.hides = HideStore()
        self.reports = ReportStore()
        self.preferences = PreferencesStore(mongo)
        self.tastes = TasteStore(mongo, wishes)
        self.notifications = NotificationStore(mongo)
        self.search = SearchStore(mongo)
        self.timelines = TimelineStore(mongo)
        self.related = RelatedStore(mongo, redis)
        self.feeds = FeedStore(redis, feed_session_ttl_s)
        self.ads = AdStore(mongo)
        self.documents = DocumentStore(
            mongo, RecordCache(redis, DocumentRecord, "documents", cache_ttl_s)
        )
        self.document_uses = DocumentUseStore(mongo)
        self.undos = UndoStore()
        self.uploads = UploadStore(mongo)
        self.idempotency = IdempotencyStore(mongo)
        self.cascades = CascadeStore(mongo)
        self.transactions = Transactions(mongo, self.forget)
        self.purging = Purger(mongo, self.transactions, self.forget)
        self.cascading = CascadeWorker(self.cascades, self.transactions)
        self.rate_limits = RateLimitStore(redis)
        self.automatic_documents = AutomaticDocumentStore(redis, automatic_document_ttl_s)

    async def prepare(self) -> None:
        """Creates the indexes that are missing, and converts what an older version stored.

        Safe to run in every process that starts.

        Raises `StoreUnavailable` when MongoDB does not answer.
        """
        await self.mongo.wait()
        for store in _INDEXED:
            await self.mongo.create_indexes(store.COLLECTION, store.INDEXES)
        await self.sections.convert_places()
        await self.mongo.create_indexes(STEPS, UndoStore.STEP_INDEXES)

    async def forget(self, touched: Mapping[type[msgspec.Struct], Collection[Id]]) -> None:
        """Drops records of many kinds from the cache after a write: one round trip for all.

        When it returns, this process gives out nothing older, and nor do the others, unless Redis
        does not answer this one: see `storage.evictions`. Kinds that are not cached may be among
        them. Of lists, first pages alone are kept (`storage.lists`); what is derived from records
        and kept for longer, such as related pins and the snapshot of a feed, is ids, whose records
        are read anew.
        """
        if CascadeRecord in touched:
            self.cascading.wake()
        await self._caches.forget(touched)

    async def close(self) -> None:
        """Ends the connections to both stores."""
        await self.mongo.close()
        await self.redis.close()
