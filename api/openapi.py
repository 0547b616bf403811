"""The OpenAPI document: what FastAPI tells of the routes, and what follows from what each of them requires.

Nobody writes down 401, 403, 404, 422 or 429 for a route: they are added here, from its dependencies. What only one
route can answer it says itself, with `responses=problems(...)`.
"""

from collections.abc import Iterator
from typing import Any, TypedDict

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.openapi.utils import get_openapi
from fastapi.routing import RouteContext, iter_route_contexts

from api import openapi_text
from api.conditional import preconditions
from api.dependencies import Requires, admitted_actor, operators_only
from api.openapi_examples import example_of
from api.problems import (
    AnswerNotKept,
    Conflict,
    Forbidden,
    Invalid,
    KeyReused,
    NotAcceptable,
    NotFound,
    PreconditionFailed,
    Problem,
    ProblemOut,
    RequestInProgress,
    TooLarge,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
    UnsupportedMediaType,
    problems,
)
from api.requests.idempotency import CHANGING


class _Options(TypedDict):
    title: str
    summary: str
    description: str
    openapi_tags: list[dict[str, Any]]
    docs_url: None
    redoc_url: None
    generate_unique_id_function: Any


# Swagger UI is served by a router of ours: FastAPI's page loads it from elsewhere.
OPTIONS: _Options = {
    "title": "AutonomOS",
    "summary": openapi_text.SUMMARY,
    "description": openapi_text.DESCRIPTION,
    "openapi_tags": openapi_text.TAGS,
    "docs_url": None,
    "redoc_url": None,
    "generate_unique_id_function": lambda route: route.name,
}


def install(app: FastAPI) -> None:
    """Serve the document; it is made once, when somebody asks for it."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]  # FastAPI's own way to change it


def _document(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(
        title=app.title, version=app.version, summary=app.summary, description=app.description, routes=app.routes,
        tags=app.openapi_tags, servers=[{"url": "/", "description": "This server"}],
    )  # fmt: skip
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    schemas["ProblemOut"] = ProblemOut.model_json_schema()
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    components["securitySchemes"] = openapi_text.SECURITY_SCHEMES
    components["parameters"] = openapi_text.PARAMETERS
    components["headers"] = openapi_text.HEADERS
    for route, operation in operations(app, document):
        _complete(route, operation, schemas)
    return document


def operations(app: FastAPI, document: dict[str, Any]) -> Iterator[tuple[RouteContext, dict[str, Any]]]:
    """Every documented operation beside its route."""
    for route in iter_route_contexts(app.routes):
        for method in sorted(route.methods or ()):
            found = document["paths"].get(route.path_format, {}).get(method.lower())
            if found is not None and getattr(route, "dependant", None) is not None:
                yield route, found


def permission_of(route: RouteContext) -> str | None:
    """The permission a route requires; "operator" for operators' own; None where it asks nobody who they are."""
    asked = {inner.call for inner in _dependencies(route.dependant)}
    for call in asked:
        if isinstance(call, Requires):
            return call.permission
    return "operator" if operators_only in asked else None


def asks_who(route: RouteContext) -> bool:
    """Whether a route serves only who is logged in."""
    return any(
        inner.call is admitted_actor or isinstance(inner.call, Requires) for inner in _dependencies(route.dependant)
    )


def _dependencies(dependant: Dependant) -> Iterator[Dependant]:
    for inner in dependant.dependencies:
        yield inner
        yield from _dependencies(inner)


def _complete(route: RouteContext, operation: dict[str, Any], schemas: dict[str, Any]) -> None:
    permission = permission_of(route)
    if permission is not None:
        operation["x-permission"] = permission
    operation["summary"] = _first_sentence(operation.get("description", ""), operation["summary"])
    if asks_who(route):
        operation["security"] = [{name: []} for name in openapi_text.SECURITY_SCHEMES]
        if CHANGING & (route.methods or set()):
            operation.setdefault("parameters", []).append({"$ref": "#/components/parameters/IdempotencyKey"})
    if any(inner.call is preconditions for inner in _dependencies(route.dependant)):
        _make_conditional(operation, changes=bool(CHANGING & (route.methods or set())))
    if operation.get("responses", {}).get("422", {}).get("content", {}).keys() == {"application/json"}:
        del operation["responses"]["422"]  # FastAPI's own form, which is never sent
    for status, response in problems(*_kinds(route, operation, permission)).items():
        operation["responses"].setdefault(str(status), response)
    operation["responses"].setdefault("default", problems(Problem)[500] | {"description": "Any other problem"})
    for status, response in operation["responses"].items():
        if status.startswith("2"):
            response.setdefault("headers", {}).update(_headers(route))
    for content in operation.get("requestBody", {}).get("content", {}).values():
        if "example" not in content and "examples" not in content:
            content["example"] = example_of(content.get("schema", {}), schemas)


def _make_conditional(operation: dict[str, Any], *, changes: bool) -> None:
    named = ("IfMatch", "IfNoneMatch") if changes else ("IfNoneMatch",)
    operation.setdefault("parameters", []).extend({"$ref": f"#/components/parameters/{name}"} for name in named)
    if changes:
        operation["responses"].setdefault("412", problems(PreconditionFailed)[412])
    else:
        operation["responses"].setdefault("304", {"description": "It has not changed since you read it"})


def _kinds(route: RouteContext, operation: dict[str, Any], permission: str | None) -> list[type[Problem]]:
    """What a route may answer because of what it requires and takes."""
    kinds: list[type[Problem]] = [NotAcceptable, TooManyRequests, Unavailable]
    if asks_who(route):
        kinds.append(Unauthenticated)
        if CHANGING & (route.methods or set()):
            kinds += [Conflict, RequestInProgress, AnswerNotKept, KeyReused]
    if permission not in (None, "operator"):
        kinds.append(Forbidden)
    takes_body = "requestBody" in operation
    # An id in a body that names nothing answers as one in a path does.
    if "{" in (route.path or "") or permission == "operator" or takes_body:
        kinds.append(NotFound)
    if takes_body:
        kinds += [TooLarge, UnsupportedMediaType]
    if operation.get("parameters") or takes_body:
        kinds.append(Invalid)
    return kinds


def _headers(route: RouteContext) -> dict[str, Any]:
    named = ["X-Trace-Id", *(("RateLimit", "RateLimit-Policy") if asks_who(route) else ())]
    return {name: {"$ref": f"#/components/headers/{name}"} for name in named}


def _first_sentence(description: str, otherwise: str) -> str:
    """The first line of the endpoint's docstring, without what follows its first sentence."""
    line = description.strip().partition("\n")[0].strip()
    return line.partition(". ")[0].rstrip(".") or otherwise
