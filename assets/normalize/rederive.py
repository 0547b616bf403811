"""When a new mapping differs only in some targets: those alone are read again from the raw rows kept.

A row is rewritten where a value really differs, so what is written follows the change and not the stream's size.
"""

import json

from assets.mapping.rules import FieldRule, StreamMapping
from assets.normalize.catalog import Entity
from assets.normalize.compile import CompiledMapping
from orchestration.resources.lake_session import LakeSession
from orchestration.resources.sql_text import identifier, literal

_MOMENTS = ("_source_updated_at", "updated_at")  # either tells when the source changed a record


def changed_targets(before: StreamMapping | None, after: StreamMapping, entity: Entity | None) -> frozenset[str] | None:
    """Targets whose rules differ; None when every row has to be made anew: another entity, or what a record is.

    Which record a row is and whether it still exists decide on more than one field of it.
    """
    if before is None or entity is None or before.entity != after.entity:
        return None
    names = before.targets() | after.targets()
    changed = frozenset(name for name in names if _rules_of(before, name) != _rules_of(after, name))
    known = {column.name for column in entity.columns} | {"_source_updated_at"}
    return changed if changed <= known - {entity.identity} else None


def _rules_of(mapping: StreamMapping, target: str) -> list[str]:
    """What decides on a target's value, in rule order: not how sure anybody was."""
    return [_decisive(rule) for rule in mapping.rules if rule.target == target]


def _decisive(rule: FieldRule) -> str:
    transform = rule.transform.kind, dict(rule.transform.args)
    return json.dumps([rule.source, *transform, rule.since, rule.until], sort_keys=True)


def rederive(
    session: LakeSession,
    name: str,
    compiled: CompiledMapping,
    before: CompiledMapping,
    targets: frozenset[str],
    relation: str,
) -> int:
    """Rewrite the rows of `relation` in the canonical table `name` where a value of the targets differs; how many.

    Rows that no longer pass keep the values they have. `before` is the mapping they were made by.
    """
    read = targets.union(_MOMENTS) if targets & set(_MOMENTS) else targets
    narrow = compiled.narrowed(read | {"_deleted"})
    own = {column.name for column in compiled.plan.entity.columns}
    columns = sorted(targets & own)
    if targets & set(_MOMENTS):
        columns.append("_source_updated_at")
    if before.plan.unmapped() != compiled.plan.unmapped():
        columns.append("_unmapped")
    if not columns:
        return 0
    values = narrow.canonical_select(relation, {*columns, "_key", "_deleted"})
    differs = " OR ".join(f"old.{identifier(column)} IS DISTINCT FROM new.{identifier(column)}" for column in columns)
    replaced = ", ".join(f"new.{identifier(column)} AS {identifier(column)}" for column in columns)
    session.execute(
        f"CREATE OR REPLACE TEMP TABLE rederived AS SELECT old.* REPLACE ({replaced}, "
        f"{compiled.plan.version}::INTEGER AS _mapping_version) FROM {name} AS old JOIN ({values}) AS new "
        f"ON old._key = new._key WHERE NOT old._deleted AND NOT new._deleted AND ({differs}) "
        f"AND old._connection_id = {literal(compiled.connection_id)}"
    )
    rewritten = int(session.value("SELECT count(*) FROM rederived"))
    if rewritten:
        session.execute(f"DELETE FROM {name} WHERE _key IN (SELECT _key FROM rederived)")
        session.execute(f"INSERT INTO {name} BY NAME SELECT * FROM rederived")
    return rewritten
