"""A described drift event as a line on the terminal; what it says is `assets.mapping.repairs.event_words`'."""

from collections.abc import Mapping, Sequence
from typing import Any


def event_line(document: Mapping[str, Any]) -> str:
    """A described event as one line for people."""
    what = f"{document['connection']} / {document['stream']}: {document['kind'].replace('_', ' ')} {document['names']}"
    fields: Sequence[str] = document["breaks"]["fields"]
    parts = [what.strip(), f"breaks {', '.join(fields)}" if fields else "breaks nothing"]
    if document["proposal"]:
        parts.append(f"repair {document['proposal']['status'].replace('_', ' ')}")
    if document["status"] != "open":
        parts.append(f"resolved by {document['resolved_by']}: {document['resolution']}")
    parts += document["evidence_in_words"][:2]
    return f"{document['id']}  {document['severity']}  {'; '.join(parts)}"
