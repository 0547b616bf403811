"""Idempotency-Key: the same request sent twice has one effect and one answer, whatever was lost in between.

Endpoints do nothing for it. Where an endpoint uses the tenant's session, key, effect and answer are committed together.
Where it does not (it talks to a source), the key is claimed before and the answer stored after; a claim whose process
died is free again after a minute. A request that failed had no effect, so its key is free. Without an actor the header
means nothing: log-in and registration answer with tokens, which are kept nowhere.
"""

import hashlib
import logging
import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from uuid import UUID

from fastapi import Request, Response

from api.problems import AnswerNotKept, Invalid, KeyReused, RequestInProgress
from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.errors import ControlPlaneError
from orchestration.control_plane.idempotency_keys import LARGEST_BODY, KeyClaim, StoredAnswer
from orchestration.control_plane.tenant_session import TenantSession

_log = logging.getLogger(__name__)
HEADER = "Idempotency-Key"
CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
REPLAYED = {"Idempotency-Replayed": "true"}
_KEY = re.compile(r"[!-~]{1,255}")
# Their answers hold what is shown once: the effect is remembered, the answer is not.
SHOWN_ONCE = ("/api/v1/auth/", "/api/v1/events/ticket", "/api/v1/aoa/callback-secret")
_NOT_KEPT = frozenset({"content-length", "set-cookie", "date", "server"})


class Replayed(Exception):
    """The answer was given before; ends the request without running it again."""

    def __init__(self, response: Response) -> None:
        super().__init__("answered before")
        self.response = response


class Keeper:
    """The key of one request, claimed; knows what to do with the answer."""

    def __init__(self, control_plane: ControlPlane, tenant_id: UUID, key: str, *, keeps_body: bool) -> None:
        self._control_plane = control_plane
        self._tenant_id = tenant_id
        self._key = key
        self._keeps_body = keeps_body

    def claim(self, fingerprint: str, actor: str, session: TenantSession | None) -> None:
        """Take the key, in the session of the effect if there is one.

        Raises:
            Replayed: it was answered already.
            RequestInProgress, KeyReused, AnswerNotKept: there is nothing to answer with.
        """
        claim = self._in(session, lambda using: using.idempotency_keys.claim(self._key, fingerprint, actor))
        if claim.state == "busy":
            raise RequestInProgress
        if claim.state == "other":
            raise KeyReused
        if claim.answer is not None:
            raise Replayed(_response(claim))

    def store(self, response: Response, session: TenantSession | None) -> None:
        """Keep the answer of a request that had its effect; one that did not gives its key back."""
        if response.status_code >= 400:
            self._in(session, lambda using: using.idempotency_keys.release(self._key))
        else:
            answer = self._answer(response)
            self._in(session, lambda using: using.idempotency_keys.store(self._key, answer))

    def store_apart(self, response: Response) -> None:
        """The same after the effect: it is done, so a Postgres that is away now does not turn it into a failure."""
        try:
            self.store(response, None)
        except ControlPlaneError:
            _log.exception("the answer to an idempotent request could not be kept")

    def release_apart(self) -> None:
        """Give the key back after a failure; where that fails as well, it is free after a minute."""
        with suppress(ControlPlaneError):
            self._in(None, lambda using: using.idempotency_keys.release(self._key))

    def _in(self, session: TenantSession | None, do: Callable[[TenantSession], Any]) -> Any:
        if session is not None:
            return do(session)
        with self._control_plane.tenant_session(self._tenant_id) as own:
            return do(own)

    def _answer(self, response: Response) -> StoredAnswer:
        body = getattr(response, "body", None) if self._keeps_body else None
        if body is not None and len(body) > LARGEST_BODY:
            body = None
        headers = [(name, value) for name, value in response.headers.items() if name.lower() not in _NOT_KEPT]
        return StoredAnswer(response.status_code, headers, None if body is None else bytes(body))


def key_of(request: Request) -> str | None:
    """The key of a request that changes something; None without one, or when nobody is logged in."""
    if request.method not in CHANGING or getattr(request.state, "actor", None) is None:
        return None
    key = request.headers.get(HEADER)
    if key is not None and not _KEY.fullmatch(key):
        raise Invalid(f"{HEADER} has 1 to 255 ASCII characters that are neither spaces nor control characters.")
    return key


def fingerprint(request: Request) -> str:
    """What makes a request the same one: who sends what where."""
    digest = hashlib.sha256()
    said = (request.method, request.url.path, request.url.query, request.headers.get("content-type", ""))
    for part in (*said, request.state.actor.name):
        digest.update(hashlib.sha256(part.encode("utf-8", "surrogatepass")).digest())
    body = getattr(request.state, "body_hash", None)
    digest.update(body.digest() if body is not None else b"")
    return digest.hexdigest()


def keeps_body(request: Request) -> bool:
    """Whether the answer may be kept."""
    return not request.url.path.startswith(SHOWN_ONCE)


def _response(claim: KeyClaim) -> Response:
    answer = claim.answer
    assert answer is not None
    if answer.body is None:
        raise AnswerNotKept
    return Response(answer.body, answer.status, headers={**dict(answer.headers), **REPLAYED})
