"""A mapping tried over raw rows with nothing written, and the figures of canonical rows as they stand.

What a shadow run is, and its result, are `mapping.shadowing`'s; deciding by the figures is that stage's too. Samples
are spread evenly: record keys are digests, so the smallest ones are as good as drawn by lot, and the same each time.
"""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from assets.extract.raw_tables import BOOKKEEPING, RAW_SCHEMA, raw_table
from assets.mapping.repairs.shadowing import ShadowResult, TargetFigures
from assets.mapping.rules import StreamMapping
from assets.normalize.catalog import Entity, EntityCatalog
from assets.normalize.compile import CompiledMapping, compile_mapping
from assets.normalize.outcome import CANONICAL_SCHEMA
from assets.normalize.plan import batch_from
from assets.normalize.reading import DECIMAL_TYPE
from assets.normalize.reading_sql import trimmed
from assets.normalize.validate import explain_row
from orchestration.resources.lake_session import LakeSession, name_of
from orchestration.resources.sql_text import identifier, literal

KMV = 64  # smallest hashes kept, as the sketches of `fingerprint` do
MOST_REASONS = 20
_NUMBERS = (DECIMAL_TYPE, "BIGINT")
_MOMENTS = ("TIMESTAMPTZ", "DATE")


class NormalizeShadow:
    """The shadow runs of the stage that makes canonical rows: the same compiled mapping, the same reasons."""

    def run(
        self,
        session: LakeSession,
        connection_id: UUID,
        mapping: StreamMapping,
        catalog: EntityCatalog,
        since_version: int,
        limit: int = 2000,
    ) -> ShadowResult:
        """The mapping over up to `limit` live raw rows of commits >= `since_version`, held ones included.

        Raises:
            MappingInvalid: the mapping cannot be compiled for this stream.
        """
        table = raw_table(connection_id, mapping.stream)
        columns = session.columns(RAW_SCHEMA, table)
        fields = [name for name in columns if name not in BOOKKEEPING]
        compiled = compile_mapping(mapping, fields, str(connection_id), catalog)
        if not columns:
            return ShadowResult(0)
        since = f"NOT __deleted AND __batch_id >= {literal(batch_from(since_version))}"
        session.execute(
            f"CREATE OR REPLACE TEMP TABLE shadowed AS SELECT * FROM {name_of(RAW_SCHEMA, table)} "
            f"WHERE {since} ORDER BY __key LIMIT {int(limit)}"
        )
        targets = [(target.name, target.duckdb_type) for target in compiled.plan.targets]
        parts = ["count(*)", "count(*) FILTER (__failed)"]
        for at, (_, duckdb_type) in enumerate(targets):
            parts += _figures(f"v{at}", duckdb_type, f"count(*) FILTER (f{at})")
        row = session.rows(f"SELECT {', '.join(parts)} FROM ({compiled.figures_select('shadowed')}) AS figures")[0]
        reasons = self._reasons(session, compiled) if row[1] else {}
        return ShadowResult(row[0], row[1], _read_figures([name for name, _ in targets], row[2:]), reasons)

    def canonical(
        self,
        session: LakeSession,
        connection_id: UUID,
        mapping: StreamMapping,
        catalog: EntityCatalog,
        limit: int = 2000,
        before_version: int | None = None,
    ) -> ShadowResult:
        """Figures of the live canonical rows of the stream, of records landed before that commit (all when None)."""
        entity = catalog.get(mapping.entity or "")
        if entity is None or not session.columns(CANONICAL_SCHEMA, entity.table):
            return ShadowResult(0)
        names = sorted(mapping.targets() & {column.name for column in entity.columns})
        before = "" if before_version is None else f" AND _batch_id < {literal(batch_from(before_version))}"
        rows = (
            f"SELECT * FROM {name_of(CANONICAL_SCHEMA, entity.table)} WHERE NOT _deleted "
            f"AND _connection_id = {literal(str(connection_id))} "
            f"AND _raw = {literal(f'{mapping.stream}#')} || _source_record_id{before} ORDER BY _key LIMIT {int(limit)}"
        )
        parts = ["count(*)"]
        for name in names:
            parts += _figures(identifier(name), _type_of(entity, name), "0")
        row = session.rows(f"SELECT {', '.join(parts)} FROM ({rows}) AS standing")[0]
        return ShadowResult(row[0], 0, _read_figures(names, row[1:]))

    def _reasons(self, session: LakeSession, compiled: CompiledMapping) -> dict[str, int]:
        """Why rows fail, the commonest first: canonical field and reason, without any value."""
        cursor = session.execute(compiled.rejected_select("shadowed"))
        names = [column[0] for column in cursor.description or ()]
        found: Counter[str] = Counter()
        for row in cursor.fetchall():
            for problem in explain_row(compiled, dict(zip(names, row, strict=True))):
                found[f"{problem['field']}: {problem['reason']}"] += 1
        return dict(found.most_common(MOST_REASONS))


def _type_of(entity: Entity, name: str) -> str:
    return entity.type_of(name) or "VARCHAR"


def _figures(value: str, duckdb_type: str, failed: str) -> list[str]:
    """SQL of a target's figures in the order of `TargetFigures`."""
    text = f"CAST({value} AS VARCHAR)"
    number = "CAST(NULL AS DOUBLE)"
    if duckdb_type in _NUMBERS:
        number = f"CAST({value} AS DOUBLE)"
    elif duckdb_type in _MOMENTS:
        number = f"CAST(epoch({value}) AS DOUBLE)"
    digest = f"md5_number_lower(lower({trimmed(text)}))"
    return [
        f"count({value})", failed, f"count(DISTINCT {text})", f"min({number})", f"max({number})",
        f"min(DISTINCT {digest}, {KMV})",
    ]  # fmt: skip


def _read_figures(names: Sequence[str], values: Sequence[object]) -> dict[str, TargetFigures]:
    figures = {}
    for at, name in enumerate(names):
        filled, failed, distinct, low, high, kmv = values[at * 6 : at * 6 + 6]
        figures[name] = TargetFigures(filled, failed, distinct, low, high, tuple(kmv or ()))  # type: ignore[arg-type]  # of the query above
    return figures
