"""A repair that was taken back: the records it touched have the values of before it, as far as anybody remembers."""

from datetime import UTC, datetime

import pytest

from assets.mapping.rules import FieldRule
from orchestration.resources.lake_session import LakeSession
from tests.assets.normalize.pipes import RULES, HeldPipe, tally

pytestmark = pytest.mark.servers
RENAMED = ("id", "name", "turnover", "note")
REPAIRED = (*RULES[:2], FieldRule("turnover", "annual_revenue"), RULES[2])


class Rollback:
    """A wrong repair that was applied, and the decision that takes it back."""

    def __init__(self, session: LakeSession) -> None:
        self.pipe = HeldPipe(session)
        self.pipe.land([("1", "Ada", "10", None), ("2", "Bob", "20", None)])
        self.pipe.normalize()
        self.before = session.snapshot()
        self.pipe.land([("1", "Ada L", "777", None), ("3", "Cy", "888", None)], fields=RENAMED, deletes=False)
        self.since = self.pipe.version
        self.pipe.remap(*REPAIRED)
        self.pipe.normalize()
        assert [row[2] for row in self.pipe.accounts()] == [777.0, 20.0, 888.0]

    def take_back(self, *rules: FieldRule) -> None:
        self.pipe.remap(*rules)
        targets = ("annual_revenue",)
        self.pipe.hold("turnover", since=self.since, restore_snapshot=self.before, restore_targets=targets)


@pytest.fixture
def rollback(session: LakeSession) -> Rollback:
    return Rollback(session)


def test_values_of_before_stand_again_and_other_fields_keep_what_came(rollback: Rollback) -> None:
    rollback.take_back(*RULES)
    assert tally(rollback.pipe.replay()) == {"restored": 2}
    assert rollback.pipe.accounts() == [("1", "Ada L", 10.0), ("2", "Bob", 20.0), ("3", "Cy", None)]
    assert rollback.pipe.held_records() == ["1", "3"]
    assert tally(rollback.pipe.replay()) == {}


def test_what_was_restored_is_replayed_when_it_is_decided_after_all(rollback: Rollback) -> None:
    rollback.take_back(*RULES)
    rollback.pipe.replay()
    rollback.pipe.holds.clear()
    rollback.pipe.remap(*REPAIRED)
    assert tally(rollback.pipe.replay()) == {"replayed": 2}
    assert [row[2] for row in rollback.pipe.accounts()] == [777.0, 20.0, 888.0]


def test_a_restored_row_is_older_in_the_feed_than_its_replay(rollback: Rollback) -> None:
    rollback.take_back(*RULES)
    rollback.pipe.replay()
    order = "account_id, _mapping_version, _batch_id"  # what the newest of a key is told by
    restored = rollback.pipe.accounts(order)
    rollback.pipe.holds.clear()
    rollback.pipe.replay()  # with the same version
    replayed = rollback.pipe.accounts(order)
    assert all(older < newer for older, newer in zip(restored[::2], replayed[::2], strict=True))


def test_a_required_field_that_had_no_value_takes_its_record_along(session: LakeSession) -> None:
    rules = (FieldRule("id", "cost_id"), FieldRule("name", "date"), FieldRule("revenue", "cost"))
    pipe = HeldPipe(session, entity="cost_report", rules=[rules])
    pipe.land([("1", "2026-01-01", "1", None)])
    pipe.normalize()
    before = session.snapshot()
    pipe.land([("1", "2026-01-01", "100", "x"), ("2", "2026-01-01", "200", "x")], deletes=False)
    pipe.normalize()
    pipe.remap(*rules, FieldRule("note", "service"))
    pipe.hold("note", restore_snapshot=before, restore_targets=("cost",))
    assert tally(pipe.replay()) == {"restored": 2}
    costs = "SELECT cost_id, cost::DOUBLE, _deleted FROM lake.canonical.cost_report ORDER BY 1"
    assert session.rows(costs) == [("1", 1.0, False), ("2", 200.0, True)]
    pipe.holds.clear()
    assert tally(pipe.replay()) == {"replayed": 2}
    assert session.rows(costs) == [("1", 100.0, False), ("2", 200.0, False)]


def expire(session: LakeSession) -> None:
    now = datetime.now(UTC).isoformat()
    session.rows(f"CALL ducklake_expire_snapshots('lake', older_than => TIMESTAMPTZ '{now}')")


def test_without_the_past_a_value_goes_only_where_the_mapping_gives_none(rollback: Rollback) -> None:
    expire(rollback.pipe.session)
    rollback.take_back(*RULES)  # the old field is empty in the new rows
    assert tally(rollback.pipe.replay()) == {"restored": 2}
    assert [row[2] for row in rollback.pipe.accounts()] == [None, 20.0, None]


def test_without_the_past_what_cannot_be_brought_back_is_counted(rollback: Rollback) -> None:
    expire(rollback.pipe.session)
    rollback.take_back(*REPAIRED)
    assert tally(rollback.pipe.replay()) == {"unrestored": 2}
    assert [row[2] for row in rollback.pipe.accounts()] == [777.0, 20.0, 888.0]


def test_two_holds_on_one_record_write_it_once(rollback: Rollback) -> None:
    rollback.take_back(*RULES)
    rollback.pipe.hold("name", since=rollback.since, restore_snapshot=rollback.before, restore_targets=("name",))
    assert tally(rollback.pipe.replay()) == {"restored": 2}
    assert rollback.pipe.accounts()[0] == ("1", "Ada", 10.0)
