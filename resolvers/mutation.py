"""What every mutation does, around what each one does (DOMAIN b.3, b.5).

    @mutation(SavePinPayload, scopes=(Scope.PINS_WRITE,), burst=Burst.SAVE)
    async def save_pin(write: Write, input: SavePinInput) -> SavePinPayload: ...

The viewer is known and active, and the token grants the scopes, or nothing is run. A key that was
answered before is answered again. What cannot be done with the input comes back as `userErrors`.
"""

from collections.abc import Awaitable, Callable, Iterable
from typing import Final, Generic, Protocol, TypeVar

import msgspec
from prometheus_client import Counter

from domain.boards import BoardRecord
from domain.errors import Unauthenticated
from domain.permissions import Reasons
from domain.rate_limits import Burst
from domain.record import Id, Record
from domain.scopes import require_scopes, scopes_on
from domain.user_errors import InputError, Path, Refused, UserError, UserErrorCode
from domain.users import UserRecord, UserStatus
from domain.viewer import Scope, Viewer
from loaders.base import Loaders
from loaders.users import UserByIdLoader
from protocol.idempotency import idempotency_key
from resolvers.context import Info
from resolvers.replays import KeptMeanwhile, Replays, prime
from resolvers.sight import Sight
from storage.audits import audit
from storage.mongo import reads_are_patient
from storage.storage import Storage
from storage.transactions import Gone, Transaction


class MutationInput(Protocol):
    """What every input has."""

    client_mutation_id: str | None


class Payload(msgspec.Struct, frozen=True, kw_only=True):
    """What every payload has. It is kept with its key, so its fields are records and plain values.

    Where there are `user_errors`, nothing was written, and every other field is empty.
    """

    user_errors: tuple[UserError, ...] = ()
    client_mutation_id: str | None = None


I = TypeVar("I", bound=MutationInput, contravariant=True)  # noqa: E741  # I for input
P = TypeVar("P", bound=Payload)

Cannot = Callable[..., Reasons]
"""A permission of `domain.permissions`: asked with the viewer and the records that it is about."""

mutations_total: Final = Counter(
    "pinery_mutations_total", "Mutations, by how they ended", ["name", "outcome"]
)


class Write:
    """One mutation of one viewer. `me` is the viewer's own record, which is active."""

    def __init__(
        self,
        info: Info,
        me: UserRecord,
        *,
        scopes: tuple[Scope, ...],
        key: bytes | None,
        request: bytes,
    ) -> None:
        self.info = info
        self.me = me
        self._scopes = scopes
        self._key = key
        self._request = request

    @property
    def viewer(self) -> Viewer:
        """Who writes."""
        return self.info.context.viewer

    @property
    def loaders(self) -> Loaders:
        """What the viewer may see, as it was when the mutation began."""
        return self.info.context.loaders

    @property
    def storage(self) -> Storage:
        """The stores."""
        return self.loaders.storage

    def sight(self, tx: Transaction) -> Sight:
        """What the viewer sees, as it is inside the transaction."""
        return Sight(self.loaders, self.me.id, tx)

    def sight_as_user(self, tx: Transaction) -> Sight:
        """As `sight`, without what only staff see: for what people do in their own name.

        Nobody reacts, comments, saves, follows or blocks by right of staff.
        """
        return Sight(self.loaders.as_user(), self.me.id, tx)

    def require_scopes_on(self, *boards: BoardRecord) -> None:
        """Raises `Forbidden` when a board is secret and the token does not grant to write there."""
        privacies = {board.privacy for board in boards}
        require_scopes(self.viewer, scopes_on(self._scopes, *privacies))

    async def permit(
        self, tx: Transaction, cannot: Cannot, to: Record, *more: object, at: Path | str = ()
    ) -> None:
        """Asks a permission about fresh records: what is to be done is done `to` the first.

        `at` is the field of the input that named it. What only staff may is audited in the same
        transaction. Raises `Refused` with NOT_ALLOWED.
        """
        reasons = cannot(self.viewer, to, *more)
        if reasons:
            raise Refused(not_allowed(reasons, at))
        if self.viewer.staff is not None and cannot(self.viewer.as_user, to, *more):
            await tx.insert(audit(self.viewer, self.info.field_name, to, tx.now))

    async def commit(
        self,
        work: Callable[[Transaction], Awaitable[P]],
        *,
        turns: Iterable[str] = (),
    ) -> P:
        """What `work` returns, once it is committed, with its key where there is one.

        `work` and `turns` are as for `Transactions.run`; what it raises undoes what it wrote. What
        is loaded afterwards is loaded anew.
        """
        name = self.info.field_name
        try:
            if self._key is None:
                payload = await self.storage.transactions.run(name, work, turns=turns)
            else:
                replays = Replays(self.storage)
                payload = await replays.once(name, self._key, self._request, work, turns)
        finally:
            self.loaders.renew()
        prime(self.loaders, payload)
        return payload


class Mutation(Generic[I, P]):
    """A mutation as the schema declares it: what it needs, and the function that does it."""

    def __init__(
        self,
        function: Callable[[Write, I], Awaitable[P]],
        payload_type: type[P],
        scopes: tuple[Scope, ...],
        burst: Burst | None,
    ) -> None:
        self.function = function
        self.payload_type = payload_type
        self.scopes = scopes
        self.burst = burst
        self.__name__ = function.__name__
        self.__doc__ = function.__doc__

    async def __call__(self, _root: None, info: Info, input: I) -> P:
        """Runs the mutation.

        Raises `Unauthenticated`, `Forbidden`, `BadUserInput` for a bad key, and what its stores
        raise; nothing was written then, unless the store could not tell.
        """
        # Also those of its payload, once it is written: so this ends with the request.
        reads_are_patient.set(True)
        # One mutation of a document may have changed what another one loaded before.
        info.context.loaders.renew()
        outcome = "failed"
        try:
            payload = await self._run(info, input)
            outcome = "refused" if payload.user_errors else "done"
        finally:
            mutations_total.labels(info.field_name, outcome).inc()
        return msgspec.structs.replace(payload, client_mutation_id=input.client_mutation_id)

    async def _run(self, info: Info, input: I) -> P:
        viewer_id = signed_in(info)
        require_scopes(info.context.viewer, self.scopes)
        me = await info.context.loaders(UserByIdLoader).load(viewer_id)
        if me is None or me.status is not UserStatus.ACTIVE:
            raise Unauthenticated("The account that this token was made for is not active.")
        replays = Replays(info.context.loaders.storage)
        key, request = replays.identify(viewer_id, info.field_name, idempotency_key(info), input)
        while True:
            if key is not None:
                kept = await replays.find(key, request, self.payload_type, info.context.loaders)
                if kept is not None:
                    return kept
            try:
                return await self.function(self._write(info, me, key, request), input)
            except KeptMeanwhile:
                continue
            except Refused as refused:
                return self.payload_type(user_errors=refused.errors)
            except Gone:
                return self.payload_type(user_errors=(_GONE,))

    def _write(self, info: Info, me: UserRecord, key: bytes | None, request: bytes) -> Write:
        return Write(info, me, scopes=self.scopes, key=key, request=request)


def mutation(
    payload_type: type[P], *, scopes: tuple[Scope, ...], burst: Burst | None = None
) -> Callable[[Callable[[Write, I], Awaitable[P]]], Mutation[I, P]]:
    """Declares a mutation: the scopes that a token must have, and the bursts it counts among."""
    return lambda function: Mutation(function, payload_type, scopes, burst)


def signed_in(info: Info) -> Id:
    """The viewer's id. Raises `Unauthenticated` when nobody is signed in."""
    viewer_id = info.context.viewer.user_id
    if viewer_id is None:
        raise Unauthenticated(f"`{info.field_name}` needs a signed-in viewer: send a bearer token.")
    return Id(viewer_id)


def not_allowed(reasons: Reasons, at: Path | str = ()) -> InputError:
    """Says that the viewer sees something and may not do this to it."""
    message = f"You may not do this: {', '.join(reasons)}."
    return InputError(code=UserErrorCode.NOT_ALLOWED, message=message, field=input_path(at))


def not_found(what: str, at: Path | str = ()) -> InputError:
    """Says that an id names nothing which the viewer may see."""
    message = f"There is no such {what}."
    return InputError(code=UserErrorCode.NOT_FOUND, message=message, field=input_path(at))


def input_path(at: Path | str) -> Path:
    """The path to a field of the input, from the mutation's arguments."""
    return ("input", at) if isinstance(at, str) else ("input", *at)


_GONE: Final = InputError(
    code=UserErrorCode.NOT_FOUND, message="It was deleted at this very moment."
)
