"""`autonomos match`: ranked target columns for every source column of a file, with calibrated probabilities.

Needs no stack, no tenant and no language model; reads two files and writes nothing.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from orchestration.commands.errors import CommandFailed
from orchestration.commands.output import JsonOption, Output, table

if TYPE_CHECKING:
    from assets.mapping.matching.columns import MatchColumn
    from assets.mapping.matching.matcher import Match

SHOWN = 3  # targets of each source that a table shows
_FILE = "File of columns: .csv or .parquet (values are used), or .json."


def match(
    source: Annotated[Path, typer.Option("--source", help=_FILE)],
    target: Annotated[Path, typer.Option("--target", help=_FILE)],
    top: Annotated[int, typer.Option("--top", min=1, help="Targets to rank for each source column.")] = 20,
    embeddings: Annotated[
        bool, typer.Option("--embeddings/--no-embeddings", help="Use the sentence model for names and descriptions.")
    ] = True,
    as_json: JsonOption = False,
) -> None:
    """Rank target columns for each source column, with probabilities and reasons."""
    from assets.mapping.matching.embedding import embeddings_available, without_embeddings
    from assets.mapping.matching.matcher import TooManyColumns
    from assets.mapping.matching.matcher import match as rank

    output = Output(as_json)
    sources, targets = _read(source), _read(target)
    if embeddings and not embeddings_available():
        output.say("The sentence model is not installed or switched off: names and texts are compared without it.")
    with output.progress.status(f"Comparing {len(sources):,} x {len(targets):,} columns"):
        try:
            if embeddings:
                found = rank(sources, targets, top=top)
            else:
                with without_embeddings():
                    found = rank(sources, targets, top=top)
        except TooManyColumns as error:
            raise CommandFailed(f"{error}.", code="too_many_columns", hint="Split the files.") from None
    document = {"matches": [_describe(one) for one in found]}
    cells = [(one.source, one.rank, one.target, f"{one.probability:.2f}", "; ".join(one.evidence)) for one in found]
    shown = [row for row in cells if row[1] <= SHOWN]
    columns = ("source", "rank", "target", "probability", "evidence")
    output.result(document, table(f"{source.name} to {target.name}", columns, shown))


def _read(path: Path) -> "list[MatchColumn]":
    from assets.mapping.matching.files import ColumnsUnreadable, read_columns

    try:
        return read_columns(path)
    except ColumnsUnreadable as error:
        raise CommandFailed(error.message, code="columns_unreadable", hint=error.hint) from None


def _describe(one: "Match") -> dict[str, object]:
    return {
        "source": one.source,
        "target": one.target,
        "probability": one.probability,
        "rank": one.rank,
        "evidence": list(one.evidence),
    }
