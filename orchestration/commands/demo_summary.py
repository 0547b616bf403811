"""What the demo did, beside what its generator knows to be true; `ok` is false when anything does not agree."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from assets.normalize.model import VIEWS
from orchestration.commands.demo_flow import DemoFlow
from orchestration.commands.output import table
from orchestration.control_plane.safe_mode import SAFE_RECORDS
from orchestration.control_plane.sync_runs import COUNTS
from orchestration.demo.companies import TENANTS

if TYPE_CHECKING:
    from rich.table import Table


def summarise(flow: DemoFlow, seconds: Mapping[str, float], urls: Mapping[str, str]) -> dict[str, Any]:
    """The summary that --headless prints."""
    tenants = [_tenant(flow, report) for report in flow.reports()]
    problems = problems_of(tenants, flow.truth)
    connections = [connection for tenant in tenants for connection in tenant["connections"]]
    return {
        "ok": not problems,
        "problems": problems,
        "totals": {count: sum(connection[count] for connection in connections) for count in COUNTS}
        | {"joined": sum(view["joined"] for tenant in tenants for view in tenant["views"])},
        "tenants": tenants,
        "seconds": {**seconds, "total": round(sum(seconds.values()), 2)},
        "exports": str(flow.folder),
        "truth": str(flow.folder / "truth.json"),
        "urls": dict(urls),
        "sign_in": str(flow.folder / "sign-in.json"),
        "look_next": _look_next(tenants[0]["name"]),
    }


def problems_of(tenants: Sequence[Mapping[str, Any]], truth: Mapping[str, Any]) -> list[str]:
    """A sentence for everything that is not as the generator of the exports knows it to be."""
    return [
        problem for tenant in tenants for problem in (*_count_problems(tenant, truth), *_view_problems(tenant, truth))
    ]


def _tenant(flow: DemoFlow, report: Mapping[str, Any]) -> dict[str, Any]:
    names = {str(known.id): known.name for known in flow.connections[report["tenant"]]}
    published = report["published"] or {"views": {}}
    views = [
        {
            "view": view,
            "rows": found["rows"],
            "joined": found["joined"],
            "sources": {names.get(source, source): records for source, records in found["sources"].items()},
        }
        for view, found in published["views"].items()
        if found["rows"]
    ]
    services = {name for company in TENANTS if company.name == report["tenant"] for name in company.services}
    connections = [
        {"name": sync["connection"], "is_service": sync["connection"] in services, **sync} for sync in report["syncs"]
    ]
    return {"name": report["tenant"], "connections": connections, "views": views}


def _count_problems(tenant: Mapping[str, Any], truth: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with the counts of the connections."""
    expected = truth["tenants"][tenant["name"]]["connections"]
    for connection in tenant["connections"]:
        name = connection["name"]
        if connection["status"] != "succeeded":
            error = connection["error"] or {"message": "no reason was given"}
            yield f"{name}: {connection['status']}: {error['message']}"
            continue
        for stream, known in expected[name].items():
            counts = connection["streams"].get(stream, dict.fromkeys(COUNTS, 0) | {"balances": True})
            yield from (f"{name}/{stream}: {problem}" for problem in _stream_problems(connection, counts, known))


def _stream_problems(
    connection: Mapping[str, Any], counts: Mapping[str, Any], known: Mapping[str, Any]
) -> Iterator[str]:
    """What is wrong with one stream's counts; a sample in Safe Mode and a later window hold less than there is."""
    if not counts["balances"]:
        yield "read is not loaded + rejected + unchanged"
    if connection["is_sample"]:
        if counts["read"] > SAFE_RECORDS:
            yield f"{counts['read']} records read in Safe Mode"
        return
    if connection["is_service"] and not connection["follows_sample"]:
        if counts["read"] > known["read"]:
            yield f"{counts['read']} records read, the source holds {known['read']}"
        return
    if counts["read"] != known["read"]:
        yield f"{counts['read']} rows read, the source holds {known['read']}"
    # Only a first sync says how many rows are good: afterwards they are unchanged.
    good = counts["loaded"] + (counts["unchanged"] if connection["follows_sample"] else 0)
    first = counts["loaded"] > 0 and (counts["unchanged"] == 0 or connection["follows_sample"])
    if first and (good, counts["rejected"]) != (known["loaded"], known["rejected"]):
        yield (f"loaded {good} and rejected {counts['rejected']}, true are {known['loaded']} and {known['rejected']}")


def _view_problems(tenant: Mapping[str, Any], truth: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with the published views."""
    if any(connection["status"] != "succeeded" for connection in tenant["connections"]):
        return  # what is missing then is said already
    views = {view["view"]: view for view in tenant["views"]}
    for entity, known in truth["tenants"][tenant["name"]]["entities"].items():
        view = views.get(VIEWS[entity], {"rows": 0, "joined": 0})
        for what in ("rows", "joined"):
            if view[what] != known[what]:
                yield f"{tenant['name']}, view {VIEWS[entity]}: {view[what]} {what}, true are {known[what]}"


def _look_next(tenant: str) -> list[str]:
    return [
        f"autonomos view accounts --tenant '{tenant}'",
        f"autonomos rejects list --tenant '{tenant}'",
        f"autonomos mappings list --tenant '{tenant}'",
        "autonomos up",
    ]


def show_summary(summary: Mapping[str, Any]) -> "list[Table | str]":
    """The summary for people."""
    shown: list[Table | str] = []
    for tenant in summary["tenants"]:
        cells = [
            (connection["name"], connection["status"], *(connection[count] for count in COUNTS))
            for connection in tenant["connections"]
        ]
        shown.append(table(tenant["name"], ("connection", "status", *COUNTS), cells))
        views = [
            (
                view["view"],
                view["rows"],
                view["joined"],
                ", ".join(f"{name} {n:,}" for name, n in view["sources"].items()),
            )
            for view in tenant["views"]
        ]
        shown.append(table("Published views", ("view", "rows", "joined across systems", "records of"), views))
    times = ", ".join(f"{name} {seconds:.1f}" for name, seconds in summary["seconds"].items())
    shown.append(f"Seconds: {times}")
    shown.append(f"Exports: {summary['exports']}")
    if "app" in summary["urls"]:
        shown.append(f"Dashboard: {summary['urls']['app']} (people and passwords: {summary['sign_in']}); API: /docs")
    shown += [f"Problem: {problem}." for problem in summary["problems"]]
    shown.append("Look next:\n" + "\n".join(f"  {line}" for line in summary["look_next"]))
    return shown
