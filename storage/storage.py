"""All stores of a process, over one MongoDB database and one Redis."""

from domain.boards import BoardRecord, SectionRecord
from domain.pins import PinRecord
from domain.topics import TopicRecord
from domain.users import UserRecord
from storage.ads import AdStore
from storage.blocks import BlockStore
from storage.boards import BoardStore
from storage.cache import RecordCache
from storage.comments import CommentStore
from storage.feeds import FeedStore
from storage.follows import FollowStore
from storage.mongo import Mongo
from storage.pins import PinStore
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

    async def prepare(self) -> None:
        """Creates the indexes that are missing; safe to run in every process that starts."""
        for store in _INDEXED:
            await self.mongo.create_indexes(store.COLLECTION, store.INDEXES)

    async def close(self) -> None:
        """Ends the connections to both stores."""
        await self.mongo.close()
        await self.redis.close()
