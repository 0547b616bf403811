"""`autonomos tenant create|list`: the companies whose data this installation holds."""

from typing import Annotated

import typer

from orchestration.commands.output import JsonOption, Output, table


def create(
    name: Annotated[str, typer.Argument(help="Name of the company.")],
    email: Annotated[str, typer.Option("--email", help="Sign-in of its first owner.")],
    password: Annotated[
        str, typer.Option("--password", help="Password of the owner.", envvar="AUTONOMOS_TENANT_PASSWORD")
    ],
    as_json: JsonOption = False,
) -> None:
    """Create a tenant with its first owner."""
    from orchestration.commands.access import open_access
    from orchestration.control_plane.passwords import hash_password

    output = Output(as_json)
    with open_access(output, "tenant create") as access, access.control_plane.operator_session() as session:
        tenant = session.create_tenant(name, email, hash_password(password))
    document = {"id": tenant.id, "name": tenant.name, "email": email}
    output.result(document, f"Created tenant {tenant.name!r}. Next: autonomos connect --tenant {tenant.name!r} ...")


def list_tenants(as_json: JsonOption = False) -> None:
    """List all tenants with what they have."""
    from orchestration.commands.access import open_access

    output = Output(as_json)
    rows = []
    with open_access(output, "tenant list") as access:
        with access.control_plane.operator_session() as operator:
            tenants = list(operator.tenants())
        for tenant in tenants:
            with access.control_plane.tenant_session(tenant.id) as session:
                published = session.publications.current()
                connections = len(session.connections.list())
            rows.append((tenant, connections, published.published_at if published else None))
    document = [
        {
            "id": tenant.id,
            "name": tenant.name,
            "status": tenant.status,
            "connections": connections,
            "created_at": tenant.created_at,
            "published_at": published_at,
        }
        for tenant, connections, published_at in rows
    ]
    cells = [(tenant.name, tenant.status, number, published_at) for tenant, number, published_at in rows]
    output.result({"tenants": document}, table("Tenants", ("name", "status", "connections", "published"), cells))
