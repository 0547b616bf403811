"""From a token or API key to who is asking. A proof is checked once and remembered; what it is worth, twice a second.

So a changed role, an ended log-in, a revoked key, a disabled user and a suspended tenant count within a second, and a
caller who is known costs no query and no other thread. Waiting requests of one caller share one query.
"""

import asyncio
import hashlib
import hmac
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from api.problems import Unauthenticated
from api.security.access_tokens import AccessToken, claimed_kid, verify
from api.security.actor import Actor
from api.security.bounded import Bounded
from api.security.key_ring import KeyRing
from api.security.opaque import parse_api_key
from api.security.permissions import GRANTED, KEY_SCOPES
from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.errors import ControlPlaneError

STANDING_S: Final = 0.5
NOTED_EVERY_S: Final = 60.0
_REMEMBERED: Final = 20_000
_KEY_START: Final = "ak_"

Subject = UUID | str  # a log-in's id, or a key's prefix
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Standing:
    """What a log-in or key was worth when it was looked up; no actor for nothing."""

    fresh_until: float  # monotonic
    actor: Actor | None = None
    secret_hash: str = ""
    expires_at: float = float("inf")  # seconds since 1970


class Authenticator:
    """One a process. Its coroutines belong to the application's event loop; `forget` may be called from anywhere."""

    def __init__(self, control_plane: ControlPlane, ring: KeyRing) -> None:
        self._control_plane = control_plane
        self._ring = ring
        self._tokens: Bounded[bytes, AccessToken] = Bounded(_REMEMBERED)
        self._standings: Bounded[Subject, _Standing] = Bounded(_REMEMBERED)
        self._noted: Bounded[UUID, float] = Bounded(_REMEMBERED)
        self._asked: dict[Subject, asyncio.Future[_Standing]] = {}
        # Threads of its own: endpoints that wait for slow sources must not keep others from being recognised.
        self._threads = ThreadPoolExecutor(4, thread_name_prefix="authenticator")

    def close(self) -> None:
        """Let the threads end."""
        self._threads.shutdown(wait=True)

    async def actor(self, proof: str) -> Actor:
        """Who sends this token or key. Raises Unauthenticated, ControlPlaneUnavailable."""
        if proof.startswith(_KEY_START):
            return await self._key_actor(proof)
        digest = hashlib.sha256(proof.encode("utf-8", "surrogatepass")).digest()
        token = self._tokens.get(digest)
        if token is None:
            token = await self._verified(proof)
            self._tokens.put(digest, token)
        if token.expires_at <= time.time() or self._ring.known(token.kid) is None:
            raise Unauthenticated
        actor = (await self._standing(token.login_id)).actor
        if actor is None or (actor.tenant_id, actor.user_id) != (token.tenant_id, token.user_id):
            raise Unauthenticated
        return actor

    async def renewed(self, actor: Actor) -> Actor:
        """The same caller as it is now, for streams that stay open. Raises as `actor` does."""
        subject: Subject = actor.session_id or actor.name.removeprefix("key:")
        standing = await self._standing(subject)
        if standing.actor is None or standing.expires_at <= time.time():
            raise Unauthenticated
        return standing.actor

    def forget(self, *, user_id: UUID | None = None, login_id: UUID | None = None, key_id: UUID | None = None) -> None:
        """Look them up anew at their next request: this process has just changed what they are worth."""

        def is_meant(standing: _Standing) -> bool:
            who = standing.actor
            return who is not None and (
                (user_id is not None and who.user_id == user_id)
                or (login_id is not None and who.session_id == login_id)
                or (key_id is not None and who.key_id == key_id)
            )

        self._standings.drop(is_meant)

    async def _verified(self, proof: str) -> AccessToken:
        kid = claimed_kid(proof)
        key = self._ring.known(kid)
        if key is None:
            key = await asyncio.get_running_loop().run_in_executor(self._threads, self._ring.look_for, kid)
        if key is None:
            raise Unauthenticated
        return verify(proof, kid, key)

    async def _key_actor(self, proof: str) -> Actor:
        given = parse_api_key(proof)
        if given is None:
            raise Unauthenticated
        standing = await self._standing(given.prefix)
        if not hmac.compare_digest(standing.secret_hash, given.secret_hash) or standing.expires_at <= time.time():
            raise Unauthenticated
        if standing.actor is None or standing.actor.key_id is None:
            raise Unauthenticated
        self._note_use(standing.actor.key_id)
        return standing.actor

    async def _standing(self, subject: Subject) -> _Standing:
        standing = self._standings.get(subject)
        if standing is not None and standing.fresh_until > time.monotonic():
            return standing
        asked = self._asked.get(subject)
        if asked is None:
            asked = asyncio.get_running_loop().run_in_executor(self._threads, self._look_up, subject)
            self._asked[subject] = asked
            asked.add_done_callback(lambda _: self._asked.pop(subject, None))
        # One caller who leaves must not take the answer from the others.
        return await asyncio.shield(asked)

    def _look_up(self, subject: Subject) -> _Standing:
        self._ring.keep_fresh()
        fresh_until = time.monotonic() + STANDING_S
        look_up = self._key_standing if isinstance(subject, str) else self._login_standing
        standing = look_up(subject, fresh_until)  # type: ignore[arg-type]
        self._standings.put(subject, standing)
        return standing

    def _login_standing(self, login_id: UUID, fresh_until: float) -> _Standing:
        with self._control_plane.identity_session() as identity:
            found = identity.login_standing(login_id)
        if found is None:
            return _Standing(fresh_until)
        permissions = GRANTED[found.role]
        actor = Actor(
            found.tenant_id, found.email, found.role, permissions, found.user_id, login_id, None, found.is_operator
        )
        return _Standing(fresh_until, actor)

    def _key_standing(self, prefix: str, fresh_until: float) -> _Standing:
        with self._control_plane.identity_session() as identity:
            found = identity.key_standing(prefix)
        if found is None:
            return _Standing(fresh_until)
        permissions = GRANTED[found.role] & KEY_SCOPES & frozenset(found.scopes)
        actor = Actor(found.tenant_id, f"key:{prefix}", found.role, permissions, key_id=found.key_id)
        ends = found.expires_at.timestamp() if found.expires_at else float("inf")
        return _Standing(fresh_until, actor, found.secret_hash, ends)

    def _note_use(self, key_id: UUID) -> None:
        now = time.monotonic()
        noted = self._noted.get(key_id)
        if noted is None or now - noted >= NOTED_EVERY_S:
            self._noted.put(key_id, now)
            self._threads.submit(self._write_use, key_id)

    def _write_use(self, key_id: UUID) -> None:
        try:
            with self._control_plane.identity_session() as identity:
                identity.key_used(key_id)
        except ControlPlaneError:
            _log.exception("that an API key was used could not be noted")
