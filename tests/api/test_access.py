"""Signing keys, throttling, which routes serve strangers, and that no proof stands in a log."""

import logging
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
import redis
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts
from redis.backoff import NoBackoff
from redis.retry import Retry

from api.app import create_app
from api.dependencies import Requires, admitted_actor, current_actor, current_person, operators_only
from api.security.key_ring import KeyRing
from api.security.public import EVERYBODY, PUBLIC
from api.security.throttle import Throttle, TooManyAttempts
from orchestration.control_plane.signing_keys import rotate_signing_key
from orchestration.embedded.ports import free_port
from tests.api.serving import PASSWORD, ServedApi, email, serving
from tests.orchestration.control_plane.databases import Database

pytestmark = pytest.mark.servers
AUTH = "/api/v1/auth"


@pytest.fixture
def fresh(database: Database, redis_url: str, tmp_path: Path, hashed_password: str) -> Iterator[ServedApi]:
    """An application of its own, that looks at few attempts."""
    with serving(database, redis_url, tmp_path, hashed_password, login_failures_per_account=3) as api:
        api.new_tenant(f"fresh-{tmp_path.name}")
        yield api


def test_of_many_processes_that_start_at_once_one_makes_the_key(database: Database) -> None:
    control_plane = database.control_plane()
    with ThreadPoolExecutor(8) as threads:
        kids = set(threads.map(lambda _: KeyRing(control_plane).signing()[0], range(8)))
    with control_plane.identity_session() as identity:
        assert {record.kid for record in identity.verifying_keys()} == kids
    assert len(kids) == 1
    control_plane.dispose()


def test_a_replaced_key_verifies_on_and_a_distrusted_one_does_not(fresh: ServedApi) -> None:
    tenant = next(iter(fresh.tenants))
    with httpx.Client(base_url=fresh.base_url) as client:
        old = fresh.headers(tenant, "viewer")
        assert client.get(f"{AUTH}/me", headers=old).status_code == 200
        with fresh.control_plane.identity_session() as identity:
            kid = rotate_signing_key(identity)
        ring = KeyRing(fresh.control_plane)
        assert ring.signing()[0] == kid
        assert len(ring.public_keys()) == 2
        assert client.get(f"{AUTH}/me", headers=old).status_code == 200
        with fresh.control_plane.identity_session() as identity:
            newest = rotate_signing_key(identity, 0)
        assert set(KeyRing(fresh.control_plane).public_keys()) == {newest}
        # The application has not looked since; a token with a key it does not know makes it look.
        new = ServedApi(fresh.base_url, fresh.settings, fresh.control_plane, "", fresh.tenants).headers(tenant, "admin")
        time.sleep(1.1)
        assert client.get(f"{AUTH}/me", headers=new).status_code == 200
        assert client.get(f"{AUTH}/me", headers=old).status_code == 401
        assert [key["kid"] for key in client.get(f"{AUTH}/keys").json()["keys"]] == [newest]


def test_guessing_at_one_account_is_stopped_before_the_password_is_looked_at(fresh: ServedApi) -> None:
    address = email("owner", next(iter(fresh.tenants)))
    with fresh.anonymous() as client:
        wrong = [client.post(f"{AUTH}/login", json={"email": address, "password": "wrong"}) for _ in range(4)]
        right = client.post(f"{AUTH}/login", json={"email": address, "password": PASSWORD})
        other = client.post(f"{AUTH}/login", json={"email": "x" + address, "password": "wrong"})
    assert [answer.status_code for answer in wrong] == [401, 401, 401, 429]
    assert (right.status_code, other.status_code) == (429, 401)
    assert 0 < int(right.headers["Retry-After"]) <= 900


def test_attempts_at_once_do_not_slip_through_and_right_ones_do_not_count(fresh: ServedApi) -> None:
    address = email("admin", next(iter(fresh.tenants)))

    def attempt(password: str) -> int:
        with fresh.anonymous() as client:
            return client.post(f"{AUTH}/login", json={"email": address, "password": password}).status_code

    assert [attempt(PASSWORD) for _ in range(8)] == [200] * 8
    with ThreadPoolExecutor(12) as threads:
        assert sorted(threads.map(attempt, ["wrong"] * 12)) == [401] * 3 + [429] * 9


def test_without_valkey_attempts_are_counted_in_the_process(caplog: pytest.LogCaptureFixture) -> None:
    with redis.Redis(port=free_port(), retry=Retry(NoBackoff(), 0)) as away:
        throttle = Throttle(away, 3, 100)
        for _ in range(5):
            throttle.succeeded(throttle.begin("ann@acme.example", "10.0.0.1"))
        for _ in range(3):
            throttle.begin("bob@acme.example", "10.0.0.1")
        with pytest.raises(TooManyAttempts):
            throttle.begin("BOB@acme.example", "10.0.0.1")
        throttle.begin("bob@acme.example", "10.0.0.2")
    assert "ann@acme.example" not in caplog.text


def test_registration_can_be_closed(database: Database, redis_url: str, tmp_path: Path, hashed_password: str) -> None:
    with (
        serving(database, redis_url, tmp_path, hashed_password, registration="invited") as api,
        api.anonymous() as client,
    ):
        wanted = {"organisation": "New", "email": "a@b.example", "password": PASSWORD}
        assert client.post(f"{AUTH}/register", json=wanted).status_code == 403


def test_what_serves_without_a_permission_is_listed(shared_api: ServedApi) -> None:
    public, everybody = set(), set()
    for context in iter_route_contexts(create_app(shared_api.settings).routes):
        route = context.original_route
        if isinstance(route, APIRoute):
            calls = set(_calls(route.dependant))
            requires = any(isinstance(call, Requires) for call in calls)
            known = {current_person, operators_only} & calls or requires
            if not {current_actor, admitted_actor} & calls and not requires:
                public.add(route.name)
            elif not known:
                everybody.add(route.name)
    assert (public, everybody) == (set(PUBLIC), set(EVERYBODY))


def _calls(dependant: Dependant) -> Iterator[object]:
    yield dependant.call
    for inner in dependant.dependencies:
        yield from _calls(inner)


def test_no_proof_stands_in_a_log(shared_api: ServedApi, caplog: pytest.LogCaptureFixture) -> None:
    tenant = shared_api.new_tenant()
    with caplog.at_level(logging.DEBUG), shared_api.anonymous() as client:
        wanted = {"email": email("admin", tenant.name), "password": PASSWORD}
        body = client.post(f"{AUTH}/login", json=wanted).json()
        key = tenant.client().post(f"{AUTH}/api-keys", json={"name": "k", "scopes": ["views.read"]}).json()["key"]
        invitation = tenant.client().post(f"{AUTH}/invitations", json={"email": "n@n.example", "role": "viewer"}).json()
        proofs = [PASSWORD, body["access_token"], body["refresh_token"], key, invitation["token"]]
        client.post(f"{AUTH}/refresh", json={"refresh_token": body["refresh_token"]})
        client.post(f"{AUTH}/refresh", json={"refresh_token": body["refresh_token"]})
        client.get(f"{AUTH}/me", headers={"Authorization": f"Bearer {key}x"})
        client.post(f"{AUTH}/login", json=wanted | {"tenant_id": 7})
    with tenant.session() as session:
        history = repr(session.audit.list())
    assert [proof for proof in proofs if proof[-40:] in caplog.text + history] == []
