"""What the org offers and what the login may do: nothing is left out without a word."""

import pyarrow as pa
import pytest

from connectors.errors import ConfigInvalid
from connectors.sandbox.salesforce.sandbox import SalesforceSandbox
from tests.connectors.salesforce.conftest import Connect, deals, stream_of, take, told


def test_streams_carry_types_labels_and_descriptions(connect: Connect, sandbox: SalesforceSandbox) -> None:
    labels, descriptions = {"Amount": "Deal amount"}, {"Amount": "Net of tax, in the org's currency."}
    sandbox.load("Opportunity", deals(3), "Number__c", labels=labels, descriptions=descriptions)
    stream = stream_of(connect(), "Opportunity")
    types = {field.name: field.type for field in stream.fields}
    assert types == {
        "Id": "text",
        "IsDeleted": "boolean",
        "CreatedDate": "timestamp",
        "LastModifiedDate": "timestamp",
        "SystemModstamp": "timestamp",
        "Number__c": "integer",
        "Name": "text",
        "Amount": "decimal",
        "Ratio__c": "decimal",
        "Won__c": "boolean",
        "CloseDate": "date",
        "Note__c": "text",
    }
    amount = next(field for field in stream.fields if field.name == "Amount")
    assert (amount.label, amount.description) == ("Deal amount", "Net of tax, in the org's currency.")
    assert (stream.primary_key, stream.key_origin, stream.cursor_field) == (("Id",), "declared", "SystemModstamp")
    assert (stream.mode, stream.modes) == ("incremental", ("incremental", "full", "full_with_deletes"))
    assert stream.detects_deletes


def test_system_objects_are_left_out_with_a_note_and_read_when_named(
    connect: Connect, sandbox: SalesforceSandbox
) -> None:
    for name in ("DealShare", "AccountHistory", "AccountFeed", "Account"):
        sandbox.load(name, deals(3), "Number__c")
    connector = connect()
    assert {stream.name for stream in connector.discover()} == {"Account", "Deal__c"}
    [note] = told(connector, "objects_left_out")
    assert all(name in note.message for name in ("DealShare", "AccountHistory", "AccountFeed"))
    named = connect(objects=("DealShare",))
    assert len(take(named, stream_of(named, "DealShare")).rows) == 3
    with pytest.raises(ConfigInvalid, match="Nowhere__c"):
        connect(objects=("Nowhere__c",)).check()


def test_custom_objects_that_look_like_system_objects_are_kept(connect: Connect, sandbox: SalesforceSandbox) -> None:
    sandbox.load("MarketShare__c", deals(1), "Number__c")
    assert "MarketShare__c" in {stream.name for stream in connect().discover()}


def test_hidden_compound_and_file_fields_are_told(connect: Connect, sandbox: SalesforceSandbox) -> None:
    sandbox.hide_fields("Deal__c", "Amount", "Won__c")
    sandbox.add_compound("Deal__c", "BillingAddress", "address")
    sandbox.add_field("Deal__c", "Body", "binary")
    connector = connect()
    names = {field.name for field in stream_of(connector).fields}
    assert not names & {"Amount", "Won__c", "BillingAddress", "Body"}
    messages = {note.code: note.message for note in connector.told}  # type: ignore[attr-defined]
    assert "Amount" in messages["fields_hidden"] and "Won__c" in messages["fields_hidden"]
    assert "BillingAddress" in messages["compound_fields"]
    assert "Body" in messages["file_fields"]


def test_an_object_without_stamps_is_read_whole_with_deletes(connect: Connect, sandbox: SalesforceSandbox) -> None:
    sandbox.load("Setting__c", deals(12), "Number__c")
    for name in ("SystemModstamp", "LastModifiedDate", "CreatedDate", "IsDeleted"):
        sandbox.hide_fields("Setting__c", name)
    connector = connect()
    stream = stream_of(connector, "Setting__c")
    assert (stream.cursor_field, stream.mode) == (None, "full_with_deletes")
    read = take(connector, stream)
    assert sorted(read.numbers) == list(range(12))
    assert read.kinds[-1] == "Swept"


def test_a_login_that_may_only_read_has_no_grants_and_one_that_may_write_has_them(
    connect: Connect, sandbox: SalesforceSandbox
) -> None:
    assert connect().grants().writes == ()
    sandbox.writes = True
    for number in range(25):
        sandbox.load(f"Object{number}__c", pa.table({"K": [1]}), "K")
    grants = connect().grants()
    assert grants.writes[0] == "Deal__c: create, update, delete"
    assert (len(grants.writes), grants.writes[-1]) == (21, "and 6 more")
    assert "26 may be changed" in grants.evidence
