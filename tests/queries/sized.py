"""A world for the documented operations, in which everything comes as often as a test says."""

from typing import Any, NamedTuple

from domain.boards import Collaborator
from domain.ids import to_global_id
from domain.notifications import NotificationType
from domain.pins import ReactionType
from domain.users import UserRecord
from tests.world import World


class SizedWorld(NamedTuple):
    """A world in which everything comes `size` times."""

    viewer: UserRecord
    variables: dict[str, dict[str, Any]]


async def sized_world(world: World, size: int) -> SizedWorld:
    """A viewer who follows `size` people, each with a board, a pin, comments, replies and saves."""
    viewer, ana = await world.user("viewer"), await world.user("ana")
    author, replier = await world.user("author"), await world.user("replier")
    topic = await world.topic("Food")
    people = [await world.user(f"person{i}") for i in range(size)]
    member = Collaborator(user_id=people[0].id, invited_by_id=ana.id)
    boards = [
        await world.board(ana, f"Board {i}", collaborators=(member,), section_count=1)
        for i in range(size)
    ]
    await world.section(boards[0], "Section")
    pins = []
    for person in people:
        board = await world.board(person, "Mine", section_count=1)
        part = await world.section(board, "Part")
        pin = await world.pin(board, "a pin", topics=(topic,), section_id=part.id)
        pins.append(pin)
        await world.follow(viewer, person)
        await world.follow(person, ana)
        await world.follow(ana, person)
        for each in boards:
            await world.save(pin, each)
        comment = await world.comment(pin, author)
        await world.comment(pin, replier, "reply", parent_id=comment.id)
        await world.reaction(pin, viewer, ReactionType.LOVE)
        for subject in (person, board, pin, comment):
            await world.notification(viewer, NotificationType.REACTION, person, subject)
    return SizedWorld(
        viewer,
        {
            "HomeFeed": {"first": size},
            "DeepFeed": {"first": size},
            "PinCloseup": {"id": to_global_id("Pin", pins[0].id), "first": size},
            "Profile": {"username": "ana", "first": size},
            "BoardPage": {"username": "ana", "slug": "board-0", "first": size},
            "Notifications": {"first": size * 4},
            "Search": {"query": "pin", "first": size},
        },
    )
