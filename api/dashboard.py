"""The dashboard's built files. Every address that is nobody else's opens it: it routes in the browser."""

from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import BaseRoute, Match
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from api.requests.headers import is_of_api
from api.requests.routing import TEMPLATE
from orchestration.resources.settings import REPOSITORY

BUILT = REPOSITORY / "frontend" / "dist"
# Their names hold a digest of what is in them; the page that names them is asked for anew each time.
_FOR_GOOD = "public, max-age=31536000, immutable"
_ANEW = "no-cache"
_GZIP_LEVEL = 6
_NOT_BUILT = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>AutonomOS</title></head>
<body><h1>The dashboard is not built</h1>
<p>Start the platform with <code>./autonomos up</code>, which builds it and says what is in the way.
The API works without it: <a href="/docs">its documentation</a>.</p></body></html>
"""


class Dashboard(BaseRoute):
    """Stands after all other routes. Addresses of the API are never its own, so what is unknown there stays a 404."""

    def __init__(self, folder: Path = BUILT) -> None:
        self._folder = folder
        files = StaticFiles(directory=folder, check_dir=False)
        self._files = GZipMiddleware(files, minimum_size=1024, compresslevel=_GZIP_LEVEL)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Full for reading any address outside of the API."""
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD") or is_of_api(scope["path"]):
            return Match.NONE, {}
        return Match.FULL, {TEMPLATE: "/{dashboard}"}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A file, or the page that every address of the dashboard opens."""
        name = scope["path"].lstrip("/")
        if name.startswith("assets/"):
            await self._file(scope, receive, _with_header(send, _FOR_GOOD))
        elif "/" not in name and "." in name and not name.startswith("."):
            await self._file(scope, receive, _with_header(send, _ANEW))
        else:
            await self._page()(scope, receive, send)

    async def _file(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._files(scope, receive, send)
        except HTTPException as error:
            # Told here: the page's own 404 would be kept by browsers under the name of a script.
            await Response(status_code=error.status_code)(scope, receive, send)

    def _page(self) -> Response:
        page = self._folder / "index.html"
        if not page.is_file():
            return HTMLResponse(_NOT_BUILT, status_code=503, headers={"cache-control": "no-store"})
        return FileResponse(page, media_type="text/html", headers={"cache-control": _ANEW})


def _with_header(send: Send, cache_control: str) -> Send:
    """Say how long it may be kept, where it was found."""

    async def sending(message: dict) -> None:  # type: ignore[type-arg]  # as ASGI has it
        if message["type"] == "http.response.start" and message["status"] in (200, 206, 304):
            message["headers"] = [*message["headers"], (b"cache-control", cache_control.encode())]
        await send(message)

    return sending  # type: ignore[return-value]
