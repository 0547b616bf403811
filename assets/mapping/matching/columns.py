"""A column as the matcher sees it, whatever it was read from: an observed stream, a canonical entity or a file.

Holds shapes and figures, never a value. Comparing columns is `features`.
"""

from dataclasses import dataclass

from assets.fingerprint.fingerprint import ObservedField, ObservedStream
from assets.fingerprint.profile import ColumnProfile
from assets.fingerprint.sketches import Sketch
from assets.mapping.canonical import canonical_fields


@dataclass(frozen=True, slots=True)
class MatchColumn:
    """One column. `table` is the stream or entity it belongs to, None when there is one table without a name."""

    name: str
    type: str | None = None
    description: str | None = None
    label: str | None = None
    table: str | None = None
    table_description: str | None = None
    sketch: Sketch | None = None
    profile: ColumnProfile | None = None
    is_key: bool = False

    @property
    def qualified(self) -> str:
        """The name with its table in front, as a file of several tables shows it."""
        return f"{self.table}.{self.name}" if self.table else self.name


def column_of(field: ObservedField, stream: ObservedStream) -> MatchColumn:
    """An observed field of a stream."""
    profile = ColumnProfile(
        field.sampled_rows, field.classes, field.max_length, field.distinct, field.low, field.high
    )  # fmt: skip
    return MatchColumn(
        field.name, None if field.type == "unknown" else field.type, field.description, field.label, stream.name,
        sketch=field.sketch, profile=profile if profile.non_null else None, is_key=stream.primary_key == (field.name,),
    )  # fmt: skip


def columns_of_stream(stream: ObservedStream) -> tuple[MatchColumn, ...]:
    """Every field of an observed stream, in its order."""
    return tuple(column_of(field, stream) for field in stream.fields)


def columns_of_entity(entity: str) -> tuple[MatchColumn, ...]:
    """The fields of a canonical entity with their descriptions; no values."""
    return tuple(
        MatchColumn(
            field.name, field.type, field.description, table=entity, table_description=field.entity_about,
            is_key=field.is_identity,
        )
        for field in canonical_fields(entity)
    )  # fmt: skip
