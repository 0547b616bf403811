"""A small seeded play over two kinds of sources: seen, repaired or asked, nothing lost, every value true at the end."""

from collections.abc import Callable

import pytest

from orchestration.drift_play.mutations import MUTATIONS
from orchestration.drift_play.play import Size
from orchestration.drift_play.scoring import score
from tests.orchestration.drift_play.conftest import MakePlay

pytestmark = pytest.mark.servers

SMALL = Size(mutations=16, streams=6, records=120, kinds=tuple(MUTATIONS), connectors=("files", "mongodb"))


def test_a_small_play_ends_with_every_value_true(make_play: MakePlay, measured: Callable[[str], None]) -> None:
    play = make_play(4, SMALL)
    play.run()
    counted = score(play.cases, play.broken)
    told = {figure.name: figure.value for figure in counted.figures}
    measured(
        f"drift play, {told['shapes changed']:g} changes: {told['repairs applied without a person']:g} repaired, "
        f"{told['repairs asked about']:g} asked, rename recall {told['rename recall']:.2f}, "
        f"{told['records held']:g} records held, median {told['time to repair, median']:.1f} s to repair"
    )
    missed = [figure.name for figure in counted.figures if not figure.holds]
    assert not missed, "\n".join(counted.faults)
    assert told["shapes changed"] >= SMALL.mutations
    assert told["repairs applied without a person"] > 0
    assert told["records held"] == told["records replayed"] > 0
