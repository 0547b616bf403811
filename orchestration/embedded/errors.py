"""What can stand in the way of a start, each with a sentence that says what to do."""


class StackError(Exception):
    """Base: the stack, or one server of it, cannot be started or reached. `str()` is safe to show."""


class ServerUnavailable(StackError):
    """No binary for this machine, or no way to run it; the sentence names the setting that replaces it."""


class StartFailed(StackError):
    """A process did not become healthy."""


class DiskFull(StackError):
    """Too little free space to keep databases safe."""
