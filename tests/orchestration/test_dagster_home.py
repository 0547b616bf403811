"""Dagster's folder: valid for Dagster, without secrets; command lines without secrets."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from dagster._core.instance.ref import InstanceRef

from orchestration import dagster_home
from orchestration.dagster_home import (
    daemon_command,
    dagster_environment,
    dispatcher_command,
    webserver_command,
    worker_command,
    write_dagster_home,
    write_workspace,
)


@dataclass
class Given:
    home: Path
    dagster_url: str = "postgresql+psycopg2://d:secret-one@127.0.0.1:5/dagster"
    redis_url: str = "redis://:secret-two@127.0.0.1:6/0"


@pytest.fixture
def given(tmp_path: Path) -> Given:
    return Given(tmp_path)


def test_dagster_accepts_the_configuration(given: Given, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in dagster_environment(given).items():
        monkeypatch.setenv(name, value)
    reference = InstanceRef.from_dir(str(write_dagster_home(given, workers=3)))
    launcher = reference.run_launcher
    assert type(launcher).__name__ == "LeasedCeleryRunLauncher"
    assert reference.run_coordinator.get_run_queue_config().max_concurrent_runs == 12
    assert reference.settings["run_retries"]["retry_on_asset_or_op_failure"] is False
    assert reference.settings["telemetry"]["enabled"] is False


def test_no_file_and_no_command_line_holds_a_secret(given: Given) -> None:
    home = write_dagster_home(given)
    workspace = write_workspace(home, 4000)
    commands = [
        dagster_home.code_server_command(4000),
        webserver_command(workspace, 3000),
        daemon_command(workspace),
        worker_command("one"),
        dispatcher_command(workspace),
    ]
    texts = [path.read_text() for path in home.rglob("*") if path.is_file()]
    texts += [" ".join(command) for command in commands]
    assert len(texts) == 7
    assert not [text for text in texts if "secret" in text]


def test_the_webserver_listens_on_loopback_unless_told_otherwise(tmp_path: Path) -> None:
    assert "127.0.0.1" in webserver_command(tmp_path, 3000)
    assert "0.0.0.0" in webserver_command(tmp_path, 3000, "0.0.0.0")
