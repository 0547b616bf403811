"""Which media types a route takes and gives, told from how it is declared: 415 and 406 for others."""

from typing import Any

from fastapi import Request, params
from fastapi.routing import APIRoute

from api.problems import NotAcceptable, UnsupportedMediaType

_JSON = "application/json"


class Negotiation:
    """What one route takes and gives; None where its declaration does not tell."""

    def __init__(self, route: APIRoute) -> None:
        body = route.body_field
        self._takes_json = body is not None and not isinstance(body.field_info, (params.Form, params.File))
        self._gives = _given(route)

    def check(self, request: Request) -> None:
        """Let the request go on.

        Raises:
            UnsupportedMediaType: its body is not what the route reads.
            NotAcceptable: it accepts nothing that the route answers with.
        """
        if self._takes_json and _has_body(request) and not _is_json(request.headers.get("content-type", "")):
            raise UnsupportedMediaType
        accept = request.headers.get("accept")
        if accept and self._gives and "*/*" not in accept and not _accepts(accept, self._gives):
            raise NotAcceptable


def _given(route: APIRoute) -> frozenset[str] | None:
    """Media types of its good answers."""
    response_class = getattr(route.response_class, "value", route.response_class)
    own = getattr(response_class, "media_type", None)
    declared: set[str] = set()
    for status, response in route.responses.items():
        if str(status).startswith(("2", "default")):
            declared |= set(_contents(response))
    if own is None and not declared:
        return None
    return frozenset(media.partition(";")[0].strip() for media in declared | ({own} if own else set()))


def _contents(response: dict[str, Any]) -> dict[str, Any]:
    content: dict[str, Any] = response.get("content", {})
    return content


def _has_body(request: Request) -> bool:
    return request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers


def _is_json(content_type: str) -> bool:
    media = content_type.partition(";")[0].strip().lower()
    return media == _JSON or (media.startswith("application/") and media.endswith("+json"))


def _accepts(accept: str, given: frozenset[str]) -> bool:
    """Whether one of the accepted ranges covers one of the types; a problem document alone is acceptable too."""
    for part in accept.lower().split(","):
        media, _, parameters = part.partition(";")
        media = media.strip()
        if parameters.replace(" ", "") in ("q=0", "q=0.0"):
            continue
        if media in given or media == "application/problem+json":
            return True
        if media.endswith("/*") and any(one.startswith(media[:-1]) for one in given):
            return True
    return False
