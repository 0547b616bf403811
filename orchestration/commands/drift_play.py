"""`autonomos drift play`: sources change shape on purpose, with known truth, and what came of it is counted.

Without a tenant it plays on servers and sources of its own. With one it changes a stand-in of the demo, or a folder
that the demo or a play made.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orchestration.commands.errors import CommandFailed
from orchestration.commands.output import JsonOption, Output, table

if TYPE_CHECKING:
    from rich.table import Table

    from orchestration.drift_play.scoring import Bin, Row, Score

MUTATIONS = 300
LIVE_MUTATIONS = 3
MOST_FAULTS = 40  # shown to people; the document holds all
_COUNTS = (
    "", "cases", "detected", "mis-classified", "missed", "unprovable", "false alarms", "applied", "asked", "refused",
    "wrong repairs", "silently wrong", "right at the end",
)  # fmt: skip


def play(
    tenant: Annotated[str | None, typer.Option("--tenant", "-t", help="A tenant whose source is to change.")] = None,
    connection: Annotated[str | None, typer.Option("--connection", "-c", help="Which of its connections.")] = None,
    seed: Annotated[int, typer.Option(help="The same seed plays the same changes.")] = 1,
    mutations: Annotated[
        int | None, typer.Option(min=1, help=f"Changes of shape: {MUTATIONS}, with a tenant {LIVE_MUTATIONS}.")
    ] = None,
    kinds: Annotated[str | None, typer.Option(help="Kinds of changes, comma-separated; all when left out.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Change the shape of sources on purpose, and count what was detected, repaired, asked and got wrong."""
    from orchestration.drift_play.mutations import MUTATIONS as KINDS

    chosen = tuple(part.strip() for part in kinds.split(",")) if kinds else tuple(KINDS)
    unknown = [kind for kind in chosen if kind not in KINDS]
    if unknown:
        hint = f"Known: {', '.join(KINDS)}."
        raise CommandFailed(f"There is no kind of change named {unknown[0]!r}.", code="unknown_kind", hint=hint)
    if (tenant is None) != (connection is None):
        raise CommandFailed("A tenant and a connection belong together.", code="usage", hint="Give both, or none.")
    output = Output(as_json)
    if tenant is not None and connection is not None:
        score = _play_live(output, tenant, connection, seed, mutations or LIVE_MUTATIONS, chosen)
    else:
        score = _play_alone(output, seed, mutations or MUTATIONS, chosen)
    output.result(_document(seed, score), *_tables(score))
    missed = [figure.name for figure in score.figures if not figure.holds]
    if missed:
        raise CommandFailed(f"Not as it has to be: {'; '.join(missed)}.", code="limit_missed")


def _play_alone(output: Output, seed: int, mutations: int, kinds: tuple[str, ...]) -> "Score":
    """On a scratch home: all four kinds of connectors in this process, runs of the same jobs."""
    from orchestration.commands.scratch_stack import scratch_stack
    from orchestration.drift_play.ground import OwnGround, new_tenant
    from orchestration.drift_play.play import Play, Size
    from orchestration.drift_play.scoring import score
    from orchestration.embedded.processes import STORES
    from orchestration.resources.services import services

    with scratch_stack(output, "drift play", STORES) as (stack, folder), ExitStack() as leaving:
        given = services(stack.settings)
        ground = OwnGround(given, new_tenant(given))
        leaving.callback(ground.close)
        game = Play(ground, folder, stack.settings.admin_url, seed, Size.for_mutations(mutations, kinds), output.say)
        game.run()
        return score(game.cases, game.broken)


def _play_live(
    output: Output, tenant: str, connection: str, seed: int, mutations: int, kinds: tuple[str, ...]
) -> "Score":
    """On a source that runs: changed through its control server or in its folder, synced through the stack."""
    from orchestration.commands.access import find_connection, open_access
    from orchestration.commands.stack_ground import StackGround, running_source
    from orchestration.drift_play.live import LiveSetting, play_live
    from orchestration.drift_play.scoring import score
    from orchestration.drift_play.sources.running import NotForPlay

    with open_access(output, "drift play", everything=True) as access:
        owner = access.tenant(tenant)
        with access.control_plane.tenant_session(owner.id) as session:
            chosen = find_connection(session, connection)
        try:
            source = running_source(access.settings.home, chosen)
            setting = LiveSetting(StackGround(access, owner.id), chosen, source)
            return score(play_live(setting, seed, mutations, kinds, output.say))
        except NotForPlay as refused:
            raise CommandFailed(str(refused), code="not_for_play") from None


def _document(seed: int, score: "Score") -> dict[str, Any]:
    return {
        "seed": seed,
        "holds": score.holds,
        "figures": [figure.as_json() for figure in score.figures],
        "by_kind": [asdict(row) for row in score.by_kind],
        "by_connector": [asdict(row) for row in score.by_connector],
        "reliability": {"events": [asdict(b) for b in score.events], "repairs": [asdict(b) for b in score.repairs]},
        "faults": score.faults,
    }


def _tables(score: "Score") -> "list[Table | str]":
    figures = [
        (one.name, f"{one.value:.4g}", one.unit, _limit(one.limit, one.at_least), _verdict(one.limit, one.holds))
        for one in score.figures
    ]
    shown: list[Table | str] = [
        table("By kind of change", _COUNTS, [_cells(row) for row in score.by_kind]),
        table("By connector", _COUNTS, [_cells(row) for row in score.by_connector]),
        _reliability("How sure events were", score.events),
        _reliability("How sure repairs were", score.repairs),
        table("Drift play", ("figure", "value", "unit", "limit", ""), figures),
    ]
    left = len(score.faults) - MOST_FAULTS
    return [*shown, *score.faults[:MOST_FAULTS], *([f"... and {left} more, with --json"] if left > 0 else [])]


def _cells(row: "Row") -> Sequence[object]:
    return list(asdict(row).values())


def _reliability(title: str, bins: "Sequence[Bin]") -> "Table":
    rows = [(f"{one.low:g}-{one.high:g}", one.claims, f"{one.mean:.3f}", f"{one.right:.3f}") for one in bins]
    return table(title, ("probability", "claims", "mean", "right"), rows)


def _limit(limit: float | None, at_least: bool) -> str:
    return "" if limit is None else f"{'>=' if at_least else '<='} {limit:g}"


def _verdict(limit: float | None, holds: bool) -> str:
    return "" if limit is None else ("holds" if holds else "missed")
