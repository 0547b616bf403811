"""Views of what a tenant declared: one row a record, and what declaring, extending and retiring does to them."""

from uuid import uuid4

from assets.normalize.catalog import EntityCatalog
from assets.unify.asset import describe_views, refresh_view
from assets.unify.tables import drop_retired
from orchestration.resources.lake_session import LakeSession
from tests.assets.canonical_rows import CRM, ERP, Row, account, at, refresh, view, write
from tests.assets.normalize.declarations import Declaration, catalog_of, declaration

LINE = declaration("line", {"account_id": "text", "amount": "integer", "json": "text"})
CATALOG = catalog_of(LINE)


def line(key: int, connection: str = CRM, **fields: object) -> Row:
    bookkeeping = {name: value for name, value in account(key, connection).items() if name != "account_id"}
    return {**bookkeeping, "line_id": str(key), **fields}


def write_lines(session: LakeSession, *rows: Row, catalog: EntityCatalog = CATALOG) -> None:
    write(session, "line", rows, catalog)


def publish(session: LakeSession, catalog: EntityCatalog = CATALOG) -> dict[str, int | None]:
    """What a refresh does to the views a tenant declared."""
    drop_retired(session, catalog)
    return {entity.view: refresh_view(session, entity) for entity in catalog.custom()}


def extended(fields: list[dict[str, object]]) -> EntityCatalog:
    return catalog_of(Declaration(LINE.name, LINE.view, [*LINE.fields, *fields], LINE.key, LINE.id))


def test_one_row_a_record_with_its_source_even_when_records_are_alike(session: LakeSession) -> None:
    write_lines(session, line(1, amount=5, json="{}", _source_updated_at=at(1)), line(2, ERP, amount=5, json="{}"))
    assert publish(session) == {"lines": 2}
    first, second = view(session, "line", CATALOG)
    assert (first["line_id"], first["amount"], first["json"], first["_source_count"]) == ("1", 5, "{}", 1)
    assert [row["_sources"][0]["connection_id"] for row in (first, second)] == [CRM, ERP]
    assert first["_entity_id"] != second["_entity_id"]


def test_changes_and_deletes_reach_the_view_and_cost_what_they_are(session: LakeSession) -> None:
    write_lines(session, *(line(key, amount=key) for key in range(1, 51)))
    publish(session)
    assert publish(session) == {"lines": None}
    write_lines(session, line(7, amount=70), line(8, _deleted=True))
    assert publish(session) == {"lines": 1}
    rows = {row["line_id"]: row["amount"] for row in view(session, "line", CATALOG)}
    assert (len(rows), rows["7"], "8" in rows) == (49, 70, False)


def test_a_record_that_names_an_account_points_at_its_entity(session: LakeSession) -> None:
    write(session, "account", [account(11, name="Acme")])
    write_lines(session, line(1, account_id="11"))
    refresh(session)
    publish(session)
    (acme,) = view(session, "account")
    (row,) = view(session, "line", CATALOG)
    assert row["account_entity_id"] == acme["_entity_id"]


def test_a_declared_entity_without_records_has_an_empty_view_that_is_made_once(session: LakeSession) -> None:
    assert publish(session) == {"lines": 0}
    before = session.snapshot()
    assert publish(session) == {"lines": None}
    assert (session.snapshot(), view(session, "line", CATALOG)) == (before, [])


def test_a_field_added_later_is_empty_and_then_filled(session: LakeSession) -> None:
    write_lines(session, line(1, amount=1), line(2, amount=2))
    publish(session)
    more = extended([{"name": "note", "type": "text", "description": "", "required": False}])
    assert publish(session, more) == {"lines": None}
    write_lines(session, line(2, amount=2, note="seen"), line(3, amount=3), catalog=more)
    assert publish(session, more) == {"lines": 2}
    assert [row.get("note") for row in view(session, "line", more)] == [None, "seen", None]


def test_rows_written_before_a_field_was_added_and_read_after_it_are_in_the_view(session: LakeSession) -> None:
    write_lines(session, line(1, amount=1))
    publish(session)
    write_lines(session, line(2, amount=2))  # not yet read when the field comes
    more = extended([{"name": "note", "type": "text", "description": "", "required": False}])
    assert publish(session, more) == {"lines": 1}
    assert [(row["line_id"], row["note"]) for row in view(session, "line", more)] == [("1", None), ("2", None)]


def test_a_retired_entity_loses_view_and_table_and_nothing_else_does(session: LakeSession) -> None:
    other = declaration("other", {"amount": "integer"})
    write(session, "account", [account(1, name="Acme")])
    write_lines(session, line(1, amount=1))
    refresh(session)
    publish(session, catalog_of(LINE, other))
    assert drop_retired(session, catalog_of(other)) == ["lines"]
    publish(session, catalog_of(other))
    assert session.tables("unified") >= {"accounts", "others"}
    assert "lines" not in session.tables("unified")
    assert CATALOG["line"].table not in session.tables("canonical")
    assert [row["name"] for row in view(session, "account")] == ["Acme"]
    assert drop_retired(session, catalog_of(other)) == []


def test_a_name_used_again_starts_empty_with_its_own_types(session: LakeSession) -> None:
    write_lines(session, line(1, amount=1))
    publish(session)
    again = catalog_of(Declaration("line", "lines", declaration("line", {"amount": "text"}).fields, id=uuid4()))
    assert publish(session, again) == {"lines": 0}
    assert view(session, "line", again) == []
    assert session.columns("unified", "lines")["amount"] == "VARCHAR"


def test_a_published_summary_says_what_is_custom(session: LakeSession) -> None:
    write_lines(session, line(1, amount=1), line(2, ERP, amount=2))
    for entity in CATALOG.values():
        refresh_view(session, entity)
    described = describe_views(session, CATALOG, None)
    assert described["lines"] == {"rows": 2, "joined": 0, "sources": {CRM: 1, ERP: 1}, "entity": "line", "custom": True}
    assert "custom" not in described["accounts"]
