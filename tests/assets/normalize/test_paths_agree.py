"""The compiled mapping and Pydantic give every row the same verdict and the same values."""

import datetime as dt
import json
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from assets.mapping.rules import FieldRule, StreamMapping, Transform
from assets.normalize import model
from assets.normalize.catalog import CANONICAL
from assets.normalize.compile import CompiledMapping, compile_mapping
from assets.normalize.validate import DISAGREEMENT, explain_row, read_row
from tests.assets.normalize.declarations import STRICT, WEIRD, catalog_of

CONNECTION = "11111111-2222-3333-4444-555555555555"
FIELDS = ("f0", "f1", "f2", "f3", "f4", 'Field "5"', "f'6")
ROWS = 60
EXAMPLES = 119  # mappings tried in a run: over 7,000 rows

CATALOG = catalog_of(WEIRD, STRICT)

Texts = st.SearchStrategy[str]

_DATA = json.loads(Path(__file__).with_name("nasty_texts.json").read_text())
NASTY: list[str] = _DATA["nasty"]  # each near the edge of some reading
SHAPES: list[str] = _DATA["shapes"]  # good ones, to be damaged
ALPHABET = " -+.:,TZeE_0123456789/|xX\t\x00\u00a0٣[]\"'\\aß"


@st.composite
def near_misses(draw: st.DrawFn) -> str:
    """A text of a known shape with a few characters changed, put in or taken out."""
    characters = list(draw(st.sampled_from(SHAPES)))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, max(0, len(characters) - 1)))
        match draw(st.sampled_from(("change", "insert", "remove"))):
            case "change":
                characters[at : at + 1] = draw(st.sampled_from(ALPHABET))
            case "insert":
                characters.insert(at, draw(st.sampled_from(ALPHABET)))
            case "remove":
                del characters[at : at + 1]
    return "".join(characters)


def numbers() -> Texts:
    sign, exponent = st.sampled_from(("", "", "-", "+")), st.sampled_from(("", "", "", "e5", "E-9", "e+20", "e-30"))
    digits = st.text("0123456789", max_size=32)
    return st.builds(
        lambda s, w, p, f, e: s + w + p + f + e, sign, digits, st.sampled_from(("", ".")), digits, exponent
    )


def written_moments() -> Texts:
    moments = st.datetimes(dt.datetime(1, 1, 1), dt.datetime(9999, 12, 31))
    forms = (
        "%d.%m.%Y",
        "%m/%d/%y",
        "%d-%b-%Y",
        "%d %B %Y %I:%M %p",
        "%Y%m%d%H%M%S",
        "%Y-%m-%dT%H:%M:%S.%fZ",
        "%Y-%m-%d",
    )
    return st.builds(lambda moment, form: moment.strftime(form), moments, st.sampled_from(forms))


TEXTS: Texts = st.one_of(
    st.sampled_from(NASTY),
    near_misses(),
    numbers(),
    st.integers(-(10**15), 10**15).map(str),
    written_moments(),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
)

ZONES = st.sampled_from(("UTC", "Europe/Athens", "America/New_York", "Asia/Kolkata"))
FORMATS = st.sampled_from(
    (
        "%d.%m.%Y",
        "%m/%d/%y",
        "%d-%b-%Y",
        "%d %B %Y %I:%M %p",
        "%Y%m%d%H%M%S",
        "%Y-%m-%dT%H:%M:%S.%fZ",
        "%d/%m/%Y %I:%M %p",
    )
)


def _number_format(marks: tuple[str, str]) -> Transform:
    return Transform("number_format", {"decimal": marks[0], "group": marks[1]})


CASTS = st.just(Transform())
TRIM = st.just(Transform("trim"))
NUMBER_TYPES = ("DECIMAL(38,9)", "BIGINT")
NUMBERS = st.one_of(
    CASTS,
    st.sampled_from(("100", "0.01", "-1", "3.000000001", "999999999", "1e-3")).map(
        lambda f: Transform("scale", {"factor": f})
    ),
    st.sampled_from(((",", "."), (".", ","), (",", " "), (".", ""), (",", ""))).map(_number_format),
)
MOMENTS = st.one_of(
    CASTS,
    st.sampled_from(("s", "ms", "us")).map(lambda unit: Transform("epoch", {"unit": unit})),
    st.builds(lambda form, zone: Transform("date_format", {"format": form, "zone": zone}), FORMATS, ZONES),
)
SPLITS = st.builds(
    lambda mark, index: Transform("split", {"separator": mark, "index": index}),
    st.sampled_from((" ", "|", "-", "a", "::", "😀")),
    st.sampled_from((0, 1, 2, -1, -2, "rest")),
)
# Target texts of an enum or constant, by the type they must read as.
EXAMPLES_OF: dict[str, list[object]] = {
    "VARCHAR": ["Won", "it's", 7, True],
    "DECIMAL(38,9)": ["1.5", 12, "1e3"],
    "BIGINT": ["12", 5],
    "BOOLEAN": [True, "false"],
    "DATE": ["2026-02-03"],
    "TIMESTAMPTZ": ["2026-02-03T10:00:00+02:00"],
    "VARCHAR[]": ["vip", '["a","b"]'],
}


def enums(duckdb_type: str) -> st.SearchStrategy[Transform]:
    values = st.dictionaries(
        st.sampled_from([text for text in NASTY if text.strip()]),
        st.sampled_from([*EXAMPLES_OF[duckdb_type], None]),
        min_size=1,
        max_size=6,
    )
    defaults = st.sampled_from(("keep", "null", "reject"))
    return st.builds(lambda v, d: Transform("enum_map", {"values": v, "default": d}), values, defaults)


def text_steps(duckdb_type: str) -> st.SearchStrategy[dict[str, object]]:
    """A step of a chain that more may follow."""
    plain = st.sampled_from(("trim", "lower", "upper", "cast")).map(Transform)
    kept = enums("VARCHAR").filter(lambda enum: enum.args["default"] != "reject")
    numbers = [NUMBERS.filter(lambda number: number.kind == "number_format")] if duckdb_type in NUMBER_TYPES else []
    return st.one_of(plain, SPLITS, concats(), kept, *numbers).map(step_of)


def step_of(transform: Transform) -> dict[str, object]:
    return {"kind": transform.kind, "args": dict(transform.args)}


def concats() -> st.SearchStrategy[Transform]:
    fields = st.lists(st.sampled_from((*FIELDS, "dropped")), min_size=1, max_size=3)
    separators = st.sampled_from(("", " ", "-", ", ", "'", "T"))
    return st.builds(lambda f, s: Transform("concat", {"fields": f, "separator": s}), fields, separators)


def chains(duckdb_type: str) -> st.SearchStrategy[Transform]:
    """Text steps, perhaps a typed one, perhaps a cast that says nothing new."""
    typed = {"DECIMAL(38,9)": NUMBERS, "BIGINT": NUMBERS, "DATE": MOMENTS, "TIMESTAMPTZ": MOMENTS}
    last = st.one_of(SPLITS, enums(duckdb_type), typed.get(duckdb_type, CASTS), CASTS).map(step_of)
    ending = st.lists(st.sampled_from(({"kind": "cast"}, {"kind": "trim", "args": {}})), max_size=1)
    texts = st.lists(text_steps(duckdb_type), max_size=4)
    return st.builds(lambda t, e, c: Transform("chain", {"steps": [*t, e, *legal(e, c)]}), texts, last, ending)


def legal(last: dict[str, object], ending: list[dict[str, object]]) -> list[dict[str, object]]:
    """An enum that may reject, or another type's, has to be the last step."""
    return [] if last["kind"] in ("enum_map", "number_format") else ending


def transforms_of(duckdb_type: str) -> st.SearchStrategy[Transform]:
    """Every transform that fits the type."""
    own: dict[str, st.SearchStrategy[Transform]] = {
        "VARCHAR": st.sampled_from((Transform("lower"), Transform("upper"), Transform())),
        "DECIMAL(38,9)": NUMBERS,
        "BIGINT": NUMBERS,
        "BOOLEAN": st.just(
            Transform("boolean_map", {"true": ["1", "yes", "TRUE", "a|b||c"], "false": ["0", "no", "-"]})
        ),
        "DATE": MOMENTS,
        "TIMESTAMPTZ": MOMENTS,
        "VARCHAR[]": st.sampled_from((Transform("list", {"separator": "|"}), Transform("list", {"separator": ", "}))),
    }
    constants = st.sampled_from(EXAMPLES_OF[duckdb_type]).map(lambda value: Transform("constant", {"value": value}))
    made = st.one_of(concats(), chains(duckdb_type), chains(duckdb_type))
    return st.one_of(CASTS, own[duckdb_type], own[duckdb_type], SPLITS, enums(duckdb_type), constants, TRIM, made)


# Rules one after the other for a target: one for all rows, one before and one after a change, or some with gaps.
SPANS = st.sampled_from(
    (((0, None),), ((0, None),), ((3, None), (0, 2)), ((2, 2),), ((3, 9_999_999_999), (0, 0)), ((4, 3),))
)


@st.composite
def mappings(draw: st.DrawFn, entity: str) -> StreamMapping:
    columns = CATALOG[entity].columns
    types = {column.name: column.duckdb_type for column in columns} | model.BOOKKEEPING_TARGETS
    # By type first, so that rare types come up as often as text.
    by_type = {wanted: [name for name, found in types.items() if found == wanted] for wanted in set(types.values())}
    required = [column.name for column in columns if column.required and draw(st.booleans())]
    chosen = draw(st.lists(st.sampled_from(sorted(by_type)).flatmap(lambda t: st.sampled_from(by_type[t])), max_size=7))
    fields = st.sampled_from((*FIELDS, "dropped"))
    rules = tuple(
        FieldRule(draw(fields), name, draw(transforms_of(types[name])), since=since, until=until)
        for name in (*required, *chosen)
        for since, until in draw(SPANS)
    )
    return StreamMapping("deals 'n' more", entity, draw(st.integers(1, 9)), rules)


Row = dict[str, object]


@st.composite
def raw_rows(draw: st.DrawFn) -> list[Row]:
    texts = draw(st.lists(st.one_of(st.none(), TEXTS), min_size=ROWS, max_size=ROWS))
    shift = draw(st.integers(1, ROWS - 1))
    changed = dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)
    return [
        {name: texts[(at + shift * column) % ROWS] for column, name in enumerate(FIELDS)}
        | {"__record_id": f"r{at}", "__key": at, "__hash": at, "__batch_id": f"{at % 4 + 1:010d}-ab"}
        | {"__deleted": at % 11 == 7, "__updated_at": changed if at % 2 else None}
        for at in range(ROWS)
    ]


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'America/New_York'")  # results must not follow the session
    return connection


def arrow_of(rows: list[Row]) -> pa.Table:
    types = {
        "__key": pa.uint64(),
        "__hash": pa.uint64(),
        "__deleted": pa.bool_(),
        "__updated_at": pa.timestamp("us", "UTC"),
    }
    return pa.table({name: pa.array([row[name] for row in rows], types.get(name, pa.string())) for name in rows[0]})


def run(connection: duckdb.DuckDBPyConnection, sql: str, rows: list[Row]) -> dict[str, Row]:
    connection.register("raw_rows", arrow_of(rows))
    table = connection.execute(sql).to_arrow_table()
    # Arrow labels moments with the session's zone, in which the first and last days cannot be Python datetimes.
    utc = [pa.timestamp("us", "UTC") if pa.types.is_timestamp(field.type) else field.type for field in table.schema]
    found = table.cast(pa.schema(zip(table.schema.names, utc, strict=True))).to_pylist()
    key = "_source_record_id" if found and "_source_record_id" in found[0] else "__record_id"
    by_id = {row[key]: row for row in found}
    assert len(by_id) == len(found), "a row came out twice"
    return by_id


def assert_paths_agree(connection: duckdb.DuckDBPyConnection, compiled: CompiledMapping, rows: list[Row]) -> int:
    passed = run(connection, compiled.canonical_select("raw_rows"), rows)
    rejected = run(connection, compiled.rejected_select("raw_rows"), rows)
    assert passed.keys().isdisjoint(rejected) and len(passed) + len(rejected) == len(rows)
    for row in rows:
        record_id = str(row["__record_id"])
        updated_at = row["__updated_at"]
        assert updated_at is None or isinstance(updated_at, dt.datetime)
        read = read_row(compiled.plan, row, record_id, deleted=bool(row["__deleted"]), updated_at=updated_at)
        if record_id in rejected:
            reasons = explain_row(compiled, rejected[record_id])
            assert read.problems, f"SQL alone rejects {row}"
            assert DISAGREEMENT not in [reason["reason"] for reason in reasons]
            assert [problem.reason for problem in read.problems] == [reason["reason"] for reason in reasons]
        else:
            assert not read.problems, f"Pydantic alone rejects {row}: {read.problems}"
            sql, python = comparable(passed[record_id]), comparable(read.values | bookkeeping(compiled, row))
            assert sql.keys() == python.keys()
            different = {name: (sql[name], python[name]) for name in sql if sql[name] != python[name]}
            assert not different, f"{different} for {row}"
    return len(rejected)


def bookkeeping(compiled: CompiledMapping, row: Row) -> Row:
    return {
        "_connection_id": CONNECTION,
        "_source_record_id": row["__record_id"],
        "_mapping_version": compiled.plan.version,
        "_batch_id": row["__batch_id"],
        "_raw": f"{compiled.plan.stream}#{row['__record_id']}",
    }


def comparable(values: Row) -> Row:
    unmapped = values["_unmapped"]
    return {name: value for name, value in values.items() if name != "_key"} | {
        "_unmapped": json.loads(unmapped) if isinstance(unmapped, str) else unmapped
    }


# hypothesis' own failure database would be written beside the sources.
CHECKED = settings(
    max_examples=EXAMPLES // len(CANONICAL),
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],  # shrinking 60 rows takes minutes; the message names the one row
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)


@pytest.mark.parametrize("entity", sorted(CATALOG))
def test_any_mapping_of_any_rows_reads_the_same_both_ways(entity: str, connection: duckdb.DuckDBPyConnection) -> None:
    @CHECKED
    @given(mappings(entity), raw_rows())
    def check(mapping: StreamMapping, rows: list[Row]) -> None:
        assert_paths_agree(connection, compile_mapping(mapping, FIELDS, CONNECTION, CATALOG), rows)

    check()


EUROPEAN = {"kind": "number_format", "args": {"decimal": ",", "group": "."}}
KINDS: dict[str, list[tuple[str, Transform]]] = {
    "opportunity": [
        ("amount", Transform()),
        ("probability", Transform("scale", {"factor": "100"})),
        ("close_date", Transform()),
        ("is_won", Transform()),
        ("created_at", Transform()),
        ("tags", Transform()),
        ("name", Transform()),
        ("expected_revenue", Transform("number_format", {"decimal": ",", "group": "."})),
        ("closed_at", Transform("epoch", {"unit": "ms"})),
        ("last_activity_at", Transform("date_format", {"format": "%d.%m.%Y", "zone": "Europe/Athens"})),
        ("stage", Transform("upper")),
        ("owner_name", Transform("trim")),
        ("currency", Transform("chain", {"steps": [{"kind": "trim"}, {"kind": "split", "args": {"separator": " "}}]})),
        ("quantity", Transform("chain", {"steps": [EUROPEAN, {"kind": "scale", "args": {"factor": "0.01"}}]})),
        ("status", Transform("lower")),
    ],
    "account": [("number_of_employees", Transform()), ("tags", Transform("list", {"separator": "|"}))],
    WEIRD.name: [("json", Transform()), ("once", Transform()), ("r1", Transform()), ("order", Transform())],
}


@pytest.mark.parametrize(
    ("entity", "target", "transform"), [(entity, *kind) for entity, kinds in KINDS.items() for kind in kinds]
)
def test_every_nasty_text_reads_the_same_both_ways(
    entity: str, target: str, transform: Transform, connection: duckdb.DuckDBPyConnection
) -> None:
    near = [
        shape[:at] + mark + shape[at + cut :]
        for shape in SHAPES
        for at in range(len(shape))
        for mark in ALPHABET
        for cut in (0, 1)
    ]
    rows = [
        {
            "f0": text,
            "__record_id": f"r{at}",
            "__key": at,
            "__hash": at,
            "__batch_id": "b1",
            "__deleted": False,
            "__updated_at": None,
        }
        for at, text in enumerate(dict.fromkeys((*NASTY, *near)))
    ]
    mapping = StreamMapping("deals", entity, 1, (FieldRule("f0", target, transform),))
    rejected = assert_paths_agree(connection, compile_mapping(mapping, ("f0",), CONNECTION, CATALOG), rows)
    may_reject = CATALOG[entity].type_of(target) not in ("VARCHAR", "VARCHAR[]")
    assert (rejected > 0) == may_reject, "the texts must try both verdicts"
