"""Members, invitations, API keys: who may make whom, and how soon it counts."""

import time
from collections.abc import Callable, Iterator
from uuid import uuid4

import httpx
import pytest

from tests.api.serving import PASSWORD, ServedApi, ServedTenant, email

pytestmark = pytest.mark.servers
AUTH = "/api/v1/auth"
VIEWS_READ = {"name": "nightly", "scopes": ["views.read", "connections.read"]}


@pytest.fixture
def tenant(shared_api: ServedApi) -> ServedTenant:
    return shared_api.new_tenant()


@pytest.fixture
def stranger(shared_api: ServedApi) -> Iterator[httpx.Client]:
    with shared_api.anonymous() as client:
        yield client


def member_id(tenant: ServedTenant, role: str) -> str:
    with tenant.session() as session:
        return str(session.users.by_email(email(role, tenant.name)).user_id)


def seconds_until(wanted: int, ask: Callable[[], httpx.Response], most: float = 3.0) -> float:
    started = time.monotonic()
    while (status := ask().status_code) != wanted:
        assert time.monotonic() - started < most, status
        time.sleep(0.02)
    return time.monotonic() - started


def test_members_are_listed_page_by_page(tenant: ServedTenant) -> None:
    client, seen, cursor = tenant.client("viewer"), [], None
    for _ in range(3):
        page = client.get(f"{AUTH}/members", params={"limit": 2} | ({"cursor": cursor} if cursor else {})).json()
        seen += [member["role"] for member in page["items"]]
        cursor = page["next_cursor"]
    assert (sorted(seen), cursor) == (["admin", "analyst", "approver", "owner", "viewer"], None)
    assert client.get(f"{AUTH}/members", params={"cursor": "bm90IG9uZQ"}).status_code == 422


def test_a_changed_role_counts_within_a_second_wherever_it_was_changed(
    tenant: ServedTenant, measured: Callable[[str], None]
) -> None:
    analyst, user_id = tenant.client("analyst"), member_id(tenant, "analyst")
    assert analyst.get(f"{AUTH}/api-keys").status_code == 403
    with tenant.session() as session:  # as another process would
        session.users.set_role(session.users.get(user_id).user_id, "admin")  # type: ignore[arg-type]
    elsewhere = seconds_until(200, lambda: analyst.get(f"{AUTH}/api-keys"))
    changed = tenant.client("owner").patch(f"{AUTH}/members/{user_id}", json={"role": "viewer"})
    here = seconds_until(403, lambda: analyst.get(f"{AUTH}/api-keys"))
    measured(f"a changed role counts after {elsewhere * 1000:.0f} ms, changed here after {here * 1000:.0f} ms")
    assert (changed.status_code, changed.json()["role"]) == (200, "viewer")
    assert elsewhere < 1 and here < 1


def test_a_disabled_user_and_a_suspended_log_in_are_out_within_a_second(
    shared_api: ServedApi, tenant: ServedTenant, measured: Callable[[str], None]
) -> None:
    client, user_id = tenant.client("approver"), member_id(tenant, "approver")
    assert client.get(f"{AUTH}/me").status_code == 200
    with shared_api.control_plane.operator_session() as operator:
        operator.set_user_status(operator.platform_user(email("approver", tenant.name)).id, "disabled")
    out = seconds_until(401, lambda: client.get(f"{AUTH}/me"))
    measured(f"a disabled user is out after {out * 1000:.0f} ms")
    assert out < 1
    listed = tenant.client("viewer").get(f"{AUTH}/members/{user_id}").json()
    assert listed["status"] == "disabled"
    with shared_api.anonymous() as anonymous:
        wanted = {"email": email("approver", tenant.name), "password": PASSWORD}
        assert anonymous.post(f"{AUTH}/login", json=wanted).status_code == 401


def test_only_owners_decide_about_owners_and_one_stays(tenant: ServedTenant) -> None:
    owner, admin = tenant.client("owner"), tenant.client("admin")
    owner_id, admin_id, viewer_id = (member_id(tenant, role) for role in ("owner", "admin", "viewer"))
    for refused in (
        admin.patch(f"{AUTH}/members/{viewer_id}", json={"role": "owner"}),
        admin.patch(f"{AUTH}/members/{admin_id}", json={"role": "owner"}),
        admin.patch(f"{AUTH}/members/{owner_id}", json={"role": "viewer"}),
        admin.delete(f"{AUTH}/members/{owner_id}"),
        admin.post(f"{AUTH}/members/{owner_id}/logout"),
        admin.post(f"{AUTH}/invitations", json={"email": "x@y.example", "role": "owner"}),
        tenant.client("viewer").patch(f"{AUTH}/members/{viewer_id}", json={"role": "admin"}),
    ):
        assert refused.status_code == 403
    assert owner.patch(f"{AUTH}/members/{owner_id}", json={"role": "admin"}).status_code == 409
    assert owner.delete(f"{AUTH}/members/{owner_id}").status_code == 409
    assert owner.patch(f"{AUTH}/members/{admin_id}", json={"role": "owner"}).status_code == 200
    assert owner.patch(f"{AUTH}/members/{owner_id}", json={"role": "viewer"}).status_code == 200


def test_an_edit_of_something_changed_since_is_refused(tenant: ServedTenant) -> None:
    address = f"{AUTH}/members/{member_id(tenant, 'viewer')}"
    tag = tenant.client().get(address).headers["ETag"]
    assert tenant.client().patch(address, json={"role": "analyst"}, headers={"If-Match": tag}).status_code == 200
    assert tenant.client().patch(address, json={"role": "viewer"}, headers={"If-Match": tag}).status_code == 412


def test_a_member_who_is_removed_is_out_with_their_keys(tenant: ServedTenant, stranger: httpx.Client) -> None:
    made = tenant.client("admin").post(f"{AUTH}/api-keys", json=VIEWS_READ).json()
    key = {"Authorization": f"Bearer {made['key']}"}
    assert stranger.get(f"{AUTH}/me", headers=key).status_code == 200
    assert tenant.client("owner").delete(f"{AUTH}/members/{member_id(tenant, 'admin')}").status_code == 204
    assert tenant.client("admin").get(f"{AUTH}/me").status_code == 401
    seconds_until(401, lambda: stranger.get(f"{AUTH}/me", headers=key), most=1)
    with tenant.session() as session:
        assert session.audit.list()[0].action == "member.removed"


def test_an_admin_logs_a_member_out(tenant: ServedTenant) -> None:
    viewer = tenant.client("viewer")
    assert viewer.get(f"{AUTH}/me").status_code == 200
    assert tenant.client().post(f"{AUTH}/members/{member_id(tenant, 'viewer')}/logout").status_code == 204
    assert viewer.get(f"{AUTH}/me").status_code == 401


def test_a_new_user_joins_by_an_invitation_once(tenant: ServedTenant, stranger: httpx.Client) -> None:
    address = f"{uuid4().hex}@new.example"
    made = tenant.client().post(f"{AUTH}/invitations", json={"email": address, "role": "analyst"}).json()
    shown = stranger.post(f"{AUTH}/invitations/show", json={"token": made["token"]}).json()
    assert (shown["tenant_name"], shown["role"], shown["has_account"]) == (tenant.name, "analyst", False)
    accepting = {"token": made["token"], "password": "12345678"}
    assert stranger.post(f"{AUTH}/invitations/accept", json=accepting).status_code == 422
    joined = stranger.post(f"{AUTH}/invitations/accept", json=accepting | {"password": PASSWORD})
    again = stranger.post(f"{AUTH}/invitations/accept", json=accepting | {"password": PASSWORD})
    assert (joined.status_code, again.status_code) == (201, 404)
    me = stranger.get(f"{AUTH}/me", headers={"Authorization": f"Bearer {joined.json()['access_token']}"}).json()
    assert (me["user"]["email"], me["tenant"]["role"]) == (address, "analyst")
    assert made["token"] not in repr(tenant.client().get(f"{AUTH}/invitations").json())


def test_a_user_of_another_tenant_joins_by_proving_who_they_are(
    shared_api: ServedApi, tenant: ServedTenant, stranger: httpx.Client
) -> None:
    other = shared_api.new_tenant()
    address = email("viewer", other.name)
    made = tenant.client().post(f"{AUTH}/invitations", json={"email": address, "role": "admin"}).json()
    accepting = {"token": made["token"]}
    assert stranger.post(f"{AUTH}/invitations/show", json=accepting).json()["has_account"] is True
    assert stranger.post(f"{AUTH}/invitations/accept", json=accepting).status_code == 401
    wrong = accepting | {"password": "another password"}
    assert stranger.post(f"{AUTH}/invitations/accept", json=wrong).status_code == 401
    assert stranger.post(f"{AUTH}/invitations/accept", json=wrong, headers=other.headers("owner")).status_code == 401
    joined = stranger.post(f"{AUTH}/invitations/accept", json=accepting, headers=other.headers("viewer"))
    assert joined.status_code == 201
    again = tenant.client().post(f"{AUTH}/invitations", json={"email": address, "role": "admin"})
    assert again.status_code == 409


def test_invitations_end(tenant: ServedTenant, stranger: httpx.Client) -> None:
    wanted = {"email": "new@new.example", "role": "viewer"}
    first, second = (tenant.client().post(f"{AUTH}/invitations", json=wanted).json() for _ in range(2))
    show = f"{AUTH}/invitations/show"
    assert stranger.post(show, json={"token": first["token"]}).status_code == 404
    assert stranger.post(show, json={"token": second["token"]}).status_code == 200
    assert tenant.client().delete(f"{AUTH}/invitations/{second['id']}").status_code == 204
    assert stranger.post(show, json={"token": second["token"]}).status_code == 404
    assert tenant.client().delete(f"{AUTH}/invitations/{second['id']}").status_code == 404


def test_a_key_does_what_its_scopes_and_its_maker_may(tenant: ServedTenant, stranger: httpx.Client) -> None:
    admin = tenant.client("admin")
    made = admin.post(f"{AUTH}/api-keys", json=VIEWS_READ)
    key = made.json()["key"]
    assert made.headers["Cache-Control"] == "no-store"
    for headers in ({"Authorization": f"Bearer {key}"}, {"X-API-Key": key}):
        me = stranger.get(f"{AUTH}/me", headers=headers).json()
        assert (me["user"], me["permissions"]) == (None, ["connections.read", "views.read"])
        assert stranger.get(f"{AUTH}/members", headers=headers).status_code == 403
        assert stranger.post(f"{AUTH}/logout", headers=headers).status_code == 403
    wrong = key[:-1] + ("A" if key[-1] != "A" else "B")
    assert stranger.get(f"{AUTH}/me", headers={"X-API-Key": wrong}).status_code == 401
    assert admin.post(f"{AUTH}/api-keys", json=VIEWS_READ).status_code == 409
    with tenant.session() as session:
        session.users.set_role(session.users.by_email(email("admin", tenant.name)).user_id, "viewer")
    assert tenant.client("owner").delete(made.headers["Location"]).status_code == 204
    seconds_until(401, lambda: stranger.get(f"{AUTH}/me", headers={"X-API-Key": key}), most=1)


@pytest.mark.parametrize("scope", ["keys.manage", "members.write"])
def test_no_key_can_make_keys_or_members(tenant: ServedTenant, scope: str) -> None:
    answer = tenant.client("owner").post(f"{AUTH}/api-keys", json={"name": scope, "scopes": [scope]})
    assert answer.status_code == 403


def test_a_key_is_listed_without_its_secret_and_with_its_last_use(tenant: ServedTenant, stranger: httpx.Client) -> None:
    made = tenant.client().post(f"{AUTH}/api-keys", json=VIEWS_READ | {"expires_in_days": 1}).json()
    assert tenant.client().get(f"{AUTH}/api-keys/{made['id']}").json()["last_used_at"] is None
    for _ in range(3):
        assert stranger.get(f"{AUTH}/me", headers={"X-API-Key": made["key"]}).status_code == 200
    deadline = time.monotonic() + 3
    while (listed := tenant.client().get(f"{AUTH}/api-keys").json()["items"][0])["last_used_at"] is None:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert listed["expires_at"] is not None
    with tenant.session() as session:
        history = repr(session.audit.list())
    assert made["key"] not in repr(listed) + history and made["key"][-43:] not in repr(listed) + history
    assert "api_key.created" in history
