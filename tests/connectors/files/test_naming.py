"""Files fold into streams by name; a key is proposed only where the name says so."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from connectors.files.keys import rank_key_names
from connectors.files.listing import matches
from connectors.files.naming import format_of, propose_streams

Run = Callable[..., Any]


@pytest.mark.parametrize(
    "names",
    [
        ["deals_2026-01.csv", "deals_2026-02.csv"],
        ["deals-20260131T120000Z.csv", "deals.csv"],
        ["deals 2026.csv", "deals (2).csv", "deals.csv.gz"],
        ["deals_part-0001.csv", "deals_part-0002.csv"],
        ["deals_v2.csv", "deals.3.csv"],
        ["2026-01-31_deals.csv", "2026-02-28_deals.csv"],
        ["2026/01/deals.csv", "2026/02/deals.csv"],
        ["year=2026/month=01/deals.csv", "deals.csv"],
    ],
)
def test_dates_and_sequence_numbers_are_folded(names: list[str]) -> None:
    (stream,) = propose_streams(names)
    assert stream.name == "deals"
    assert all(matches(name, stream.pattern) for name in names)


def test_different_names_are_different_streams_that_share_no_file() -> None:
    names = [
        "deals_2026-01.csv",
        "deals_archive.csv",
        "accounts.csv",
        "accounts.json",
        "crm/accounts.csv",
        "notes.docx",
    ]
    streams = propose_streams(names)
    assert [stream.name for stream in streams] == [
        "accounts",
        "accounts_json",
        "deals",
        "deals_archive",
        "crm_accounts",
    ]
    for name in names:
        assert sum(matches(name, stream.pattern) for stream in streams) == (name != "notes.docx")


def test_files_of_listed_streams_are_not_proposed_again() -> None:
    listed = propose_streams(["deals_1.csv"])
    assert [stream.name for stream in propose_streams(["deals_2.csv", "new.csv"], listed)] == ["new"]


@pytest.mark.parametrize(
    ("names", "expected"),
    [(["2026-01.csv", "2026-02.csv"], "records"), (["crm/deals/1.csv", "crm/deals/2.csv"], "deals")],
)
def test_names_that_are_only_dates_take_the_name_of_their_folder(names: list[str], expected: str) -> None:
    (stream,) = propose_streams(names)
    assert stream.name == expected
    assert all(matches(name, stream.pattern) for name in names)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("a.CSV", "csv"), ("a.tsv.gz", "csv"), ("a.ndjson", "jsonl"), ("a.pq", "parquet"), ("a.parquet.gz", None),
     ("csv", None)],
)  # fmt: skip
def test_the_extension_names_the_format(name: str, expected: str | None) -> None:
    assert format_of(name) == expected


@pytest.mark.parametrize(
    ("stream", "columns", "best"),
    [
        ("contacts", ["AccountId", "Email", "Id"], "Id"),
        ("contacts", ["AccountId", "Email"], None),
        ("hubspot_deals", ["dealname", "associatedcompanyid", "hs_object_id"], "hs_object_id"),
        ("accounts", ["name", "accountid", "ownerid"], "accountid"),
        ("accounts", ["Account ID", "Owner ID"], "Account ID"),
        ("invoices", ["customer_id", "invoice_number"], "invoice_number"),
        ("companies", ["company_id"], "company_id"),
        ("aws_resources", ["account_id", "resource_arn"], "resource_arn"),
        ("deals", ["deal_id", "id"], "id"),
        ("opportunities", ["paid", "valid", "grid"], None),
    ],
)
def test_a_key_is_named_after_its_own_stream(stream: str, columns: list[str], best: str | None) -> None:
    assert next(iter(rank_key_names(stream, columns)), None) == best


@pytest.mark.parametrize(
    ("text", "key", "origin"),
    [
        ("id,v\n1,a\n2,b\n", ("id",), "proposed"),
        ("id,v\n1,a\n1,b\n", (), "none"),
        ("id,v\n1,a\n,b\n", (), "none"),
        ("id,s_id\n1,1\n1,2\n", ("s_id",), "proposed"),
        ("id,v\n", (), "none"),
    ],
)
def test_a_proposed_key_is_unique_and_never_null(
    folder: Path, files: Run, text: str, key: tuple[str, ...], origin: str
) -> None:
    (folder / "s.csv").write_text(text)
    (stream,) = files().discover()
    assert (stream.primary_key, stream.key_origin) == (key, origin)


def test_a_declared_key_may_be_composite_and_is_not_second_guessed(folder: Path, files: Run) -> None:
    (folder / "s.csv").write_text("Region,day,id\na,1,1\na,1,2\n")
    (stream,) = files(primary_key=["region", "day"]).discover()
    assert (stream.primary_key, stream.key_origin) == (("Region", "day"), "declared")
    (keyless,) = files(primary_key=[]).discover()
    assert (keyless.primary_key, keyless.key_origin) == ((), "none")
