"""All stores of a process, over one MongoDB database and one Redis."""

from domain.boards import BoardRecord, SectionRecord
from domain.documents import DocumentRecord
from domain.pins import PinRecord
from domain.topics import TopicRecord
from domain.users import UserRecord
from storage.ads import AdStore
from storage.automatic_documents import AutomaticDocumentStore
from storage.blocks import BlockStore
from storage.boards import BoardStore
from storage.cache import RecordCache
from storage.comments import CommentStore
from storage.document_uses import DocumentUseStore
from storage.documents import DocumentStore
from storage.feeds import FeedStore
from storage.follows import FollowStore
from storage.mongo import Mongo
from storage.pins import PinStore
from storage.rate_limits import RateLimitStore
from storage.reactions import ReactionStore
from storage.redis import Redis
from storage.related import RelatedStore
from storage.search import SearchStore
from storage.sections import SectionStore
from storage.timelines import TimelineStore
from storage.topics import TopicStore
from storage.users import UserStore

_INDEXED = (
    UserStore,
    BoardStore,
    SectionStore,
    PinStore,
    CommentStore,
    ReactionStore,
    FollowStore,
    BlockStore,
    TopicStore,
    AdStore,
    DocumentStore,
    DocumentUseStore,
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
        self.users = UserStore(mongo, RecordCache(redis, UserRecord, "users", cache_ttl_s))
        self.boards = BoardStore(mongo, RecordCache(redis, BoardRecord, "boards", cache_ttl_s))
        self.sections = SectionStore(
            mongo, RecordCache(redis, SectionRecord, "sections", cache_ttl_s)
        )
        self.pins = PinStore(mongo, RecordCache(redis, PinRecord, "pins", cache_ttl_s))
        self.topics = TopicStore(mongo, RecordCache(redis, TopicRecord, "topics", cache_ttl_s))
        self.comments = CommentStore(mongo)
        self.reactions = ReactionStore(mongo)
        self.follows = FollowStore(mongo)
        self.blocks = BlockStore(mongo)
        self.search = SearchStore(mongo)
        self.timelines = TimelineStore(mongo)
        self.related = RelatedStore(mongo, redis)
        self.feeds = FeedStore(redis, feed_session_ttl_s)
        self.ads = AdStore(mongo)
        self.documents = DocumentStore(
            mongo, RecordCache(redis, DocumentRecord, "documents", cache_ttl_s)
        )
        self.document_uses = DocumentUseStore(mongo)
        self.rate_limits = RateLimitStore(redis)
        self.automatic_documents = AutomaticDocumentStore(redis, automatic_document_ttl_s)

    async def prepare(self) -> None:
        """Creates the indexes that are missing; safe to run in every process that starts.

        Raises `StoreUnavailable` when MongoDB does not answer.
        """
        await self.mongo.wait()
        for store in _INDEXED:
            await self.mongo.create_indexes(store.COLLECTION, store.INDEXES)

    async def close(self) -> None:
        """Ends the connections to both stores."""
        await self.mongo.close()
        await self.redis.close()
