"""Finds the route of a request by the beginning of its address instead of trying all of them in turn.

FastAPI tries every route of every router, and those that fit twice: with 160 routes that costs more than everything
else a request needs. What is not found here (other methods, no such address, WebSockets) is left to FastAPI.
"""

from collections import OrderedDict
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

_DEPTH = 4  # /api/v1/domain/router
_MOST_BEGINNINGS = 1024
TEMPLATE = "route_template"


class RouteIndex(BaseRoute):
    """Stands before the other routes; made from them at the first request."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self._routes: list[tuple[tuple[str, ...], RouteContext]] | None = None
        self._by_beginning: OrderedDict[tuple[str, ...], list[RouteContext]] = OrderedDict()

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Full, with what the route's own match gives; otherwise none."""
        if scope["type"] != "http" or scope.get("root_path"):
            return Match.NONE, {}
        method = scope["method"]
        for route in self._candidates(scope["path"]):
            if method in route.methods:  # type: ignore[operator]  # these are routes of the API
                match, found = route.matches(scope)
                if match == Match.FULL:
                    chosen = {"route": route.original_route, "chosen_app": route.app, TEMPLATE: route.path_format}
                    return match, {**found, **chosen}
        return Match.NONE, {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the route that `matches` found."""
        await scope["chosen_app"](scope, receive, send)

    def _candidates(self, path: str) -> list[RouteContext]:
        beginning = tuple(path.split("/", _DEPTH + 1)[1 : _DEPTH + 1])
        found = self._by_beginning.get(beginning)
        if found is None:
            if self._routes is None:
                self._routes = _routes(self._app)
            found = [route for segments, route in self._routes if _may_fit(segments, beginning)]
            self._by_beginning[beginning] = found
            if len(self._by_beginning) > _MOST_BEGINNINGS:
                self._by_beginning.popitem(last=False)
        return found


def _routes(app: FastAPI) -> list[tuple[tuple[str, ...], RouteContext]]:
    """Those of the API in their order, each with the beginning of its template."""
    every = (route for route in iter_route_contexts(app.routes) if isinstance(route.original_route, APIRoute))
    return [(tuple((route.path_format or "").split("/", _DEPTH + 1)[1 : _DEPTH + 1]), route) for route in every]


def _may_fit(segments: tuple[str, ...], beginning: tuple[str, ...]) -> bool:
    """Whether an address that begins so may be of the template; one with a parameter may be longer than it looks."""
    for wanted, given in zip(segments, beginning, strict=False):
        if "{" in wanted:
            return True
        if wanted != given:
            return False
    return len(beginning) >= len(segments)


def index(app: FastAPI) -> None:
    """Put the index before the routes of the application."""
    app.router.routes.insert(0, RouteIndex(app))


def template_of(scope: Scope) -> str | None:
    """The address of a request's route as it is written in the program, if one serves it."""
    known: Any = scope.get(TEMPLATE) or getattr(scope.get("route"), "path", None)
    return str(known) if known else None
