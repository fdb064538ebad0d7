"""What the model says that a person sees of each thing, in the words of a query."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from tests.mutations.model import Model, Name

LOOK = """
query($ids: [ID!]!) {
  nodes(ids: $ids) {
    ... on User {
      username boards: boardCount pins: pinCount followers: followerCount followingCount
    }
    ... on Board { name privacy pinCount followerCount viewerFollows viewerCanAddPins }
    ... on Pin {
      id owner { username } isRepin parent { id } saveCount commentCount reactionCount
      viewerReaction
    }
  }
}
"""


def seen(model: Model, ids: Mapping[Name, str], viewer: Name, name: Name) -> Any:
    """What `LOOK` gives a viewer for a person, a board or a pin; `ids` are those of all things."""
    if name in model.people:
        return _person(model, viewer, name)
    if name in model.boards:
        return _board(model, viewer, name)
    return _pin(model, ids, viewer, name)


def _person(model: Model, viewer: Name, name: Name) -> Any:
    if model.are_apart(viewer, name):
        return None
    shown = {each for each, board in model.boards.items() if not board.is_secret}
    pins = [pin for pin in model.pins.values() if pin.owner == name]
    return {
        "username": name,
        "boards": sum(model.boards[each].owner == name for each in shown),
        "pins": sum(pin.board in shown for pin in pins),
        "followers": sum(model.is_follower(each, name) for each in model.people),
        "followingCount": sum(model.is_follower(name, each) for each in model.people),
    }


def _board(model: Model, viewer: Name, name: Name) -> Any:
    if not model.sees_board(viewer, name):
        return None
    board = model.boards[name]
    pins = [pin for pin in model.pins.values() if pin.board == name]
    return {
        "name": name,
        "privacy": "SECRET" if board.is_secret else "PUBLIC",
        "pinCount": len(pins),
        "followerCount": sum(edge[1] == name for edge in model.board_follows),
        "viewerFollows": model.feed_takes_from(viewer, name),
        "viewerCanAddPins": model.is_member(viewer, name),
    }


def _pin(model: Model, ids: Mapping[Name, str], viewer: Name, name: Name) -> Any:
    if not model.sees_pin(viewer, name):
        return None
    pin = model.pins[name]
    parent = pin.parent if pin.parent and model.sees_pin(viewer, pin.parent) else None
    given = Counter(kind for (_, which), kind in model.reactions.items() if which == name)
    return {
        "id": ids[name],
        "owner": {"username": pin.owner},
        "isRepin": pin.parent is not None,
        "parent": parent and {"id": ids[parent]},
        "saveCount": sum(each.parent == name for each in model.pins.values()),
        "commentCount": sum(each[1] == name for each in model.comments.values()),
        "reactionCount": sum(given.values()),
        "viewerReaction": model.reactions.get((viewer, name)),
    }
