"""The image as it is written: small, without privileges, secrets or tools. It is not built here: that needs Docker."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINES = (ROOT / "Dockerfile").read_text().replace("\\\n", " ").splitlines()
STEPS = [line for line in LINES if line and not line.startswith(("#", " "))]
IGNORED = (ROOT / ".dockerignore").read_text().split()


def stages() -> list[list[str]]:
    """Steps by stage, each beginning with FROM."""
    found: list[list[str]] = []
    for step in STEPS:
        if step.startswith("FROM "):
            found.append([])
        found[-1].append(step)
    return found


def copied() -> list[str]:
    """What is taken from the folder of the project."""
    steps = [step.split()[1:] for step in STEPS if step.startswith("COPY ") and "--from=" not in step]
    return [source for sources in steps for source in sources[:-1]]


def test_it_runs_as_nobody_in_particular() -> None:
    users = [step for step in stages()[-1] if step.startswith("USER ")]
    assert len(users) == 1
    assert re.fullmatch(r"USER [1-9]\d{3,}:[1-9]\d{3,}", users[0])
    after = stages()[-1][stages()[-1].index(users[0]) :]
    assert not [step for step in after if step.startswith(("RUN ", "COPY ", "ADD "))]


def test_the_end_has_no_tools_to_build_with() -> None:
    first, last = stages()
    assert not [step for step in first + last if re.search(r"apt-get|build-essential|\bgcc\b|\bcurl\b|\bwget\b", step)]
    assert not [step for step in last if re.search(r"\bpip\b|\buv\b", step)]
    assert all("--from=build" in step for step in last if step.startswith("COPY "))


def test_bases_are_named_by_version() -> None:
    assert {stage[0].split()[1] for stage in stages()} == {"python:3.11-slim"}


@pytest.mark.parametrize("source", copied())
def test_what_it_copies_is_there_and_nothing_else_could_be(source: str) -> None:
    assert (ROOT / source).exists()
    assert f"!{source}" in IGNORED


def test_what_is_not_named_stays_out() -> None:
    assert "*" in IGNORED
    allowed = {word.removeprefix("!") for word in IGNORED if word.startswith("!")}
    assert allowed == set(copied())
    assert not allowed & {".", ".git", ".autonomos", ".env", "tests", ".venv"}


def test_no_secret_is_built_in() -> None:
    given = [step for step in STEPS if step.startswith(("ENV ", "ARG "))]
    assert not [step for step in given if re.search(r"PASSWORD|SECRET|TOKEN|MASTER_KEY|DATABASE_URL|REDIS_URL", step)]


def test_what_is_installed_is_pinned_by_hash() -> None:
    (install,) = [step for step in STEPS if "pip install" in step]
    assert "--require-hashes" in install and "--only-binary :all:" in install
    assert "--hash=sha256:" in (ROOT / "requirements.lock").read_text()


def test_its_health_is_asked_and_it_is_told_to_end() -> None:
    last = stages()[-1]
    (health,) = [step for step in last if step.startswith("HEALTHCHECK ")]
    assert "/health" in health
    assert "STOPSIGNAL SIGTERM" in last
    # As a list: a shell in between would not pass the signal on.
    assert [step for step in last if step.startswith(('ENTRYPOINT ["', 'CMD ["'))] == [
        'ENTRYPOINT ["python", "-m", "orchestration.cli"]',
        'CMD ["up"]',
    ]
    assert (ROOT / "orchestration" / "cli.py").exists()
