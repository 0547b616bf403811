"""From the texts of an export to canonical rows, with nobody asked: profile, mapping and compiled SQL together."""

import csv
import io
from decimal import Decimal
from typing import Any

import duckdb

from assets.fingerprint.fingerprint import observe
from assets.fingerprint.profile import profile_sql, read_profile
from assets.mapping.policy import to_mapping
from assets.mapping.proposal import propose_mapping
from assets.normalize.compile import compile_mapping
from connectors.protocol import Field, Stream


def canonical(stream: str, text: str) -> list[dict[str, Any]]:
    """Canonical rows of a CSV text, as the pipeline would make them."""
    header, *lines = list(csv.reader(io.StringIO(text.strip())))
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        columns = ", ".join(f'"{name}" VARCHAR' for name in header)
        book = "__record_id VARCHAR, __key UBIGINT, __hash UBIGINT, __batch_id VARCHAR, __deleted BOOLEAN"
        connection.execute(f"CREATE TABLE raw ({columns}, {book}, __updated_at TIMESTAMPTZ, __origin VARCHAR)")
        places = ", ".join("?" for _ in header)
        for at, line in enumerate(lines):
            values = [value or None for value in line]
            connection.execute(f"INSERT INTO raw VALUES ({places}, '{at}', {at}, {at}, 'b', false, NULL, '')", values)
        profiles = read_profile(header, connection.execute(profile_sql("raw", header)).fetchall())
        observed = observe(Stream(stream, tuple(Field(name, "text") for name in header)), profiles)
        mapping = to_mapping(propose_mapping(observed))
        assert mapping.entity is not None
        found = connection.execute(compile_mapping(mapping, header, "c1").canonical_select("raw"))
        names = [column[0] for column in found.description or ()]
        return sorted(
            (dict(zip(names, row, strict=True)) for row in found.fetchall()), key=lambda row: row["_source_record_id"]
        )


def test_dynamics_option_sets_become_labels() -> None:
    won, lost = canonical(
        "opportunities",
        """
opportunityid,name,parentaccountid,estimatedvalue,actualclosedate,estimatedclosedate,salesstage,statecode,statuscode,modifiedon
o-1,Big,a-1,1200.50,2026-02-01,2026-01-15,3,1,3,2026-02-01T10:00:00Z
o-2,Small,a-2,10,,2026-03-15,0,2,5,2026-02-02T10:00:00Z
""",
    )  # fmt: skip
    assert (won["status"], won["is_won"], won["is_closed"], won["stage"]) == ("won", True, True, "Close")
    assert (lost["status"], lost["is_won"], lost["is_closed"], lost["loss_reason"]) == ("lost", False, True, "Out-Sold")
    assert [str(row["close_date"]) for row in (won, lost)] == ["2026-02-01", "2026-03-15"]
    assert won["amount"] == Decimal("1200.50") and won["loss_reason"] is None
    assert won["_source_updated_at"] == won["updated_at"] and won["_source_updated_at"] is not None


def test_a_german_sap_export_reads_its_dates_and_amounts() -> None:
    rows = canonical(
        "BSIK",
        """
MANDT,BUKRS,LIFNR,GJAHR,BELNR,BUZEI,BUDAT,WAERS,WRBTR,SGTXT
100,1000,0000100012,2026,1900000001,001,20260131,EUR,"1.234,56",Miete
100,1000,0000100013,2026,1900000002,001,20260215,EUR,"98,00",Strom
""",
    )
    assert [row["cost"] for row in rows] == [Decimal("1234.56"), Decimal("98")]
    assert [str(row["date"]) for row in rows] == ["2026-01-31", "2026-02-15"]
    assert rows[0]["vendor_id"] == "0000100012" and rows[0]["currency"] == "EUR"


def test_a_zendesk_user_is_cut_into_names_and_tags() -> None:
    ada, bob = canonical(
        "users",
        """
id,url,name,email,organization_id,role,tags,active,verified,updated_at,time_zone,locale
11,https://x.zendesk.com/11,Ada King Lovelace,ada@example.com,5,end-user,vip|beta,true,true,2026-01-01T00:00:00Z,UTC,en
12,https://x.zendesk.com/12,Bob,bob@example.com,6,end-user,,false,true,2026-01-02T00:00:00Z,UTC,en
""",
    )  # fmt: skip
    assert (ada["first_name"], ada["last_name"], ada["full_name"]) == ("Ada", "King Lovelace", "Ada King Lovelace")
    assert (bob["first_name"], bob["last_name"]) == ("Bob", None)
    assert ada["tags"] == ["vip", "beta"] and bob["tags"] is None
    assert (ada["_deleted"], bob["_deleted"]) == (False, True)


def test_a_spreadsheet_in_anyones_words() -> None:
    (row, _) = canonical(
        "Sales Pipeline",
        """
Deal Name,Client,Deal Value (EUR),Sales Stage,Win Probability (%),Expected Close,Favourite Colour
Alpha,Acme,"1,250.00",Proposal,40,31/01/2026,blue
Beta,Umbra,"12,000.00",Won,100,01/02/2026,red
""",
    )
    assert (row["name"], row["account_name"], row["stage"]) == ("Alpha", "Acme", "Proposal")
    assert (row["amount"], row["currency"], row["probability"]) == (Decimal("1250"), "EUR", Decimal("40"))
    assert str(row["close_date"]) == "2026-01-31"
    assert '"blue"' in row["_unmapped"]


def test_a_deleted_salesforce_row_is_told() -> None:
    kept, gone = canonical(
        "Account",
        """
Id,IsDeleted,Name,Website,OwnerId,SystemModstamp,LastModifiedDate,Industry
001A,false,Acme,https://acme.com,005,2026-01-01T00:00:00.000+0000,2026-01-01T00:00:00.000+0000,Tools
001B,true,Umbra,https://umbra.com,005,2026-01-02T00:00:00.000+0000,2026-01-02T00:00:00.000+0000,Tools
""",
    )
    assert (kept["_deleted"], gone["_deleted"]) == (False, True)
    assert kept["account_id"] == "001A" and kept["_source_updated_at"].year == 2026
