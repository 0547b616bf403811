"""A repair as one plain page: no script, one style of its own, light and dark; every word of data is escaped.

It decides nothing; it leads to the page of the dashboard that does.
"""

import base64
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from html import escape

from api.schemas.approvals import LinkedApprovalOut, WholeApprovalOut
from api.schemas.samples import SampleOut, SamplesOut

_STYLE = """
:root{color-scheme:light dark;--ink:#1c2430;--quiet:#566173;--paper:#fff;--line:#d5dbe3;--mark:#f2f5f9;
--go:#1f63c2;--on:#fff;--gone:#a3262b;--come:#0b6b46}
@media (prefers-color-scheme:dark){:root{--ink:#e8ecf2;--quiet:#a8b3c4;--paper:#141a22;--line:#3a4656;--mark:#1e2733;
--go:#8ab8ff;--on:#0d1520;--gone:#ff9a9a;--come:#6fdcae}}
*{box-sizing:border-box}:focus-visible{outline:3px solid var(--go);outline-offset:2px}
body{font:1rem/1.5 Quicksand,system-ui,sans-serif;color:var(--ink);background:var(--paper);margin:0}
main{max-width:60rem;margin:0 auto;padding:2rem 1rem 4rem;overflow-wrap:anywhere}
h1{font-size:1.5rem;line-height:1.25;margin:.25rem 0}h2{font-size:1.1rem;margin:2rem 0 .5rem}
.quiet{color:var(--quiet);margin:.25rem 0}
.note{background:var(--mark);border-radius:.5rem;border-left:4px solid var(--go);padding:.75rem 1rem;margin:1rem 0}
.go{display:inline-block;padding:.6rem 1.1rem;border-radius:.5rem;background:var(--go);color:var(--on);font-weight:600;
text-decoration:none}
.wide{overflow-x:auto;border:1px solid var(--line);border-radius:.5rem}table{border-collapse:collapse;width:100%}
caption{text-align:left;color:var(--quiet);padding:.5rem .75rem}
th,td{border-top:1px solid var(--line);padding:.5rem .75rem;text-align:left;vertical-align:top;min-width:7rem;
overflow-wrap:break-word}
th:first-child{min-width:4rem}thead th{background:var(--mark)}
pre{background:var(--mark);border-radius:.5rem;padding:.75rem 1rem;margin:0;white-space:pre-wrap}
.gone{color:var(--gone)}.come{color:var(--come)}
dl{display:grid;gap:.5rem 1.5rem}dt{font-weight:600}dd{margin:0}
@media (min-width:40rem){dl{grid-template-columns:minmax(12rem,auto) 1fr}}
"""
_DIGEST = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_DIGEST}'; img-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
}


def repair_page(linked: LinkedApprovalOut) -> str:
    """The page of the repair that a link opened."""
    approval = linked.approval
    change = " + ".join(approval.fields_before), " + ".join(approval.fields_after)
    names = change[0] if change[0] == change[1] else " → ".join(filter(None, change))
    kind = approval.kind.replace("_", " ").capitalize()
    title = f"{kind}: {names}" if names else kind
    parts = [
        f"<h1>{escape(title)}</h1>",
        f"<p class=quiet>{escape(_place(linked))}</p>",
        f"<p class=note role=note>{escape(_standing(linked))}</p>",
        f"<p>{_way(linked)}</p>",
        _facts(approval),
        _list("Evidence", approval.evidence_in_words, "Nothing speaks for it but what is said above."),
        _change(approval.diff),
        _candidates(approval),
        _rows(approval.samples),
    ]
    return _document(title, "\n".join(parts))


def invalid_page() -> str:
    """The page of a link that opens nothing: forged, expired or gone look alike."""
    told = "It may have expired, or it was not copied whole. Log in to see the repairs that wait for a decision."
    way = _link("/approvals", "All that waits for a decision")
    return _document("This link is not valid", f"<h1>This link is not valid</h1><p>{told}</p><p>{way}</p>")


def _place(linked: LinkedApprovalOut) -> str:
    approval = linked.approval
    return f"{linked.tenant}: {approval.connection or 'a deleted connection'} / {approval.stream}"


def _standing(linked: LinkedApprovalOut) -> str:
    approval = linked.approval
    if approval.decided_at is not None:
        by, status = approval.decided_by or "somebody", approval.status.replace("_", " ")
        return f"Nothing is left to decide: {status} by {by}, {_moment(approval.decided_at)}."
    persons = "Two persons have to approve the same. " if approval.needs_two else ""
    until = _moment(linked.link_expires_at)
    return f"This repair waits for a decision. {persons}This page only shows it, until {until}: to decide, log in."


def _way(linked: LinkedApprovalOut) -> str:
    """To the same repair in the dashboard, which asks for a login first."""
    approval = linked.approval
    words = "Log in and decide" if approval.decided_at is None else "Log in to see it"
    return _link(f"/approvals/{approval.id}", words)


def _link(to: str, words: str) -> str:
    return f'<a class=go href="{escape(to)}">{escape(words)}</a>'


def _facts(approval: WholeApprovalOut) -> str:
    shadow = approval.shadow
    tried = f"{shadow.rows:,} records, {shadow.rejected:,} would be rejected" if shadow else "not tried"
    held = "not counted" if approval.records_held is None else f"{approval.records_held:,}"
    facts = {
        "Probability" if approval.diff else "Probability of the likeliest candidate": _sure(approval.probability),
        "Why it was not applied by itself": "; ".join(approval.reasons) or "no reason was kept",
        "Fields it touches": ", ".join(approval.fields) or "none",
        "Records held back when it was proposed": held,
        "Tried on": tried,
    }
    listed = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts.items())
    return f"<h2>What it is about</h2><dl>{listed}</dl>"


def _list(title: str, lines: Sequence[str], none: str) -> str:
    listed = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f"<h2>{title}</h2>" + (f"<ul>{listed}</ul>" if listed else f"<p>{none}</p>")


def _change(diff: Sequence[str]) -> str:
    told = "\n".join(f"<span class={'come' if line.startswith('+') else 'gone'}>{escape(line)}</span>" for line in diff)
    return f"<h2>Change of the mapping</h2><pre>{told or 'The mapping stays as it is.'}</pre>"


def _candidates(approval: WholeApprovalOut) -> str:
    ranked = sorted(approval.candidates, key=lambda one: -one.probability)
    rows = [(str(one.number), one.line, _sure(one.probability) if one.source else "not weighed") for one in ranked]
    return _table("Candidates", "Ways to fill the field, the likeliest first", ("Number", "Rule", "Probability"), rows)


def _sure(probability: float) -> str:
    """Never rounded to what is certain or impossible."""
    rounded = f"{probability:.2f}"
    if probability < 1 and rounded == "1.00":
        return ">0.99"
    return "<0.01" if probability > 0 and rounded == "0.00" else rounded


def _rows(samples: SamplesOut) -> str:
    if not samples.rows:
        return "<h2>Rows</h2><p>No row of the change is published yet.</p>"
    columns = ("Record", "Source before", "Source now", "View now", "View as proposed")
    told = f"As published {_moment(samples.published_at)}" if samples.published_at else "As published"
    if samples.is_behind:
        told += "; rows of the change are not published yet"
    return _table("Rows", told, columns, [_row(sample) for sample in samples.rows])


def _row(sample: SampleOut) -> tuple[str, ...]:
    proposed = "; ".join(sample.problems) or _values(sample.proposed, "rejected")
    before, standing = _values(sample.before, "not known any more"), _values(sample.standing, "not in the view")
    return sample.record_id, before, _values(sample.after, ""), standing, proposed


def _values(values: Mapping[str, str | None] | None, absent: str) -> str:
    if values is None:
        return absent
    return ", ".join(f"{name} = {'(empty)' if value is None else value}" for name, value in values.items())


def _table(title: str, caption: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th scope=col>{escape(column)}</th>" for column in columns)
    body = "".join(
        f"<tr><th scope=row>{escape(row[0])}</th>{''.join(f'<td>{escape(cell)}</td>' for cell in row[1:])}</tr>"
        for row in rows
    )
    if not body:
        return ""
    shown = f"<table><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f"<h2>{title}</h2><div class=wide tabindex=0 role=region aria-label={title}>{shown}</div>"


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _document(title: str, body: str) -> str:
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{escape(title)} - AutonomOS</title><link rel="icon" href="/icon.svg"><style>{_STYLE}</style></head>\n'
        f"<body><main>{body}</main></body></html>"
    )
