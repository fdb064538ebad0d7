"""A model of the product in plain Python: what mutations do, told independently of how they do it.

It knows people, boards, pins and what is between them, and for each mutation whether it is done,
and what is there afterwards. It shares no rule with the code that it judges.
"""

from dataclasses import dataclass, field
from typing import Literal

Outcome = Literal["DONE", "NOT_FOUND", "NOT_ALLOWED", "INVALID"]

Name = str
"""What the test calls a thing: ids are the server's to give."""


@dataclass
class Board:
    """A board: `editors` have accepted."""

    owner: Name
    is_secret: bool
    editors: set[Name] = field(default_factory=set)


@dataclass
class Pin:
    """A pin on a board; `parent` is what it was saved from, `root` the first of its tree."""

    owner: Name
    board: Name
    root: Name
    parent: Name | None = None


@dataclass
class Model:
    """Everything that is there."""

    people: tuple[Name, ...]
    boards: dict[Name, Board] = field(default_factory=dict)
    pins: dict[Name, Pin] = field(default_factory=dict)
    follows: set[tuple[Name, Name]] = field(default_factory=set)
    board_follows: set[tuple[Name, Name]] = field(default_factory=set)
    unfollowed: set[tuple[Name, Name]] = field(default_factory=set)
    blocks: set[tuple[Name, Name]] = field(default_factory=set)
    reactions: dict[tuple[Name, Name], str] = field(default_factory=dict)
    comments: dict[Name, tuple[Name, Name]] = field(default_factory=dict)

    # What a viewer sees

    def are_apart(self, one: Name, other: Name) -> bool:
        """Whether a block stands between two people."""
        return (one, other) in self.blocks or (other, one) in self.blocks

    def sees_board(self, viewer: Name, name: Name) -> bool:
        """Whether a board is there for a viewer (INV-6)."""
        board = self.boards.get(name)
        if board is None or self.are_apart(viewer, board.owner):
            return False
        return not board.is_secret or self.is_member(viewer, name)

    def sees_pin(self, viewer: Name, name: Name) -> bool:
        """Whether a pin is there for a viewer (INV-7)."""
        pin = self.pins.get(name)
        return (
            pin is not None
            and self.sees_board(viewer, pin.board)
            and not self.are_apart(viewer, pin.owner)
        )

    def is_member(self, viewer: Name, name: Name) -> bool:
        """Whether somebody may add pins to a board."""
        board = self.boards[name]
        return viewer == board.owner or viewer in board.editors

    def feed_takes_from(self, viewer: Name, name: Name) -> bool:
        """Whether a viewer follows a board, by itself or with its owner (INV-11)."""
        by_owner = (viewer, self.boards[name].owner) in self.follows
        return (viewer, name) in self.board_follows or (
            by_owner and (viewer, name) not in self.unfollowed
        )

    def is_follower(self, one: Name, other: Name) -> bool:
        """Whether somebody counts as one who follows another: of a board of theirs is enough."""
        return (one, other) in self.follows or any(
            self.boards[board].owner == other for who, board in self.board_follows if who == one
        )

    # What mutations do

    def set_privacy(self, viewer: Name, name: Name, is_secret: bool) -> Outcome:
        """Strangers do not follow what is secret (INV-8)."""
        if not self.sees_board(viewer, name):
            return "NOT_FOUND"
        board = self.boards[name]
        if viewer != board.owner:
            return "NOT_ALLOWED"
        if is_secret and not board.is_secret:
            self.board_follows = {
                (who, what)
                for who, what in self.board_follows
                if what != name or self.is_member(who, name)
            }
        board.is_secret = is_secret
        return "DONE"

    def delete_board(self, viewer: Name, name: Name) -> Outcome:
        """All pins on it go with it, whoever's (INV-5)."""
        if not self.sees_board(viewer, name):
            return "NOT_FOUND"
        if viewer != self.boards[name].owner:
            return "NOT_ALLOWED"
        for pin in [each for each, pin in self.pins.items() if pin.board == name]:
            self._drop_pin(pin)
        del self.boards[name]
        self.board_follows = {edge for edge in self.board_follows if edge[1] != name}
        self.unfollowed = {edge for edge in self.unfollowed if edge[1] != name}
        return "DONE"

    def share(self, name: Name, user: Name) -> None:
        """Somebody was invited to a board and has accepted."""
        self.boards[name].editors.add(user)

    def remove_member(self, viewer: Name, name: Name, user: Name) -> Outcome:
        """Their pins stay (INV-10); they follow no secret board any more (INV-8)."""
        if not self.sees_board(viewer, name):
            return "NOT_FOUND"
        board = self.boards[name]
        if viewer != board.owner:
            return "NOT_ALLOWED"
        if user not in board.editors:
            return "NOT_FOUND"
        board.editors.discard(user)
        if board.is_secret:
            self.board_follows.discard((user, name))
        return "DONE"

    def create_pin(self, viewer: Name, board: Name, name: Name) -> Outcome:
        """A root of its own."""
        outcome = self._may_add(viewer, board)
        if outcome == "DONE":
            self.pins[name] = Pin(viewer, board, root=name)
        return outcome

    def save_pin(self, viewer: Name, pin: Name, board: Name, name: Name) -> Outcome:
        """A copy, which remembers its parent and its root (INV-2); the caller knows of doubles."""
        if not self.sees_pin(viewer, pin):
            return "NOT_FOUND"
        outcome = self._may_add(viewer, board)
        if outcome == "DONE" and self.copy_on(viewer, pin, board) is None:
            self.pins[name] = Pin(viewer, board, root=self.pins[pin].root, parent=pin)
        return outcome

    def copy_on(self, viewer: Name, pin: Name, board: Name) -> Name | None:
        """The copy of a pin that a viewer has on a board."""
        for name, copy in self.pins.items():
            if (copy.parent, copy.board, copy.owner) == (pin, board, viewer):
                return name
        return None

    def move_pin(self, viewer: Name, pin: Name, board: Name) -> Outcome:
        """Its owner moves it to where they add pins; its board's owner between own boards."""
        if not (self.sees_pin(viewer, pin) and self.sees_board(viewer, board)):
            return "NOT_FOUND"
        moved = self.pins[pin]
        owns_both = viewer == self.boards[moved.board].owner == self.boards[board].owner
        if not owns_both and not (viewer == moved.owner and self.is_member(viewer, board)):
            return "NOT_ALLOWED"
        moved.board = board
        return "DONE"

    def delete_pin(self, viewer: Name, pin: Name) -> Outcome:
        """Copies stay (INV-4); the board's owner removes any pin (INV-10)."""
        if not self.sees_pin(viewer, pin):
            return "NOT_FOUND"
        if viewer not in (self.pins[pin].owner, self.boards[self.pins[pin].board].owner):
            return "NOT_ALLOWED"
        self._drop_pin(pin)
        return "DONE"

    def follow_user(self, viewer: Name, user: Name) -> Outcome:
        """Brings boards back that were unfollowed one by one (INV-11)."""
        if viewer == user:
            return "INVALID"
        if self.are_apart(viewer, user):
            return "NOT_FOUND"
        self.follows.add((viewer, user))
        self._forget_unfollowed(viewer, user)
        return "DONE"

    def unfollow_user(self, viewer: Name, user: Name) -> Outcome:
        """Boards that are followed for themselves stay so."""
        if self.are_apart(viewer, user):
            return "NOT_FOUND"
        if (viewer, user) in self.follows:
            self.follows.discard((viewer, user))
            self._forget_unfollowed(viewer, user)
        return "DONE"

    def follow_board(self, viewer: Name, board: Name) -> Outcome:
        """Nobody follows their own."""
        if not self.sees_board(viewer, board):
            return "NOT_FOUND"
        if viewer == self.boards[board].owner:
            return "INVALID"
        self.board_follows.add((viewer, board))
        self.unfollowed.discard((viewer, board))
        return "DONE"

    def unfollow_board(self, viewer: Name, board: Name) -> Outcome:
        """Of a followed user, the board is left out from now on."""
        if not self.sees_board(viewer, board):
            return "NOT_FOUND"
        self.board_follows.discard((viewer, board))
        if (viewer, self.boards[board].owner) in self.follows:
            self.unfollowed.add((viewer, board))
        return "DONE"

    def block(self, viewer: Name, user: Name) -> Outcome:
        """Ends all that was between two people (DOMAIN a.5)."""
        if viewer == user:
            return "INVALID"
        if (viewer, user) in self.blocks:
            return "DONE"
        if self.are_apart(viewer, user):
            return "NOT_FOUND"
        self.blocks.add((viewer, user))
        for one, other in ((viewer, user), (user, viewer)):
            self.follows.discard((one, other))
            for name, board in self.boards.items():
                if board.owner == other:
                    self.board_follows.discard((one, name))
                    self.unfollowed.discard((one, name))
                    board.editors.discard(one)
        theirs = [
            name
            for name, pin in self.pins.items()
            if pin.owner == user and self.boards[pin.board].owner == viewer
        ]
        for name in theirs:
            self._drop_pin(name)
        return "DONE"

    def unblock(self, viewer: Name, user: Name) -> Outcome:
        """What ended stays so."""
        if (viewer, user) not in self.blocks:
            return "NOT_FOUND" if self.are_apart(viewer, user) else "DONE"
        self.blocks.discard((viewer, user))
        return "DONE"

    def react(self, viewer: Name, pin: Name, type: str | None) -> Outcome:
        """One a user and pin; None takes it back."""
        if not self.sees_pin(viewer, pin):
            return "NOT_FOUND"
        if type is None:
            self.reactions.pop((viewer, pin), None)
        else:
            self.reactions[viewer, pin] = type
        return "DONE"

    def comment(self, viewer: Name, pin: Name, name: Name) -> Outcome:
        """Whoever sees a pin may comment on it."""
        if not self.sees_pin(viewer, pin):
            return "NOT_FOUND"
        self.comments[name] = (viewer, pin)
        return "DONE"

    def delete_comment(self, viewer: Name, comment: Name) -> Outcome:
        """Its author, and the owners of the pin and of the board."""
        author, pin = self.comments[comment]
        if not self.sees_pin(viewer, pin) or self.are_apart(viewer, author):
            return "NOT_FOUND"
        if viewer not in (author, self.pins[pin].owner, self.boards[self.pins[pin].board].owner):
            return "NOT_ALLOWED"
        del self.comments[comment]
        return "DONE"

    def _may_add(self, viewer: Name, board: Name) -> Outcome:
        if not self.sees_board(viewer, board):
            return "NOT_FOUND"
        return "DONE" if self.is_member(viewer, board) else "NOT_ALLOWED"

    def _drop_pin(self, pin: Name) -> None:
        del self.pins[pin]
        self.reactions = {key: type for key, type in self.reactions.items() if key[1] != pin}
        self.comments = {key: each for key, each in self.comments.items() if each[1] != pin}

    def _forget_unfollowed(self, viewer: Name, user: Name) -> None:
        self.unfollowed = {
            (who, board)
            for who, board in self.unfollowed
            if who != viewer or self.boards[board].owner != user
        }
