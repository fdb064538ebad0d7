"""`followTopic`: follows a topic."""

from typing import Protocol

from domain.follows import FollowKind
from domain.rate_limits import Burst
from domain.topics import TopicRecord
from domain.viewer import Scope
from resolvers.inputs import Input
from resolvers.mutation import MutationInput, Payload, Write, mutation
from resolvers.mutations.following import new_edge, refuse_another
from storage.transactions import Transaction


class FollowTopicInput(MutationInput, Protocol):
    """Which topic."""

    topic_id: str


class FollowTopicPayload(Payload, frozen=True, kw_only=True):
    """The topic with its new count."""

    topic: TopicRecord | None = None


@mutation(FollowTopicPayload, scopes=(Scope.USER_ACCOUNTS_WRITE,), burst=Burst.FOLLOW)
async def follow_topic(write: Write, input: FollowTopicInput) -> FollowTopicPayload:
    """Following twice is following."""
    check, me = Input(), write.me.id
    topic_id = check.id("Topic", input.topic_id, "topicId")
    check.done()

    async def follow(tx: Transaction) -> FollowTopicPayload:
        check = Input()
        check.found(await tx.get(TopicRecord, topic_id), "topic", "topicId")
        check.done()
        edge = await write.storage.follows.edge(tx, me, FollowKind.TOPIC, topic_id)
        if edge is None:
            await refuse_another(write, tx, "topicId")
            await tx.insert(new_edge(tx, me, FollowKind.TOPIC, topic_id))
        return FollowTopicPayload(topic=await tx.get(TopicRecord, topic_id))

    return await write.commit(follow, turns=(topic_id, me))
