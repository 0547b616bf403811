"""A tenant's history over HTTP: read by page and filter, verified, signed, exported; every forgery is found."""

import base64
import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from orchestration.control_plane.audit import chained_event
from orchestration.control_plane.columns import dump_json
from orchestration.resources.audit_heads import AuditHeads
from tests.api.serving import ServedApi, ServedTenant
from tests.orchestration.control_plane.databases import MASTER_KEY

pytestmark = pytest.mark.servers
AUDIT = "/api/v1/admin/audit"


@pytest.fixture
def tenant(shared_api: ServedApi) -> ServedTenant:
    """One with five events: its creation and four of ours."""
    tenant = shared_api.new_tenant()
    with tenant.session() as session:
        for number in range(1, 5):
            actor = "ann@x.example" if number % 2 else "bob@x.example"
            session.audit.record("thing.counted", f"thing:{number}%", {"n": number}, actor)
    return tenant


def test_events_are_read_newest_first_page_by_page(tenant: ServedTenant) -> None:
    client, seen, cursor = tenant.client("admin"), [], None
    while True:
        page = client.get(AUDIT, params={"limit": 2, **({"cursor": cursor} if cursor else {})}).json()
        seen += [event["seq"] for event in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen[-5:] == [5, 4, 3, 2, 1]
    assert seen == sorted(seen, reverse=True) and len(set(seen)) == len(seen)


@pytest.mark.parametrize(
    "wanted, found",
    [
        ({"actor": "ann@x.example"}, {2, 4}),
        ({"action": "thing.counted", "actor": "bob@x.example"}, {3, 5}),
        ({"subject": "thing:1%"}, {2}),
        ({"subject": "thing:%"}, set()),
        ({"action": "nothing.of_this"}, set()),
        ({"until": "2020-01-01T00:00:00Z"}, set()),
        ({"since": "2020-01-01T00:00:00+02:00", "subject": "thing:"}, {2, 3, 4, 5}),
    ],
    ids=["actor", "action-and-actor", "subject", "no-wildcards", "unknown-action", "before", "since"],
)
def test_events_are_filtered(tenant: ServedTenant, wanted: dict[str, str], found: set[int]) -> None:
    answer = tenant.client("admin").get(AUDIT, params=wanted)
    assert answer.status_code == 200
    assert {event["seq"] for event in answer.json()["items"]} == found


@pytest.mark.parametrize(
    "asked",
    [
        {"cursor": "nonsense"}, {"cursor": "W10"}, {"limit": "0"}, {"since": "2020-01-01T00:00:00"},
        {"actor": "a\0b"}, {"subject": "\0"}, {"action": "A b"}, {"until": "tomorrow"},
        {"cursor": base64.urlsafe_b64encode(b"[99999999999999999999999]").decode()},
        {"cursor": base64.urlsafe_b64encode(b"[true]").decode()},
    ],
    ids=lambda asked: "-".join(f"{name}{len(value)}" for name, value in asked.items()),
)  # fmt: skip
def test_what_cannot_be_asked_is_refused(tenant: ServedTenant, asked: dict[str, str]) -> None:
    assert tenant.client("admin").get(AUDIT, params=asked).status_code == 422


def test_only_who_may_reads_history(tenant: ServedTenant) -> None:
    for path in ("", "/verify", "/head", "/export"):
        for role in ("approver", "analyst", "viewer"):
            assert tenant.client(role).get(AUDIT + path).status_code == 403  # type: ignore[arg-type]


def test_a_whole_chain_verifies_and_says_its_head(tenant: ServedTenant) -> None:
    found = tenant.client("owner").get(f"{AUDIT}/verify").json()
    newest = tenant.client("owner").get(AUDIT, params={"limit": 1}).json()["items"][0]
    assert found == {
        "ok": True, "length": newest["seq"], "head": newest["hash"], "heads_compared": 0, "broken_at": None,
        "problem": None,
    }  # fmt: skip


def test_the_head_is_signed_so_that_others_can_check_it(tenant: ServedTenant) -> None:
    head = tenant.client("owner").get(f"{AUDIT}/head").json()
    public_key, signature = (base64.b64decode(head.pop(name)) for name in ("public_key", "signature"))
    assert head["tenant_id"] == str(tenant.id)
    signed = json.dumps(head, sort_keys=True, separators=(",", ":")).encode()
    Ed25519PublicKey.from_public_bytes(public_key).verify(signature, signed)  # raises where it does not fit


def test_the_export_holds_every_event_in_order_and_ends_with_the_signed_head(tenant: ServedTenant) -> None:
    with tenant.session() as session:
        for number in range(1_100):  # more than a portion
            session.audit.record("thing.counted", "thing:many", {"n": number}, "ann@x.example")
    answer = tenant.client("owner").get(f"{AUDIT}/export")
    *events, last = [json.loads(line) for line in answer.text.splitlines()]
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    assert "attachment" in answer.headers["content-disposition"]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert (last["head"]["seq"], last["head"]["hash"]) == (len(events), events[-1]["hash"])
    assert all(after["previous_hash"] == before["hash"] for before, after in pairwise(events))


def forge_whole_chain(connection: sa.Connection, tenant: ServedTenant) -> None:
    """Everything written anew with hashes that fit each other: the chain alone cannot show it."""
    connection.execute(sa.text("DELETE FROM audit_events WHERE tenant_id = :id"), {"id": tenant.id})
    previous = "0" * 64
    for seq in range(1, 7):
        event = chained_event(tenant.id, seq, previous, "thing.counted", "forged", {}, "ann@x.example")
        previous = event["hash"]
        columns = ", ".join(event)
        values = ", ".join(f":{name}" for name in event)
        row = {**event, "data": dump_json(event["data"])}
        connection.execute(sa.text(f"INSERT INTO audit_events ({columns}) VALUES ({values})"), row)


FORGERIES: dict[str, str | Callable[[sa.Connection, ServedTenant], None]] = {
    "a changed row": "UPDATE audit_events SET actor = 'eve' WHERE tenant_id = :id AND seq = 3",
    "changed data": "UPDATE audit_events SET data = json_build_object('n', 9) WHERE tenant_id = :id AND seq = 3",
    "a removed row": "DELETE FROM audit_events WHERE tenant_id = :id AND seq = 2",
    "the newest cut off": "DELETE FROM audit_events WHERE tenant_id = :id AND seq > 3",
    "everything cut off": "DELETE FROM audit_events WHERE tenant_id = :id",
    "another order": "UPDATE audit_events SET seq = CASE seq WHEN 3 THEN 1003 ELSE 3 END WHERE tenant_id = :id"
    " AND seq IN (3, 4); UPDATE audit_events SET seq = 4 WHERE tenant_id = :id AND seq = 1003",
    "a forged chain": forge_whole_chain,
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_every_forgery_is_found_with_a_head_that_was_kept(
    shared_api: ServedApi, tenant: ServedTenant, forgery: str, tmp_path: Path
) -> None:
    client = tenant.client("owner")
    with tenant.session() as session:
        assert AuditHeads(shared_api.settings.home, MASTER_KEY).keep(tenant.id, session.audit.head())
    assert client.get(f"{AUDIT}/verify").json()["heads_compared"] == 1
    change = FORGERIES[forgery]
    engine = sa.create_engine(_superuser(shared_api), poolclass=sa.NullPool)
    with engine.begin() as connection:
        if isinstance(change, str):
            for statement in change.split(";"):
                connection.execute(sa.text(statement), {"id": tenant.id})
        else:
            change(connection, tenant)
    found = client.get(f"{AUDIT}/verify")
    assert found.status_code == 200
    assert (found.json()["ok"], found.json()["head"]) == (False, None)
    assert found.json()["problem"]


def test_a_kept_head_that_was_changed_is_not_believed(shared_api: ServedApi, tenant: ServedTenant) -> None:
    heads = AuditHeads(shared_api.settings.home, MASTER_KEY)
    with tenant.session() as session:
        head = session.audit.head()
    assert heads.keep(tenant.id, head) and not heads.keep(tenant.id, head)
    path = heads.file_of(tenant.id)
    path.write_text(path.read_text().replace(head.hash, "0" * 64))
    found = tenant.client("owner").get(f"{AUDIT}/verify").json()
    assert not found["ok"] and "signature" in found["problem"]


def _superuser(api: ServedApi) -> str:
    return (
        sa.make_url(api.settings.database_url)
        .set(username="postgres", password="test-postgres-password")
        .render_as_string(hide_password=False)
    )
