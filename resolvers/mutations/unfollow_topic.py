"""`unfollowTopic`: follows a topic no longer."""

from typing import Protocol

from domain.follows import FollowKind
from domain.topics import TopicRecord
from domain.viewer import Scope
from resolvers.inputs import Input
from resolvers.mutation import MutationInput, Payload, Write, mutation
from storage.transactions import Transaction


class UnfollowTopicInput(MutationInput, Protocol):
    """Which topic."""

    topic_id: str


class UnfollowTopicPayload(Payload, frozen=True, kw_only=True):
    """The topic with its new count."""

    topic: TopicRecord | None = None


@mutation(UnfollowTopicPayload, scopes=(Scope.USER_ACCOUNTS_WRITE,))
async def unfollow_topic(write: Write, input: UnfollowTopicInput) -> UnfollowTopicPayload:
    """Unfollowing twice is unfollowing."""
    check, me = Input(), write.me.id
    topic_id = check.id("Topic", input.topic_id, "topicId")
    check.done()

    async def unfollow(tx: Transaction) -> UnfollowTopicPayload:
        check = Input()
        check.found(await tx.get(TopicRecord, topic_id), "topic", "topicId")
        check.done()
        edge = await write.storage.follows.edge(tx, me, FollowKind.TOPIC, topic_id)
        if edge is not None:
            await tx.delete(edge)
        return UnfollowTopicPayload(topic=await tx.get(TopicRecord, topic_id))

    return await write.commit(unfollow, turns=(topic_id, me))
