"""Rejected records over HTTP: of the published snapshot, page by page, counted by what is wrong."""

import time
from typing import Any

import pytest

from api.schemas.rejects import LONGEST_RAW
from assets.extract.rejects import REJECT_COLUMNS, REJECTS_SCHEMA, REJECTS_TABLE
from orchestration.resources.lake import Lake, LakeLocation
from orchestration.resources.lake_places import lake_location
from orchestration.resources.publishing import freeze_catalog
from orchestration.resources.sql_text import literal
from tests.api.sourcing import Sourced
from tests.lakes import lake_catalog

pytestmark = pytest.mark.servers

__all__ = ["lake_catalog"]


def publish(sourced: Sourced, lake_catalog: str, connection_id: str, records: int) -> None:
    """Records of two streams that could not be taken, published."""
    place = lake_location(sourced.api.settings)
    lake = Lake(LakeLocation(lake_catalog, place.data_path, place.published_path))
    errors = '[{"field": "amount", "source": "Amount", "value": "x", "reason": "is no number"}]'
    rows = ", ".join(
        f"({literal(connection_id)}, '{'deals' if n % 2 else 'people'}', 'deal', 'normalize', 'r{n}', 1, 'a.csv', {n},"
        f" {literal(errors)}, repeat('z', {LONGEST_RAW + 1 if n == 0 else 3}), 'batch', now())"
        for n in range(records)
    )
    with lake.session(sourced.tenant.id) as session:
        session.ensure_table(REJECTS_SCHEMA, REJECTS_TABLE, REJECT_COLUMNS)
        session.execute(f"INSERT INTO lake.{REJECTS_SCHEMA}.{REJECTS_TABLE} VALUES {rows}")
        frozen = freeze_catalog(session, place.published_path / str(sourced.tenant.id))
    lake.close()
    with sourced.tenant.session() as control:
        control.publications.publish(frozen.snapshot_id, str(frozen.path), {})


def test_rejected_records_come_page_by_page_of_one_snapshot(sourced: Sourced, lake_catalog: str) -> None:
    made = sourced.connected(risk_level="high")
    where = f"/connections/{made['id']}/rejects"
    empty = sourced.ask("GET", where, role="viewer").json()
    assert empty == {"items": [], "next_cursor": None, "snapshot_id": None}
    other = sourced.connected("other", namespace="other")
    publish(sourced, lake_catalog, made["id"], 5)
    all_are_listed(sourced, where)
    assert sourced.ask("GET", f"/connections/{other['id']}/rejects").json()["items"] == []
    found = sourced.ask("GET", f"{where}/summary", params={"stream": "people"}).json()
    reason = {"stream": "people", "reason": "amount: is no number", "records": 3}
    assert (found["rejected"], found["reasons"]) == (3, [reason])
    assert sourced.ask("GET", where, params={"stream": "nobody's"}).json()["items"] == []
    assert sourced.ask("GET", where, params={"cursor": "WzEsIi0xIl0"}).status_code == 422
    gone = sourced.ask("GET", where, params={"cursor": "Wzk5OTk5OSwwXQ"})
    assert (gone.status_code, gone.json()["type"]) == (410, "/problems/snapshot-gone")


def all_are_listed(sourced: Sourced, where: str) -> None:
    """All pages of the list hold each record once."""
    time.sleep(0.6)  # which publication is current is asked at most twice a second
    items: list[dict[str, Any]] = []
    cursor = None
    while True:
        page = sourced.ask("GET", where, params={"limit": 2} | ({"cursor": cursor} if cursor else {})).json()
        items += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert sorted(item["record_id"] for item in items) == [f"r{n}" for n in range(5)]
    first = next(item for item in items if item["record_id"] == "r0")
    assert (first["raw_cut"], len(first["raw"]), first["line"]) == (True, LONGEST_RAW, 0)
    assert first["errors"] == [{"field": "amount", "source": "Amount", "value": "x", "reason": "is no number"}]
