"""What the credentials may write, and which rows are hidden from them, is told as the source has it."""

import pytest

from connectors.errors import RecordInvalid
from connectors.sandbox.postgrest.sandbox import PostgrestSandbox, Way
from connectors.supabase.keys import key_role
from tests.connectors.supabase.project import WAYS, Open, numbered, read

pytestmark = pytest.mark.servers


@pytest.fixture(autouse=True)
def _loaded(project: PostgrestSandbox) -> None:
    project.load("deals", numbered(20), "id")


def test_a_key_that_can_only_read_is_found_to_be_one_and_nothing_is_written(
    opened: Open, project: PostgrestSandbox
) -> None:
    grants = opened("rest", role="reader").connector.grants()
    assert grants.writes == ()
    assert "reader" in grants.evidence


def test_a_key_that_may_write_is_found_out_without_writing(opened: Open, project: PostgrestSandbox) -> None:
    before = project.records("deals")
    assert opened("rest", role="anon").connector.grants().writes == ("deals: insert, update, delete",)
    assert opened("rest", role="service_role").connector.grants().writes == ("deals: insert, update, delete",)
    assert project.records("deals").equals(before)


@pytest.mark.parametrize("right", ["insert", "update", "delete"])
def test_each_right_to_write_is_found_by_itself(opened: Open, project: PostgrestSandbox, right: str) -> None:
    project.store.execute(f"GRANT {right} ON deals TO {project.store.database}_reader")
    assert opened("rest", role="reader").connector.grants().writes == (f"deals: {right}",)


def test_a_right_on_one_column_is_found(opened: Open, project: PostgrestSandbox) -> None:
    project.store.execute(f"GRANT INSERT (name) ON deals TO {project.store.database}_reader")
    assert opened("rest", role="reader").connector.grants().writes == ("deals: insert",)


def test_asking_for_rights_fires_no_trigger_and_takes_no_number(opened: Open, project: PostgrestSandbox) -> None:
    """Not even what a rolled back statement would leave behind: a number drawn from a sequence."""
    project.store.execute(
        "DROP SEQUENCE IF EXISTS fired; CREATE SEQUENCE fired; GRANT ALL ON fired TO PUBLIC; "
        "CREATE OR REPLACE FUNCTION fire() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN PERFORM nextval('fired'); RETURN NULL; END $$; "
        "CREATE TRIGGER fires BEFORE INSERT OR UPDATE OR DELETE ON deals FOR EACH STATEMENT EXECUTE FUNCTION fire(); "
        "ALTER TABLE deals ADD number bigint DEFAULT nextval('fired')"
    )
    project.store.execute("SELECT setval('fired', 1)")  # the column took numbers for the records there are
    assert opened("rest", role="anon").connector.grants().writes
    project.store.execute("DO $$ BEGIN ASSERT nextval('fired') = 2; END $$")


def test_where_plans_are_off_rights_are_unknown_and_nothing_is_tried(opened: Open, project: PostgrestSandbox) -> None:
    project.plans = False
    try:
        sent = len(project.requests)
        grants = opened("rest", role="reader").connector.grants()
    finally:
        project.plans = True
    (entry,) = grants.writes
    assert "not verified" in entry
    assert "db_plan_enabled" in grants.evidence
    assert "database_url" in grants.evidence
    assert sum(request.method != "GET" for request in project.requests[sent:]) == 1


def test_rights_of_a_login_are_those_the_database_tells(opened: Open, project: PostgrestSandbox) -> None:
    assert opened("database").connector.grants().writes == ()
    writer = opened("database", login="db_writer").connector.grants()
    assert writer.writes == ("deals: insert, update, delete, truncate",)
    assert "db_writer" in writer.evidence
    disguised = opened("database", login="authenticator").connector.grants().writes
    assert any("service_role" in write for write in disguised)
    assert not any("reader" in write for write in disguised)
    assert len(opened("both", role="service_role", login="db_writer").connector.grants().writes) == 2


def test_a_read_only_transaction_holds_even_for_a_login_that_may_write(opened: Open, project: PostgrestSandbox) -> None:
    project.store.execute(
        "CREATE OR REPLACE FUNCTION sneak() RETURNS int LANGUAGE plpgsql AS "
        "$$ BEGIN DELETE FROM deals; RETURN 1; END $$; CREATE OR REPLACE VIEW trap AS SELECT sneak() AS id"
    )
    project.store.grant("trap")
    reader = opened("database", login="db_writer", limits={"give_up_after_s": 0})
    with pytest.raises(RecordInvalid):
        read(reader.connector, reader.stream("trap"))
    assert project.records("deals").num_rows == 20
    project.store.execute("DROP VIEW trap")


@pytest.mark.parametrize("way", WAYS)
def test_rows_hidden_by_row_level_security_are_said_to_be(opened: Open, project: PostgrestSandbox, way: Way) -> None:
    project.limit_rows("deals", "id <= 5")
    reader = opened(way, role="anon")
    stream = reader.stream("deals")
    assert len(read(reader.connector, stream).rows) == 5
    notes = [note for note in reader.notes if note.code == "row_level_security"]
    assert notes
    assert notes[0].stream == "deals"
    assert ("anon" if way == "rest" else "db_reader") in notes[0].message


def test_the_service_role_sees_everything_and_nothing_is_said(opened: Open, project: PostgrestSandbox) -> None:
    project.limit_rows("deals", "id <= 5")
    reader = opened("rest", role="service_role")
    assert len(read(reader.connector, reader.stream("deals")).rows) == 20
    assert "row_level_security" not in reader.codes()


def test_a_table_without_row_security_is_not_suspected_by_the_database(opened: Open, project: PostgrestSandbox) -> None:
    reader = opened("database")
    read(reader.connector, reader.stream("deals"))
    assert "row_level_security" not in reader.codes()


@pytest.mark.parametrize("way", WAYS)
def test_only_the_tables_asked_for_are_streams(opened: Open, project: PostgrestSandbox, way: Way) -> None:
    project.load("other", numbered(1), "id")
    assert [stream.name for stream in opened(way, tables=["other"]).connector.discover()] == ["other"]
    project.drop_stream("other")


def test_the_role_of_a_key_is_read_off_it(project: PostgrestSandbox) -> None:
    roles = {key: key_role(key) for key in (project.key("anon"), "sb_secret_abc", "sb_publishable_abc", "x", "a.b.c")}
    assert list(roles.values()) == ["anon", "service_role", "anon", None, None]
