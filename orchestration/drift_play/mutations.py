"""Which mutations there are, how often each is drawn, and drawing one that fits a stream."""

from collections.abc import Sequence

from orchestration.drift_play import recodings
from orchestration.drift_play.mutation import NONE, Mutate, Mutation, Setting
from orchestration.drift_play.recodings import Recoding
from orchestration.drift_play.renames import (
    rename,
    rename_and,
    rename_constant,
    rename_stream,
    rename_to_taken,
    vendor_migration,
)
from orchestration.drift_play.reshapes import add, add_copy, drop, merge, null_rate, retype, same_name, split, swap

_Chosen = tuple[str, Recoding] | None


def _unit(at: Setting) -> _Chosen:
    return recodings.unit(at.random, at.pick)


def _enum(at: Setting) -> _Chosen:
    return recodings.enum(at.random, at.stream, at.pick)


def _coarser(at: Setting) -> _Chosen:
    return recodings.coarser_enum(at.stream, at.pick)


def _dates(at: Setting) -> _Chosen:
    return recodings.dates(at.random, at.stream, at.pick)


def _numbers(at: Setting) -> _Chosen:
    return recodings.numbers(at.stream, at.pick)


def _wider(at: Setting) -> _Chosen:
    return recodings.wider(at.pick, at.columns)


# Kind -> (how often, what does it). A kind that fits nothing in a stream is replaced by the next drawn.
MUTATIONS: dict[str, tuple[int, Mutate]] = {
    "rename_subtle": (9, rename("subtle")),
    "rename_total": (9, rename("total")),
    "rename_short": (9, rename("short")),
    "rename_foreign": (9, rename("foreign")),
    "rename_to_taken": (4, rename_to_taken),
    "retype": (4, retype),
    "rename_retype": (4, rename_and("rename_retype", _wider)),
    "rename_unit": (4, rename_and("rename_unit", _unit)),
    "split": (4, split),
    "merge": (4, merge),
    "unit": (5, same_name("unit", ["unit"], _unit)),
    "enum": (5, same_name("enum", ["enum"], _enum)),
    "enum_many": (3, same_name("enum_many", ["enum"], _coarser)),
    "date_format": (4, same_name("date_format", ["format", "locale"], _dates)),
    "locale": (4, same_name("locale", ["locale", "format"], _numbers)),
    "drop": (4, drop),
    "add": (4, add),
    "add_copy": (4, add_copy),
    "swap": (5, swap),
    "vendor_migration": (3, vendor_migration),
    "null_rate": (3, null_rate),
    "rename_constant": (3, rename_constant),
    "rename_stream": (2, rename_stream),
}  # fmt: skip


def mutate(at: Setting, kinds: Sequence[str]) -> Mutation:
    """One change of a kind drawn by weight among `kinds`; nothing at all when none of twenty drawn fits the stream."""
    for _ in range(20):
        kind = at.random.choices(kinds, [MUTATIONS[name][0] for name in kinds])[0]
        made = MUTATIONS[kind][1](at)
        if made is not None:
            return made
    return Mutation(NONE)
