"""`entity`, `view` and `mappings list` over records that landed; the source itself is nowhere to be asked."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest
import typer

from assets.fingerprint.fingerprint import ObservedField, ObservedStream
from assets.normalize.custom import tenant_catalog
from assets.normalize.declaring import plural
from assets.unify.asset import describe_views, refresh_view
from assets.unify.tables import drop_retired
from connectors.protocol import SourceType
from orchestration.commands import entity
from orchestration.commands.access import Access
from orchestration.commands.errors import explain
from orchestration.commands.output import to_json
from orchestration.resources.lake import Lake
from orchestration.resources.lake_places import lake_location
from orchestration.resources.publishing import freeze_catalog
from tests.assets.extract.batches import STREAM, batch_of, landing_on
from tests.orchestration.commands.conftest import Answer, Run

pytestmark = pytest.mark.servers
TENANT = ("--tenant", "Brindlecove")
TYPES: dict[str, SourceType] = {"Id": "text", "Net Amount": "decimal", "Qty": "integer"}
ROWS = [("a", "1.5", "3"), ("b", "2", "4"), ("c", "much", "5")]

app = typer.Typer()
for name, command in {
    "declare": entity.declare, "map": entity.map_stream, "add-field": entity.add_field,
    "list": entity.list_entities, "show": entity.show, "retire": entity.retire,
}.items():  # fmt: skip
    app.command(name)(command)  # type: ignore[type-var]


@pytest.fixture
def ask(access: Access, capfd: pytest.CaptureFixture[str]) -> Run:
    """Run one `entity` command as the command line does, without the whole stack."""

    def ask_command(*arguments: str) -> Answer:
        capfd.readouterr()
        waits = ("--no-wait",) if arguments[0] in ("declare", "map") else ()
        status = 0
        try:
            typer.main.get_command(app).main([*arguments, *TENANT, "--json", *waits], standalone_mode=False)
        except Exception as error:  # noqa: BLE001 - as the command line's last stop
            explanation = explain(error)
            document = {"error": {"code": explanation.code, "message": explanation.sentence}}
            status = explanation.exit_status
            return Answer(status, to_json(document), "")
        return Answer(status, capfd.readouterr().out, "")

    return ask_command


@dataclass(frozen=True)
class Source:
    """A connection with a raw stream of three records, one of which has an amount that is none."""

    access: Access
    tenant_id: UUID
    name: str
    connection_id: UUID

    @property
    def stream(self) -> str:
        return f"{self.name}/{STREAM}"

    def live(self, entity_name: str) -> list[str]:
        with self.access.control_plane.tenant_session(self.tenant_id) as session:
            table = tenant_catalog(session.custom_entities.list())[entity_name].table
        with Lake(lake_location(self.access.settings)).session(self.tenant_id) as lake:
            found = lake.rows(f"SELECT _source_record_id FROM lake.canonical.{table} WHERE NOT _deleted ORDER BY 1")
        return [record for (record,) in found]

    def publish(self) -> None:
        """What a refresh does."""
        location = lake_location(self.access.settings)
        with self.access.control_plane.tenant_session(self.tenant_id) as session:
            catalog = tenant_catalog(session.custom_entities.list())
        with Lake(location).session(self.tenant_id) as lake:
            drop_retired(lake, catalog)
            for known in catalog.values():
                refresh_view(lake, known)
            frozen = freeze_catalog(lake, location.published_path / f"tenant={self.tenant_id}")
            views = describe_views(lake, catalog, None)
        with self.access.control_plane.tenant_session(self.tenant_id) as session:
            session.publications.publish(frozen.snapshot_id, str(frozen.path), views)


@pytest.fixture
def source(access: Access, tenant_id: UUID) -> Source:
    shape = ObservedStream(STREAM, tuple(ObservedField(*item) for item in TYPES.items()), ("Id",))
    name = f"probes {uuid4().hex[:8]}"
    with access.control_plane.tenant_session(tenant_id) as session:
        connection = session.connections.create(name, "files", {"path": "/nowhere"})
        record = session.schemas.record(connection.id, STREAM, shape.digest, [shape.to_json()])
        session.schemas.approve(record.id, "first sync")
        session.mappings.save(connection.id, STREAM, None, [], "fits nothing", "policy")
    with Lake(lake_location(access.settings)).session(tenant_id) as lake:
        landing_on(lake, connection.id).land(batch_of(ROWS, fields=tuple(TYPES), key=("Id",)))
    return Source(access, tenant_id, name, connection.id)


@pytest.fixture
def fresh() -> Callable[[str], str]:
    """Names that no other test of the module uses."""
    return lambda prefix: f"{prefix}_{uuid4().hex[:8]}"


def test_declaring_normalizes_what_landed_and_the_view_is_read_by_both_names(
    ask: Run, run: Run, source: Source, fresh: Callable[[str], str]
) -> None:
    name = fresh("line")
    made = ask("declare", "--name", name, "--from", source.stream).document
    assert (made["view"], made["normalized"], made["rejected"], made["published"]) == (f"{name}s", 2, 1, False)
    assert [(field["name"], field["type"], field["key"]) for field in made["fields"]] == [
        ("id", "text", True), ("net_amount", "decimal", False), ("qty", "integer", False),
    ]  # fmt: skip
    waiting = run("view", name, *TENANT, "--json").document["error"]["code"]
    assert waiting in ("view_not_published", "nothing_published")
    source.publish()
    for wanted in (name, f"{name}s"):
        shown = run("view", wanted, *TENANT, "--json").document
        amounts = {record["id"]: record["net_amount"] for record in shown["records"]}
        assert amounts == {"a": "1.500000000", "b": "2.000000000"}
    unknown = run("view", "no such thing", *TENANT, "--json").document["error"]["message"]
    assert f"{name}s" in unknown and "accounts" in unknown


def test_a_stream_that_is_raw_only_is_said_to_be_until_it_is_declared(
    ask: Run, run: Run, source: Source, fresh: Callable[[str], str]
) -> None:
    listed = run("mappings", "list", *TENANT, "-c", source.name).out.replace("\n", " ")
    assert "raw only, 3 fields kept; declare an entity with 'autonomos entity declare" in " ".join(listed.split())
    (mapping,) = run("mappings", "list", *TENANT, "-c", source.name, "--json").document["mappings"]
    assert (mapping["raw_only"], mapping["fields"], len(mapping["unmapped"])) == (True, 3, 3)
    ask("declare", "--name", fresh("line"), "--from", source.stream)
    (mapping,) = run("mappings", "list", *TENANT, "-c", source.name, "--json").document["mappings"]
    assert (mapping["raw_only"], mapping["decided_by"], mapping["unmapped"]) == (False, "operator", [])


def test_chosen_fields_only_a_field_added_and_filled_later(
    ask: Run, source: Source, fresh: Callable[[str], str]
) -> None:
    name = fresh("line")
    made = ask(
        "declare", "--name", name, "--from", source.stream, "--view", f"{name}_all", "--field", "Qty:count"
    ).document
    assert ([field["name"] for field in made["fields"]], made["normalized"], made["view"]) == (
        ["count"],
        3,
        f"{name}_all",
    )
    added = ask("add-field", "--entity", name, "--field", "amount:decimal", "--field", "note").document
    assert [(field["name"], field["type"]) for field in added["added"]] == [("amount", "decimal"), ("note", "text")]
    mapped = ask("map", "--entity", name, "--from", source.stream, "--field", "Net Amount:amount").document
    assert (mapped["normalized"], mapped["rejected"], mapped["mapping_version"]) == (2, 1, 3)
    shown = ask("show", name).document
    filled = {field["name"]: field["filled_by"] for field in shown["fields"]}
    assert filled == {"count": [f"{source.stream}: Qty"], "amount": [f"{source.stream}: Net Amount"], "note": []}


def test_a_stream_in_a_view_moves_only_when_asked_to(ask: Run, source: Source, fresh: Callable[[str], str]) -> None:
    first, second = fresh("line"), fresh("row")
    ask("declare", "--name", first, "--from", source.stream)
    refused = ask("declare", "--name", second, "--from", source.stream)
    assert (refused.status, refused.document["error"]["code"]) == (1, "stream_is_mapped")
    assert "--replace" in refused.document["error"]["message"]
    moved = ask("declare", "--name", second, "--from", source.stream, "--replace").document
    assert (moved["moved_from_other_entities"], source.live(first), source.live(second)) == (2, [], ["a", "b"])


def test_retiring_keeps_the_records_raw_and_takes_the_view(
    ask: Run, run: Run, source: Source, fresh: Callable[[str], str]
) -> None:
    name = fresh("line")
    ask("declare", "--name", name, "--from", source.stream)
    source.publish()
    (listed,) = [known for known in ask("list").document["entities"] if known["name"] == name]
    assert (listed["rows"], listed["streams"], listed["fields"]) == (2, [source.stream], 3)
    assert ask("retire", name).document == {"entity": name, "view": f"{name}s", "raw_only": [STREAM]}
    source.publish()
    assert run("view", f"{name}s", *TENANT, "--json").document["error"]["code"] == "unknown_view"
    (mapping,) = run("mappings", "list", *TENANT, "-c", source.name, "--json").document["mappings"]
    assert (mapping["raw_only"], mapping["fields"]) == (True, 3)
    assert ask("declare", "--name", name, "--from", source.stream).document["normalized"] == 2


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("declare", "--name", "account", "--from", "{stream}"), "declaration_invalid"),
        (("declare", "--name", "line", "--view", "contacts", "--from", "{stream}"), "declaration_invalid"),
        (("declare", "--name", "line", "--from", "{stream}", "--field", "Quantity"), "declaration_invalid"),
        (("declare", "--name", "line", "--from", "{stream}", "--field", "Qty:n:money"), "declaration_invalid"),
        (("declare", "--name", "line", "--from", "people"), "not_a_stream"),
        (("declare", "--name", "line", "--from", "nowhere/people"), "unknown_connection"),
        (("declare", "--name", "line", "--from", "{stream}s"), "unknown_stream"),
        (("map", "--entity", "nothing", "--from", "{stream}"), "unknown_entity"),
        (("add-field", "--entity", "nothing", "--field", "x"), "unknown_entity"),
        (("show", "nothing"), "unknown_entity"),
        (("retire", "nothing"), "unknown_entity"),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(
    ask: Run, source: Source, arguments: tuple[str, ...], code: str
) -> None:
    before = ask("list").document
    answer = ask(*(argument.replace("{stream}", source.stream) for argument in arguments))
    assert (answer.status, answer.document["error"]["code"]) == (1, code)
    assert ask("list").document == before


@pytest.mark.parametrize(
    ("name", "view"),
    [("line", "lines"), ("entry", "entries"), ("box", "boxes"), ("day", "days"), ("branch", "branches")],
)
def test_a_view_without_a_name_is_the_plural(name: str, view: str) -> None:
    assert plural(name) == view
