"""`autonomos funnel`: how many of a tenant's sources deliver, and what keeps the others from it."""

from typing import TYPE_CHECKING, Any

from orchestration.commands.output import JsonOption, Output, TenantOption, table

if TYPE_CHECKING:
    from orchestration.control_plane.funnel import Funnel

_WORDS = {
    "eligible": "of a kind that can be connected",
    "reachable": "connected, or the source itself answered",
    "active": "connected, and the last sync ended well",
    "awaiting_credentials": "credentials or permissions are missing, or may do too much",
    "network_blocked": "the address does not answer or is refused",
    "healing": "failing and tried again by itself, or its shape changed",
    "waiting": "connected; not synced yet, paused, or held in Safe Mode",
    "error": "something else stands in the way",
    "unsupported": "of a kind that cannot be connected (not eligible)",
}


def show(tenant: TenantOption, as_json: JsonOption = False) -> None:
    """Count a tenant's sources from asked for to delivering, with what stands in the way most often."""
    from orchestration.commands.access import open_access
    from orchestration.control_plane.funnel import DAY_ONE_OBJECTIVE

    output = Output(as_json)
    with open_access(output, "funnel") as access:
        owner = access.tenant(tenant)
        with access.control_plane.tenant_session(owner.id) as session:
            funnel = session.funnel.counts()
    cells = [(name, getattr(funnel, name), words) for name, words in _WORDS.items()]
    if funnel.day_one is None:
        objective = "Day one: unknown, nothing is eligible yet."
    else:
        met = "met" if funnel.meets_objective else "not met"
        objective = f"Day one: {funnel.day_one:.0%} active, objective {DAY_ONE_OBJECTIVE:.0%}: {met}."
    blockers = [(b.state, b.code, b.count, b.example) for b in funnel.blockers]
    shown = [table("Top blockers", ("state", "code", "sources", "such as"), blockers)] if blockers else []
    output.result(
        describe(funnel), table(f"Sources of {owner.name!r}", ("", "sources", "is"), cells), objective, *shown
    )


def describe(funnel: "Funnel") -> dict[str, Any]:
    """The funnel as it is printed."""
    from orchestration.control_plane.funnel import DAY_ONE_OBJECTIVE

    return {
        **{name: getattr(funnel, name) for name in _WORDS},
        "day_one": {"share": funnel.day_one, "objective": DAY_ONE_OBJECTIVE, "met": funnel.meets_objective},
        "blockers": [
            {"state": b.state, "code": b.code, "count": b.count, "example": b.example} for b in funnel.blockers
        ],
    }
