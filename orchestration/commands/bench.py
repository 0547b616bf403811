"""`bench`: measurements on servers of their own, each figure beside its baseline from the same run."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from orchestration.commands.errors import CommandFailed
from orchestration.commands.output import JsonOption, Output, table
from orchestration.commands.scratch_stack import scratch_stack

if TYPE_CHECKING:
    from orchestration.bench.figures import Figure
    from orchestration.embedded.stack import Stack

# Beside the checkout, where developers have it; the bench does without where it is missing.
_GIVEN_SET = Path(__file__).resolve().parents[3] / "shared" / "data" / "matching" / "mimic_omop"


def pipeline(
    rows: Annotated[int, typer.Option(help="Rows of the CSV.")] = 1_000_000, as_json: JsonOption = False
) -> None:
    """A CSV through the whole flow to published views, beside DuckDB's CREATE TABLE AS."""
    from orchestration.bench.pipeline import measure_pipeline

    _measure(f"pipeline, {rows:,} rows", as_json, False, lambda s, f: measure_pipeline(s.settings.home, f, rows))


def incremental(
    rows: Annotated[int, typer.Option(help="Rows already loaded.")] = 10_000_000,
    change: Annotated[float, typer.Option(help="Share of them that changes; 0.01 is 1 %.")] = 0.01,
    as_json: JsonOption = False,
) -> None:
    """A small change to a large source, beside DuckDB's delete and insert."""
    from orchestration.bench.incremental import measure_incremental

    title = f"incremental, {100 * change:g} % of {rows:,} rows"
    _measure(title, as_json, False, lambda s, f: measure_incremental(s.settings.home, f, rows, change))


def runs(
    tenants: Annotated[int, typer.Option(help="Tenants, with four connections each.")] = 20,
    idle: Annotated[int, typer.Option(help="Single syncs to time while nothing else runs.")] = 15,
    as_json: JsonOption = False,
) -> None:
    """Small syncs through the real daemon and workers: how many a minute, and how long one takes."""
    from orchestration.bench.runs import measure_runs
    from orchestration.commands.access import connect_control_plane

    def measure(stack: "Stack", folder: Path) -> "list[Figure]":
        control_plane = connect_control_plane(stack.settings)
        try:
            return measure_runs(stack.settings, control_plane, folder, tenants, idle)
        finally:
            control_plane.dispose()

    _measure(f"runs, {tenants} tenants", as_json, True, measure)


def api(
    rows: Annotated[int, typer.Option(help="Rows of the view that is read.")] = 1_000_000,
    seconds: Annotated[float, typer.Option(help="Seconds of load in each of three rounds.")] = 4.0,
    stream_seconds: Annotated[float, typer.Option(help="Seconds of live events.")] = 10.0,
    as_json: JsonOption = False,
) -> None:
    """A view read for the first time and again, and live events, beside a bare FastAPI application."""
    from orchestration.bench.api.measuring import measure_api
    from orchestration.commands.access import connect_control_plane

    def measure(stack: "Stack", _: Path) -> "list[Figure]":
        control_plane = connect_control_plane(stack.settings)
        try:
            return measure_api(stack.settings, control_plane, rows, seconds, stream_seconds)
        finally:
            control_plane.dispose()

    _measure(f"api, a view of {rows:,} rows", as_json, False, measure)


def services(
    rows: Annotated[int, typer.Option(help="Records of each source.")] = 1_000_000, as_json: JsonOption = False
) -> None:
    """A Salesforce and a MongoDB (stand-ins) read by their connectors, beside bare clients."""
    from orchestration.bench.service_reads import measure_services

    output = Output(as_json)
    title = f"services, {rows:,} records each"
    output.say(f"Measuring {title}; this takes a while.")
    _show(output, title, measure_services(rows))


def match(
    fit: Annotated[bool, typer.Option("--fit", help="Fit and calibrate anew, and write the model file.")] = False,
    seed: Annotated[int, typer.Option(help="Seed of the sets to measure on, and with --fit of those to fit on.")] = 1,
    mimic: Annotated[
        Path | None, typer.Option(help="Folder of a given set (two schemas and their mapping), to measure on only.")
    ] = None,
    picture: Annotated[Path | None, typer.Option(help="SVG file for the reliability curve.")] = None,
    tasks: Annotated[float, typer.Option(help="Share of the usual number of tasks; 0.1 for a quick look.")] = 1.0,
    as_json: JsonOption = False,
) -> None:
    """The matcher on sets it was not fitted on: ranks, calibration and what would be applied, beside names alone."""
    from orchestration.bench.matching.bench import run_match_bench
    from orchestration.bench.matching.given_set import GivenSetUnreadable
    from orchestration.bench.matching.picture import draw_reliability

    output = Output(as_json)
    given = mimic or (_GIVEN_SET if _GIVEN_SET.is_dir() else None)
    try:
        found = run_match_bench(fit, seed, given, tasks, output.say)
    except GivenSetUnreadable as error:
        raise CommandFailed(f"{error}.", code="set_unreadable", hint="Name a folder with such files.") from None
    if picture is not None:
        picture.write_text(draw_reliability(f"Reliability on {found.curve_of}", found.curve), encoding="utf-8")
    _show(output, f"match, model {found.model}, seed {seed}", found.figures)


def scale(
    tenants: Annotated[int, typer.Option(help="Tenants to register.")] = 10_000,
    connections: Annotated[int, typer.Option(help="Connections of each.")] = 4,
    as_json: JsonOption = False,
) -> None:
    """Many tenants: how long loading the definitions and one sweep take."""
    from orchestration.bench.scale import measure_scale
    from orchestration.commands.access import connect_control_plane

    def measure(stack: "Stack", _: Path) -> "list[Figure]":
        control_plane = connect_control_plane(stack.settings)
        try:
            return measure_scale(stack.settings, control_plane, tenants, connections)
        finally:
            control_plane.dispose()

    _measure(f"scale, {tenants:,} tenants", as_json, False, measure)


def _measure(title: str, as_json: bool, everything: bool, measure: "Callable[[Stack, Path], list[Figure]]") -> None:
    from orchestration.embedded.processes import EVERYTHING, STORES

    output = Output(as_json)
    with scratch_stack(output, "bench", EVERYTHING if everything else STORES) as (stack, folder):
        output.say(f"Measuring {title}; this takes a while.")
        figures = measure(stack, folder)
    _show(output, title, figures)


def _show(output: Output, title: str, figures: "list[Figure]") -> None:
    """Print the figures; a missed limit fails the command."""
    rows = [_row(figure) for figure in figures]
    columns = ("figure", "value", "unit", "baseline", "is", "times", "limit", "")
    output.result({"bench": title, "figures": [f.as_json() for f in figures]}, table(f"Bench: {title}", columns, rows))
    missed = [figure.name for figure in figures if not figure.holds]
    if missed:
        raise CommandFailed(f"Outside its limit: {'; '.join(missed)}.", code="limit_missed")


def _row(figure: "Figure") -> tuple[object, ...]:
    baseline = "" if figure.baseline is None else f"{figure.baseline:.3g}"
    ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}"
    sign = "" if figure.limit is None else f"{'>=' if figure.at_least else '<='} {figure.limit:g}"
    verdict = "" if figure.limit is None else ("holds" if figure.holds else "missed")
    return figure.name, f"{figure.value:.3g}", figure.unit, baseline, figure.baseline_name, ratio, sign, verdict
