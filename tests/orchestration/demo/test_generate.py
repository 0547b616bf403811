"""The demo's exports: the same bytes every time, as messy as said, and a truth that can be recounted from the files."""

import csv
import gzip
import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from orchestration.demo.companies import TENANTS
from orchestration.demo.export import Export
from orchestration.demo.files import plant_ragged_lines
from orchestration.demo.generate import generate_exports

DELIMITED = [
    (tenant.folder, tenant.name, export)
    for tenant in TENANTS
    for export in tenant.exports
    if export.layout.format == "csv"
]


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("exports")
    return folder, generate_exports(folder)


def digests(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def read_records(folder: Path, export: Export) -> list[list[str]]:
    """Every record of a delimited file, by Python's own reader."""
    content = (folder / export.connection / export.path).read_bytes()
    text = (gzip.decompress(content) if export.path.endswith(".gz") else content).decode(export.layout.encoding)
    return list(csv.reader(text.splitlines(keepends=True), delimiter=export.layout.delimiter))


def test_a_seed_gives_the_same_bytes_every_time(exports: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    folder, truth = exports
    assert generate_exports(tmp_path) == truth
    assert digests(tmp_path) == digests(folder)


def test_another_seed_gives_other_rows_of_the_same_shape(exports: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    folder, _ = exports
    generate_exports(tmp_path, seed=1)
    ours, others = digests(folder), digests(tmp_path)
    assert ours.keys() == others.keys()
    assert {name for name in ours if ours[name] == others[name]} == {"services.json"}  # says where, not what


def test_exports_that_are_there_are_left_alone(exports: tuple[Path, dict[str, Any]]) -> None:
    folder, truth = exports
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    assert generate_exports(folder) == truth
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before


def test_two_tenants_run_at_least_six_systems_with_sixty_thousand_rows(exports: tuple[Path, dict[str, Any]]) -> None:
    _, truth = exports
    assert len(truth["tenants"]) == 2
    assert sum(len(tenant["connections"]) for tenant in truth["tenants"].values()) >= 6
    read = [
        counts["read"]
        for tenant in truth["tenants"].values()
        for streams in tenant["connections"].values()
        for counts in streams.values()
    ]
    assert sum(read) >= 60_000


@pytest.mark.parametrize(
    ("folder", "tenant", "export"), DELIMITED, ids=lambda value: value.path if isinstance(value, Export) else ""
)
def test_the_truth_of_a_delimited_file_can_be_recounted(
    exports: tuple[Path, dict[str, Any]], folder: str, tenant: str, export: Export
) -> None:
    root, truth = exports
    header, *records = read_records(root / folder, export)
    whole = [record for record in records if len(record) == len(header)]
    keys = Counter(tuple(record[header.index(name)] for name in export.key) for record in whole)
    missing = sum(count for key, count in keys.items() if "" in key)
    assert len(records) - len(whole) == export.mess.ragged_lines
    assert missing == export.mess.missing_keys
    assert sum(count - 1 for key, count in keys.items() if "" not in key) == export.mess.duplicate_keys
    for column, text in export.mess.unreadable.items():
        planted = sum(record[header.index(column)] == text for record in whole)
        assert planted == export.mess.each
    parts = [read_records(root / folder, other) for other in same_stream(tenant, export)]
    counts = truth["tenants"][tenant]["connections"][export.connection][export.stream]
    assert counts["read"] == sum(len(part) - 1 for part in parts)


def same_stream(tenant: str, export: Export) -> list[Export]:
    of_tenant = next(known for known in TENANTS if known.name == tenant).exports
    return [other for other in of_tenant if (other.connection, other.stream) == (export.connection, export.stream)]


def test_every_row_read_is_loaded_or_rejected(exports: tuple[Path, dict[str, Any]]) -> None:
    _, truth = exports
    for tenant in truth["tenants"].values():
        for streams in tenant["connections"].values():
            for counts in streams.values():
                assert counts["read"] == counts["loaded"] + counts["rejected"]
                assert counts["rejected"] == sum(counts["planted"].values())


def test_customers_are_shared_between_systems(exports: tuple[Path, dict[str, Any]]) -> None:
    _, truth = exports
    crm, finance = truth["tenants"].values()
    for entity in (crm["entities"]["account"], crm["entities"]["contact"], finance["entities"]["account"]):
        assert 0 < entity["joined"] < entity["rows"] < entity["records"]


def test_the_true_number_of_contacts_follows_from_the_mail_addresses(exports: tuple[Path, dict[str, Any]]) -> None:
    """An independent count of one entity: people of two systems, the same where their addresses are the same."""
    root, truth = exports
    tenant = TENANTS[1]
    export = next(export for export in tenant.exports if export.stream == "contacts")
    header, *records = read_records(root / tenant.folder, export)
    bad = set(export.mess.unreadable.values())
    good = {record[0]: record for record in records if len(record) == len(header) and not bad & set(record)}
    mail = header.index("emailaddress1")
    people = {record[mail].casefold() or key for key, record in good.items()}
    served = pq.read_table(root / tenant.folder / "crm-live" / "Contact.parquet").to_pylist()
    people |= {(person["Email"] or "").casefold() or person["Id"] for person in served}
    assert truth["tenants"][tenant.name]["entities"]["contact"]["rows"] == len(people)


def test_what_the_stand_ins_serve_is_listed_with_its_keys(exports: tuple[Path, dict[str, Any]]) -> None:
    root, truth = exports
    listed = json.loads((root / "services.json").read_text())["sources"]
    assert {source["kind"] for source in listed} == {"salesforce", "supabase", "mongodb"}
    served = {name: counts for tenant in truth["tenants"].values() for name, counts in tenant["connections"].items()}
    for source in listed:
        for stream, where in source["streams"].items():
            table = pq.read_table(root / where["path"])
            assert table.num_rows == served[source["name"].split("/")[1]][stream]["read"]
            assert len(set(table[where["key"]].to_pylist())) == table.num_rows


def test_a_truth_cut_short_is_generated_anew(tmp_path: Path) -> None:
    (tmp_path / "truth.json").write_text(json.dumps({"seed": 0, "version": 0}))
    assert generate_exports(tmp_path)["tenants"]


def test_ragged_lines_never_fall_inside_a_quoted_cell() -> None:
    text = 'a,b\n1,"x\ny"\n2,"x\n\ny"\n3,z\n'
    records = list(csv.reader(plant_ragged_lines(text, ",", 4).splitlines(keepends=True)))
    assert [record for record in records if len(record) == 2] == [
        ["a", "b"],
        ["1", "x\ny"],
        ["2", "x\n\ny"],
        ["3", "z"],
    ]
    assert len(records) == 8
