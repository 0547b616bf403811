"""`autonomos audit verify|head|export`: whether histories are what they were, and proof of it to keep elsewhere."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orchestration.commands.output import JsonOption, Output, TenantOption, table

if TYPE_CHECKING:
    from orchestration.commands.access import Access
    from orchestration.control_plane.tenants import TenantRecord
    from orchestration.resources.audit_heads import AuditHeads

_PORTION = 1000
EachTenant = Annotated[str | None, typer.Option("--tenant", "-t", help="Name of a tenant; all when left out.")]


def verify(
    tenant: EachTenant = None,
    heads: Annotated[
        Path | None, typer.Option("--heads", help="A file of signed heads that was kept elsewhere.", exists=True)
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Walk the chains of hashes and compare them with the signed heads that were kept."""
    output = Output(as_json)
    with _opened(output, "audit verify") as (access, keeper):
        found = [_verified(access, keeper, one, heads) for one in _tenants(access, tenant)]
    columns = ("tenant", "length", "heads_compared", "problem")
    cells = [[row[name] or ("" if name == "problem" else 0) for name in columns] for row in found]
    output.result({"tenants": found}, table("Histories", ("tenant", "events", "heads compared", "problem"), cells))
    if not all(row["ok"] for row in found):
        raise typer.Exit(1)


def head(
    tenant: EachTenant = None,
    keep: Annotated[bool, typer.Option("--keep", help="Add it to AUTONOMOS_HOME/audit-heads too.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Print where histories stand, signed: one line of JSON a tenant, to be kept elsewhere."""
    from orchestration.commands.output import to_json

    output = Output(as_json)
    lines = []
    with _opened(output, "audit head") as (access, keeper):
        for one in _tenants(access, tenant):
            with access.control_plane.tenant_session(one.id) as session:
                newest = session.audit.head()
            lines.append(asdict(keeper.signer.sign(one.id, newest)))
            if keep:
                keeper.keep(one.id, newest)
    shown = [" ".join(to_json(line).split()) for line in lines]
    output.result({"heads": lines, "public_key": keeper.signer.public_key}, *shown)


def export(
    tenant: TenantOption,
    path: Annotated[Path, typer.Option("--to", help="The file to write; it must not be there yet.")],
    as_json: JsonOption = False,
) -> None:
    """Write a tenant's history as lines of JSON, oldest first, the signed head last."""
    from orchestration.control_plane.errors import AuditChainBroken

    output = Output(as_json)
    with _opened(output, "audit export") as (access, keeper), path.open("x") as file:
        one = access.tenant(tenant)
        with access.control_plane.tenant_session(one.id) as session:
            newest = session.audit.head()
        written = 0
        while written < newest.seq:
            with access.control_plane.tenant_session(one.id) as session:
                events = session.audit.after(written, min(_PORTION, newest.seq - written))
            if not events:
                raise AuditChainBroken(written + 1)
            file.writelines(_line(asdict(event)) for event in events)
            written = events[-1].seq
        file.write(_line({"head": asdict(keeper.signer.sign(one.id, newest))}))
    document = {"tenant": one.name, "events": newest.seq, "file": str(path)}
    output.result(document, f"Wrote {newest.seq:,} events to {path}.")


def _verified(access: "Access", keeper: "AuditHeads", tenant: "TenantRecord", heads: Path | None) -> dict[str, Any]:
    from orchestration.control_plane.errors import AuditChainBroken
    from orchestration.resources.audit_heads import HeadInvalid

    found: dict[str, Any] = {"tenant": tenant.name, "ok": False, "length": None, "heads_compared": 0, "problem": None}
    try:
        kept = keeper.kept(tenant.id, heads)
        found["heads_compared"] = len(kept)
        with access.control_plane.tenant_session(tenant.id) as session:
            found["length"] = session.audit.verify(kept)
    except (AuditChainBroken, HeadInvalid) as error:
        return {**found, "problem": str(error)}
    return {**found, "ok": True}


@contextmanager
def _opened(output: Output, purpose: str) -> "Iterator[tuple[Access, AuditHeads]]":
    from orchestration.commands.access import open_access
    from orchestration.resources.audit_heads import AuditHeads

    with open_access(output, purpose) as access:
        yield access, AuditHeads(access.settings.home, access.settings.master_key_bytes())


def _tenants(access: "Access", name: str | None) -> "list[TenantRecord]":
    if name is not None:
        return [access.tenant(name)]
    with access.control_plane.operator_session() as session:
        return list(session.tenants())


def _line(document: dict[str, Any]) -> str:
    from orchestration.control_plane.columns import dump_json

    plain = {name: value if isinstance(value, dict | int) else str(value) for name, value in document.items()}
    return dump_json(plain) + "\n"
