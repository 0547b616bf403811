"""Each kind of drift on a real lake: one event, the right fields, and readings that give the old values back."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from orchestration.resources.lake_session import LakeSession
from tests.assets.fingerprint.source_play import Columns, customers, drift_between, renamed, told
from tests.lakes import lake, lake_catalog, location, session, tenant_id

__all__ = ["lake", "lake_catalog", "location", "session", "tenant_id"]

pytestmark = pytest.mark.servers

BEFORE = customers()


def changed(name: str, how: Callable[[str], str | None], into: str | None = None) -> dict[str, Any]:
    """The customers with one column's texts changed, and perhaps its name."""
    texts = [None if text is None else how(text) for text in BEFORE[name]]
    return {(into or name) if column == name else column: texts if column == name else kept
            for column, kept in BEFORE.items()}  # fmt: skip


def without(*names: str) -> dict[str, Any]:
    return {name: texts for name, texts in BEFORE.items() if name not in names}


def joined(a: str, b: str, mark: str) -> list[str]:
    return [f"{x}{mark}{y}" for x, y in zip(BEFORE[a], BEFORE[b], strict=True)]


def test_nothing_is_told_where_nothing_or_only_values_changed(session: LakeSession) -> None:
    assert drift_between(session, BEFORE, BEFORE) == []
    moved = changed("updated_at", lambda text: f"2026-0{1 + int(text[-1]) % 9}-1{text[-1]}")
    moved["status"] = [{"open": "won", "won": "won", "lost": "open"}[str(text)] for text in BEFORE["status"]]
    moved["revenue"] = [f"{float(str(text)) * (1 + i % 7 / 10):.2f}" for i, text in enumerate(BEFORE["revenue"])]
    assert drift_between(session, BEFORE, moved) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [("revenue", "annual_revenue"), ("phone", "tel"), ("email", "x17"), ("created_at", "anlagedatum"), ("zip", "plz"),
     ("status", "stage"), ("country", "land"), ("first_name", "Größe\u2603")],
)  # fmt: skip
def test_a_rename_is_one_event(session: LakeSession, old: str, new: str) -> None:
    (change,) = drift_between(session, BEFORE, renamed(BEFORE, **{old: new}))
    assert (change.kind, change.fields_before, change.fields_after) == ("renamed", (old,), (new,))
    assert change.probability >= 0.85
    (reading,) = change.evidence["readings"]
    assert (reading["old"], reading["source"], reading["transform"]["kind"]) == (old, new, "cast")
    assert reading["explained"] == reading["compared"] > 90


def test_a_vendor_migration_renames_each_field(session: LakeSession) -> None:
    names = {name: f"V_{position}" for position, name in enumerate(BEFORE) if name != "id"}
    changes = drift_between(session, BEFORE, renamed(BEFORE, **names))
    assert told(changes) == {("renamed", (old,), (new,)) for old, new in names.items()}


def test_two_columns_swapped_are_one_event(session: LakeSession) -> None:
    after = BEFORE | {"first_name": BEFORE["last_name"], "last_name": BEFORE["first_name"]}
    (change,) = drift_between(session, BEFORE, after)
    assert (change.kind, set(change.fields_before)) == ("swapped", {"first_name", "last_name"})
    sources = {reading["old"]: reading["source"] for reading in change.evidence["readings"]}
    assert sources == {"first_name": "last_name", "last_name": "first_name"}


def test_a_rename_to_a_name_that_meant_something_else(session: LakeSession) -> None:
    after = without("last_name") | {"first_name": BEFORE["last_name"]}
    (change,) = drift_between(session, BEFORE, after)
    assert told([change]) == {("renamed", ("last_name",), ("first_name",))}


def test_a_chain_of_renames(session: LakeSession) -> None:
    after = without("last_name", "email") | {"email": BEFORE["last_name"], "mail": BEFORE["email"]}
    assert told(drift_between(session, BEFORE, after)) == {
        ("renamed", ("last_name",), ("email",)), ("renamed", ("email",), ("mail",)),
    }  # fmt: skip


def test_a_field_that_took_over_step_by_step(session: LakeSession) -> None:
    before = BEFORE | {"tel": [None] * 120}
    after = BEFORE | {"phone": [None] * 120, "tel": BEFORE["phone"]}
    assert ("renamed", ("phone",), ("tel",)) in told(drift_between(session, before, after))


def test_a_copy_is_added_and_never_a_rename(session: LakeSession) -> None:
    (change,) = drift_between(session, BEFORE, BEFORE | {"e_mail": BEFORE["email"]})
    assert told([change]) == {("added", (), ("e_mail",))}
    assert change.evidence["copy_of"] == "email"


def test_two_columns_that_are_as_good_leave_it_to_a_person(session: LakeSession) -> None:
    after = without("email") | {"contact": BEFORE["email"], "login": BEFORE["email"]}
    (change,) = [c for c in drift_between(session, BEFORE, after) if c.kind == "renamed"]
    assert change.probability < 0.85
    assert len(change.evidence["rivals"]) == 1


def test_a_field_for_previous_values_is_no_rename(session: LakeSession) -> None:
    after = BEFORE | {
        "status": [{"open": "won", "won": "lost", "lost": "open"}[str(text)] for text in BEFORE["status"]],
        "previous_status": BEFORE["status"],
    }
    assert told(drift_between(session, BEFORE, after)) <= {("added", (), ("previous_status",)),
                                                           ("enum", ("status",), ("status",))}  # fmt: skip


@pytest.mark.parametrize("mark", [" ", ", ", " - "])
def test_a_split_field(session: LakeSession, mark: str) -> None:
    before = without("first_name", "last_name") | {"name": joined("first_name", "last_name", mark)}
    after = without()
    (change,) = drift_between(session, before, after)
    assert told([change]) == {("split", ("name",), ("first_name", "last_name"))}
    (reading,) = change.evidence["readings"]
    assert reading["transform"] == {"kind": "concat", "args": {"fields": ["last_name"], "separator": mark}}


def test_merged_fields(session: LakeSession) -> None:
    after = without("first_name", "last_name") | {"name": joined("last_name", "first_name", ", ")}
    (change,) = drift_between(session, BEFORE, after)
    assert told([change]) == {("merged", ("last_name", "first_name"), ("name",))}
    by_old = {reading["old"]: reading["transform"]["args"] for reading in change.evidence["readings"]}
    assert by_old["last_name"] == {"separator": ", ", "index": 0}
    assert by_old["first_name"]["index"] in ("rest", -1)


@pytest.mark.parametrize(
    ("name", "how", "kind", "transform"),
    [
        ("revenue", lambda t: str(round(float(t) * 100)), "unit", {"kind": "scale", "args": {"factor": "0.01"}}),
        ("revenue", lambda t: t.replace(".", ","), "locale",
         {"kind": "number_format", "args": {"decimal": ",", "group": "."}}),
        ("employees", lambda t: str(int(t) * 1000), "unit", {"kind": "scale", "args": {"factor": "0.001"}}),
        ("revenue", lambda t: f"{float(t) * 1.0837:.2f}", "currency", None),
        ("revenue", lambda t: f"€ {t}", "currency",
         {"kind": "split", "args": {"separator": "€ ", "index": "rest"}}),
        ("created_at", lambda t: date.fromisoformat(t).strftime("%d/%m/%Y"), "format",
         {"kind": "date_format", "args": {"format": "%d/%m/%Y", "zone": "UTC"}}),
        ("status", lambda t: {"open": "O", "won": "W", "lost": "L"}[t], "enum",
         {"kind": "enum_map", "args": {"values": {"O": "open", "W": "won", "L": "lost"}, "default": "reject"}}),
        ("is_active", lambda t: {"true": "J", "false": "N"}[t], "enum",
         {"kind": "enum_map", "args": {"values": {"J": "true", "N": "false"}, "default": "reject"}}),
        ("country", str.lower, "format", {"kind": "upper", "args": {}}),
    ],
    ids=["cents", "comma", "thousands", "exchange", "symbol", "date", "status", "boolean", "case"],
)  # fmt: skip
def test_the_same_name_with_another_meaning(
    session: LakeSession, name: str, how: Callable[[str], str], kind: str, transform: object
) -> None:
    (change,) = drift_between(session, BEFORE, changed(name, how))
    assert told([change]) == {(kind, (name,), (name,))}
    (reading,) = change.evidence["readings"]
    assert transform is None or reading["transform"] == transform
    assert reading["explained"] >= 0.95 * reading["compared"]


def test_renamed_and_counted_otherwise_at_once(session: LakeSession) -> None:
    after = changed("revenue", lambda text: str(round(float(text) * 100)), into="revenue_cents")
    (change,) = drift_between(session, BEFORE, after)
    assert told([change]) == {("renamed", ("revenue",), ("revenue_cents",))}
    assert change.evidence["readings"][0]["transform"] == {"kind": "scale", "args": {"factor": "0.01"}}


def test_a_field_that_went_and_one_that_came_are_two_events(session: LakeSession) -> None:
    after = without("revenue") | {"score": [str(i * 37 % 101) for i in range(120)]}
    changes = drift_between(session, BEFORE, after)
    assert told(changes) == {("removed", ("revenue",), ()), ("added", (), ("score",))}
    assert not any(change.evidence.get("too_little") for change in changes)


@pytest.mark.parametrize("texts", [["x"] * 120, [None] * 120], ids=["constant", "empty"])
def test_what_proves_nothing_is_no_rename(session: LakeSession, texts: list[str | None]) -> None:
    before = BEFORE | {"kind": texts}
    changes = drift_between(session, before, renamed(before, kind="sort"))
    assert all(change.kind in ("removed", "added") for change in changes)


def test_an_empty_first_batch_claims_nothing(session: LakeSession) -> None:
    nothing: Columns = {name: [] for name in BEFORE}
    changes = drift_between(session, nothing, renamed(BEFORE, email="mail"))
    assert told(changes) <= {("removed", ("email",), ()), ("added", (), ("mail",))}
    assert [c.evidence.get("too_little") for c in changes if c.kind == "removed"] == [True]


def test_few_records_are_less_sure(session: LakeSession) -> None:
    few = {name: texts[:8] for name, texts in BEFORE.items()}
    (change,) = drift_between(session, few, renamed(few, email="x17"))
    assert change.kind == "renamed"
    assert change.probability < 0.85


def test_many_more_nulls_are_told_apart_from_the_shape(session: LakeSession) -> None:
    texts = [None if i % 3 else text for i, text in enumerate(BEFORE["phone"])]
    (change,) = drift_between(session, BEFORE, BEFORE | {"phone": texts})
    assert (change.kind, change.severity) == ("null_rate", "warning")
