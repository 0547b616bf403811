"""An entity drafted from a stream: what is taken, how it is named and read, and what is refused."""

import pytest

from assets.fingerprint.fingerprint import ObservedField, ObservedStream
from assets.mapping.rules import FieldRule, StreamMapping, Transform
from assets.normalize.custom import DeclarationInvalid, check_declaration
from assets.normalize.drafting import Draft, FieldChoice, draft_entity, draft_rules, parse_choice, snake_name
from connectors.protocol import SourceType
from tests.assets.normalize.declarations import catalog_of, declaration


def field(name: str, type: SourceType = "text", **classes: int) -> ObservedField:
    return ObservedField(name, type, None, False, sum(classes.values()), classes)


STREAM = ObservedStream(
    "Invoice_Line__c",
    (
        field("Id"),
        field("Amount__c", "decimal", decimal=9),
        field("Quantity__c", "integer", integer=9),
        field("Is Paid", "boolean", boolean=9),
        field("Due", "date", date=9),
        field("Rate", "double", double=9),
        field("Payload", "json", json=9),
        field("Blob", "binary"),
        field("When", "time", time=9),
        field("row_id", "integer", integer=9),
        field("amount"),
        field("SystemModstamp", "timestamp", timestamp=9),
        field("Booked", "text", day_month_dot=9),
        field("Sum", "text", decimal_comma=9),
        field("Flag", "text", yes_no=9),
    ),
    ("Id",),
)
NAMES = [observed.name for observed in STREAM.fields]
LINE = catalog_of(declaration("line", {"amount": "decimal", "due": "date", "note": "text"}))["line"]


def drafted(draft: Draft) -> dict[str, str]:
    return {field.name: field.type for field in draft.fields}


def test_every_field_is_taken_with_the_type_it_was_seen_with() -> None:
    draft = draft_entity("line", STREAM, [])
    assert drafted(draft) == {
        "id": "text", "amount": "decimal", "quantity": "integer", "is_paid": "boolean", "due": "date",
        "rate": "decimal", "payload": "json", "blob": "text", "when": "text", "row_id_value": "integer",
        "amount_2": "text", "system_modstamp": "timestamp", "booked": "text", "sum": "text", "flag": "text",
    }  # fmt: skip
    assert draft.key == ("id",)
    check_declaration("line", "lines", draft.fields, draft.key)
    assert {rule.source for rule in draft.rules} == set(NAMES)
    changed = FieldRule("SystemModstamp", "_source_updated_at", Transform(), 1.0, "person", draft.rules[0].evidence)
    assert draft.rules[-1] == changed


def test_chosen_fields_are_read_by_the_form_their_texts_have() -> None:
    chosen = ["Booked:booked_on:date", "Sum::decimal", "Flag:is_open:boolean", "Amount__c"]
    draft = draft_entity("line", STREAM, [parse_choice(text, NAMES) for text in chosen])
    assert drafted(draft) == {"booked_on": "date", "sum": "decimal", "is_open": "boolean", "amount": "decimal"}
    read = {rule.target: rule.transform for rule in draft.rules}
    assert read["booked_on"] == Transform("date_format", {"format": "%d.%m.%Y"})
    assert read["sum"] == Transform("number_format", {"decimal": ",", "group": "."})
    assert read["is_open"].kind == "boolean_map"
    assert read["_source_updated_at"] == Transform()


def test_the_sole_key_may_be_the_id_and_another_field_of_that_name_is_not() -> None:
    keyed = ObservedStream("lines", (field("line_id", "integer", integer=3), field("n", "integer")), ("line_id",))
    assert drafted(draft_entity("line", keyed, [])) == {"line_id": "text", "n": "integer"}
    unkeyed = ObservedStream("lines", (field("line_id", "integer", integer=3), field("n", "integer")), ("n",))
    assert drafted(draft_entity("line", unkeyed, [])) == {"line_id_2": "integer", "n": "integer"}


@pytest.mark.parametrize("key", [("Id", "Due"), ("Due", "Id")])
def test_a_key_of_several_fields_is_theirs_only_when_all_are_taken(key: tuple[str, ...]) -> None:
    stream = ObservedStream("lines", STREAM.fields, key)
    assert draft_entity("line", stream, []).key == tuple(name.lower() for name in key)
    assert draft_entity("line", stream, [FieldChoice("Id")]).key == ()


def test_a_source_name_may_hold_colons() -> None:
    known = ["a:b", "a", "a:b:c:d"]
    assert parse_choice("a:b", known) == FieldChoice("a:b")
    assert parse_choice("a:b:text", ["a"]) == FieldChoice("a", "b", "text")
    assert parse_choice("a:b:c:d:x:date", known) == FieldChoice("a:b:c:d", "x", "date")
    with pytest.raises(DeclarationInvalid, match="no field 'z'"):
        parse_choice("z:y", known)


def test_a_further_stream_meets_the_entity_by_name() -> None:
    rules = draft_rules(LINE, STREAM, [], None)
    assert [(rule.source, rule.target) for rule in rules] == [
        ("Amount__c", "amount"), ("Due", "due"), ("amount", "amount"), ("SystemModstamp", "_source_updated_at"),
    ]  # fmt: skip


def test_more_fields_of_a_mapped_stream_leave_the_other_rules_alone() -> None:
    before = StreamMapping("s", "line", 1, (FieldRule("Rate", "amount"), FieldRule("Due", "due")))
    rules = draft_rules(LINE, STREAM, [FieldChoice("Blob", "note")], before)
    assert [(rule.source, rule.target) for rule in rules][:3] == [("Rate", "amount"), ("Due", "due"), ("Blob", "note")]
    elsewhere = StreamMapping("s", "account", 1, (FieldRule("Id", "account_id"),))
    assert "account_id" not in {rule.target for rule in draft_rules(LINE, STREAM, [], elsewhere)}


@pytest.mark.parametrize(
    ("choice", "wrong"),
    [
        (FieldChoice("Blob", "memo"), "no field 'memo'"),
        (FieldChoice("Due", "due", "text"), "another type"),
        (FieldChoice("Gone", "due"), "no field 'Gone'"),
    ],
)
def test_what_does_not_fit_the_entity_is_refused(choice: FieldChoice, wrong: str) -> None:
    with pytest.raises(DeclarationInvalid, match=wrong):
        draft_rules(LINE, STREAM, [choice], None)


def test_a_stream_with_no_field_in_common_says_so() -> None:
    with pytest.raises(DeclarationInvalid, match="No field of the stream"):
        draft_rules(LINE, ObservedStream("s", (field("x"),)), [], None)


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("Invoice_Line__c", "invoice_line"), ("CreatedById", "created_by_id"), ("HTTPServerURL", "http_server_url"),
        ("Größe in m²", "grosse_in_m2"), ("2020 total", "field_2020_total"), ("日本", "field"), ("a.b[0].c", "a_b_0_c"),
        ("x" * 99, "x" * 60),
    ],
)  # fmt: skip
def test_names_become_snake_case(source: str, name: str) -> None:
    assert snake_name(source) == name
