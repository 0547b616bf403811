"""A mapping compiled to SQL: raw rows in, canonical rows out, in one vectorised pass; and the rows that fail.

The relation given is a raw lake table or a subquery in parentheses, with the raw bookkeeping columns. Why a row
failed is for `validate` to say; writing the results is the asset's work.
"""

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from assets.mapping.rules import StreamMapping
from assets.normalize.catalog import CANONICAL, EntityCatalog
from assets.normalize.plan import Plan, Source, Target, plan_mapping, within
from assets.normalize.reading_sql import identifier, literal

# A volatile column. A filter that mentions it stays above the projection that reads the values; the optimizer would
# push any other one below, where every value is read a second time.
_ONCE = "once"


def compile_mapping(
    mapping: StreamMapping, source_fields: Sequence[str], connection_id: str, catalog: EntityCatalog = CANONICAL
) -> "CompiledMapping":
    """The mapping as SQL over rows with these source fields. A rule whose field is not among them reads NULL.

    Raises MappingInvalid.
    """
    return CompiledMapping(plan_mapping(mapping, source_fields, catalog), connection_id)


def key_expression(connection_id: str, stream: str, key: str = "__key") -> str:
    """SQL of `_key`: one number for connection, stream and record, from a SQL expression of the raw row's key."""
    # The raw key is 64 bits of md5 already: turning them by a constant of the stream is free, where hashing the
    # record id again took 0.24 s a million. Neither depends on the DuckDB version, so stored keys stay valid.
    digest = hashlib.md5("\x1f".join((connection_id, stream)).encode(), usedforsecurity=False).digest()
    return f"xor({key}, {int.from_bytes(digest[:8], 'big')}::UBIGINT)"


@dataclass(frozen=True, slots=True)
class CompiledMapping:
    """SQL of one stream's mapping. Statements end without a semicolon and keep no order."""

    plan: Plan
    connection_id: str

    def canonical_select(self, relation: str, only: Collection[str] | None = None) -> str:
        """Rows that pass, as the entity's `table_columns` or those of `only`; deleted records pass unchecked, with
        what could be read."""
        made = self._entity_columns() | self._bookkeeping_columns()
        listed = [f"{sql} AS {identifier(name)}" for name, sql in made.items() if only is None or name in only]
        columns = ",\n  ".join(listed)
        failures = self._failures()
        where = f"\nWHERE {_ONCE} < 0 OR {self._gone()} OR NOT ({failures})" if failures else ""
        return f"SELECT {columns}\nFROM ({self._values(relation)}) AS value{where}"

    def rejected_select(self, relation: str) -> str:
        """The rows that fail: `__record_id`, `__batch_id`, `__updated_at` and every source column, as they came."""
        fields = [f"s{at} AS {identifier(name)}" for at, name in enumerate(self.plan.source_fields)]
        columns = ", ".join(("__record_id", "__batch_id", "__updated_at", *fields))
        where = f"({_ONCE} < 0 OR NOT {self._gone()}) AND ({_ONCE} < 0 OR {self._failures() or 'false'})"
        return f"SELECT {columns}\nFROM ({self._values(relation)}) AS value\nWHERE {where}"

    def gone_select(self, relation: str) -> str:
        """`__key` of the rows that are deleted, whether the source said so or a field does."""
        return f"SELECT __key FROM ({self._values(relation)}) AS value WHERE {self._gone()}"

    def figures_select(self, relation: str) -> str:
        """A row for each that is not deleted: `__failed`; and for target number n its value `v{n}` and whether it alone
        makes the row fail, `f{n}`."""
        columns = [f"({self._failures() or 'false'}) AS __failed"]
        for at, target in enumerate(self.plan.targets):
            failed = " OR ".join(self._failures_of(target)) or "false"
            columns += [f"{self._value(target)} AS v{at}", f"({failed}) AS f{at}"]
        return (
            f"SELECT {', '.join(columns)} FROM ({self._values(relation)}) AS value "
            f"WHERE {_ONCE} < 0 OR NOT {self._gone()}"
        )

    def narrowed(self, names: Collection[str]) -> "CompiledMapping":
        """The same for these targets alone: what else a row holds is neither read nor checked."""
        return replace(self, plan=self.plan.narrowed(names))

    def lineage(self) -> dict[str, tuple[str, ...]]:
        """Canonical column -> the source fields it comes from."""
        return {
            target.name: tuple(dict.fromkeys(field for source in target.sources for field in source.fields))
            for target in self.plan.targets
            if target.sources
        }

    def _values(self, relation: str) -> str:
        """Raw rows with s0.. (texts as they came), p0.. (prepared texts) and r0.. (values), each computed once."""
        raw = [f"{identifier(name)} AS s{at}" for at, name in enumerate(self.plan.source_fields)]
        prepared, values = [], []
        for at, source in enumerate(self._readings().values()):
            prepared.append(f"{source.reader.prepare(source.column)} AS p{at}")
            value = source.reader.value(f"p{at}")
            values.append(f"{within(value, source.first, source.end) if source.reader.is_constant else value} AS r{at}")
        meta = "__record_id, __key, __batch_id, __updated_at, coalesce(__deleted, false) AS __deleted"
        texts = f"SELECT {', '.join((meta, *raw, *prepared))}\nFROM {relation} AS raw"
        return f"SELECT *, {', '.join((*values, f'random() AS {_ONCE}'))}\nFROM ({texts}) AS text"

    def _readings(self) -> dict[str, Source]:
        return {source.key: source for target in self.plan.targets for source in target.sources}

    def _numbered(self, target: Target) -> list[tuple[int, Source]]:
        numbers = {key: at for at, key in enumerate(self._readings())}
        return [(numbers[source.key], source) for source in target.sources]

    def _value(self, target: Target) -> str:
        columns = [f"r{at}" for at, _ in self._numbered(target)]
        if len(columns) > 1:
            return f"coalesce({', '.join(columns)})"
        return columns[0] if columns else f"CAST(NULL AS {target.duckdb_type})"

    def _failures(self) -> str:
        """Condition of the rows that fail, never NULL; empty when no row can."""
        return "\n  OR ".join(condition for target in self.plan.targets for condition in self._failures_of(target))

    def _failures_of(self, target: Target) -> list[str]:
        failures = []
        unreadable = ""
        # A later source counts only where the earlier ones gave no value.
        for at, source in reversed(self._numbered(target)):
            here = source.reader.failed(f"r{at}", f"p{at}") if source.reader.failed else ""
            later = f"(r{at} IS NULL AND {unreadable})" if unreadable else ""
            unreadable = " OR ".join(filter(None, (here, later)))
            unreadable = f"({unreadable})" if unreadable else ""
        if unreadable:
            failures.append(unreadable)
        value = self._value(target)
        if target.required:
            failures.append(f"{value} IS NULL")
        for limit, sign in ((target.least, "<"), (target.most, ">")):
            if limit is not None:
                failures.append(f"coalesce({value} {sign} {limit}, false)")
        return failures

    def _gone(self) -> str:
        rule = self.plan.target("_deleted")
        return f"(__deleted OR coalesce({self._value(rule)}, false))" if rule else "__deleted"

    def _entity_columns(self) -> dict[str, str]:
        columns = {}
        for column in self.plan.entity.columns:
            target = self.plan.target(column.name)
            value = self._value(target) if target else f"CAST(NULL AS {column.duckdb_type})"
            if column.name == self.plan.identity:
                value = f"coalesce({value}, __record_id)"  # no rule, or a tombstone without fields
            columns[column.name] = value
        return columns

    def _bookkeeping_columns(self) -> dict[str, str]:
        stream = self.plan.stream
        return {
            "_connection_id": literal(self.connection_id),
            "_source_record_id": "__record_id",
            "_source_updated_at": self._source_updated_at(),
            "_deleted": self._gone(),
            "_mapping_version": f"CAST({self.plan.version} AS INTEGER)",
            "_batch_id": "__batch_id",
            "_raw": f"{literal(f'{stream}#')} || __record_id",
            "_unmapped": self._unmapped(),
            "_key": key_expression(self.connection_id, stream),
        }

    def _source_updated_at(self) -> str:
        values = [self._value(target) for target in self.plan.moments_of_change()]
        return f"coalesce({', '.join([*values, '__updated_at'])})"

    def _unmapped(self) -> str:
        """A JSON object of the unmapped fields that hold something, empty texts included."""
        numbers = {name: at for at, name in enumerate(self.plan.source_fields)}
        columns = [(f"s{numbers[name]}", json.dumps(name, ensure_ascii=False) + ":") for name in self.plan.unmapped()]
        if not columns:
            return "CAST(NULL AS VARCHAR)"
        # concat_ws skips NULLs, so a wide sparse stream pays for the values it has.
        members = ", ".join(f"{literal(name)} || CAST(to_json({column}) AS VARCHAR)" for column, name in columns)
        return f"'{{' || nullif(concat_ws(',', {members}), '') || '}}'"
