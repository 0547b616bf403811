"""What a mapping would make of a few records, beside what stands in the canonical table now. Nothing is written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from assets.extract.raw_tables import BOOKKEEPING, RAW_SCHEMA, raw_table
from assets.mapping.rules import StreamMapping
from assets.normalize.catalog import EntityCatalog
from assets.normalize.compile import CompiledMapping, compile_mapping
from assets.normalize.validate import explain_row
from orchestration.resources.lake_reading import LakeReading
from orchestration.resources.lake_session import name_of
from orchestration.resources.sql_text import identifier, literal

_CANONICAL_SCHEMA = "canonical"


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """One record: target -> value as it stands (None: not in the view), as proposed, and why it would be rejected."""

    record_id: str
    standing: Mapping[str, Any] | None
    proposed: Mapping[str, Any] | None
    problems: tuple[str, ...] = field(default=())


def preview_mapping(
    session: LakeReading,
    connection_id: UUID,
    mapping: StreamMapping,
    catalog: EntityCatalog,
    keys: Sequence[int],
    targets: Sequence[str],
) -> dict[str, PreviewRow]:
    """The records of these raw keys by record id, with the values of these targets.

    Raises:
        MappingInvalid: the mapping cannot be compiled.
    """
    table = raw_table(connection_id, mapping.stream)
    fields = [name for name in session.columns(RAW_SCHEMA, table) if name not in BOOKKEEPING]
    entity = catalog.get(mapping.entity or "")
    if entity is None or not fields or not keys:
        return {}
    shown = [name for name in dict.fromkeys(targets) if name in entity.table_columns]
    compiled = compile_mapping(mapping, fields, str(connection_id), catalog)
    listed = ", ".join(str(int(key)) for key in keys)
    relation = f"(SELECT * FROM {name_of(RAW_SCHEMA, table)} WHERE __key IN ({listed}))"
    proposed = _values(session, f"({compiled.canonical_select(relation)})", shown)
    problems = _problems(session, compiled, relation)
    records = dict.fromkeys((*proposed, *problems))
    standing = _standing(session, entity.table, connection_id, list(records), shown)
    return {
        record: PreviewRow(record, standing.get(record), proposed.get(record), problems.get(record, ()))
        for record in records
    }


def _standing(
    session: LakeReading, table: str, connection_id: UUID, records: Sequence[str], shown: Sequence[str]
) -> dict[str, dict[str, Any]]:
    columns = session.columns(_CANONICAL_SCHEMA, table)
    if not columns or not records:
        return {}
    listed = ", ".join(literal(record) for record in records)
    where = f"_connection_id = {literal(str(connection_id))} AND _source_record_id IN ({listed}) AND NOT _deleted"
    relation = f"(SELECT * FROM {name_of(_CANONICAL_SCHEMA, table)} WHERE {where})"
    return _values(session, relation, [name for name in shown if name in columns])


def _values(session: LakeReading, relation: str, shown: Sequence[str]) -> dict[str, dict[str, Any]]:
    listed = "".join(f", {identifier(name)}" for name in shown)
    rows = session.rows(f"SELECT _source_record_id{listed} FROM {relation} AS value")
    return {row[0]: dict(zip(shown, row[1:], strict=True)) for row in rows}


def _problems(session: LakeReading, compiled: CompiledMapping, relation: str) -> dict[str, tuple[str, ...]]:
    """Why records would be rejected, in the words that the rejects have."""
    rows = session.execute(compiled.rejected_select(relation))
    names = [column[0] for column in rows.description or ()]
    found = {}
    for row in rows.fetchall():
        document = dict(zip(names, row, strict=True))
        reasons = explain_row(compiled, document)
        found[str(document["__record_id"])] = tuple(f"{one['field'] or 'record'}: {one['reason']}" for one in reasons)
    return found
