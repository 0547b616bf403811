"""The same request sent twice has one effect and one answer."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import httpx
import pytest
import sqlalchemy as sa

from tests.api.convention_routes import EFFECT, after_commits
from tests.api.serving import ServedApi, ServedTenant

pytestmark = pytest.mark.servers
THINGS, APART = "/api/v1/conventions/things", "/api/v1/conventions/apart"
both = pytest.mark.parametrize("path", [THINGS, APART], ids=["in-the-session", "apart"])


@pytest.fixture
def tenant(conventions: ServedApi) -> ServedTenant:
    return conventions.new_tenant()


def keyed(key: str | None = None) -> dict[str, str]:
    return {"Idempotency-Key": key or uuid4().hex}


def effects(tenant: ServedTenant) -> int:
    with tenant.session() as session:
        return sum(event.action == EFFECT for event in session.audit.list(500))


@both
def test_a_repeated_request_has_one_effect_and_the_same_answer(tenant: ServedTenant, path: str) -> None:
    key = keyed()
    first = tenant.client().post(path, json={"name": "one"}, headers=key)
    again = tenant.client().post(path, json={"name": "one"}, headers=key)
    assert first.is_success and first.headers.get("Idempotency-Replayed") is None
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.headers.get("Location") == first.headers.get("Location")
    assert effects(tenant) == 1


@both
def test_twenty_at_once_have_one_effect(tenant: ServedTenant, path: str) -> None:
    key, name = keyed(), f"slow-{uuid4().hex}"
    client = tenant.client()
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: client.post(path, json={"name": name}, headers=key), range(20)))
    assert effects(tenant) == 1
    good = [answer for answer in answers if answer.is_success]
    waiting = [answer for answer in answers if not answer.is_success]
    assert len({answer.content for answer in good}) == 1
    assert sum("Idempotency-Replayed" not in answer.headers for answer in good) == 1
    assert all(answer.json()["type"] == "/problems/request-in-progress" for answer in waiting)
    assert all(answer.headers["Retry-After"] == "1" for answer in waiting)
    if path == THINGS:
        assert waiting == []  # they wait for the transaction of the first, and read its answer
        assert after_commits.count(name) == 1


@both
@pytest.mark.parametrize(
    "change",
    [{"json": {"name": "two"}}, {"params": {"x": "1"}}, {"role": "owner"}],
    ids=["another-body", "another-query", "another-person"],
)
def test_a_key_belongs_to_one_request(tenant: ServedTenant, path: str, change: dict[str, object]) -> None:
    key = keyed()
    tenant.client().post(path, json={"name": "one"}, headers=key)
    role, sent = change.get("role", "admin"), {name: value for name, value in change.items() if name != "role"}
    answer = tenant.client(role).post(path, **{"json": {"name": "one"}, "headers": key, **sent})  # type: ignore[arg-type]
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/idempotency-key-reused")
    assert effects(tenant) == 1


@both
def test_a_request_that_failed_leaves_its_key_free(tenant: ServedTenant, path: str) -> None:
    key = keyed()
    refused = tenant.client().post(path, json={"name": "refused"}, headers=key)
    assert refused.status_code == 409 and effects(tenant) == 0
    assert tenant.client().post(path, json={"name": "one"}, headers=key).is_success


def test_a_request_that_broke_leaves_its_key_free_and_nothing_behind(tenant: ServedTenant) -> None:
    key = keyed()
    assert tenant.client().post(THINGS, json={"name": "broken"}, headers=key).status_code == 500
    assert effects(tenant) == 0
    assert tenant.client().post(THINGS, json={"name": "one"}, headers=key).status_code == 201
    assert "broken" not in after_commits


def test_tenants_do_not_share_keys(conventions: ServedApi, tenant: ServedTenant) -> None:
    other, key = conventions.new_tenant(), keyed()
    for one in (tenant, other):
        answer = one.client().post(THINGS, json={"name": "one"}, headers=key)
        assert answer.status_code == 201 and "Idempotency-Replayed" not in answer.headers
    assert (effects(tenant), effects(other)) == (1, 1)


def test_who_may_not_do_it_does_not_learn_whether_it_was_done(tenant: ServedTenant) -> None:
    key = keyed()
    tenant.client().post(THINGS, json={"name": "one"}, headers=key)
    answers = [tenant.client("viewer").post(THINGS, json={"name": "one"}, headers=one) for one in (key, keyed())]
    assert [answer.status_code for answer in answers] == [403, 403]
    assert answers[0].content == answers[1].content


def test_a_deletion_is_repeated_without_a_body(tenant: ServedTenant) -> None:
    key = keyed()
    answers = [tenant.client().delete(f"{THINGS}/one", headers=key) for _ in range(2)]
    assert [(answer.status_code, answer.content) for answer in answers] == [(204, b""), (204, b"")]
    assert answers[1].headers["Idempotency-Replayed"] == "true"
    assert effects(tenant) == 1


@pytest.mark.parametrize("key", ["", "x" * 256, "a b"], ids=["empty", "long", "space"])
def test_what_cannot_be_a_key_is_refused(tenant: ServedTenant, key: str) -> None:
    answer = tenant.client().post(THINGS, json={"name": "one"}, headers={"Idempotency-Key": key})
    assert answer.status_code == 422 and effects(tenant) == 0


def test_a_claim_whose_process_died_is_free_after_a_minute(tenant: ServedTenant) -> None:
    key = keyed()
    assert tenant.client().post(APART, json={"name": "one"}, headers=key).is_success
    assert _age(tenant, "status = NULL") == 1
    assert tenant.client().post(APART, json={"name": "one"}, headers=key).status_code == 409
    assert _age(tenant, "claimed_at = claimed_at - interval '61 s'") == 1
    assert tenant.client().post(APART, json={"name": "one"}, headers=key).is_success
    assert effects(tenant) == 2


def test_keys_are_forgotten_after_a_day(tenant: ServedTenant) -> None:
    key = keyed()
    tenant.client().post(THINGS, json={"name": "one"}, headers=key)
    _age(tenant, "claimed_at = claimed_at - interval '25 h'")
    answer = tenant.client().post(THINGS, json={"name": "two"}, headers=key)
    assert answer.status_code == 201 and _age(tenant, "actor = actor") == 1


def _age(tenant: ServedTenant, change: str) -> int:
    with tenant.session() as session:
        changed = sa.text(f"UPDATE idempotency_keys SET {change}")
        return session.idempotency_keys._connection.execute(changed).rowcount


def test_without_a_log_in_the_header_means_nothing(conventions: ServedApi) -> None:
    with conventions.anonymous() as client:
        answers = [client.post(THINGS, json={"name": "one"}, headers=keyed("same")) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [401, 401]
    assert all("Idempotency-Replayed" not in answer.headers for answer in answers)


def test_an_answer_that_shows_a_secret_is_not_kept(tenant: ServedTenant) -> None:
    key, wanted = keyed(), {"name": "reports", "scopes": ["views.read"]}
    first = tenant.client("owner").post("/api/v1/auth/api-keys", json=wanted, headers=key)
    assert first.status_code == 201, first.text
    again = tenant.client("owner").post("/api/v1/auth/api-keys", json=wanted, headers=key)
    assert (again.status_code, again.json()["type"]) == (409, "/problems/answer-not-kept")
    listed: httpx.Response = tenant.client("owner").get("/api/v1/auth/api-keys")
    assert sum(one["name"] == "reports" for one in listed.json()["items"]) == 1
    with tenant.session() as session:
        kept = session.idempotency_keys._connection.execute(sa.text("SELECT body FROM idempotency_keys")).scalars()
        assert list(kept) == [None]
