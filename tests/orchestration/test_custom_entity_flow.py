"""A stream that fits nothing: raw first, then an entity of its own with a view, and raw again."""

import dagster as dg
import pytest

from assets.fingerprint.fingerprint import ObservedStream
from assets.mapping.rules_json import rules_to_json
from assets.normalize.custom import check_declaration
from assets.normalize.drafting import draft_entity
from orchestration.partitions import ConnectionKey
from tests.lakes import lake, lake_catalog, location
from tests.orchestration.test_flow import Flow, flow, metadata

__all__ = ["flow", "lake", "lake_catalog", "location"]

pytestmark = pytest.mark.servers
LINES = [f'p{n},{n}.5,2026-03-01T08:00:00Z,"{{""n"": {n}}}"' for n in range(40)]
READINGS = "\n".join(["probe_ref,lux,seen,flags_json", *LINES, ""])


def declare(flow: Flow, key: ConnectionKey) -> None:
    """What `entity declare --name reading` stores."""
    with flow.control_plane.tenant_session(flow.tenant_id) as session:
        baseline = session.schemas.baseline(key.connection_id, "readings")
        assert baseline is not None
        draft = draft_entity("reading", ObservedStream.from_json(baseline.fields[0]), [])
        check_declaration("reading", "readings", draft.fields, draft.key)
        fields = [field.to_json() for field in draft.fields]
        session.custom_entities.declare("reading", "readings", fields, draft.key, "ann")
        session.mappings.save(key.connection_id, "readings", "reading", rules_to_json(draft.rules), "declared", "ann")


def test_a_raw_stream_becomes_a_view_of_its_own_and_raw_again(flow: Flow) -> None:
    (flow.folder / "readings.csv").write_text(READINGS)
    key = flow.connect("probes", "readings", "probe_ref")
    first, _ = flow.sync(key)
    assert (first.streams["readings"]["entity"], first.read, first.loaded) == (None, 40, 40)
    assert "readings" not in flow.publish()[0].views

    declare(flow, key)
    second, result = flow.sync(key)
    assert (second.streams["readings"]["entity"], second.unchanged, second.status) == ("reading", 40, "succeeded")
    assert second.streams["readings"]["recovered"] == 40
    assert all(check.passed for check in result.get_asset_check_evaluations())
    assert [message.entity for message in flow.messages()] == ["reading"]
    publication, refreshed = flow.publish()
    rows = {row["reading_id"]: row for row in flow.rows(publication, "readings")}
    assert (len(rows), str(rows["p7"]["lux"]), rows["p7"]["_source_count"]) == (40, "7.500000000", 1)
    assert rows["p7"]["flags_json"] == '{"n": 7}'
    about = {"rows": 40, "joined": 0, "sources": {str(key.connection_id): 40}, "entity": "reading", "custom": True}
    assert publication.views["readings"] == about
    made = metadata(refreshed, "unify", "custom_views")
    assert made["dagster/row_count"] == 40
    upstream = dg.TableColumnDep(asset_key=dg.AssetKey(["normalize", "canonical_records"]), column_name="reading.lux")
    assert made["dagster/column_lineage"].deps_by_column["readings.lux"] == [upstream]

    (flow.folder / "readings.csv").write_text(READINGS.replace("p7,7.5", "p7,bright").replace("p8,8.5", "p8,9"))
    third, _ = flow.sync(key)
    assert (third.loaded, third.rejected, third.unchanged) == (1, 1, 38)
    kept = {row["reading_id"]: str(row["lux"]) for row in flow.rows(flow.publish()[0], "readings")}
    assert (len(kept), kept["p7"], kept["p8"]) == (40, "7.500000000", "9.000000000")

    with flow.control_plane.tenant_session(flow.tenant_id) as session:
        session.mappings.save(key.connection_id, "readings", None, [], "retired", "ann")
        session.custom_entities.retire("reading", "ann")
    last, refreshed = flow.publish()
    assert "readings" not in last.views
    assert metadata(refreshed, "unify", "custom_views")["views_dropped"] == "readings"
    fourth, _ = flow.sync(key)
    assert (fourth.streams["readings"]["entity"], fourth.status) == (None, "succeeded")
