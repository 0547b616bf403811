"""`audit verify|head|export`: what was cut off or changed is found, and commands say so by their exit status."""

import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from orchestration.commands.access import Access
from orchestration.control_plane.passwords import hash_password
from orchestration.resources.audit_heads import AuditHeads
from tests.orchestration.commands.conftest import Run

pytestmark = pytest.mark.servers


def test_histories_are_verified_signed_exported_and_what_is_cut_off_is_missed(
    run: Run, access: Access, tmp_path: Path
) -> None:
    with access.control_plane.operator_session() as operator:
        tenant = operator.create_tenant("Audited", "owner@audited.example", hash_password("a long password"))
    with access.control_plane.tenant_session(tenant.id) as session:
        for number in range(3):
            session.audit.record("thing.counted", "thing", {"n": number}, "ann")
    assert run("audit", "verify", "--tenant", "Audited", "--json").document["tenants"] == [
        {"tenant": "Audited", "ok": True, "length": 4, "heads_compared": 0, "problem": None}
    ]
    head = run("audit", "head", "--tenant", "Audited", "--keep", "--json").document["heads"][0]
    elsewhere = tmp_path / "heads.jsonl"
    elsewhere.write_text(json.dumps(head) + "\n")
    file = tmp_path / "history.jsonl"
    assert run("audit", "export", "--tenant", "Audited", "--to", str(file)).status == 0
    *events, last = [json.loads(line) for line in file.read_text().splitlines()]
    assert ([event["seq"] for event in events], last["head"]["hash"]) == ([1, 2, 3, 4], head["hash"])
    engine = sa.create_engine(access.settings.admin_url, poolclass=sa.NullPool)
    database = sa.make_url(access.settings.database_url).database
    with sa.create_engine(engine.url.set(database=database), poolclass=sa.NullPool).begin() as connection:
        connection.execute(sa.text("DELETE FROM audit_events WHERE tenant_id = :id AND seq > 2"), {"id": tenant.id})
    for heads in ([], ["--heads", str(elsewhere)]):
        found = run("audit", "verify", "--tenant", "Audited", *heads, "--json")
        assert found.status == 1
        assert found.document["tenants"][0]["problem"] == "The audit history ends at event 2; it once had 4."
    AuditHeads(access.settings.home, access.settings.master_key_bytes()).file_of(tenant.id).unlink()
    assert run("audit", "verify", "--tenant", "Audited").status == 0  # without a kept head nobody can tell
