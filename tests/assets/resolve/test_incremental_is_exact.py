"""However records come, change, go and return: the outcome is that of one run over their last state."""

from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assets.resolve.asset import resolve_entity
from tests.assets.canonical_rows import (
    CRM,
    ERP,
    GLOBAL_IDS,
    SHOP,
    Row,
    account,
    contact,
    groups,
    local_lake,
    partition,
    resolved,
    write,
)

KEYS = st.integers(1, 8)
BATCHES = 6


def account_of_some_system(key: int, **fields: Any) -> Row:
    return account(key, (CRM, ERP, SHOP)[key % 3], **fields)


accounts = st.builds(
    account_of_some_system,
    KEYS,
    account_id=st.sampled_from(["1001", *GLOBAL_IDS]),
    external_id=st.sampled_from([None, None, *GLOBAL_IDS]),
    domain=st.sampled_from([None, None, "acme.example", "bolt.example"]),
    name=st.sampled_from([None, "Acme", "Acme Inc", "Bolt", "Crane"]),
    _deleted=st.sampled_from([False, False, False, True]),
)
contacts = st.builds(
    contact,
    KEYS,
    email=st.sampled_from([None, "ann@acme.example", "Ann@Acme.example", "bob@acme.example"]),
    _deleted=st.booleans(),
)


def batches(rows: st.SearchStrategy[Row]) -> st.SearchStrategy[list[list[Row]]]:
    batch = st.lists(rows, min_size=1, max_size=5, unique_by=lambda row: row["_key"])
    return st.lists(batch, min_size=1, max_size=BATCHES)


def check(folder: Path, entity: str, history: list[list[Row]]) -> None:
    last = {row["_key"]: row for batch in history for row in batch}
    with local_lake(folder) as session:
        known: dict[frozenset[int], int] = {}
        for batch in history:
            write(session, entity, batch)
            resolve_entity(session, entity)
            now = groups(session, entity)
            moved = {tuple(group) for group, entity_id in known.items() if now.get(group, entity_id) != entity_id}
            assert not moved, "a group that did not change has another id"
            known = now
        incremental = partition(session, entity)
    with local_lake(folder) as session:
        assert incremental == resolved(session, entity, *last.values())
    assert {key for group in incremental for key in group} == {k for k, row in last.items() if not row["_deleted"]}


slow = settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@slow
@given(batches(accounts))
def test_accounts(tmp_path: Path, history: list[list[Row]]) -> None:
    check(tmp_path, "account", history)


@settings(slow, max_examples=5)
@given(batches(contacts))
def test_contacts(tmp_path: Path, history: list[list[Row]]) -> None:
    check(tmp_path, "contact", history)
