"""The two demo tenants: who they are and which systems they run."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from orchestration.demo import aws, dynamics, hubspot, invoices, pipedrive, product, salesforce, served, zendesk
from orchestration.demo.export import Export


@dataclass(frozen=True, slots=True)
class DemoTenant:
    """A tenant to be: its sign-in and what its systems hold. The sizes are those of its invented world.

    `services` names the connections that are served by a stand-in, with their kind; the others are files.
    """

    name: str
    email: str
    folder: str
    first_company: int
    companies: int
    people: int
    exports: tuple[Export, ...]
    services: Mapping[str, str] = field(default_factory=dict)

    def connections(self) -> tuple[str, ...]:
        """Names of its connections, in the order they are set up."""
        return tuple(dict.fromkeys(export.connection for export in self.exports))

    def streams(self, connection: str) -> list[dict[str, object]]:
        """The streams of a files connection as its configuration declares them: name, file pattern and key."""
        declared = {export.stream: export for export in self.exports if export.connection == connection}
        return [
            {"name": name, "pattern": export.pattern, "primary_key": list(export.key)}
            for name, export in declared.items()
        ]


TENANTS = (
    DemoTenant(
        name="Tamberlock Robotics",
        email="owner@tamberlock.example",
        folder="tamberlock-robotics",
        first_company=0,
        companies=2400,
        people=9000,
        exports=(
            *(*salesforce.EXPORTS, *hubspot.EXPORTS, *pipedrive.EXPORTS, *zendesk.EXPORTS, *product.EXPORTS),
            *(*served.SUPABASE, *served.MONGODB),
        ),
        services={"product-database": "supabase", "support-platform": "mongodb"},
    ),
    DemoTenant(
        name="Wexelquay Cloud",
        email="owner@wexelquay.example",
        folder="wexelquay-cloud",
        first_company=2400,
        companies=1200,
        people=3600,
        exports=(*aws.EXPORTS, *dynamics.EXPORTS, *invoices.EXPORTS, product.METERING, *served.SALESFORCE),
        services={"crm-live": "salesforce"},
    ),
)
