"""Who may open a stream: with the usual header, or with a ticket in the address, which is no token and works once."""

from typing import Annotated

from fastapi import Query, Request
from starlette.websockets import WebSocket

from api.dependencies import Held, Requires, admitted_actor
from api.live.tickets import LONGEST_TICKET
from api.problems import Forbidden, Unauthenticated
from api.security.actor import Actor
from api.state import AppState

TicketText = Annotated[
    str | None,
    Query(max_length=LONGEST_TICKET, description="A ticket of `POST /api/v1/events/ticket`, in place of the header."),
]


class MayListen(Requires):
    """The actor of the ticket, or of the header where there is none; found by what looks for permissions of routes."""

    async def __call__(self, request: Request, held: Held, ticket: TicketText = None) -> Actor:  # type: ignore[override]
        if ticket is None:
            actor = await admitted_actor(request)
        else:
            actor = await self.redeemed(held, ticket)
            request.state.actor = actor
            await held.rates.admit(request, actor)
        if not actor.may(self.permission):
            raise Forbidden(f"This needs the permission {self.permission}.")
        return actor

    async def of_socket(self, socket: WebSocket, held: AppState) -> Actor:
        """The same for a WebSocket, which has no header to send."""
        ticket = socket.query_params.get("ticket", "")
        if not 0 < len(ticket) <= LONGEST_TICKET:
            raise Unauthenticated
        actor = await self.redeemed(held, ticket)
        socket.state.actor = actor
        if not actor.may(self.permission):
            raise Forbidden
        return actor

    async def redeemed(self, held: AppState, ticket: str) -> Actor:
        """The ticket is used up; its actor as it is by now."""
        actor = await held.live.tickets.redeem(ticket, "events")
        return await held.access.authenticator.renewed(actor)


may_listen = MayListen("events.read")
