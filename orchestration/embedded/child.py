"""One supervised process: started, found healthy or not, started again with growing pauses, stopped.

Never blocks: the supervisor calls `step` again and again and reads `state`. Each child leads its own process group.
"""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from orchestration.embedded.identity import ProcessIdentity
from orchestration.embedded.logs import last_lines, open_log
from orchestration.embedded.parent import die_with_parent
from orchestration.embedded.processes import MARK, ProcessSpec
from orchestration.embedded.state import ProcessState, Status

Say = Callable[[str], None]
_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 30.0
_MOST_RESTARTS = 10
_FORGIVEN_AFTER_S = 60.0  # healthy for this long: earlier deaths no longer count
_CHECK_INTERVAL_S = 0.15


class Child:
    """A process of the table while a supervisor lives."""

    def __init__(self, name: str, home: Path, say: Say) -> None:
        self.name = name
        self.state = ProcessState(log=str(home / "logs" / f"{name}.log"))
        self.spec: ProcessSpec | None = None
        self.was_ready = False
        self.deaths = 0  # since it was last healthy for a while
        self._say = say
        self._process: subprocess.Popen[bytes] | None = None
        self._since = 0.0  # of the present status
        self._next_check = 0.0
        self._resume_at = 0.0
        self._mark = f"{MARK}={home}"

    @property
    def is_up(self) -> bool:
        """Whether those that depend on it may start."""
        return self.state.status in ("ready", "done")

    @property
    def has_process(self) -> bool:
        """Whether there is a process to stop."""
        return self._process is not None

    @property
    def may_spawn(self) -> bool:
        """Whether it is to be started once its dependencies are up."""
        due = self.state.status == "restarting" and time.monotonic() >= self._resume_at
        return self.state.status == "waiting" or due

    def spawn(self, spec: ProcessSpec) -> None:
        """Start the process."""
        self.spec = spec
        try:
            log = open_log(Path(self.state.log))
        except OSError as error:
            self.refuse(f"cannot write its log: {error}")
            return
        try:
            self._process = subprocess.Popen(
                spec.argv,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=lambda: die_with_parent(spec.stop_signal),  # noqa: PLW1509 - the supervisor has no threads
                env=spec.environment,
                **spec.options,
            )
        except OSError as error:
            self.refuse(f"cannot be started: {error}")
            return
        finally:
            os.close(log)
        self.state.identity = ProcessIdentity.of(self._process.pid)
        self.state.port = spec.port
        self._become("starting")

    def step(self) -> None:
        """Look at the process once."""
        if self._process is None or self.spec is None or self.state.identity is None:
            return
        now = time.monotonic()
        exit_code = self._process.poll()
        if exit_code is not None:
            self._exited(exit_code)
        elif self.state.status == "starting":
            if now >= self._next_check:
                self._next_check = now + _CHECK_INTERVAL_S
                if self.spec.healthy(self.state.identity):
                    self.was_ready = True
                    self._become("ready")
                    return
            if now - self._since > self.spec.start_timeout_s:
                self._kill()
                self._died(f"was not healthy within {self.spec.start_timeout_s:.0f} s")
        elif self.state.status == "ready" and self.deaths and now - self._since > _FORGIVEN_AFTER_S:
            self.deaths = 0

    def refuse(self, note: str) -> None:
        """There is no process, for a reason that may pass: counts as a death."""
        self._died(note)

    def give_up(self) -> None:
        """Start it no more."""
        self._say(f"{self.name} {self.state.note}; not started again (log: {self.state.log})")
        self._become("failed")

    def begin_stop(self) -> None:
        """Ask the process to end; `step_stop` sees it through."""
        if self._process is None or self.spec is None:
            self._become("stopped")
            return
        self._become("stopping")
        with suppress(ProcessLookupError):
            self._process.send_signal(self.spec.stop_signal)

    def step_stop(self) -> bool:
        """Whether it has ended, with everything it started; SIGKILL once its time is over."""
        if self._process is None or self.spec is None:
            return True
        late = time.monotonic() - self._since > self.spec.stop_timeout_s
        if self._process.poll() is None and not late:
            return False
        if late:
            self._say(f"{self.name} did not stop within {self.spec.stop_timeout_s:.0f} s and was killed")
        self._kill()
        self._become("stopped")
        return True

    def explain(self) -> str:
        """Why it does not run, for a person: its last words."""
        words = last_lines(Path(self.state.log), 1)
        return f"{self.state.note}{': ' + words[0][:300] if words else ''} (log: {self.state.log})"

    def _exited(self, exit_code: int) -> None:
        self._kill()
        if self.spec is not None and self.spec.once and exit_code == 0:
            self._become("done")
        else:
            self._died(f"was killed by signal {-exit_code}" if exit_code < 0 else f"ended with exit code {exit_code}")

    def _died(self, note: str) -> None:
        self.deaths += 1
        self.state.note = note
        if self.deaths > _MOST_RESTARTS:
            self.give_up()
            return
        pause_s = min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2 ** (self.deaths - 1))
        self._resume_at = time.monotonic() + pause_s
        if self.was_ready:
            self.state.restarts += 1
            self._say(f"{self.name} {note}; starting it again in {pause_s:.1f} s")
        self._become("restarting")

    def _kill(self) -> None:
        """End the process and whatever is left of its group."""
        if self._process is None:
            return
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._process = None
        self.state.identity = None

    def _become(self, status: Status) -> None:
        self.state.status = status
        self._since = time.monotonic()
