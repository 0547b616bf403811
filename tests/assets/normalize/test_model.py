"""The canonical model is the source of columns, views and limits, and reads texts by the closed grammar only."""

import datetime as dt
from decimal import Decimal

import duckdb
import pytest
from pydantic import ValidationError

from assets.normalize import model


def test_every_entity_has_a_view_an_identity_and_columns_duckdb_knows() -> None:
    assert set(model.VIEWS) == set(model.ENTITIES) and len(set(model.VIEWS.values())) == len(model.ENTITIES)
    for entity in model.ENTITIES:
        columns = model.table_columns(entity)
        assert len({column.name for column in columns}) == len(columns)
        assert model.identity_fields(entity) == (columns[0].name,) and columns[0].required
        declared = ", ".join(f'"{column.name}" {column.duckdb_type}' for column in columns)
        duckdb.connect().execute(f"CREATE TABLE canonical ({declared})")


def test_every_field_says_what_it_means() -> None:
    for entity in model.ENTITIES.values():
        assert all(field.description for field in entity.model_fields.values())


def test_every_amount_of_money_names_a_currency_field_of_its_entity() -> None:
    for entity in model.ENTITIES.values():
        for name, field in entity.model_fields.items():
            extra = field.json_schema_extra
            if isinstance(extra, dict) and "currency_field" in extra:
                assert extra["currency_field"] in entity.model_fields, name


def test_texts_are_read_and_typed_values_pass() -> None:
    deal = model.Opportunity.model_validate(
        {"opportunity_id": "00123", "amount": " 1e3 ", "close_date": "2026-02-03T23:00:00-05:00", "tags": '["a"]'}
    )
    assert (deal.opportunity_id, deal.amount, deal.close_date) == ("00123", Decimal(1000), dt.date(2026, 2, 3))
    assert deal.tags == ["a"]
    assert model.Opportunity.model_validate(deal.model_dump()) == deal


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("is_won", "no"),
        ("amount", "1,000"),
        ("amount", "Infinity"),
        ("probability", "100.1"),
        ("close_date", "2026-02-30"),
        ("created_at", "03/02/2026"),
        ("amount", "9" * 30),
    ],
)
def test_what_the_grammar_or_a_limit_excludes_is_refused(field: str, text: str) -> None:
    with pytest.raises(ValidationError):
        model.Opportunity.model_validate({"opportunity_id": "1", field: text})


def test_a_cost_line_needs_its_day_and_cost() -> None:
    with pytest.raises(ValidationError) as refused:
        model.CostReport.model_validate({"cost_id": "1", "cost": " "})
    assert {error["loc"][0] for error in refused.value.errors()} == {"date", "cost"}
    assert model.required_fields("cost_report") == ("cost_id", "date", "cost")
