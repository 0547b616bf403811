"""Bulk API 2.0 query jobs of the stand-in: created, in progress for a while, then CSV in pages by locator."""

import itertools
import threading
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.csv

from connectors.sandbox.salesforce.objects import ObjectField
from connectors.sandbox.salesforce.queries import run
from connectors.sandbox.salesforce.replies import ApiError
from connectors.sandbox.salesforce.soql import parse
from connectors.sandbox.salesforce.store import Store

_OPERATIONS = ("query", "queryAll")


@dataclass
class Job:
    """A query job. Its result is fixed when it is made; `polls_left` until it is told to be complete."""

    id: str
    operation: str
    object_name: str
    soql: str
    created: datetime
    rows: pa.Table
    told: int
    polls_left: int
    version: str
    state: str = "UploadComplete"

    def info(self, version: str) -> dict[str, Any]:
        return {
            "id": self.id,
            "operation": self.operation,
            "object": self.object_name,
            "createdById": "005000000000001AAA",
            "createdDate": self.created.strftime("%Y-%m-%dT%H:%M:%S.000+0000"),
            "systemModstamp": self.created.strftime("%Y-%m-%dT%H:%M:%S.000+0000"),
            "state": self.state,
            "concurrencyMode": "Parallel",
            "contentType": "CSV",
            "apiVersion": float(version.removeprefix("v")),
            "lineEnding": "LF",
            "columnDelimiter": "COMMA",
        }


class Jobs:
    """The jobs of the org. `polls` is how often a job says that it is still at work."""

    def __init__(self, store: Store, polls: int) -> None:
        self._store = store
        self.polls = polls
        self.daily = 10_000  # jobs the org may make in 24 hours
        self.made = 0
        self.loses = 0  # so many records of the next job are told but not handed out
        self._jobs: dict[str, Job] = {}
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    @property
    def open_count(self) -> int:
        """Jobs that were not deleted."""
        return len(self._jobs)

    def create(self, wanted: dict[str, Any], version: str) -> dict[str, Any]:
        """Make a job. Raises ApiError for a query that cannot be run."""
        if wanted.get("operation") not in _OPERATIONS:
            raise ApiError(400, "INVALIDJOB", "InvalidJob : operation must be query or queryAll")
        query = parse(str(wanted.get("query", "")), self._store.columns, self._store.now())
        if query.fields is None:
            raise ApiError(400, "API_ERROR", "Aggregate queries are not supported by Bulk API 2.0")
        if any(_unsupported(one) for one in query.fields):
            raise ApiError(400, "FUNCTIONALITY_NOT_ENABLED", "Selecting compound data not supported in Bulk Query")
        rows = run(self._store, query, wanted["operation"] == "queryAll", bulk=True)
        with self._lock:
            if self.made >= self.daily:
                raise ApiError(
                    400, "LIMIT_EXCEEDED", f"Max bulk v2 query jobs ({self.daily}) per 24 hrs has been reached"
                )
            self.made += 1
            told, rows = rows.num_rows, rows.slice(0, rows.num_rows - self.loses)
            self.loses = 0
            made = f"750{next(self._numbers):012d}AAA"
            now = self._store.now()
            job = Job(
                made, wanted["operation"], query.object_name, wanted["query"], now, rows, told, self.polls, version
            )
            self._jobs[made] = job
        return job.info(version)

    def poll(self, job_id: str, version: str) -> dict[str, Any]:
        """The job's state; each asking brings it nearer to its end."""
        job = self.job(job_id)
        with self._lock:
            if job.state in ("UploadComplete", "InProgress"):
                job.state = "InProgress" if job.polls_left > 0 else "JobComplete"
                job.polls_left -= 1
        done = {"numberRecordsProcessed": job.told, "retries": 0, "totalProcessingTime": 10}
        return job.info(version) | (done if job.state == "JobComplete" else {})

    def abort(self, job_id: str, version: str) -> dict[str, Any]:
        job = self.job(job_id)
        if job.state == "JobComplete":
            raise ApiError(400, "INVALIDJOBSTATE", "Aborting already Completed Job not allowed")
        job.state = "Aborted"
        return job.info(version)

    def delete(self, job_id: str) -> None:
        job = self.job(job_id)
        if job.state not in ("JobComplete", "Aborted", "Failed"):
            raise ApiError(400, "API_ERROR", f"Cannot delete a job in state {job.state}")
        with self._lock:
            self._jobs.pop(job_id, None)

    def forget(self) -> None:
        """Lose every job, as after the service's seven days."""
        with self._lock:
            self._jobs.clear()

    def results(self, job_id: str, locator: str, max_records: int, version: str) -> tuple[bytes, int, str]:
        """CSV of one page, how many records it has, and the locator of the next (`null`: none)."""
        job = self.job(job_id)
        if job.version != version:
            raise ApiError(409, "API_ERROR", "The job was made with another version of the API")
        if job.state != "JobComplete":
            raise ApiError(400, "INVALIDJOBSTATE", f"Job is not in a state with results: {job.state}")
        start = int(locator, 36) if locator else 0
        rows = job.rows.slice(start, max_records)
        sink = pa.BufferOutputStream()
        pyarrow.csv.write_csv(rows, sink, pyarrow.csv.WriteOptions(quoting_style="all_valid"))
        following = start + max_records
        content: bytes = sink.getvalue().to_pybytes()
        return content, rows.num_rows, "null" if following >= job.rows.num_rows else _base36(following)

    def job(self, job_id: str) -> Job:
        """Raises ApiError when there is no such job."""
        if job_id not in self._jobs:
            raise ApiError(404, "NOT_FOUND", "The requested resource does not exist")
        return self._jobs[job_id]

    def object_of(self, job_id: str) -> str | None:
        return self._jobs[job_id].object_name if job_id in self._jobs else None


def _unsupported(one: ObjectField) -> bool:
    return one.type in ("base64", "address", "location")


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return digits or "0"
