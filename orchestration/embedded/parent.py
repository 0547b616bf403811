"""Children that do not outlive their parent, also when the parent is killed without a chance to stop them (Linux)."""

import ctypes
import signal
import sys

_PR_SET_PDEATHSIG = 1
# Loaded before any fork: between fork and exec nothing may be imported or allocated needlessly.
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def die_with_parent(signal_number: int) -> None:
    """To be called in the child between fork and exec: have the system send it this signal when the parent ends.

    Elsewhere than on Linux the system sends nothing; the next supervisor then ends what was left behind. A signal that
    whoever started us ignores or blocks, as `nohup ... &` does, would be so in the child as well: it would never end.
    """
    signal.signal(signal_number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal_number})
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal_number, 0, 0, 0)
