"""Swagger UI over the OpenAPI document, all of it from here: nothing is loaded from elsewhere."""

from importlib.util import find_spec
from pathlib import Path

from fastapi import APIRouter, Response
from fastapi.responses import FileResponse, HTMLResponse

from api.problems import NotFound

router = APIRouter(prefix="/docs", include_in_schema=False)
_FILES = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
    "favicon.png": "image/png",
}
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>AutonomOS API</title>
<link rel="icon" href="/docs/files/favicon.png">
<link rel="stylesheet" href="/docs/files/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="/docs/files/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
"""
# A file of its own: the page's policy runs no script that is written into it.
_START = """SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  displayRequestDuration: true,
  filter: true,
  persistAuthorization: false,
  validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis, SwaggerUIBundle.SwaggerUIStandalonePreset],
});
"""


def _folder() -> Path:
    """Where the package that ships Swagger UI keeps its files; it is not imported, only read."""
    found = find_spec("fastapi_offline")
    assert found is not None and found.submodule_search_locations
    return Path(found.submodule_search_locations[0]) / "static"


@router.get("")
async def documentation_page() -> HTMLResponse:
    """The page."""
    return HTMLResponse(_PAGE)


@router.get("/start.js")
async def documentation_script() -> Response:
    """What starts it."""
    return Response(_START, media_type="text/javascript", headers={"Cache-Control": "public, max-age=3600"})


@router.get("/files/{name}")
def documentation_file(name: str) -> FileResponse:
    """One of its files."""
    if name not in _FILES:
        raise NotFound
    return FileResponse(_folder() / name, media_type=_FILES[name], headers={"Cache-Control": "public, max-age=86400"})
