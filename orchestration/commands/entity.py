"""`autonomos entity declare|map|add-field|list|show|retire`: entities of a tenant's own, each with a view.

They hold what fits no canonical entity. One record is one row: they are not resolved across connections.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orchestration.commands.output import JsonOption, Output, TenantOption, table

if TYPE_CHECKING:
    from uuid import UUID

    from assets.normalize.declaring import FoundStream
    from orchestration.commands.access import Access
    from orchestration.control_plane.custom_entities import CustomEntityRecord

FromOption = Annotated[str, typer.Option("--from", help="CONNECTION/STREAM whose records become the entity.")]
FieldsOption = Annotated[
    list[str] | None,
    typer.Option("--field", help="SOURCE[:TARGET[:TYPE]], once a field; all of the stream's when left out."),
]
EntityOption = Annotated[str, typer.Option("--entity", "-e", help="Name of the custom entity.")]
EntityArgument = Annotated[str, typer.Argument(help="Name of the custom entity.")]
ReplaceOption = Annotated[bool, typer.Option("--replace", help="Move the stream out of the view it is in.")]
WaitOption = Annotated[
    bool, typer.Option("--wait/--no-wait", help="Wait until the views are published, with the whole stack running.")
]
TimeoutOption = Annotated[int, typer.Option("--timeout", min=1, help="Seconds to wait at most.")]
TIMEOUT_S = 600


def declare(
    tenant: TenantOption,
    name: Annotated[str, typer.Option("--name", "-n", help="Name of the entity, such as invoice_line.")],
    source: FromOption,
    view: Annotated[str | None, typer.Option("--view", help="Name of its view; the plural when left out.")] = None,
    fields: FieldsOption = None,
    replace: ReplaceOption = False,
    wait: WaitOption = True,
    timeout_s: TimeoutOption = TIMEOUT_S,
    as_json: JsonOption = False,
) -> None:
    """Declare an entity from a stream; the records that landed are in its view without asking the source again."""
    from assets.normalize.declaring import declare_entity, plural
    from assets.normalize.drafting import parse_choice
    from orchestration.commands.access import OPERATOR, open_access
    from orchestration.commands.entity_changes import find_stream

    output = Output(as_json)
    with open_access(output, "entity declare", everything=wait) as access, _declarations():
        owner = access.tenant(tenant)
        with access.control_plane.tenant_session(owner.id) as session:
            stream = find_stream(session, source)
            known = [field.name for field in stream.shape.fields]
            choices = [parse_choice(text, known) for text in fields or ()]
            made = declare_entity(session, name, view or plural(name), stream, choices, OPERATOR, replace=replace)
        document = _carry_out(access, output, owner.id, made, stream, timeout_s if wait else None)
    output.result(document, _summary(document))


def map_stream(
    tenant: TenantOption,
    entity: EntityOption,
    source: FromOption,
    fields: FieldsOption = None,
    replace: ReplaceOption = False,
    wait: WaitOption = True,
    timeout_s: TimeoutOption = TIMEOUT_S,
    as_json: JsonOption = False,
) -> None:
    """Map a further stream onto a custom entity, or more fields of one; by name where no --field says otherwise."""
    from assets.normalize import declaring
    from assets.normalize.drafting import parse_choice
    from orchestration.commands.access import OPERATOR, open_access
    from orchestration.commands.entity_changes import find_entity, find_stream

    output = Output(as_json)
    with open_access(output, "entity map", everything=wait) as access, _declarations():
        owner = access.tenant(tenant)
        with access.control_plane.tenant_session(owner.id) as session:
            record = find_entity(session, entity)
            stream = find_stream(session, source)
            known = [field.name for field in stream.shape.fields]
            choices = [parse_choice(text, known) for text in fields or ()]
            declaring.map_stream(session, record, stream, choices, OPERATOR, replace=replace)
        document = _carry_out(access, output, owner.id, record, stream, timeout_s if wait else None)
    output.result(document, _summary(document))


def add_field(
    tenant: TenantOption,
    entity: EntityOption,
    fields: Annotated[list[str], typer.Option("--field", help="NAME[:TYPE], once a field; text when left out.")],
    description: Annotated[str, typer.Option("--description", help="What the fields mean.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Add fields to a custom entity; they are empty until 'entity map' fills them."""
    from assets.normalize import declaring
    from assets.normalize.custom import DeclaredField
    from orchestration.commands.access import OPERATOR, open_access
    from orchestration.commands.entity_changes import find_entity, request_publication

    output = Output(as_json)
    with open_access(output, "entity add-field") as access, _declarations():
        owner = access.tenant(tenant)
        with access.control_plane.tenant_session(owner.id) as session:
            record = find_entity(session, entity)
            parts = [text.partition(":") for text in fields]
            new = [DeclaredField(name, type or "text", description) for name, _, type in parts]  # type: ignore[arg-type]  # checked next
            changed = declaring.add_fields(session, record.name, new, OPERATOR)
        request_publication(access, owner.id)
    added = ", ".join(field.name for field in new)
    document = {"entity": changed.name, "added": [field.to_json() for field in new], "fields": len(changed.fields)}
    output.result(document, f"Added {added} to {changed.name!r}; fill it with 'autonomos entity map'.")


def list_entities(tenant: TenantOption, as_json: JsonOption = False) -> None:
    """List the custom entities with their views, rows and streams."""
    from orchestration.commands.access import open_access

    output = Output(as_json)
    with open_access(output, "entity list") as access:
        owner = access.tenant(tenant)
        with access.control_plane.tenant_session(owner.id) as session:
            names = {known.id: known.name for known in session.connections.list()}
            publication = session.publications.current()
            published = publication.views if publication else {}
            declared, mappings = session.custom_entities.list(), session.mappings.list()
    streams: dict[str, list[str]] = {record.name: [] for record in declared}
    for mapping in mappings:
        if mapping.entity in streams and mapping.connection_id in names:
            streams[mapping.entity].append(f"{names[mapping.connection_id]}/{mapping.stream}")
    documents = [
        {
            "name": record.name, "view": record.view, "fields": len(record.fields), "key": record.key,
            "rows": published.get(record.view, {}).get("rows"), "streams": streams[record.name],
            "created_by": record.created_by, "created_at": record.created_at,
        }
        for record in declared
    ]  # fmt: skip
    cells = [(d["name"], d["view"], d["fields"], d["rows"], ", ".join(streams[str(d["name"])])) for d in documents]
    hint = "No custom entity yet: declare one with 'autonomos entity declare'."
    shown = table("Custom entities", ("entity", "view", "fields", "rows", "streams"), cells) if cells else hint
    output.result({"entities": documents}, shown)


def show(tenant: TenantOption, entity: EntityArgument, as_json: JsonOption = False) -> None:
    """Show a custom entity's fields, and which source fields fill them."""
    from orchestration.commands.access import open_access
    from orchestration.commands.entity_changes import describe_field, find_entity

    output = Output(as_json)
    with open_access(output, "entity show") as access:
        owner = access.tenant(tenant)
        with access.control_plane.tenant_session(owner.id) as session:
            record = find_entity(session, entity)
            names = {known.id: known.name for known in session.connections.list()}
            mappings = [mapping for mapping in session.mappings.list() if mapping.entity == record.name]
    fields = [describe_field(field, record.key) for field in record.fields]
    for field in fields:
        field["filled_by"] = [
            f"{names[mapping.connection_id]}/{mapping.stream}: {rule['source']}"
            for mapping in mappings
            for rule in mapping.rules
            if rule["target"] == field["name"] and mapping.connection_id in names
        ]
    document = {"name": record.name, "view": record.view, "key": record.key, "resolved": False, "fields": fields}
    cells = [(f["name"], f["type"], f["required"], "; ".join(f["filled_by"]), f["description"]) for f in fields]
    columns = ("field", "type", "required", "filled by", "description")
    shown = table(f"{record.name}, view {record.view}", columns, cells)
    output.result(document, shown, "One row a record: records of different connections are not joined.")


def retire(tenant: TenantOption, entity: EntityArgument, as_json: JsonOption = False) -> None:
    """End a custom entity: its view goes with the next publication, the raw records stay."""
    from assets.normalize.declaring import retire_entity
    from orchestration.commands.access import OPERATOR, open_access
    from orchestration.commands.entity_changes import find_entity, request_publication

    output = Output(as_json)
    with open_access(output, "entity retire") as access:
        owner = access.tenant(tenant)
        with access.control_plane.tenant_session(owner.id) as session:
            record = find_entity(session, entity)
            unmapped = retire_entity(session, record.name, OPERATOR)
        request_publication(access, owner.id)
    streams = [mapping.stream for mapping in unmapped]
    document = {"entity": record.name, "view": record.view, "raw_only": streams}
    said = f"Retired {record.name!r}: the view {record.view!r} goes with the next publication."
    output.result(document, f"{said} {len(streams)} stream(s) are raw only now; their records are kept.")


@contextmanager
def _declarations() -> Iterator[None]:
    """Turns what is wrong with a declaration into the command line's sentence."""
    from assets.normalize.custom import DeclarationInvalid
    from assets.normalize.declaring import StreamIsMapped
    from orchestration.commands.entity_changes import as_command_error

    try:
        yield
    except (DeclarationInvalid, StreamIsMapped) as invalid:
        raise as_command_error(invalid) from None


def _carry_out(
    access: "Access", output: Output, tenant_id: "UUID", record: "CustomEntityRecord", stream: "FoundStream",
    timeout_s: int | None,
) -> dict[str, Any]:  # fmt: skip
    """Normalize what landed and ask for the views; with a time, wait for them."""
    from orchestration.commands.entity_changes import (
        describe_field,
        normalize_landed,
        request_publication,
        wait_published,
    )

    outcome = normalize_landed(access, tenant_id, stream.connection.id, stream.name)
    refresh_id = request_publication(access, tenant_id)
    if timeout_s is not None:
        wait_published(access, output, tenant_id, refresh_id, timeout_s)
    return {
        "entity": record.name,
        "view": record.view,
        "connection": stream.connection.name,
        "stream": stream.name,
        "mapping_version": outcome.mapping_version,
        "fields": [describe_field(field, record.key) for field in record.fields],
        "key": record.key,
        "normalized": outcome.loaded,
        "rejected": outcome.rejected,
        "moved_from_other_entities": outcome.buried,
        "published": timeout_s is not None,
    }


def _summary(document: dict[str, Any]) -> str:
    ready = "published" if document["published"] else "published with the next refresh"
    rejects = f" {document['rejected']:,} do not fit: see 'autonomos rejects list'." if document["rejected"] else ""
    return (
        f"{document['entity']}: {len(document['fields'])} fields, {document['normalized']:,} landed records of "
        f"{document['connection']}/{document['stream']} in view {document['view']!r}, {ready}.{rejects}"
    )
