"""`token`: a bearer token for a user, in development."""

import argparse
import asyncio
import sys
from datetime import timedelta

from cli.command import Commands
from cli.stores import open_stores, running_stores
from config import Settings
from domain.viewer import EVERY_SCOPE, Scope, StaffRole
from server import authenticator

TOKEN_LIFETIME = timedelta(days=30)
STAFF_TOKEN_LIFETIME = timedelta(hours=10)


class UserNotFound(Exception):
    """No user has the name that a token was asked for."""


def add_to(commands: Commands) -> None:
    """Adds the command."""
    token = commands.add_parser("token", help="print a bearer token for a user (development)")
    token.add_argument("username")
    token.add_argument(
        "--developer",
        action="store_true",
        help="allow any text, and the schema, also where only trusted documents are served",
    )
    token.add_argument(
        "--staff",
        choices=[role.value.lower() for role in StaffRole],
        help="give the rights of staff, for a working day",
    )
    token.add_argument(
        "--scope",
        action="append",
        choices=sorted(Scope),
        metavar="SCOPE",
        help="grant this scope, and others only if they are named too (by default all)",
    )
    token.set_defaults(run=_token)


def _token(settings: Settings, options: argparse.Namespace) -> int:
    async def find(serving: Settings) -> str:
        async with open_stores(serving) as storage:
            ids = await storage.users.ids_by_username([options.username.lower()])
        if not ids:
            raise UserNotFound(f"No user is called {options.username!r}.")
        return next(iter(ids.values()))

    with running_stores(settings) as serving:
        user_id = asyncio.run(find(serving))
    scopes = EVERY_SCOPE if options.scope is None else frozenset(map(Scope, options.scope))
    scopes |= {Scope.DEVELOPER} if options.developer else set()
    staff = None if options.staff is None else StaffRole(options.staff.upper())
    lifetime = TOKEN_LIFETIME if staff is None else STAFF_TOKEN_LIFETIME
    sys.stdout.write(authenticator(settings).mint(user_id, scopes, lifetime, staff) + "\n")
    return 0
