"""A described repair proposal on the terminal; what it says is `assets.mapping.repairs.proposal_words`'."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from assets.mapping.repairs.proposal_words import shadow_in_words

if TYPE_CHECKING:
    from rich.table import Table


def show_proposal(document: Mapping[str, Any]) -> "list[Table | str]":
    """The whole document for people."""
    from orchestration.commands.output import table

    impact = document["impact"]
    told = [
        ("status", document["status"]),
        ("stream", f"{document['connection']} / {document['stream']}"),
        ("change", f"{document['kind']}: {names(document)}"),
        ("probability", f"{document['probability']:.2f}"),
        ("waits", waiting_in_words(document)),
        ("evidence", "; ".join(document["evidence_in_words"]) or "none"),
        ("why not by itself", "; ".join(map(str, document["reasons"]))),
        ("views", ", ".join(map(str, impact.get("views") or [])) or "none"),
        ("fields", ", ".join(map(str, impact.get("fields") or [])) or "none"),
        ("records of the stream", impact.get("records")),
        ("records held back", document["held"]),
        ("shadow run", shadow_in_words(document["shadow"])),
    ]
    shown: list[Table | str] = [table(f"Proposal {document['id']}", ("what", ""), told)]
    if document["diff"]:
        shown += ["Changes of the mapping:", *(f"  {line}" for line in document["diff"]), ""]
    if document["candidates"]:
        cells = [(c["number"], c["rule"], f"{float(c.get('probability') or 0):.2f}") for c in document["candidates"]]
        shown.append(table("Candidates", ("number", "rule", "probability"), cells))
    return [*shown, *show_samples(document.get("samples") or [])]


def show_samples(samples: Sequence[Mapping[str, Any]]) -> "list[Table | str]":
    """Sample rows: the source's fields before and now, the view's value now and as proposed."""
    from orchestration.commands.output import table

    if not samples:
        return ["No sample rows: no record of the change is in the lake."]
    cells = [
        (
            sample["record_id"],
            _values(sample["before"], "not known any more"),
            _values(sample["after"], ""),
            _values(sample.get("standing"), "not in the view"),
            "; ".join(sample.get("problems") or ()) or _values(sample.get("proposed"), ""),
        )
        for sample in samples
    ]
    columns = ("record", "source before", "source now", "view now", "view as proposed")
    return [table(f"{len(samples)} sample records", columns, cells)]


def proposal_line(document: Mapping[str, Any]) -> str:
    """A listed proposal as one line for people."""
    what = f"{document['connection']} / {document['stream']}: {document['kind'].replace('_', ' ')} {names(document)}"
    held = f"{document['held']:,} records held" if document["held"] else "nothing held"
    parts = [what.strip(), f"probability {document['probability']:.2f}", held, waiting_in_words(document)]
    return f"{document['id']}  {'; '.join(parts)}"


def names(document: Mapping[str, Any]) -> str:
    """`old -> new` of a described proposal."""
    before, after = " + ".join(document["fields_before"]), " + ".join(document["fields_after"])
    return before if before == after else " -> ".join(filter(None, (before, after)))


def waiting_in_words(document: Mapping[str, Any]) -> str:
    """How old it is, and when it is escalated or who decided."""
    if document["decided_at"]:
        return f"{document['status']} by {document['decided_by']} at {document['decided_at']:%Y-%m-%d %H:%M}"
    age = f"{document['status']} for {_span(document['age_s'])}"
    if document["escalated_at"]:
        age += ", escalated"
    return age + (f", {_span(document['expires_in_s'])} left" if document["expires_in_s"] is not None else "")


def _values(values: Mapping[str, Any] | None, absent: str) -> str:
    if values is None:
        return absent
    return ", ".join(f"{name}={'' if value is None else value}" for name, value in values.items())


def _span(seconds: float) -> str:
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if abs(seconds) >= length:
            count = int(seconds // length)
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return f"{int(seconds)} s"
