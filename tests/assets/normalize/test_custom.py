"""What a tenant may declare, and that the model made from it stands beside the canonical ones."""

import re
from decimal import Decimal

import pytest
from pydantic import ValidationError

from assets.normalize.catalog import CANONICAL
from assets.normalize.custom import DeclarationInvalid, DeclaredField, FieldType, check_declaration
from tests.assets.normalize.declarations import STRICT, WEIRD, catalog_of, declaration

LINE = DeclaredField("amount", "decimal")


def test_a_declared_entity_opens_with_its_id_and_keeps_names_and_types() -> None:
    entity = catalog_of(WEIRD)["weird"]
    assert [column.name for column in entity.columns] == ["weird_id", *(field["name"] for field in WEIRD.fields)]
    assert (entity.identity, entity.type_of("json"), entity.type_of("view")) == ("weird_id", "BIGINT", "VARCHAR")
    row = entity.model.model_validate({"weird_id": "1", "json": " 5 ", "once": "1.5", "copy": "x"})
    values = row.model_dump(by_alias=True)
    assert (values["json"], values["once"], values["copy"], values["order"]) == (5, Decimal("1.5"), "x", None)


def test_key_fields_are_required_and_others_are_not() -> None:
    entity = catalog_of(STRICT)["strict"]
    assert [column.name for column in entity.columns if column.required] == ["strict_id", "count", "is_open", "opened"]
    with pytest.raises(ValidationError, match="count"):
        entity.model.model_validate({"strict_id": "1", "is_open": "true", "opened": "2026-01-01"})


def test_two_tenants_may_declare_one_name_differently() -> None:
    ours = catalog_of(declaration("line", {"amount": "decimal"}))["line"]
    theirs = catalog_of(declaration("line", {"amount": "text"}))["line"]
    assert (ours.type_of("amount"), theirs.type_of("amount")) == ("DECIMAL(38,9)", "VARCHAR")
    assert ours.table != theirs.table
    assert "line" not in CANONICAL


def test_no_table_of_a_declared_entity_is_a_canonical_one() -> None:
    tables = {entity.table for entity in CANONICAL.values()} | {"rejected_records"}
    assert catalog_of(WEIRD, STRICT)["weird"].table not in tables
    assert [entity.name for entity in catalog_of(WEIRD, STRICT).custom()] == ["weird", "strict"]


def test_a_field_named_like_the_id_is_the_id() -> None:
    entity = catalog_of(declaration("line", {"amount": "decimal", "line_id": "text"}))["line"]
    assert [column.name for column in entity.columns] == ["line_id", "amount"]


@pytest.mark.parametrize(
    ("name", "view", "fields", "key", "wrong"),
    [
        ("Invoice", "lines", (LINE,), (), "'Invoice'"),
        ("line", "Lines!", (LINE,), (), "'Lines!'"),
        ("x" * 64, "lines", (LINE,), (), "x" * 64),
        ("account", "lines", (LINE,), (), "'account' is a canonical"),
        ("line", "accounts", (LINE,), (), "'accounts' is a canonical"),
        ("line", "lines", (), (), "at least one field"),
        ("line", "lines", (LINE, LINE), (), "named twice"),
        ("line", "lines", (DeclaredField("_deleted", "text"),), (), "'_deleted'"),
        ("line", "lines", (DeclaredField("row_id", "text"),), (), "reserved"),
        ("line", "lines", (DeclaredField("account_entity_id", "text"),), (), "reserved"),
        ("line", "lines", (DeclaredField("amount", "money"),), (), "'money' is no type"),  # type: ignore[arg-type]
        ("line", "lines", (DeclaredField("line_id", "integer"),), (), "names the record"),
        ("line", "lines", (LINE,), ("number",), "key 'number'"),
    ],
)
def test_a_declaration_that_cannot_be_is_refused_with_a_hint(
    name: str, view: str, fields: tuple[DeclaredField, ...], key: tuple[str, ...], wrong: str
) -> None:
    with pytest.raises(DeclarationInvalid, match=re.escape(wrong)) as refused:
        check_declaration(name, view, fields, key)

    assert refused.value.hint


@pytest.mark.parametrize("kind", ["text", "integer", "decimal", "boolean", "date", "timestamp", "json"])
def test_every_type_has_a_column(kind: FieldType) -> None:
    check_declaration("line", "lines", (DeclaredField("amount", kind),), ("amount",))
    assert catalog_of(declaration("line", {"amount": kind}))["line"].type_of("amount")
