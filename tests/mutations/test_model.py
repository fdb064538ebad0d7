"""Random sequences of mutations by several people, against the model of `tests/mutations/model.py`.

After each mutation its outcome is the model's, every counter is what it counts (INV-12), and what
each person sees is what the model says they see (INV-1, 2, 4 to 8, 10, 11). At the end of each
example every check of the reconciler holds.
`MODEL_EXAMPLES=200` asks for more, and for other ones each time.
"""

import asyncio
import os
from collections.abc import Coroutine
from copy import deepcopy
from itertools import count
from typing import Any, NamedTuple, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from domain.users import UserRecord
from storage.reconciler import reconcile
from tests.client import Client
from tests.mutations.model import Board, Model, Name, Outcome
from tests.mutations.model_seen import LOOK, seen
from tests.mutations.wire import assert_consistent, gid
from tests.world import World

T = TypeVar("T")

MOST_BOARDS = 6  # few things, so that rules meet each other
MOST_PINS = 10

EXAMPLES = os.environ.get("MODEL_EXAMPLES")
PEOPLE = ("ana", "ben", "eve")
PICTURE = {"imageUrl": {"url": "https://images.example/a.jpg", "width": 6, "height": 8}}

ACTIONS = (
    *("make_board", "set_privacy", "delete_board", "share_board", "share_board", "remove_member"),
    *("create_pin", "create_pin", "save_pin", "save_pin", "save_pin", "move_pin", "delete_pin"),
    *("follow_user", "follow_user", "follow_user", "follow_board", "follow_board", "follow_board"),
    *("block", "unblock", "unblock", "react", "react", "comment", "delete_comment"),
    *(
        "leave_out",
        "leave_out",
        "follow_for_a_board",
        "fall_out",
        "hide_pin",
        "hide_pin",
        "overstep",
    ),
)
"""What is done, the more often the more often it stands here: a block ends everything.

Those of the last line are several mutations on end, which chance would seldom bring together.
"""

pairs = st.sampled_from([(one, other) for one in PEOPLE for other in PEOPLE if one != other])
numbers = st.integers(0, 59)


class Chance(NamedTuple):
    """What an action is made from: who does it, to whom or what, and one thing more."""

    pair: tuple[Name, Name]
    which: int
    where: int
    luck: bool

    @property
    def viewer(self) -> Name:
        """Who does it."""
        return self.pair[0]


async def _no_pause() -> None:
    """Nobody writes meanwhile."""


def machine(
    world: World, client: Client, loop: asyncio.AbstractEventLoop
) -> type[RuleBasedStateMachine]:
    """The rules, over a server that runs in another thread's loop."""

    def run(work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, loop).result(timeout=60)

    class Mutations(RuleBasedStateMachine):
        @initialize()
        def begin(self) -> None:
            run(self._empty())
            self.model = Model(PEOPLE)
            self.users: dict[Name, UserRecord] = {name: run(world.user(name)) for name in PEOPLE}
            self.ids: dict[Name, str] = {name: gid(user) for name, user in self.users.items()}
            self._numbers = count(1)
            for place, name in enumerate(PEOPLE):
                self.make_board(Chance((name, name), place, place, True))
                self.create_pin(Chance((name, name), place, place, True))
            self.share_board(Chance(("ben", "ben"), 0, 0, True))

        @rule(
            action=st.sampled_from(ACTIONS),
            pair=pairs,
            which=numbers,
            where=numbers,
            luck=st.booleans(),
        )
        def do(
            self, action: str, pair: tuple[Name, Name], which: int, where: int, luck: bool
        ) -> None:
            """One mutation. It is one rule for all, so that all of them meet in every example."""
            getattr(self, action)(Chance(pair, which, where, luck))

        # Boards

        def make_board(self, chance: Chance) -> None:
            if len(self.model.boards) >= MOST_BOARDS:
                return
            viewer, is_secret = chance.viewer, not chance.luck
            name = self._name("board")
            privacy = "SECRET" if is_secret else "PUBLIC"
            answer = self._send(
                "DONE",
                viewer,
                "createBoard",
                "boardEdge { node { id } }",
                name=name,
                privacy=privacy,
            )
            self.ids[name] = answer["boardEdge"]["node"]["id"]
            self.model.boards[name] = Board(viewer, is_secret)

        def set_privacy(self, chance: Chance) -> None:
            name = self._pick(self.model.boards, chance.which)
            self._set_privacy(chance.viewer, name, is_secret=chance.luck)

        def _set_privacy(self, viewer: Name, name: Name, *, is_secret: bool) -> None:
            expected = self.model.set_privacy(viewer, name, is_secret)
            privacy = "SECRET" if is_secret else "PUBLIC"
            self._send(expected, viewer, "updateBoard", id=self.ids[name], privacy=privacy)

        def delete_board(self, chance: Chance) -> None:
            if len(self.model.boards) == 1:
                return
            self._delete_board(chance.viewer, self._pick(self.model.boards, chance.which))

        def _delete_board(self, viewer: Name, name: Name) -> None:
            expected = self.model.delete_board(viewer, name)
            self._send(expected, viewer, "deleteBoard", id=self.ids[name])

        def share_board(self, chance: Chance) -> None:
            self._share(self._pick(self.model.boards, chance.which), chance.viewer)

        def _share(self, name: Name, user: Name) -> None:
            board = self.model.boards[name]
            if user == board.owner or self.model.are_apart(user, board.owner):
                return
            was_member = user in board.editors
            board_id = self.ids[name]
            self._send(
                "DONE",
                board.owner,
                "inviteCollaborators",
                boardId=board_id,
                userIds=[self.ids[user]],
            )
            if not was_member:
                self._send("DONE", user, "respondToInvite", boardId=board_id, accept=True)
            self.model.share(name, user)

        def remove_member(self, chance: Chance) -> None:
            self._remove_member(*chance.pair, self._pick(self.model.boards, chance.which))

        def _remove_member(self, viewer: Name, user: Name, name: Name) -> None:
            expected = self.model.remove_member(viewer, name, user)
            self._send(
                expected,
                viewer,
                "removeCollaborator",
                boardId=self.ids[name],
                userId=self.ids[user],
            )

        # Pins

        def create_pin(self, chance: Chance) -> None:
            if len(self.model.pins) >= MOST_PINS:
                return
            self._create_pin(chance.viewer, self._pick_place(chance.viewer, chance.where))

        def _create_pin(self, viewer: Name, board: Name) -> Name:
            name = self._name("pin")
            expected = self.model.create_pin(viewer, board, name)
            answer = self._send(
                expected,
                viewer,
                "createPin",
                "pinEdge { node { id } }",
                boardId=self.ids[board],
                title=name,
                media=PICTURE,
            )
            if expected == "DONE":
                self.ids[name] = answer["pinEdge"]["node"]["id"]
            return name

        def save_pin(self, chance: Chance) -> None:
            if not self.model.pins:
                return
            viewer, pin = chance.viewer, self._pick(self.model.pins, chance.which)
            board = self._pick_place(viewer, chance.where)
            there = self.model.copy_on(viewer, pin, board)
            name = self._name("pin")
            expected = self.model.save_pin(viewer, pin, board, name)
            answer = self._send(
                expected,
                viewer,
                "savePin",
                "alreadySaved pinEdge { node { id } }",
                pinId=self.ids[pin],
                boardId=self.ids[board],
            )
            if expected != "DONE":
                return
            copy_id = answer["pinEdge"]["node"]["id"]
            assert answer["alreadySaved"] == (there is not None)
            assert there is None or self.ids[there] == copy_id
            self.ids.setdefault(there or name, copy_id)

        def move_pin(self, chance: Chance) -> None:
            if not self.model.pins:
                return
            pin = self._pick(self.model.pins, chance.which)
            board = self._pick_place(chance.viewer, chance.where)
            self._move_pin(chance.viewer, pin, board, luck=chance.luck)

        def _move_pin(self, viewer: Name, pin: Name, board: Name, *, luck: bool) -> None:
            before = self.model.pins[pin].board
            expected = self.model.move_pin(viewer, pin, board)
            answer = self._send(
                expected,
                viewer,
                "movePins",
                "undoToken",
                ids=[self.ids[pin]],
                boardId=self.ids[board],
            )
            can_undo = expected == "DONE" and self.model.is_member(viewer, before)
            if luck and can_undo and answer["undoToken"] and self.model.sees_board(viewer, before):
                self._send("DONE", viewer, "undo", undoToken=answer["undoToken"])
                self.model.pins[pin].board = before

        def delete_pin(self, chance: Chance) -> None:
            if not self.model.pins:
                return
            pin = self._pick(self.model.pins, chance.which)
            self._delete_pin(chance.viewer, pin, luck=chance.luck)

        def _delete_pin(self, viewer: Name, pin: Name, *, luck: bool) -> None:
            before = deepcopy(self.model)
            expected = self.model.delete_pin(viewer, pin)
            answer = self._send(expected, viewer, "deletePins", "undoToken", ids=[self.ids[pin]])
            if luck and expected == "DONE" and before.is_member(viewer, before.pins[pin].board):
                self._send("DONE", viewer, "undo", undoToken=answer["undoToken"])
                self.model = before

        # People

        def follow_user(self, chance: Chance) -> None:
            (viewer, user), is_on = chance.pair, chance.luck
            do = self.model.follow_user if is_on else self.model.unfollow_user
            name = "followUser" if is_on else "unfollowUser"
            self._send(do(viewer, user), viewer, name, userId=self.ids[user])

        def follow_board(self, chance: Chance) -> None:
            board = self._pick(self.model.boards, chance.which)
            self._follow_board(chance.viewer, board, is_on=chance.luck)

        def _follow_board(self, viewer: Name, board: Name, *, is_on: bool) -> None:
            do = self.model.follow_board if is_on else self.model.unfollow_board
            name = "followBoard" if is_on else "unfollowBoard"
            self._send(do(viewer, board), viewer, name, boardId=self.ids[board])

        def block(self, chance: Chance) -> None:
            viewer, user = chance.pair
            self._send(self.model.block(viewer, user), viewer, "blockUser", userId=self.ids[user])

        def unblock(self, chance: Chance) -> None:
            viewer, user = chance.pair
            self._send(
                self.model.unblock(viewer, user), viewer, "unblockUser", userId=self.ids[user]
            )

        # Several on end

        def leave_out(self, chance: Chance) -> None:
            """Follows somebody but for a board of theirs; and with luck, for that one again."""
            if board := self._board_of(chance.pair[1], chance.which):
                self.follow_user(chance._replace(luck=True))
                self._follow_board(chance.viewer, board, is_on=False)
                if chance.luck:
                    self.follow_user(chance)

        def follow_for_a_board(self, chance: Chance) -> None:
            """Follows a board, and its owner for it; with luck neither any more."""
            if board := self._board_of(chance.pair[1], chance.which):
                self._follow_board(chance.viewer, board, is_on=True)
                if chance.luck:
                    self._follow_board(chance.viewer, board, is_on=False)

        def fall_out(self, chance: Chance) -> None:
            """Invites somebody to a board, who makes a pin there; deletes it, or blocks them."""
            viewer, user = chance.pair
            board = self._board_of(viewer, chance.where)
            if (
                board
                and len(self.model.pins) < MOST_PINS
                and not self.model.are_apart(viewer, user)
            ):
                self._share(board, user)
                pin = self._create_pin(user, board)
                if chance.luck:
                    self._delete_pin(viewer, pin, luck=False)
                else:
                    self.block(chance)
                    self.unblock(chance)

        def hide_pin(self, chance: Chance) -> None:
            """Makes a board secret or public, and moves a pin there that was elsewhere."""
            viewer, pins = chance.viewer, self.model.pins
            if sum(board.owner == viewer for board in self.model.boards.values()) < 2:
                self.make_board(chance)
            if board := self._board_of(viewer, chance.where):
                self._set_privacy(viewer, board, is_secret=chance.luck)
                mine = [n for n, pin in pins.items() if pin.owner == viewer and pin.board != board]
                if mine:
                    self._move_pin(viewer, mine[chance.which % len(mine)], board, luck=False)

        def overstep(self, chance: Chance) -> None:
            """Tries to do to somebody's board what its owner alone may, for the most part."""
            viewer, owner = chance.pair
            if board := self._board_of(owner, chance.where):
                self._remove_member(viewer, self._pick(dict.fromkeys(PEOPLE), chance.which), board)
                self._set_privacy(viewer, board, is_secret=chance.luck)
                self._delete_board(viewer, board)
                there = [name for name, pin in self.model.pins.items() if pin.board == board]
                if there:
                    self._delete_pin(viewer, there[chance.which % len(there)], luck=chance.luck)

        # Talk about pins

        def react(self, chance: Chance) -> None:
            if not self.model.pins:
                return
            viewer, pin = chance.viewer, self._pick(self.model.pins, chance.which)
            type = (None, "LOVE", "WOW")[chance.where % 3]
            expected = self.model.react(viewer, pin, type)
            if type is None:
                self._send(expected, viewer, "removeReaction", pinId=self.ids[pin])
            else:
                self._send(expected, viewer, "addReaction", pinId=self.ids[pin], type=type)

        def comment(self, chance: Chance) -> None:
            if not self.model.pins:
                return
            viewer, pin = chance.viewer, self._pick(self.model.pins, chance.which)
            name = self._name("comment")
            expected = self.model.comment(viewer, pin, name)
            answer = self._send(
                expected,
                viewer,
                "addComment",
                "commentEdge { node { id } }",
                pinId=self.ids[pin],
                text=name,
            )
            if expected == "DONE":
                self.ids[name] = answer["commentEdge"]["node"]["id"]

        def delete_comment(self, chance: Chance) -> None:
            if not self.model.comments:
                return
            viewer, name = chance.viewer, self._pick(self.model.comments, chance.which)
            expected = self.model.delete_comment(viewer, name)
            self._send(expected, viewer, "deleteComment", id=self.ids[name])

        # What holds after each

        @invariant()
        def counters_count(self) -> None:
            run(assert_consistent(world))

        @invariant()
        def everybody_sees_what_the_model_says(self) -> None:
            for viewer in PEOPLE:
                run(self._look(viewer))

        def teardown(self) -> None:
            """Looks at everything that a reconciler knows to look at."""
            report = run(
                reconcile(world.storage.mongo, world.storage.transactions, pause=_no_pause)
            )
            assert [each for each in report.findings if each.wrong] == []

        async def _look(self, viewer: Name) -> None:
            names = [*PEOPLE, *self.model.boards, *self.model.pins]
            shown = await client.data(LOOK, self.users[viewer], ids=[self.ids[n] for n in names])
            for name, node in zip(names, shown["nodes"], strict=True):
                assert node == seen(self.model, self.ids, viewer, name), (viewer, name)

        def _send(
            self, expected: Outcome, viewer: Name, mutation: str, fields: str = "", **asked: Any
        ) -> Any:
            kind = mutation[0].upper() + mutation[1:]
            document = (
                f"mutation($input: {kind}Input!) {{ answer: {mutation}(input: $input) "
                f"{{ {fields} userErrors {{ code message }} }} }}"
            )
            answer = run(client.data(document, self.users[viewer], input=asked))["answer"]
            codes = [error["code"] for error in answer["userErrors"]] or ["DONE"]
            assert codes[0] == expected, (viewer, mutation, asked, answer)
            return answer

        def _name(self, kind: str) -> Name:
            return f"{kind}{next(self._numbers)}"

        def _pick(self, named: dict[Name, Any], which: int) -> Name:
            names = list(named)
            return names[which % len(names)]

        def _pick_place(self, viewer: Name, which: int) -> Name:
            """A board, two times of three one to which the viewer adds pins."""
            places = [name for name in self.model.boards if self.model.is_member(viewer, name)]
            if which % 3 and places:
                return places[which // 3 % len(places)]
            return self._pick(self.model.boards, which // 3)

        def _board_of(self, user: Name, which: int) -> Name | None:
            names = [name for name, board in self.model.boards.items() if board.owner == user]
            return names[which % len(names)] if names else None

        async def _empty(self) -> None:
            database = world.storage.mongo.database
            for name in await database.list_collection_names():
                await database[name].delete_many({})
            await world.storage.redis.client.flushdb()

    return Mutations


async def test_random_mutations_do_what_the_model_does(world: World, client: Client) -> None:
    loop = asyncio.get_running_loop()
    kept = settings(
        max_examples=int(EXAMPLES) if EXAMPLES else 6,
        stateful_step_count=40,
        deadline=None,
        derandomize=EXAMPLES is None,
        suppress_health_check=list(HealthCheck),
    )
    await asyncio.to_thread(run_state_machine_as_test, machine(world, client, loop), settings=kept)
