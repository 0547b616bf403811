"""Tasks as they are asked for and answered: what is to be done, how far it is, what was told of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from api.dependencies import Id
from api.schemas.syncs import Telling
from orchestration.control_plane.task_callbacks import CallbackRecord
from orchestration.control_plane.task_notes import LogLine
from orchestration.control_plane.tasks import TaskRecord, TaskRunRecord

TaskKind = Literal["sync", "sync_all", "replay", "refresh_views", "rebuild"]
# A rebuild is asked for by a reset, which wants another permission.
StepKind = Literal["sync", "sync_all", "replay", "refresh_views"]
TaskStatus = Literal["requested", "queued", "running", "canceling", "succeeded", "failed", "canceled"]
RunStatus = Literal["requested", "queued", "running", "succeeded", "failed", "canceled"]
Counted = dict[str, int]
OF_ONE_CONNECTION = ("sync", "replay")
MOST_STEPS = 10

_KIND = (
    "`sync` reads one connection, `sync_all` every one that is not paused; `replay` maps raw records of one connection"
    " anew and asks no source; `refresh_views` rebuilds and publishes the views."
)


def _callback_url(url: str) -> str:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise ValueError("that is no URL") from None
    if parts.scheme not in ("https", "http") or not host:
        raise ValueError("a callback has an https URL with a host")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise ValueError("a callback's URL has neither a login nor a fragment: callbacks are signed")
    return url


CallbackUrl = Annotated[
    str, StringConstraints(max_length=2000, pattern=r"^[\x21-\x7e]+$"), AfterValidator(_callback_url)
]


class StepIn(BaseModel):
    """One thing to do."""

    model_config = ConfigDict(extra="forbid")

    kind: StepKind = Field(description=_KIND, examples=["sync"])
    connection_id: Id | None = Field(
        None,
        description="For `sync` and `replay`, and for nothing else.",
        examples=["8e0f6f2c-7c5b-4b0e-9f6e-0f6f2c7c5b4b"],
    )


class TaskIn(StepIn):
    """What is to be done, and whom to tell when it is."""

    chain: list[StepIn] = Field(
        default_factory=list,
        max_length=MOST_STEPS,
        description="Steps that follow one by one, each when the one before it has succeeded.",
        examples=[[{"kind": "refresh_views"}]],
    )
    callback_url: CallbackUrl | None = Field(
        None,
        description="Told of the end of this task and of each that follows, by a POST signed as in Standard Webhooks"
        " with the secret of `/aoa/callback-secret`. Public addresses only; redirects are not followed.",
        examples=["https://hooks.acme.example/autonomos"],
    )


class ResetIn(BaseModel):
    """Consent to derive everything anew."""

    model_config = ConfigDict(extra="forbid")

    confirm: Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$")] = Field(
        description="The name of your organisation, as it is written in it.", examples=["Acme"]
    )
    callback_url: CallbackUrl | None = Field(None, description="Told of the end, as with other tasks.")


class TaskErrorOut(BaseModel):
    """Why a task failed."""

    code: str = Field(description="Stable; decide by it.", examples=["credentials_expired"])
    message: str | None = None
    hint: str | None = None


class StepOut(BaseModel):
    """A step that follows on success."""

    kind: TaskKind
    connection_id: UUID | None = None


class TaskOut(BaseModel):
    """A task and where it stands."""

    id: UUID
    kind: TaskKind
    connection_id: UUID | None = None
    status: TaskStatus
    requested_by: str
    trace_id: str | None = Field(None, description="Of the request that asked for it; events and runs carry it too.")
    requested_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    parent_task_id: UUID | None = Field(None, description="The task that this one followed.")
    retry_of: UUID | None = Field(None, description="The task that this one does once more.")
    chain: list[StepOut] = Field(description="What follows on success.")
    has_callback: bool
    error: TaskErrorOut | None = None

    @classmethod
    def fields_of(cls, task: TaskRecord, tell: Telling = str) -> dict[str, Any]:
        """The values of these fields. `tell` makes a connector's sentence fit to be shown."""
        copied = set(TaskOut.model_fields) - {"chain", "has_callback", "error"}
        failed = task.error_code is not None
        message, hint = (tell(text) if text else None for text in (task.error_message, task.error_hint))
        error = {"code": task.error_code, "message": message, "hint": hint} if failed else None
        return {
            **{name: getattr(task, name) for name in copied},
            "chain": task.chain, "has_callback": task.callback_url is not None, "error": error,
        }  # fmt: skip

    @classmethod
    def of(cls, task: TaskRecord, tell: Telling = str) -> Self:
        """The task as its record has it."""
        return cls(**cls.fields_of(task, tell))


class TaskRunOut(BaseModel):
    """One run that does a task."""

    id: UUID
    kind: Literal["sync", "replay", "refresh_views", "rebuild"]
    connection_id: UUID | None = None
    status: RunStatus
    joined: bool = Field(description="Somebody had asked for it already: canceling the task does not stop it.")
    started_at: datetime | None = None
    finished_at: datetime | None = None
    dagster_run_id: str | None = Field(None, description="Shown to operators of the platform alone.")

    @classmethod
    def of(cls, run: TaskRunRecord, *, to_operator: bool) -> Self:
        """The run as its record has it."""
        copied = ("kind", "connection_id", "status", "started_at", "finished_at")
        dagster_run_id = run.dagster_run_id if to_operator else None
        known = {name: getattr(run, name) for name in copied}
        return cls(id=run.run_id, joined=not run.is_own, dagster_run_id=dagster_run_id, **known)


class ProgressOut(BaseModel):
    """How far a task is, as far as its runs have said. Nothing is estimated."""

    runs: int
    runs_done: int
    streams: int = Field(description="Streams that were begun.")
    streams_done: int | None = Field(None, description="Of a rebuild; null where streams do not say when they end.")
    read: int = 0
    loaded: int = 0
    rejected: int = 0
    unchanged: int = 0
    deleted: int = 0
    rebuild: dict[str, int | str] | None = Field(
        None, description="Of a rebuild: its stage (derive, join, publish) and what it counted.",
        examples=[{"stage": "derive", "streams": 12, "streams_done": 7, "records": 48210}],
    )  # fmt: skip

    @classmethod
    def of(cls, task: TaskRecord, runs: Sequence[TaskRunRecord], counts: Mapping[str, int]) -> Self:
        """From the runs of a task and the sums of their streams' counts."""
        rebuild = next((run.counted for run in runs if run.kind == "rebuild" and run.counted), None)
        streams = sum(len(run.counted) for run in runs if run.connection_id is not None)
        of_rebuild = rebuild or {}
        return cls(
            runs=len(runs), runs_done=task.runs_done, streams=int(of_rebuild.get("streams", streams)),
            streams_done=of_rebuild.get("streams_done"), rebuild=rebuild, **counts,
        )  # fmt: skip


class TaskDetailOut(TaskOut):
    """A task with its runs and how far they are."""

    progress: ProgressOut
    runs: list[TaskRunOut]
    follow_up_id: UUID | None = Field(None, description="The task that followed this one.")
    callback_url: str | None = None


class LogLineOut(BaseModel):
    """A sentence told of a task or of one of its syncs."""

    at: datetime
    source: Literal["task", "sync"]
    seq: int
    sync_run_id: UUID | None = None
    stream: str | None = None
    level: Literal["info", "warning", "error"]
    code: str = Field(examples=["started"])
    message: str

    @classmethod
    def of(cls, line: LogLine, tell: Telling) -> Self:
        """The line as its record has it. `tell` makes a connector's sentence fit to be shown."""
        values = {name: getattr(line, name) for name in cls.model_fields}
        return cls(**{**values, "message": tell(line.message)})


class CallbackTryOut(BaseModel):
    """One attempt to deliver a callback."""

    at: datetime
    status_code: int | None = Field(description="Null when the receiver gave no answer.")
    error: str | None = Field(description="Null when it was taken.")


class CallbackOut(BaseModel):
    """A callback and what became of it."""

    id: UUID
    webhook_id: str = Field(description="The header `webhook-id` of every attempt.", examples=["msg_2b7c"])
    status: Literal["pending", "delivered", "dead"]
    created_at: datetime
    due_at: datetime | None = Field(description="When it is tried next; null once it is over.")
    delivered_at: datetime | None
    payload: dict[str, Any] = Field(description="The body that is sent.")
    attempts: list[CallbackTryOut]

    @classmethod
    def of(cls, callback: CallbackRecord) -> Self:
        """The callback as its record has it."""
        copied = ("id", "status", "created_at", "due_at", "delivered_at", "payload")
        known = {name: getattr(callback, name) for name in copied}
        attempts = [CallbackTryOut.model_validate(each) for each in callback.tries]
        return cls(webhook_id=f"msg_{callback.id.hex}", attempts=attempts, **known)


class CallbackSecretOut(BaseModel):
    """Whether there is a secret that signs callbacks, and since when."""

    exists: bool
    version: int | None = Field(None, description="Counts rotations.")
    updated_at: datetime | None = None


class NewCallbackSecretOut(BaseModel):
    """A new signing secret: shown this once. The one before it signs nothing any more."""

    secret: str = Field(examples=["whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"])
    version: int
