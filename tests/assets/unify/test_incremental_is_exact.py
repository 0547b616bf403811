"""After any history, the views are what a rebuild from all records gives, row by row."""

from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assets.normalize.catalog import CANONICAL
from assets.resolve.asset import resolve_entity
from assets.unify.asset import refresh_view
from orchestration.resources.lake_session import LakeSession
from tests.assets.canonical_rows import (
    CRM,
    ERP,
    GLOBAL_IDS,
    Row,
    account,
    at,
    contact,
    local_lake,
    opportunity,
    refresh,
    view,
    write,
)

VIEWS = ("account", "contact", "opportunity")
KEYS = st.integers(1, 5)
TIMES = st.sampled_from([None, at(1), at(2)])
DELETED = st.sampled_from([False, False, True])
ACCOUNT_IDS = st.sampled_from(["1001", "1002", GLOBAL_IDS[0]])


def records(make: Any, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Row]:
    """Rows of an entity; odd records are of one system, even ones of the other."""

    def build(key: int, **values: Any) -> Row:
        return make(key, CRM if key % 2 else ERP, **values)  # type: ignore[no-any-return]  # Row by construction

    return st.builds(build, KEYS, _source_updated_at=TIMES, _deleted=DELETED, **fields)


def batch(rows: st.SearchStrategy[Row]) -> st.SearchStrategy[list[Row]]:
    return st.lists(rows, max_size=4, unique_by=lambda row: row["_key"])


batches = st.fixed_dictionaries(
    {
        "account": batch(
            records(
                account,
                account_id=ACCOUNT_IDS,
                domain=st.sampled_from([None, "acme.example"]),
                name=st.sampled_from([None, "Acme", "Bolt"]),
                phone=st.sampled_from([None, "1", "2"]),
            )
        ),
        "contact": batch(
            records(
                contact,
                account_id=ACCOUNT_IDS | st.none(),
                email=st.sampled_from([None, "ann@acme.example", "bob@acme.example"]),
                title=st.sampled_from([None, "Head", "Clerk"]),
            )
        ),
        "opportunity": batch(
            records(opportunity, account_id=ACCOUNT_IDS | st.none(), stage=st.sampled_from(["a", "b"]))
        ),
        # What runs after the batch: everything, the views without resolve (as when a batch comes in between), nothing.
        "then": st.sampled_from(["refresh", "refresh", "resolve", "unify", "nothing"]),
    }
)


def play(session: LakeSession, step: dict[str, Any]) -> None:
    for entity in VIEWS:
        if step[entity]:
            write(session, entity, step[entity])
    if step["then"] == "refresh":
        refresh(session)
    if step["then"] == "resolve":
        resolve_entity(session, "account")
    if step["then"] == "unify" and "account_members" in session.tables("resolve"):
        refresh_view(session, CANONICAL["account"])


def shown(session: LakeSession) -> dict[str, list[Row]]:
    return {entity: view(session, entity) for entity in VIEWS}


@settings(
    max_examples=14, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(st.lists(batches, min_size=2, max_size=5))
def test_incremental_views_equal_rebuilt_ones(tmp_path: Path, history: list[dict[str, Any]]) -> None:
    with local_lake(tmp_path) as session:
        for step in history:
            play(session, step)
        refresh(session)
        incremental = shown(session)
        if "unified" in session.tables("state"):
            session.execute("DELETE FROM lake.state.unified")
        refresh(session)
        assert incremental == shown(session)
    for entity, rows in incremental.items():
        last = {row["_key"]: row for step in history for row in step[entity]}
        live = sorted(str(key) for key, row in last.items() if not row["_deleted"])
        assert sorted(source["record_id"] for row in rows for source in row["_sources"]) == live
