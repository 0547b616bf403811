"""What the compiled statements do beyond reading values: deletes, keys, leftovers, fallbacks and refusals."""

import json

import duckdb
import pytest

from assets.mapping.rules import FieldRule, StreamMapping, Transform
from assets.normalize import model
from assets.normalize.compile import CompiledMapping, compile_mapping, key_expression
from assets.normalize.plan import unfilled_required
from assets.normalize.transforms import MappingInvalid
from assets.normalize.validate import explain_row

FIELDS = ("Id", "Name", "Amount", "Modified", "Gone", "Extra", 'Odd "name"')
RULES = (
    FieldRule("Id", "opportunity_id"),
    FieldRule("Name", "name"),
    FieldRule("Amount", "amount"),
    FieldRule("Modified", "updated_at"),
    FieldRule("Gone", "_deleted"),
)
GOOD = ("1", "Deal", "10.50", "2026-01-02T03:04:05Z", None, None, None)


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    columns = ", ".join(f'"{name.replace(chr(34), chr(34) * 2)}" VARCHAR' for name in FIELDS)
    connection.execute(
        f"CREATE TABLE raw ({columns}, __record_id VARCHAR, __key UBIGINT, __hash UBIGINT, __batch_id VARCHAR,"
        " __deleted BOOLEAN, __updated_at TIMESTAMPTZ)"
    )
    return connection


def add(connection: duckdb.DuckDBPyConnection, *texts: str | None, deleted: bool = False) -> None:
    record = str(connection.execute("SELECT count(*) FROM raw").fetchall()[0][0])
    row = [*texts, f"rec{record}", int(record), 0, "b1", deleted, None]
    connection.execute(f"INSERT INTO raw VALUES ({', '.join('?' * len(row))})", row)


def compiled(*rules: FieldRule, entity: str = "opportunity") -> CompiledMapping:
    return compile_mapping(StreamMapping("Deals", entity, 4, rules or RULES), FIELDS, "c1")


def fetch(connection: duckdb.DuckDBPyConnection, sql: str) -> list[dict[str, object]]:
    connection.execute("SET TimeZone = 'UTC'")
    return connection.execute(sql).to_arrow_table().to_pylist()


def test_the_columns_are_those_of_the_table(connection: duckdb.DuckDBPyConnection) -> None:
    found = connection.execute(f"DESCRIBE {compiled().canonical_select('raw')}").fetchall()
    expected = [
        (c.name, c.duckdb_type.replace("TIMESTAMPTZ", "TIMESTAMP WITH TIME ZONE"))
        for c in model.table_columns("opportunity")
    ]
    assert [(name, kind) for name, kind, *_ in found] == expected


def test_a_tombstone_passes_with_its_identity_although_nothing_else_is_left(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    add(connection, *[None] * len(FIELDS), deleted=True)
    (row,) = fetch(connection, compiled().canonical_select("raw"))
    assert (row["opportunity_id"], row["_deleted"], row["_raw"]) == ("rec0", True, "Deals#rec0")
    assert fetch(connection, compiled().rejected_select("raw")) == []


def test_a_record_its_source_calls_deleted_passes_with_values_that_would_be_refused(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    add(connection, "1", "Deal", "a lot", None, "TRUE", None, None)
    (row,) = fetch(connection, compiled().canonical_select("raw"))
    assert (row["_deleted"], row["name"], row["amount"]) == (True, "Deal", None)


def test_an_unreadable_delete_mark_rejects_the_row(connection: duckdb.DuckDBPyConnection) -> None:
    add(connection, "1", "Deal", None, None, "perhaps", None, None)
    assert fetch(connection, compiled().canonical_select("raw")) == []
    (row,) = fetch(connection, compiled().rejected_select("raw"))
    assert explain_row(compiled(), row) == [
        {"field": "_deleted", "source": "Gone", "value": "perhaps", "reason": "not true or false"}
    ]


def test_fields_without_target_are_kept_and_empty_ones_are_not(connection: duckdb.DuckDBPyConnection) -> None:
    add(connection, *GOOD[:5], 'say "hi"\n\\', "")
    add(connection, *GOOD)
    kept, none = [
        row["_unmapped"]
        for row in fetch(connection, compiled().canonical_select("raw") + " ORDER BY _source_record_id")
    ]
    assert isinstance(kept, str) and json.loads(kept) == {"Extra": 'say "hi"\n\\', 'Odd "name"': ""}
    assert none is None


def test_the_last_change_comes_from_its_own_rule_or_else_from_updated_at(connection: duckdb.DuckDBPyConnection) -> None:
    add(connection, *GOOD[:5], "1700000000", None)
    stamp = FieldRule("Extra", "_source_updated_at", Transform("epoch"))
    for rules, year in ((RULES, 2026), ((*RULES, stamp), 2023)):
        (row,) = fetch(connection, compiled(*rules).canonical_select("raw"))
        assert getattr(row["_source_updated_at"], "year", None) == year


def test_the_record_id_stands_in_for_an_identity_without_rule(connection: duckdb.DuckDBPyConnection) -> None:
    add(connection, *GOOD)
    (row,) = fetch(connection, compiled(FieldRule("Name", "name")).canonical_select("raw"))
    assert row["opportunity_id"] == "rec0"


def test_a_blank_identity_is_rejected_with_its_reason(connection: duckdb.DuckDBPyConnection) -> None:
    add(connection, " ", *GOOD[1:])
    (row,) = fetch(connection, compiled().rejected_select("raw"))
    assert [problem["reason"] for problem in explain_row(compiled(), row)] == ["a value is required"]


def test_of_two_sources_the_first_with_a_value_wins_and_only_a_source_that_counts_can_fail(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    rules = (FieldRule("Id", "opportunity_id"), FieldRule("Amount", "amount"), FieldRule("Extra", "amount"))
    add(connection, "1", None, "1", None, None, "rubbish", None)
    add(connection, "2", None, " ", None, None, "2", None)
    add(connection, "3", None, None, None, None, "rubbish", None)
    add(connection, "4", None, "rubbish", None, None, "4", None)
    passed = fetch(connection, compiled(*rules).canonical_select("raw") + " ORDER BY _source_record_id")
    assert [(row["opportunity_id"], row["amount"]) for row in passed] == [("1", 1), ("2", 2)]
    rejected = fetch(connection, compiled(*rules).rejected_select("raw"))
    assert {row["Id"]: explain_row(compiled(*rules), row)[0]["source"] for row in rejected} == {
        "3": "Extra",
        "4": "Amount",
    }


def test_a_field_the_source_dropped_reads_as_empty(connection: duckdb.DuckDBPyConnection) -> None:
    add(connection, *GOOD)
    (row,) = fetch(connection, compiled(FieldRule("Gone since", "name")).canonical_select("raw"))
    assert row["name"] is None
    lost = compiled(FieldRule("Old Id", "opportunity_id"))
    (rejected,) = fetch(connection, lost.rejected_select("raw"))
    assert explain_row(lost, rejected)[0]["reason"] == "a value is required, and the source no longer has the field"


def test_the_key_differs_by_connection_and_stream_and_stays_the_same_for_good(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    keys = [
        connection.execute(f"SELECT {key_expression(*of, key='7::UBIGINT')}").fetchall()[0][0]
        for of in (("c1", "Deals"), ("c1", "Deal"), ("c2", "Deals"))
    ]
    # Lakes hold these numbers: a change here loses every stored row its identity.
    assert keys == [3158761562945871226, 10735062782255716399, 3851006481530090765]


def test_each_value_is_read_once(connection: duckdb.DuckDBPyConnection) -> None:
    plan = connection.execute("EXPLAIN " + compiled().canonical_select("raw")).fetchall()[0][1]
    scan = plan[plan.index("SEQ_SCAN") :]
    assert "FILTER" in plan and "Filters" not in scan, "the filter went below the projection that reads the values"


def test_lineage_names_the_sources_of_each_column() -> None:
    rules = (*RULES, FieldRule("Extra", "amount"), FieldRule("", "currency", Transform("constant", {"value": "EUR"})))
    lineage = compiled(*rules).lineage()
    assert lineage["amount"] == ("Amount", "Extra") and lineage["currency"] == ()


def test_required_fields_without_a_rule_are_named() -> None:
    mapping = StreamMapping("Costs", "cost_report", 1, (FieldRule("Amount", "cost"),))
    assert unfilled_required(mapping) == ("date",)


@pytest.mark.parametrize(
    ("target", "transform", "message"),
    [
        ("nonsense", Transform(), "no field nonsense"),
        ("amount", Transform("lower"), "lower gives VARCHAR"),
        ("amount", Transform("scale", {"factor": "much"}), "factor is not a decimal"),
        ("amount", Transform("number_format", {"decimal": ",", "group": ","}), "different group"),
        ("amount", Transform("constant", {"value": "ten"}), "does not read as DECIMAL"),
        ("stage", Transform("enum_map", {"values": {}}), "needs values"),
        ("is_won", Transform("boolean_map", {"true": ["x"], "false": ["x"]}), "different texts"),
        ("tags", Transform("list"), "needs a separator"),
        ("name", Transform("split", {"separator": ""}), "needs a separator"),
        ("close_date", Transform("epoch", {"unit": "days"}), "needs unit"),
        ("close_date", Transform("date_format", {"format": "%d.%m"}), "one year"),
        ("close_date", Transform("date_format", {"format": "%Q"}), "%Q is unknown"),
        ("close_date", Transform("date_format", {"format": "%d.%m.%Y", "zone": "Mars"}), "no IANA time zone"),
    ],
)
def test_a_mapping_that_cannot_work_is_refused_with_stream_and_field(
    target: str, transform: Transform, message: str
) -> None:
    with pytest.raises(MappingInvalid, match=f"stream Deals.*{message}"):
        compiled(FieldRule("Amount", target, transform))
