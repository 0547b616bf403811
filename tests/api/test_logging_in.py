"""Registering, logging in, refreshing, and everything that ends a log-in."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from statistics import median
from typing import Any
from uuid import uuid4

import httpx
import pytest

from api.security.failed_logins import FailedLogins
from tests.api.serving import PASSWORD, ServedApi, ServedTenant, email

pytestmark = pytest.mark.servers
AUTH = "/api/v1/auth"


@pytest.fixture
def tenant(shared_api: ServedApi) -> ServedTenant:
    return shared_api.new_tenant()


def log_in(api: ServedApi, address: str, password: str = PASSWORD, **more: Any) -> httpx.Response:
    with api.anonymous() as client:
        return client.post(f"{AUTH}/login", json={"email": address, "password": password, **more})


def refresh(api: ServedApi, token: str) -> httpx.Response:
    with api.anonymous() as client:
        return client.post(f"{AUTH}/refresh", json={"refresh_token": token})


def me(api: ServedApi, token: str) -> httpx.Response:
    with api.anonymous() as client:
        return client.get(f"{AUTH}/me", headers={"Authorization": f"Bearer {token}"})


def actions(tenant: ServedTenant) -> list[str]:
    with tenant.session() as session:
        assert session.audit.verify() > 0
        return [event.action for event in session.audit.list()]


def test_who_registers_owns_an_organisation_and_is_logged_in(shared_api: ServedApi) -> None:
    address = f"{uuid4().hex}@new.example"
    wanted = {"organisation": f"New {address[:8]}", "email": address, "password": PASSWORD, "display_name": "Nina"}
    with shared_api.anonymous() as client:
        made = client.post(f"{AUTH}/register", json=wanted)
        again = client.post(f"{AUTH}/register", json=wanted)
        other = client.post(
            f"{AUTH}/register", json={**wanted, "organisation": "Other", "password": "something-else-1"}
        )
    assert (made.status_code, made.headers["Cache-Control"]) == (201, "no-store")
    assert (again.status_code, other.status_code) == (409, 409)
    found = me(shared_api, made.json()["access_token"]).json()
    assert (found["user"]["display_name"], found["tenant"]["role"], found["is_operator"]) == ("Nina", "owner", False)
    assert [one["name"] for one in found["tenants"]] == [wanted["organisation"]]


@pytest.mark.parametrize(
    "password",
    ["1234567", "password", "P@ssw0rd123", "qwertyuiop", "aaaaaaaaaa", "12345678", "letmein!!!", "sub.marine-gmbh1"],
)
def test_passwords_that_are_tried_first_are_refused(shared_api: ServedApi, password: str) -> None:
    wanted = {"organisation": "Submarine GmbH", "email": "sub.marine-gmbh@new.example", "password": password}
    with shared_api.anonymous() as client:
        assert client.post(f"{AUTH}/register", json=wanted).status_code == 422


def test_a_member_logs_in_and_is_who_they_are(shared_api: ServedApi, tenant: ServedTenant) -> None:
    answer = log_in(shared_api, email("viewer", tenant.name).upper())
    assert answer.status_code == 200
    body = answer.json()
    assert (body["expires_in"], body["tenant_id"]) == (600, str(tenant.id))
    found = me(shared_api, body["access_token"]).json()
    assert (found["user"]["email"], found["tenant"]["role"]) == (email("viewer", tenant.name), "viewer")
    assert "views.read" in found["permissions"] and "members.write" not in found["permissions"]
    assert actions(tenant)[0] == "login.succeeded"


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(
    shared_api: ServedApi, tenant: ServedTenant
) -> None:
    known = log_in(shared_api, email("viewer", tenant.name), "wrong password")
    unknown = log_in(shared_api, f"{uuid4().hex}@nowhere.example", "wrong password")
    assert (known.status_code, known.content) == (401, unknown.content)


def test_time_does_not_tell_who_exists(
    shared_api: ServedApi, tenant: ServedTenant, measured: Callable[[str], None]
) -> None:
    for _ in range(4):  # a difference that is real shows every time; one of a busy machine does not
        existing, absent = _refusals_ms(shared_api, tenant)
        if abs(existing - absent) < 2:
            break
    measured(f"log-in refused, median of 30: existing {existing:.2f} ms, absent {absent:.2f} ms")
    assert abs(existing - absent) < 2


def _refusals_ms(api: ServedApi, tenant: ServedTenant) -> tuple[float, float]:
    """Medians of how long a wrong password takes for users that are and that are not."""
    times: dict[str, list[float]] = {"existing": [], "absent": []}
    with api.anonymous() as client:
        for number in range(30):
            role = ("owner", "admin", "approver", "analyst", "viewer")[number % 5]
            addresses = {"existing": email(role, tenant.name), "absent": f"{uuid4().hex}@{tenant.name}.example"}
            for kind in sorted(addresses, reverse=bool(number % 2)):
                body = {"email": addresses[kind], "password": f"guess {number}"}
                started = time.perf_counter()
                assert client.post(f"{AUTH}/login", json=body).status_code == 401
                times[kind].append((time.perf_counter() - started) * 1000)
    return median(times["existing"]), median(times["absent"])


def test_failures_are_counted_into_the_history_without_the_password(
    shared_api: ServedApi, tenant: ServedTenant
) -> None:
    with tenant.session() as session:
        user_id = session.users.by_email(email("analyst", tenant.name)).user_id
    failed = FailedLogins(shared_api.control_plane)
    for _ in range(3):
        failed.count(user_id)
    failed.count(None)
    failed.count(uuid4())
    failed.write()
    failed.write()
    with tenant.session() as session:
        (event,) = [event for event in session.audit.list() if event.action == "login.failed"]
    assert (event.data, event.actor) == ({"attempts": 3}, email("analyst", tenant.name))


def test_a_refresh_token_serves_once_and_a_replay_ends_the_log_in(shared_api: ServedApi, tenant: ServedTenant) -> None:
    first = log_in(shared_api, email("admin", tenant.name)).json()
    second = refresh(shared_api, first["refresh_token"]).json()
    assert me(shared_api, second["access_token"]).status_code == 200
    assert refresh(shared_api, first["refresh_token"]).status_code == 401
    assert refresh(shared_api, second["refresh_token"]).status_code == 401
    assert me(shared_api, second["access_token"]).status_code == 401
    assert actions(tenant)[0] == "login.replayed"


def test_of_twenty_refreshes_at_once_one_succeeds_and_the_log_in_ends(
    shared_api: ServedApi, tenant: ServedTenant
) -> None:
    token = log_in(shared_api, email("admin", tenant.name)).json()["refresh_token"]
    with ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(lambda _: refresh(shared_api, token), range(20)))
    won = [answer.json() for answer in answers if answer.status_code == 200]
    assert sorted(answer.status_code for answer in answers) == [200] + 19 * [401]
    assert refresh(shared_api, won[0]["refresh_token"]).status_code == 401
    time.sleep(0.6)
    assert me(shared_api, won[0]["access_token"]).status_code == 401


def test_logging_out_ends_this_log_in_alone(shared_api: ServedApi, tenant: ServedTenant) -> None:
    here, there = (log_in(shared_api, email("admin", tenant.name)).json() for _ in range(2))
    with shared_api.anonymous() as client:
        headers = {"Authorization": f"Bearer {here['access_token']}"}
        listed = client.get(f"{AUTH}/logins", headers=headers).json()
        assert [login["is_this_one"] for login in listed] == [False, True]
        assert client.post(f"{AUTH}/logout", headers=headers).status_code == 204
        assert client.get(f"{AUTH}/me", headers=headers).status_code == 401
    assert refresh(shared_api, here["refresh_token"]).status_code == 401
    assert me(shared_api, there["access_token"]).status_code == 200


def test_another_device_is_logged_out_and_so_are_all(shared_api: ServedApi, tenant: ServedTenant) -> None:
    here, there, lost = (log_in(shared_api, email("admin", tenant.name)).json() for _ in range(3))
    with shared_api.anonymous() as client:
        client.headers["Authorization"] = f"Bearer {here['access_token']}"
        lost_id = client.get(f"{AUTH}/logins").json()[0]["id"]
        assert client.delete(f"{AUTH}/logins/{lost_id}").status_code == 204
        assert client.delete(f"{AUTH}/logins/{lost_id}").status_code == 404
        assert me(shared_api, lost["access_token"]).status_code == 401
        assert me(shared_api, there["access_token"]).status_code == 200
        assert client.post(f"{AUTH}/logout-all").status_code == 204
    assert [me(shared_api, one["access_token"]).status_code for one in (here, there)] == [401, 401]


def test_a_changed_password_ends_all_other_log_ins(shared_api: ServedApi, tenant: ServedTenant) -> None:
    address = email("analyst", tenant.name)
    here, there = (log_in(shared_api, address).json() for _ in range(2))
    with shared_api.anonymous() as client:
        client.headers["Authorization"] = f"Bearer {here['access_token']}"
        change = {"old_password": "not my password", "new_password": "a much better one"}
        assert client.post(f"{AUTH}/password", json=change).status_code == 422
        assert client.post(f"{AUTH}/password", json=change | {"old_password": PASSWORD}).status_code == 204
        assert client.get(f"{AUTH}/me").status_code == 200
    assert me(shared_api, there["access_token"]).status_code == 401
    assert refresh(shared_api, there["refresh_token"]).status_code == 401
    assert log_in(shared_api, address).status_code == 401
    assert log_in(shared_api, address, "a much better one").status_code == 200


def test_a_user_of_two_tenants_switches_and_sees_each_alone(shared_api: ServedApi, tenant: ServedTenant) -> None:
    other = shared_api.new_tenant()
    address = email("viewer", tenant.name)
    with tenant.session() as session:
        user_id = session.users.by_email(address).user_id
    with other.session() as session:
        session.users.join(user_id, "admin")
    body = log_in(shared_api, address, tenant_id=str(tenant.id)).json()
    with shared_api.anonymous() as client:
        client.headers["Authorization"] = f"Bearer {body['access_token']}"
        assert {one["id"] for one in client.get(f"{AUTH}/me").json()["tenants"]} == {str(tenant.id), str(other.id)}
        switched = client.post(f"{AUTH}/switch", json={"tenant_id": str(other.id)}).json()
    found = me(shared_api, switched["access_token"]).json()["tenant"]
    assert (found["id"], found["role"]) == (str(other.id), "admin")
    assert log_in(shared_api, address).json()["tenant_id"] == str(other.id)  # where they were last


def test_no_other_tenant_can_be_logged_in_or_switched_to(shared_api: ServedApi, tenant: ServedTenant) -> None:
    other = shared_api.new_tenant()
    wrong = [str(other.id), str(uuid4()), "no id"]
    logins = [log_in(shared_api, email("admin", tenant.name), tenant_id=tenant_id) for tenant_id in wrong]
    switches = [tenant.client().post(f"{AUTH}/switch", json={"tenant_id": tenant_id}) for tenant_id in wrong]
    assert {answer.status_code for answer in logins + switches} == {404}
    assert len({answer.content for answer in logins + switches}) == 1


def test_a_browser_keeps_the_refresh_token_in_a_cookie_that_no_other_site_can_use(
    shared_api: ServedApi, tenant: ServedTenant
) -> None:
    with shared_api.anonymous() as browser:
        wanted = {"email": email("admin", tenant.name), "password": PASSWORD, "cookie": True}
        answer = browser.post(f"{AUTH}/login", json=wanted)
        cookie = answer.headers["Set-Cookie"]
        assert answer.json()["refresh_token"] is None
        assert all(part in cookie for part in ("HttpOnly", "SameSite=strict", "Path=/api/v1/auth"))
        ours = {"X-Requested-With": "autonomos"}
        assert browser.post(f"{AUTH}/refresh").status_code == 403
        for foreign in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
            assert browser.post(f"{AUTH}/refresh", headers=ours | foreign).status_code == 403
        refreshed = browser.post(f"{AUTH}/refresh", headers=ours)
        assert (refreshed.status_code, refreshed.json()["refresh_token"]) == (200, None)
        headers = {"Authorization": f"Bearer {refreshed.json()['access_token']}"}
        assert browser.post(f"{AUTH}/logout", headers=headers).status_code == 204
        assert "autonomos_refresh" not in browser.cookies


def test_the_cookie_is_secure_everywhere_but_on_this_machine(shared_api: ServedApi, tenant: ServedTenant) -> None:
    wanted = {"email": email("admin", tenant.name), "password": PASSWORD, "cookie": True}
    with shared_api.anonymous() as client:
        here = client.post(f"{AUTH}/login", json=wanted).headers["Set-Cookie"]
        elsewhere = client.post(f"{AUTH}/login", json=wanted, headers={"Host": "10.0.0.8"}).headers["Set-Cookie"]
    assert ("Secure" in here, "Secure" in elsewhere) == (False, True)
