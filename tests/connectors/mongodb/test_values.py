"""Values of documents as text: exact, and the same on the quick and the careful way."""

import datetime as dt
import json
import uuid

import pyarrow as pa
import pytest
from bson import DBRef, Decimal128, Int64, ObjectId
from bson.binary import Binary
from bson.datetime_ms import DatetimeMS
from hypothesis import given
from hypothesis import strategies as st

from connectors.mongodb.columns import column, decide
from connectors.mongodb.ordering import order_key
from connectors.mongodb.values import from_json, text, to_json

IDENTITY = ObjectId("65a0000000000000000000ff")
UUID = uuid.UUID("00112233-4455-6677-8899-aabbccddeeff")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Decimal128("1E+3"), "1000"),
        (Decimal128("-0.00"), "-0.00"),
        (Decimal128("NaN"), "NaN"),
        (Decimal128("-Infinity"), "-Infinity"),
        (Decimal128("9.99999999999999999999E-20"), "0.0000000000000000000999999999999999999999"),
        (1.0, "1.0"),
        (float("inf"), "Infinity"),
        (float("nan"), "NaN"),
        (Int64(2**63 - 1), "9223372036854775807"),
        (dt.datetime(1, 1, 1), "0001-01-01T00:00:00.000Z"),
        (DatetimeMS(253402300800000), "+010000-01-01T00:00:00.000Z"),
        (DatetimeMS(-62135596800001), "+000000-12-31T23:59:59.999Z"),
        (DatetimeMS(-62198755200000), "-000001-01-01T00:00:00.000Z"),
        (Binary(UUID.bytes, 3), str(UUID)),
        (b"\x00\x01", "AAE="),
        ({"x": [float("nan"), None, 2**53 + 1]}, '{"x":["NaN",null,9007199254740993]}'),
        (DBRef("people", IDENTITY), '{"$ref":"people","$id":{"$oid":"65a0000000000000000000ff"}}'),
    ],
)  # fmt: skip
def test_a_value_is_written_exactly(value: object, expected: str) -> None:
    assert text(value) == expected


@given(
    st.one_of(
        st.lists(st.none() | st.text()),
        st.lists(st.none() | st.integers(-(2**63), 2**63 - 1)),
        st.lists(st.none() | st.floats()),
        st.lists(st.none() | st.booleans()),
        st.lists(st.none() | st.datetimes().map(lambda d: d.replace(microsecond=d.microsecond // 1000 * 1000))),
        st.lists(st.none() | st.dictionaries(st.text(), st.none() | st.floats() | st.text())),
    )
)
def test_a_whole_column_reads_as_its_values_do(values: list[object]) -> None:
    array, types = column(values)
    assert array.type == pa.string()
    assert array.to_pylist() == [text(value) for value in values]
    assert types.total() == sum(value is not None for value in values)


PLAIN = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text() | st.floats(allow_nan=False)


@given(st.recursive(PLAIN, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_nested_json_can_be_read_back(value: object) -> None:
    written = text({"v": value})
    assert written is not None
    json.loads(written)


def test_positions_survive_the_way_through_json() -> None:
    for value in (
        1,
        Int64(5),
        "x",
        IDENTITY,
        None,
        2.5,
        Decimal128("1.5"),
        dt.datetime(2026, 1, 1),
        DatetimeMS(10**15),
    ):
        back = from_json(json.loads(json.dumps(to_json({"_id": value}))))
        assert order_key(back["_id"]) == order_key(value)


def test_numbers_count_together_as_the_widest() -> None:
    _, types = column([1, 2, 3, 2.5, "x"])
    assert decide(types) == ("double", (("integer", 0.6), ("double", 0.2), ("text", 0.2)))


def test_instants_of_a_whole_column_are_written_like_single_ones() -> None:
    moments = [dt.datetime(1, 1, 1), dt.datetime(1899, 12, 31, 23, 59, 59, 999000), dt.datetime(9999, 12, 31, 23, 59)]
    whole, types = column(moments)
    assert whole.to_pylist() == [column([moment, None])[0].to_pylist()[0] for moment in moments]
    assert whole.to_pylist() == ["0001-01-01T00:00:00.000Z", "1899-12-31T23:59:59.999Z", "9999-12-31T23:59:00.000Z"]
    assert types == {"timestamp": 3}
