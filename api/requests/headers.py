"""Headers of every answer whose endpoint says nothing else: what browsers may do with it, and who may keep it."""

from functools import lru_cache

_FOR_ALL = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "cache-control": "no-store",
}
_HSTS = "max-age=31536000; includeSubDomains"
_NOTHING = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
_OURS = "base-uri 'none'; frame-ancestors 'none'; object-src 'none'"
# Swagger UI sets styles on elements and draws its icons from data: addresses.
_DOCUMENTATION = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self';"
    f" connect-src 'self'; form-action 'none'; {_OURS}"
)
# The dashboard: Mantine writes style elements; maps, fonts and the client are its own files.
_PAGES = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:;"
    f" font-src 'self' data:; connect-src 'self'; form-action 'self'; {_OURS}"
)
_BY_KIND = {"api": _NOTHING, "documentation": _DOCUMENTATION, "page": _PAGES}
_API = ("/api/", "/health", "/ready", "/metrics", "/openapi.json", "/problems")
_NOT_PAGES = (*_API, "/docs", "/approvals/link/")


@lru_cache(maxsize=8)
def _headers(kind: str, hsts: bool) -> tuple[tuple[bytes, bytes], ...]:
    named = {**_FOR_ALL, "content-security-policy": _BY_KIND[kind]}
    if hsts:
        named["strict-transport-security"] = _HSTS
    return tuple((name.encode(), value.encode()) for name, value in named.items())


def security_headers(path: str, *, hsts: bool) -> tuple[tuple[bytes, bytes], ...]:
    """Those of an answer from that path; `hsts` where it was asked for over https, and means to stay so."""
    if path.startswith(_API):
        return _headers("api", hsts)
    return _headers("documentation" if path.startswith("/docs") else "page", hsts)


def is_of_api(path: str) -> bool:
    """Whether an address belongs to the API and its documentation; all others are pages of the dashboard."""
    return path.startswith(_NOT_PAGES) or path == "/api"
