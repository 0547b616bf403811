"""`contract show|set` and `repair settings`: what a tenant wants of changes and repairs, and who may say so."""

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest

from orchestration.commands.access import Access
from orchestration.control_plane.repair_settings import RepairSettings
from tests.orchestration.commands.conftest import Answer, Run

pytestmark = pytest.mark.servers
TENANT = ("--tenant", "Brindlecove")


@pytest.fixture
def name(access: Access, tenant_id: UUID) -> Iterator[str]:
    """A connection; what was said of the tenant is taken back in the end."""
    with access.control_plane.tenant_session(tenant_id) as session:
        made = session.connections.create(f"crm-{uuid4().hex[:8]}", "files", {"path": "/nowhere"})
    yield made.name
    with access.control_plane.tenant_session(tenant_id) as session:
        session.contracts.set(None, "test")
        session.contracts.set(None, "test", kind="renamed")


def contract(run: Run, *arguments: str) -> Answer:
    return run("contract", *arguments, *TENANT, "--json")


def test_the_narrowest_contract_counts_and_can_be_changed_later(run: Run, name: str) -> None:
    for arguments in (
        ("set", "freeze"), ("set", "hold", "--connection", name), ("set", "evolve", "-c", name, "--stream", "deals"),
        ("set", "hold", "-c", name, "--stream", "deals", "--kind", "renamed"),
    ):  # fmt: skip
        answer = contract(run, *arguments)
        assert answer.status == 0, answer.err
    of_deals = contract(run, "show", "-c", name, "--stream", "deals").document["effective"]
    of_people = contract(run, "show", "-c", name, "--stream", "people").document["effective"]
    assert (of_deals["renamed"], of_deals["removed"], of_people["removed"]) == ("hold", "evolve", "hold")
    assert contract(run, "set", "default", "-c", name, "--stream", "deals", "--kind", "renamed").status == 0
    assert contract(run, "show", "-c", name, "--stream", "deals").document["effective"]["renamed"] == "evolve"
    said = contract(run, "show").document["contracts"]
    assert {"connection": None, "stream": None, "kind": None, "policy": "freeze", "decided_by": "operator"}.items() <= (
        said[0].items()
    )
    assert "freeze" in run("contract", "show", *TENANT).out


def test_where_nobody_decided_the_default_holds(run: Run, name: str) -> None:
    answer = contract(run, "show", "-c", name, "--stream", "deals")
    assert answer.document["contracts"] == []
    assert set(answer.document["effective"].values()) == {"default"}
    assert "default" in run("contract", "show", *TENANT, "-c", name).out


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("set", "ignore"), "unknown_policy"),
        (("set", "hold", "--kind", "renmaed"), "unknown_kind"),
        (("set", "hold", "--stream", "deals"), "contract_invalid"),
        (("set", "hold", "--as", "nobody@elsewhere.example"), "unknown_member"),
        (("set", "hold", "-c", "nowhere"), "unknown_connection"),
    ],
)
def test_what_is_no_contract_is_explained_and_not_stored(
    run: Run, name: str, arguments: tuple[str, ...], code: str
) -> None:
    answer = contract(run, *arguments)
    assert (answer.status, answer.document["error"]["code"]) == (1, code)
    assert contract(run, "show", "-c", name).document["contracts"] == []


@pytest.fixture
def defaults(access: Access, tenant_id: UUID) -> Iterator[None]:
    yield
    values = RepairSettings()
    with access.control_plane.tenant_session(tenant_id) as session:
        session.repair_settings.set("test", **{name: getattr(values, name) for name in values.__slots__})


def test_settings_are_shown_set_and_in_the_history(run: Run, access: Access, tenant_id: UUID, defaults: None) -> None:
    shown = run("repair", "settings", *TENANT, "--json").document
    assert (shown["settings"]["apply_at"], shown["settings"]["two_person"], shown["changed"]) == (0.85, False, [])
    with access.control_plane.tenant_session(tenant_id) as session:
        session.secrets.put("slack", "https://hooks.slack.com/services/canary")
    given = ("--apply-at", "0.9", "--ask-at", "0.5", "--two-person", "--watch-syncs", "5", "--slack-secret", "slack")
    answer = run("repair", "settings", *TENANT, *given, "--llm-budget-usd", "12.50", "--json")
    assert answer.status == 0, answer.err
    settings = answer.document["settings"]
    assert (settings["apply_at"], settings["two_person"], settings["watch_syncs"]) == (0.9, True, 5)
    assert (settings["slack_secret"], float(settings["llm_monthly_budget_usd"])) == ("slack", 12.5)
    with access.control_plane.tenant_session(tenant_id) as session:
        assert session.audit.list(1)[0].action == "repair.settings"
    for_people = run("repair", "settings", *TENANT, "--slack-secret", "", "--llm-budget-usd", "")
    assert "canary" not in for_people.out + answer.out
    again = run("repair", "settings", *TENANT, "--json").document["settings"]
    assert (again["slack_secret"], again["llm_monthly_budget_usd"], again["apply_at"]) == (None, None, 0.9)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--apply-at", "0.4"), "settings_invalid"),
        (("--ask-at", "0"), "settings_invalid"),
        (("--watch-syncs", "21"), "settings_invalid"),
        (("--approval-days", "0"), "settings_invalid"),
        (("--slack-secret", "nowhere"), "no_such_secret"),
        (("--llm-budget-usd", "much"), "not_an_amount"),
    ],
)
def test_a_setting_that_cannot_be_is_explained_and_not_stored(
    run: Run, tenant_id: UUID, defaults: None, arguments: tuple[str, ...], code: str
) -> None:
    answer = run("repair", "settings", *TENANT, *arguments, "--json")
    assert (answer.status, answer.document["error"]["code"]) == (1, code)
    settings = run("repair", "settings", *TENANT, "--json").document["settings"]
    assert (settings["apply_at"], settings["watch_syncs"], settings["slack_secret"]) == (0.85, 3, None)


def test_notes_that_were_not_taken_are_shown(run: Run, access: Access, tenant_id: UUID) -> None:
    with access.control_plane.tenant_session(tenant_id) as session:
        session.notes_outbox.put("drift", "event 1", {"stream": "deals"})
        (note,) = session.notes_outbox.list()
        session.notes_outbox.failed(note.id, "Slack answered with status 500.")
    notes = run("repair", "settings", *TENANT, "--json").document["notes"]
    assert (notes["waiting"], notes["sent"], notes["failed"]) == (1, 0, 1)
    assert notes["notes"][0]["error"] == "Slack answered with status 500."
    assert "status 500" in run("repair", "settings", *TENANT).out
