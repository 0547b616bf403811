"""The checks of what a run wrote: quiet when it adds up, and not when it does not."""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from assets.mapping.rules import StreamMapping
from assets.normalize.asset import check_written
from assets.normalize.outcome import NormalizedStream
from assets.normalize.written import Written, count_written, unbalanced
from orchestration.resources.lake_session import LakeSession
from tests.assets.canonical_rows import account, local_lake, write

CONNECTION = UUID(int=5)


@pytest.fixture
def lake_of_one(tmp_path: Path) -> Iterator[LakeSession]:
    """A session on an empty lake without Postgres."""
    with local_lake(tmp_path) as session:
        yield session


def outcome(after: int, loaded: int = 0, deleted: int = 0, recovered: int = 0) -> NormalizedStream:
    mapping = StreamMapping("companies", "account", 1)
    return NormalizedStream(
        mapping.stream,
        mapping.entity,
        mapping.version,
        loaded=loaded,
        deleted=deleted,
        recovered=recovered,
        last_snapshot=after,
        table="account",
    )


def verdicts(streams: dict[str, dict[str, object]], written: list[Written]) -> dict[str, bool]:
    return {str(result.check_name): result.passed for result in check_written(streams, written)}


def test_only_rows_of_this_run_and_connection_are_counted(lake_of_one: LakeSession) -> None:
    mine = str(CONNECTION)
    write(lake_of_one, "account", [account(key, mine) for key in range(1, 50)])
    before = lake_of_one.snapshot()
    write(lake_of_one, "account", [account(1, mine), account(2, mine, _deleted=True), account(60, mine)])
    write(lake_of_one, "account", [account(70, "another connection")])
    found = count_written(lake_of_one, CONNECTION, outcome(before, loaded=1, deleted=1, recovered=1))
    assert found == Written("companies", rows=3, keys=3, told=3)
    assert verdicts({"companies": {"read": 1, "loaded": 1}}, [found]) == {"rows_balance": True, "keys_unique": True}


def test_nothing_changed_is_nothing_written(lake_of_one: LakeSession) -> None:
    assert count_written(lake_of_one, CONNECTION, outcome(0)) == Written("companies", 0, 0, 0)


def test_rows_that_are_counted_and_not_there_fail_the_balance(lake_of_one: LakeSession) -> None:
    write(lake_of_one, "account", [account(1, str(CONNECTION))])
    before = lake_of_one.snapshot()
    write(lake_of_one, "account", [account(2, str(CONNECTION))])
    found = count_written(lake_of_one, CONNECTION, outcome(before, loaded=2))
    assert verdicts({}, [found]) == {"rows_balance": False, "keys_unique": True}


def test_a_record_written_twice_fails_the_keys(lake_of_one: LakeSession) -> None:
    write(lake_of_one, "account", [account(1, str(CONNECTION))])
    before = lake_of_one.snapshot()
    write(lake_of_one, "account", [account(2, str(CONNECTION)), account(2, str(CONNECTION), name="again")])
    found = count_written(lake_of_one, CONNECTION, outcome(before, loaded=2))
    assert verdicts({}, [found]) == {"rows_balance": True, "keys_unique": False}


@pytest.mark.parametrize(
    ("counts", "balances"),
    [
        ({"read": 5, "loaded": 3, "rejected": 1, "unchanged": 1}, True),
        ({"read": 5, "unchanged": 5}, True),
        ({"read": 5, "loaded": 3, "rejected": 1}, False),
        ({"read": 5, "landed": 5}, False),
        ({"error": {"code": "stream_gone"}}, True),
    ],
)
def test_every_record_read_is_accounted_for(counts: dict[str, object], balances: bool) -> None:
    assert (unbalanced({"companies": counts}, []) == {}) is balances
