"""How a row changed from publication to publication, read from the lake's own past in one snapshot."""

from collections.abc import Sequence

from api.published.cells import json_ready
from api.published.readers import Snapshot
from api.published.rows import is_remembered, made_since, read_row
from api.schemas.views import ChangeOut
from orchestration.control_plane.publications import PublicationRecord

MOST_PUBLICATIONS = 50


def row_history(snapshot: Snapshot, view: str, key: int, publications: Sequence[PublicationRecord]) -> list[ChangeOut]:
    """Publications at which the row was another than before, newest first; the oldest one kept tells it whole.

    `publications` are newest first.
    """
    since = made_since(snapshot, view)
    changes: list[ChangeOut] = []
    before: dict[str, object] | None = None
    for publication in reversed(publications[:MOST_PUBLICATIONS]):
        version = publication.snapshot_id
        if version > snapshot.snapshot_id or not is_remembered(snapshot, version):
            continue
        found = read_row(snapshot, view, key, version) if version >= since else None
        now = None if found is None else {name: json_ready(value) for name, value in found.items()}
        known = before or {}
        changed = {name: value for name, value in (now or {}).items() if name not in known or known[name] != value}
        if (now is None) != (before is None) or changed:
            changes.append(
                ChangeOut(
                    snapshot_id=version, published_at=publication.published_at, present=now is not None,
                    changed=changed,
                )
            )  # fmt: skip
        before = now
    return changes[::-1]
