"""Entity tags and the conditions that callers put on them (RFC 9110, section 13).

A GET answers with `ETag`; who sends that tag back in If-Match changes the thing only if it is still what they saw.
"""

import hashlib
import re
from typing import Annotated

from fastapi import Depends, Request, Response

from api.problems import PreconditionFailed

_TAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"')


def entity_tag(*parts: object, weak: bool = False) -> str:
    """The tag of what these values decide: an id and a version, or whatever else changes when the answer does."""
    digest = hashlib.sha256(repr(parts).encode("utf-8", "backslashreplace")).hexdigest()[:32]
    return f'W/"{digest}"' if weak else f'"{digest}"'


class Preconditions:
    """What the request asks to hold; an endpoint that has the current tag asks here."""

    def __init__(self, if_match: list[str], if_none_match: list[str]) -> None:
        self._if_match = _read(if_match)
        self._if_none_match = _read(if_none_match)

    def check(self, tag: str | None) -> None:
        """Let a change go on. `tag` is that of the thing as it is now, None when there is none.

        Raises:
            PreconditionFailed: If-Match names other tags, or If-None-Match names this one.
        """
        if self._if_match is not None and not _matches(self._if_match, tag, weakly=False):
            raise PreconditionFailed
        if self._if_none_match is not None and _matches(self._if_none_match, tag, weakly=True):
            raise PreconditionFailed

    def not_modified(self, tag: str) -> bool:
        """Whether the caller of a GET has this already: answer `unchanged(tag)` then."""
        return self._if_none_match is not None and _matches(self._if_none_match, tag, weakly=True)


def unchanged(tag: str) -> Response:
    """The 304 for a caller who has it already."""
    return Response(status_code=304, headers={"ETag": tag})


async def preconditions(request: Request) -> Preconditions:
    """The conditions of the request's headers; the OpenAPI document names them where this is asked for."""
    return Preconditions(request.headers.getlist("If-Match"), request.headers.getlist("If-None-Match"))


Conditional = Annotated[Preconditions, Depends(preconditions)]


def _read(lines: list[str]) -> frozenset[str] | None:
    """The tags of a header's lines, `*` as itself; None without the header. What is no tag matches nothing."""
    if not lines:
        return None
    text = ", ".join(lines).strip()
    return frozenset({"*"}) if text == "*" else frozenset(_TAG.findall(text))


def _matches(wanted: frozenset[str], tag: str | None, *, weakly: bool) -> bool:
    if tag is None:
        return False
    if "*" in wanted:
        return True
    if weakly:
        return tag.removeprefix("W/") in {one.removeprefix("W/") for one in wanted}
    return not tag.startswith("W/") and tag in wanted
