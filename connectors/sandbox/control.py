"""Changes of shape and misbehaviour of running stand-ins, asked for over HTTP by tests and demonstrations.

`GET /` lists the sources with what they hold; `POST /{source}` takes `{"do": "rename_field", "stream": ..., ...}`.
"""

from collections.abc import Mapping
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from connectors.sandbox.faults import Fault

# What may be asked for, with the names of its arguments.
CHANGES: dict[str, tuple[str, ...]] = {
    "rename_field": ("stream", "old", "new"),
    "retype_field": ("stream", "field", "to"),
    "add_field": ("stream", "field", "type", "values"),
    "drop_field": ("stream", "field"),
    "drop_stream": ("stream",),
    "upsert": ("stream", "records"),
    "delete": ("stream", "keys"),
    "behave": (),
}


def control_app(sandboxes: Mapping[str, Any]) -> Starlette:
    """The application; `sandboxes` by name may grow after it was made."""

    async def overview(_: Request) -> JSONResponse:
        return JSONResponse({"sources": {name: sandbox.kind for name, sandbox in sandboxes.items()}})

    async def change(request: Request) -> JSONResponse:
        asked = await request.json()
        sandbox = sandboxes.get(request.path_params["source"])
        if sandbox is None:
            return _refused(
                f"There is no source {request.path_params['source']!r}; known: {', '.join(sandboxes)}.", 404
            )
        name = asked.pop("do", None)
        if name == "misbehave":
            sandbox.misbehave(Fault(**asked))
            return JSONResponse({"done": name})
        if name not in CHANGES or set(asked) != set(CHANGES[name]):
            known = "; ".join(f"{change}({', '.join(arguments)})" for change, arguments in CHANGES.items())
            return _refused(f"{name!r} with {', '.join(asked) or 'nothing'} is not a change. Known: {known}.", 400)
        await run_in_threadpool(getattr(sandbox, name), **asked)
        return JSONResponse({"done": name})

    return Starlette(routes=[Route("/", overview, methods=["GET"]), Route("/{source:path}", change, methods=["POST"])])


def _refused(why: str, status: int) -> JSONResponse:
    return JSONResponse({"error": why}, status_code=status)
