"""Who asks: the token that came with a request, and what it may do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import HTTPConnection

from ecg_monitor.core import keys
from ecg_monitor.ward import access
from ecg_monitor.ward.access import Role
from ecg_monitor.ward.accounts.tokens import Scope, Token
from ecg_monitor.ward.units.sight import EVERYTHING, VisibleBeds
from gateway.api.errors import ApiError


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks.

    Attributes:
        token: what is kept of the token.
        address: network address that it came from.
        sight: which beds its person sees.
    """

    token: Token
    address: str
    sight: VisibleBeds = EVERYTHING

    @property
    def person(self) -> str:
        """Whose name is on what is done."""
        return self.token.user

    def check(self, *scopes: Scope) -> None:
        """Make sure that the token has one of some scopes.

        Raises:
            ApiError: it has none of them (403).
        """
        if not set(scopes) & set(self.token.scopes):
            raise ApiError(403, f"the token lacks the scope {' or '.join(scopes)}", code="no_scope")

    def check_role(self, role: Role) -> None:
        """Make sure that the person may do what takes a role.

        Raises:
            ApiError: they may not (403).
        """
        if not access.at_least(self.token.role, role):
            raise ApiError(403, f"this takes the role {role}", code="no_role")

    def may_see(self, device: str) -> bool:
        """Return whether a bed is one of the token's and is seen by its person."""
        return self.token.may_see(device) and self.sight.sees(device)

    def check_bed(self, device: str) -> str:
        """Return a device id that the token may see.

        Raises:
            ApiError: it is none (422), or of another care unit (403).
        """
        if not keys.DEVICE_ID.fullmatch(device):
            raise ApiError(422, "is no device id", field="device")
        if not self.may_see(device):
            raise ApiError(403, "the token is for another care unit", code="other_unit")
        return device

    def check_unit(self, unit: str | None) -> None:
        """Make sure that a care unit that a list is asked for is one whose beds are seen.

        Raises:
            ApiError: it is not, or there is none (403): which of the two is not told.
        """
        if unit is not None and not self.sight.may_enter(unit):
            raise ApiError(403, "the token is for another care unit", code="other_unit")

    def is_of(self, device: str, unit: str | None) -> bool:
        """Return whether a bed may be seen, and belongs to a unit; None: any."""
        held = self.sight.unit_of(device)
        return self.may_see(device) and (unit is None or (held is not None and held.id == unit))


def caller_of(connection: HTTPConnection) -> Caller:
    """Return who asks; `gateway.api.doors` has let them in."""
    caller: Caller = connection.state.caller
    return caller


def needs(*scopes: Scope) -> Callable[[HTTPConnection], Caller]:
    """Return a dependency that lets in tokens with one of some scopes, and returns who asks."""

    def check(connection: HTTPConnection) -> Caller:
        caller = caller_of(connection)
        caller.check(*scopes)
        return caller

    return check
