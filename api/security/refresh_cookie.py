"""The refresh token as a cookie, for browsers: scripts cannot read it, other sites cannot have it sent.

It goes to the auth endpoints alone. Whoever relies on it has to send the header `X-Requested-With` besides, which no
form and no foreign page can without asking us first, and we allow nobody.
"""

from typing import Final

from fastapi import Request, Response

from api.problems import Forbidden
from orchestration.control_plane.logins import REFRESH_DAYS

NAME: Final = "autonomos_refresh"
PATH: Final = "/api/v1/auth"
HEADER: Final = "X-Requested-With"
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


def give(request: Request, response: Response, token: str) -> None:
    """Put the token into the browser."""
    response.set_cookie(
        NAME,
        token,
        max_age=REFRESH_DAYS * 86_400,
        path=PATH,
        secure=_must_be_secure(request),
        httponly=True,
        samesite="strict",
    )


def take_back(request: Request, response: Response) -> None:
    """Remove it."""
    response.delete_cookie(NAME, path=PATH, secure=_must_be_secure(request), httponly=True, samesite="strict")


def read(request: Request) -> str | None:
    """The token of the cookie; None without one. Raises Forbidden when another site may have had it sent."""
    token = request.cookies.get(NAME)
    if token is None:
        return None
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    if not request.headers.get(HEADER) or site not in ("same-origin", "none") or not _is_our_origin(request):
        raise Forbidden(f"A request that relies on the cookie needs the header {HEADER} and our own origin.")
    return token


def _is_our_origin(request: Request) -> bool:
    origin = request.headers.get("Origin")
    return origin is None or origin.partition("://")[2] == request.headers.get("Host", "")


def _must_be_secure(request: Request) -> bool:
    """Everywhere but on plain http to this very machine, where a browser would refuse it."""
    return not (request.url.scheme == "http" and request.url.hostname in _LOOPBACK)
