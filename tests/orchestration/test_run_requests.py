"""Asking the real code server and the real storage for runs: twice for the same is once."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import dagster as dg
import pytest
import sqlalchemy as sa

from orchestration.dagster_home import (
    code_server_command,
    create_dagster_tables,
    dagster_environment,
    write_dagster_home,
    write_workspace,
)
from orchestration.dagster_storage import shared_engine
from orchestration.embedded.ports import free_port
from orchestration.resources.settings import REPOSITORY
from orchestration.run_requests import RunRequester
from tests.orchestration.control_plane.databases import statement

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("stacks of their own")]

DEFINITIONS = """
import dagster as dg
parts = dg.DynamicPartitionsDefinition(name="connections")

@dg.asset(partitions_def=parts)
def thing(): ...

jobs = [dg.define_asset_job(name, [thing], tags={"of": "job"}) for name in ("make", "make_anew")]
defs = dg.Definitions([thing], jobs=jobs)
"""


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@dataclass
class Given:
    home: Path
    dagster_url: str
    redis_url: str


@pytest.fixture(scope="module")
def requester(
    postgres_admin_url: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunRequester]:
    folder = tmp_path_factory.mktemp("dagster")
    (folder / "made_up_definitions.py").write_text(DEFINITIONS)
    name = f"dagster_{uuid4().hex[:12]}"
    statement(postgres_admin_url, f"CREATE DATABASE {name}")
    url = sa.make_url(postgres_admin_url).set(database=name).render_as_string(hide_password=False)
    given = Given(folder, url, redis_url)
    port = free_port()
    home = write_dagster_home(given)
    workspace = write_workspace(home, port)
    create_dagster_tables(given)
    environment = os.environ | dagster_environment(given) | {"PYTHONPATH": f"{REPOSITORY}:{folder}"}
    command = [
        "made_up_definitions" if part == "orchestration.definitions" else part for part in code_server_command(port)
    ]
    with pytest.MonkeyPatch.context() as patch, (folder / "code-server.log").open("wb") as log:
        for variable, value in dagster_environment(given).items():
            patch.setenv(variable, value)
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            deadline = time.monotonic() + 60
            while not _answers(port):
                assert server.poll() is None and time.monotonic() < deadline, (folder / "code-server.log").read_text()
                time.sleep(0.05)
            with dg.DagsterInstance.get() as instance, RunRequester(instance, workspace) as made:
                instance.add_dynamic_partitions("connections", ["a"])
                yield made
        finally:
            # A code server that is asked to end while it starts does not hear it; nothing here depends on how it ends.
            server.kill()
            server.wait(20)
            shared_engine(url).dispose()
            statement(postgres_admin_url, f"DROP DATABASE {name} WITH (FORCE)")


def test_a_run_is_queued_with_its_id_partition_and_tags(requester: RunRequester) -> None:
    run_id = str(uuid4())
    requester.request("make", run_id, "a", {"mine": "x"})
    run = requester.instance.get_run_by_id(run_id)
    assert run is not None
    assert run.status is dg.DagsterRunStatus.QUEUED
    assert (run.tags["dagster/partition"], run.tags["mine"], run.tags["of"]) == ("a", "x", "job")


def test_asking_twice_gives_one_run(requester: RunRequester) -> None:
    run_id, tag = str(uuid4()), {"twice": uuid4().hex}
    for _ in range(2):
        requester.request("make", run_id, "a", tag)
    assert [run.run_id for run in requester.instance.get_runs(dg.RunsFilter(tags=tag))] == [run_id]


def test_a_run_that_was_made_but_not_queued_is_queued(requester: RunRequester) -> None:
    first, run_id = str(uuid4()), str(uuid4())
    requester.request("make", first, "a", {})
    made = requester.instance.get_run_by_id(first)
    assert made is not None
    requester.instance.add_run(made._replace(run_id=run_id, status=dg.DagsterRunStatus.NOT_STARTED))
    requester.request("make", run_id, "a", {})
    run = requester.instance.get_run_by_id(run_id)
    assert run is not None
    assert run.status is dg.DagsterRunStatus.QUEUED


def test_one_that_was_made_for_another_job_and_not_queued_is_made_for_this_one(requester: RunRequester) -> None:
    first, run_id = str(uuid4()), str(uuid4())
    requester.request("make", first, "a", {})
    made = requester.instance.get_run_by_id(first)
    assert made is not None
    requester.instance.add_run(made._replace(run_id=run_id, status=dg.DagsterRunStatus.NOT_STARTED))
    requester.request("make_anew", run_id, "a", {})
    run = requester.instance.get_run_by_id(run_id)
    assert run is not None
    assert (run.job_name, run.status) == ("make_anew", dg.DagsterRunStatus.QUEUED)
