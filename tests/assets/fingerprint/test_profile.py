"""What each text is classed as by the real DuckDB pass, and how classes become types."""

import time

import duckdb
import pytest

from assets.fingerprint.fingerprint import observe, read_type
from assets.fingerprint.profile import SAMPLE_ROWS, ColumnProfile, profile_sql, read_profile, sample_size
from connectors.protocol import Field, Stream


def profile(texts: list[str | None]) -> ColumnProfile:
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE raw (c VARCHAR)")
        connection.execute("INSERT INTO raw SELECT unnest(CAST(? AS VARCHAR[]))", [texts])
        return read_profile(["c"], connection.execute(profile_sql("raw", ["c"])).fetchall())["c"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1", "zero_one"), ("42", "integer"), ("-7", "integer"), ("00123", "text"), ("+5", "text"), ("1_000", "text"),
        ("20260131", "compact_date"), ("20261331", "integer"), ("1735689600", "epoch_s"), ("1735689600000", "epoch_ms"),
        ("3.50", "decimal"), ("-0.01", "decimal"), (".5", "text"), ("1e5", "double"), ("9.1E-7", "double"),
        ("NaN", "text"), ("Infinity", "text"), ("1.234,56", "decimal_comma"), ("1,234.56", "decimal_grouped"),
        ("1,234", "comma_ambiguous"), ("12,5", "decimal_comma"), ("true", "boolean"), ("FALSE", "boolean"),
        ("no", "yes_no"), ("YES", "yes_no"), ("t", "text"), ("a|b", "list_pipe"), ("a; b", "list_semicolon"),
        ("Smith, Ann", "list_comma"), ("2026-01-31", "date"), ("2026-02-30", "text"),
        ("2026-01-31T10:00:00Z", "timestamp"), ("2026-01-31 10:00:00.123456+02:00", "timestamp"),
        ("2026-01-31T25:00:00Z", "text"), ("10:15", "time"), ("31.12.2025", "day_month_dot"),
        ("12/31/2025", "slash_month_first"), ("31/12/2025", "slash_day_first"), ("01/02/2025", "slash_ambiguous"),
        ('{"a": 1}', "json"), ("[1, 2]", "json"), ("{a}", "text"), ("EUR", "code3"), ("a@b.com", "email"),
        ("https://b.com/x", "url"), ("b.co.uk", "domain"), ("3m.com", "domain"), ("  42 ", "integer"),
        ("9223372036854775808", "decimal"), ("\u0661\u0662", "text"),
    ],
)  # fmt: skip
def test_each_text_has_one_class(text: str, expected: str) -> None:
    assert dict(profile([text]).classes) == {expected: 1}


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["1", "2", None], "integer"), (["1", "2.5"], "decimal"), (["1", "1e3"], "double"), (["1", "00123"], "text"),
        (["true", "false"], "boolean"), (["true", "1"], "text"), (["2026-01-01", "2026-01-02 10:00:00"], "timestamp"),
        (["2026-01-01"], "date"), ([None, "", "   "], "unknown"), ([], "unknown"), (["2026-01-01", "5"], "text"),
    ],
)  # fmt: skip
def test_a_column_reads_as_the_tightest_type_all_texts_share(texts: list[str | None], expected: str) -> None:
    assert read_type(profile(texts)) == expected


def test_blank_texts_count_as_null() -> None:
    result = profile([None, "", "  ", "x"])
    assert (result.sampled_rows, result.non_null) == (4, 1)


def test_odd_column_names_and_order_survive_the_pass() -> None:
    columns = ['a"b', "select", "Größe", "with space"]
    with duckdb.connect() as connection:
        escaped = [name.replace('"', '""') for name in columns]
        quoted = ", ".join(f"'{number}' AS \"{name}\"" for number, name in enumerate(escaped, 10))
        rows = connection.execute(profile_sql(f"(SELECT {quoted})", columns)).fetchall()
    profiles = read_profile(columns, rows)
    assert list(profiles) == columns
    assert all(dict(p.classes) == {"integer": 1} for p in profiles.values())


def test_the_sample_is_bounded_and_the_same_every_time() -> None:
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE raw AS SELECT CAST(range AS VARCHAR) AS c FROM range(50000)")
        runs = [connection.execute(profile_sql("raw", ["c"])).fetchall() for _ in range(2)]
    assert runs[0] == runs[1]
    assert read_profile(["c"], runs[0])["c"].sampled_rows == SAMPLE_ROWS


def test_two_thousand_columns_are_profiled_in_seconds() -> None:
    columns = [f"c{n}" for n in range(2000)]
    assert sample_size(2000) == 200
    with duckdb.connect() as connection:
        picked = ", ".join(f"CAST(range * {n} AS VARCHAR) AS c{n}" for n in range(2000))
        connection.execute(f"CREATE TABLE raw AS SELECT {picked} FROM range(600)")
        started = time.perf_counter()
        profiles = read_profile(columns, connection.execute(profile_sql("raw", columns)).fetchall())
    assert time.perf_counter() - started < 60
    assert len(profiles) == 2000 and all(p.sampled_rows == 200 for p in profiles.values())


def test_the_range_of_numbers_is_known_and_of_texts_is_not() -> None:
    numbers, texts = profile(["0.25", "7", None]), profile(["a", "b"])
    assert (numbers.low, numbers.high) == (0.25, 7.0)
    assert (texts.low, texts.high) == (None, None)


def test_a_bad_row_does_not_stretch_the_range() -> None:
    assert profile(["50"] * 99 + ["99999"]).high == 50.0


def test_no_columns_is_an_empty_profile() -> None:
    with duckdb.connect() as connection:
        assert read_profile([], connection.execute(profile_sql("(SELECT 1 AS x)", [])).fetchall()) == {}


def test_a_declared_type_wins_over_what_the_texts_look_like() -> None:
    looks = {"id": ColumnProfile(2, {"integer": 2}, 1, 2), "n": ColumnProfile(2, {"integer": 2}, 1, 2)}
    typed = observe(Stream("s", (Field("id", "text", nullable=False), Field("n", "double"))), looks)
    untyped = observe(Stream("s", (Field("id", "text"), Field("n", "unknown"))), looks)
    assert [f.type for f in typed.fields] == ["text", "double"]
    assert [f.type for f in untyped.fields] == ["integer", "integer"]
    assert [f.nullable for f in typed.fields] == [False, True]


def test_exact_null_counts_replace_the_samples() -> None:
    looks = {"id": ColumnProfile(2, {"integer": 2}, 1, 2)}
    stream = Stream("s", (Field("id", "text"),))
    assert observe(stream, looks).fields[0].nullable is False
    assert observe(stream, looks, {"id": 1}).fields[0].nullable is True
