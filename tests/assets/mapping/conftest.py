"""Shapes of streams as tests write them: a header line with the class of each column's texts."""

from collections.abc import Callable

import pytest

from assets.fingerprint.fingerprint import ObservedField, ObservedStream
from tests.orchestration.control_plane.databases import control_plane, database, migrated_template
from tests.orchestration.control_plane.tenant import tenant

__all__ = ["control_plane", "database", "migrated_template", "shape", "tenant"]

Shape = Callable[..., ObservedStream]


@pytest.fixture(scope="session")
def shape() -> Shape:
    """`shape("deals", "id@integer; amount@decimal; name")`: 50 texts of each class; `+` joins classes, `-` is null."""

    def column(part: str, ranges: dict[str, tuple[float, float]]) -> ObservedField:
        field, _, kinds = part.partition("@")
        classes = {} if kinds == "-" else dict.fromkeys((kinds or "text").split("+"), 50)
        low, high = ranges.get(field, (None, None))
        return ObservedField(field, "text", sampled_rows=100, classes=classes, low=low, high=high)

    def build(
        name: str, header: str, primary_key: tuple[str, ...] = (), ranges: dict[str, tuple[float, float]] | None = None
    ) -> ObservedStream:
        fields = tuple(column(part.strip(), ranges or {}) for part in header.split(";"))
        return ObservedStream(name, fields, primary_key)

    return build
