"""A tenant's own files over HTTP, and that no connection made over HTTP reads anything else, now or at a later sync."""

from pathlib import Path
from typing import Any

import pytest

from connectors.errors import ConfigInvalid
from connectors.registry import connector_for
from connectors.sandbox.salesforce.sandbox import SalesforceSandbox
from tests.api.serving import serving
from tests.api.sourcing import Sourced
from tests.orchestration.control_plane.databases import Database

pytestmark = pytest.mark.servers

CSV = b"id,name\n1,ann\n2,bob\n"
OUTSIDE = [
    "/etc/passwd", "/", "//etc/passwd", "/etc/*", "/proc/self/environ", "..", "../", "../*", "../..", "/dev/stdin",
    "../../etc/passwd", "a/../../b.csv", "a/../..", "./../x.csv", "*/../../x.csv", "**/../../*", "a/b/../../../c",
    "..\\x.csv", "\\etc", "C:\\data", "~", "~/x.csv", "~root/.ssh/id_rsa", "a\x00b", "\x00", "", " ", "a\nb.csv",
    "\ud800.csv", "x" * 2000, "..\u2028/../x", "./..//..//etc/passwd", "a/./../../b", "/tmp/../etc/passwd",
    "/proc/1/root/etc",
]  # fmt: skip
NO_NAMES = [
    "../x.csv", "a/b.csv", "/x.csv", "..", ".", "", ".hidden.csv", "~x.csv", "_x.csv", "x", "x.exe", "x.csv\x00.png",
    "a\\b.csv", "a\nb.csv", " x.csv", "x.csv ", "\u202ex.csv", "x" * 199 + ".csv", "\u200b.csv", "..csv", "$x.csv",
]  # fmt: skip


def folder(sourced: Sourced) -> Path:
    return Path(sourced.api.settings.home) / "files" / str(sourced.tenant.id)


def connect(sourced: Sourced, path: Any, **told: Any) -> Any:
    config = {"path": path, **told.pop("config", {})}
    return sourced.ask("POST", "/connections", json={"name": "Files", "kind": "files", "config": config, **told})


def test_a_file_is_sent_listed_replaced_and_removed(sourced: Sourced) -> None:
    sent = sourced.upload("deals_2026-01.csv", CSV)
    assert (sent.status_code, sent.json()["size_bytes"]) == (201, len(CSV))
    assert sent.headers["Location"] == "/api/v1/aam/files/deals_2026-01.csv"
    assert (folder(sourced) / "deals_2026-01.csv").read_bytes() == CSV
    assert sourced.upload("deals_2026-01.csv", CSV * 2).status_code == 200
    sourced.upload("Zo\u00eb.csv", CSV)
    first = sourced.ask("GET", "/files", role="viewer", params={"limit": 1}).json()
    rest = sourced.ask("GET", "/files", params={"cursor": first["next_cursor"]}).json()
    assert [file["name"] for file in (*first["items"], *rest["items"])] == ["Zo\u00eb.csv", "deals_2026-01.csv"]
    assert sourced.upload("x.csv", CSV, role="approver").status_code == 403
    assert sourced.ask("DELETE", "/files/deals_2026-01.csv").status_code == 204
    assert sourced.ask("DELETE", "/files/deals_2026-01.csv").status_code == 404
    assert [path.name for path in folder(sourced).iterdir()] == ["Zo\u00eb.csv"]
    assert sourced.actions() == ["file.uploaded", "file.uploaded", "file.uploaded", "file.deleted"]


def test_a_name_that_is_none_of_a_plain_file_is_refused(sourced: Sourced) -> None:
    assert [name for name in NO_NAMES if sourced.upload(name, CSV).status_code != 422] == []
    assert not folder(sourced).exists()


def test_what_is_too_large_is_refused_and_leaves_nothing(
    database: Database, redis_url: str, tmp_path: Path, hashed_password: str, org: SalesforceSandbox
) -> None:
    small = {"upload_limit_mb": 1, "files_limit_mb": 2}
    with serving(database, redis_url, tmp_path, hashed_password, **small) as api:
        sourced, mib = Sourced(api, api.new_tenant(), org), 2**20
        assert sourced.upload("empty.csv", b"").status_code == 422
        assert sourced.upload("big.csv", b"x" * (mib + 1)).status_code == 413
        in_parts = sourced.ask("POST", "/files", params={"name": "big.csv"}, content=iter([b"x" * 1000] * 1100))
        assert in_parts.status_code == 413
        assert not folder(sourced).exists() or list(folder(sourced).iterdir()) == []
        assert [sourced.upload(f"{number}.csv", b"x" * mib).status_code for number in range(3)] == [201, 201, 409]
        assert sorted(path.name for path in folder(sourced).iterdir()) == ["0.csv", "1.csv"]


def test_a_path_that_leads_out_is_refused_alike_whatever_lies_there(sourced: Sourced) -> None:
    assert len(OUTSIDE) >= 30
    for path in OUTSIDE:
        for answer in (connect(sourced, path), trial(sourced, path)):
            assert (answer.status_code, answer.json()["type"]) == (422, "/problems/invalid-request"), path
            assert "/etc" not in answer.text and str(sourced.api.settings.home) not in answer.text
    assert sourced.ask("GET", "/intents").json()["items"] == []


def trial(sourced: Sourced, path: Any) -> Any:
    return sourced.ask("POST", "/connections/test", json={"kind": "files", "config": {"path": path}})


@pytest.mark.parametrize(
    "told",
    [
        {"config": {"allowed_roots": ["/"]}},
        {"config": {"allowed_roots": []}},
        {"config": {"limits": {"max_unpacked_bytes": 2**50}}},
        {"credentials": {"path": "/etc/passwd"}},
        {"credentials": {"allowed_roots": ["/"]}},
        {"credential_locator": "secret://place"},
        {"config": {"streams": [{"name": "s", "pattern": "../../*.csv"}]}},
    ],
    ids=["roots", "no-roots", "limits", "path-as-credential", "roots-as-credential", "locator", "pattern"],
)
def test_the_bounds_cannot_be_moved_by_other_fields(sourced: Sourced, told: dict[str, Any]) -> None:
    sourced.upload("deals.csv", CSV)
    sourced.ask("PUT", "/secrets/place", json={"value": {"path": "/etc/passwd", "allowed_roots": ["/"]}})
    answer = connect(sourced, "deals.csv", **told)
    if told == {"config": {"allowed_roots": []}}:  # it says nothing, and the bound is there all the same
        assert answer.status_code == 201 and stored(sourced, answer)["allowed_roots"] == [str(folder(sourced))]
        return
    assert answer.status_code == 422, answer.text
    assert sourced.ask("GET", "/connections").json()["items"] == []


def stored(sourced: Sourced, answer: Any) -> dict[str, Any]:
    with sourced.tenant.session() as session:
        found: dict[str, Any] = session.connections.get(answer.json()["connection"]["id"]).config
    return found


def test_a_connection_reads_the_tenants_files_and_knows_them_by_their_own_names(sourced: Sourced) -> None:
    sourced.upload("deals_1.csv", CSV)
    sourced.upload("deals_2.csv", CSV)
    answer = connect(sourced, "*.csv", risk_level="high")
    made = answer.json()["connection"]
    assert (answer.status_code, made["config"]["path"], "allowed_roots" in made["config"]) == (201, "*.csv", False)
    where = f"/connections/{made['id']}"
    records = sourced.ask("GET", f"{where}/streams/deals/preview").json()["records"]
    assert records[:2] == [{"id": "1", "name": "ann"}, {"id": "2", "name": "bob"}]
    changed = sourced.ask("PATCH", where, json={"config": {**made["config"], "propose": True}})
    assert (changed.status_code, changed.json()["config"]["path"]) == (200, "*.csv"), changed.text
    assert sourced.ask("PATCH", where, json={"config": {"path": "/etc/*"}}).status_code == 422
    assert sourced.ask("PATCH", where, json={"config": {"path": "deals_1.csv"}}).status_code == 409
    assert sourced.ask("PATCH", where, json={"credentials": {"path": "/etc"}}).status_code == 422
    assert str(sourced.api.settings.home) not in "".join(sourced.heard)


def test_what_is_not_there_is_said_without_where_the_platform_keeps_files(sourced: Sourced) -> None:
    for path in ("absent.csv", "."):
        answer = connect(sourced, path)
        assert (answer.status_code, answer.json()["code"]) == (422, "config_invalid")
    assert str(sourced.api.settings.home) not in "".join(sourced.heard)
    assert all(str(sourced.tenant.id) not in text for text in sourced.heard)


def test_a_link_that_leads_out_is_read_neither_now_nor_at_a_later_sync(sourced: Sourced, tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("password\nhunter2\n")
    sourced.upload("deals.csv", CSV)
    answer = connect(sourced, ".")
    config = stored(sourced, answer)
    place = folder(sourced)
    (place / "late.csv").symlink_to(tmp_path / "secret.csv")
    with pytest.raises(ConfigInvalid, match="leads outside"):
        connector_for("files", config).discover()
    discovered = sourced.ask("GET", f"/connections/{answer.json()['connection']['id']}/discover")
    assert (discovered.status_code, discovered.json()["code"]) == (422, "config_invalid")


def test_another_tenants_files_are_not_there(sourced: Sourced) -> None:
    sourced.upload("deals.csv", CSV)
    other = Sourced(sourced.api, sourced.api.new_tenant(), sourced.org)
    assert other.ask("GET", "/files").json()["items"] == []
    assert other.ask("DELETE", "/files/deals.csv").content == other.ask("DELETE", "/files/absent.csv").content
    assert connect(other, f"../{sourced.tenant.id}/deals.csv").status_code == 422
    assert connect(other, "deals.csv").json()["code"] == "config_invalid"


def test_a_connection_of_the_operators_keeps_its_place_and_goes_nowhere_else(sourced: Sourced, tmp_path: Path) -> None:
    (tmp_path / "deals.csv").write_bytes(CSV)
    with sourced.tenant.session() as session:
        record = session.connections.create("Ours", "files", {"path": str(tmp_path)}, risk_level="high")
    where = f"/connections/{record.id}"
    shown = sourced.ask("GET", where).json()["config"]
    same = sourced.ask("PATCH", where, json={"config": {**shown, "propose": True}})
    assert (same.status_code, same.json()["config"]["path"]) == (200, str(tmp_path))
    assert sourced.ask("PATCH", where, json={"config": {"path": str(tmp_path.parent)}}).status_code == 422
    assert sourced.ask("PATCH", where, json={"config": {"allowed_roots": ["/"]}}).status_code == 422
