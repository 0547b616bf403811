"""The tables views stand on, made ready for a refresh: columns that came, entities that came, entities that went."""

from assets.extract.progress import read_all_progress, read_progress
from assets.extract.state import STATE_SCHEMA
from assets.normalize.catalog import Entity, EntityCatalog
from assets.normalize.custom import TABLE_PREFIX
from assets.resolve.members import CANONICAL_SCHEMA
from assets.unify.views import UNIFIED_SCHEMA
from orchestration.resources.lake_session import LakeSession, name_of
from orchestration.resources.sql_text import literal

PROGRESS_TABLE = "unified"


def prepare_tables(session: LakeSession, entity: Entity) -> None:
    """Give the entity's canonical table the columns it lacks; a custom entity has the table from the first refresh on.

    In a transaction before the refresh: the feed it reads has the columns of the snapshot it goes up to.
    """
    present = session.columns(CANONICAL_SCHEMA, entity.table)
    if (present or entity.is_custom) and not entity.table_columns.keys() <= present.keys():
        session.transaction(lambda s: s.ensure_table(CANONICAL_SCHEMA, entity.table, entity.table_columns))
    has_view = entity.is_custom and entity.view in session.tables(UNIFIED_SCHEMA)
    if has_view and read_progress(session, PROGRESS_TABLE, entity.table) is None:
        # The view is of an entity retired since, whose name was used again.
        session.transaction(lambda s: s.execute(f"DROP TABLE {name_of(UNIFIED_SCHEMA, entity.view)}"))


def drop_retired(session: LakeSession, catalog: EntityCatalog) -> list[str]:
    """Drop the views and canonical tables of entities that are declared no more; the names of the views."""
    views = session.tables(UNIFIED_SCHEMA) - {entity.view for entity in catalog.values()}
    live = {entity.table for entity in catalog.values()}
    tables = {name for name in session.tables(CANONICAL_SCHEMA) if name.startswith(TABLE_PREFIX)} - live
    scopes = {name for name in read_all_progress(session, PROGRESS_TABLE) if name.startswith(TABLE_PREFIX)} - live
    if not (views or tables or scopes):
        return []

    def drop(session: LakeSession) -> None:
        present = {UNIFIED_SCHEMA: views, CANONICAL_SCHEMA: tables}
        for schema, names in present.items():
            for name in sorted(names & session.tables(schema)):
                session.execute(f"DROP TABLE {name_of(schema, name)}")
        for scope in sorted(scopes):
            session.execute(f"DELETE FROM {name_of(STATE_SCHEMA, PROGRESS_TABLE)} WHERE scope = {literal(scope)}")

    session.transaction(drop)
    return sorted(views)
