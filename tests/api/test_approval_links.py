"""Links of notes: they open one repair to read, without a login, and say nothing where they open none."""

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import httpx
import pytest

from orchestration.resources.signed_links import VALID_FOR, LinkSigner
from orchestration.resources.slack_notes import DECIDE
from tests.api.repair_loops import AAM, NewRepair, document, lake_catalog, new_repair, published_repair, repaired_tenant
from tests.api.serving import ServedApi, ServedTenant
from tests.orchestration.commands.drifted import Drifted
from tests.orchestration.control_plane.databases import MASTER_KEY

__all__ = ["lake_catalog", "new_repair", "published_repair", "repaired_tenant"]
pytestmark = pytest.mark.servers


def token_for(tenant_id: UUID, subject: UUID, purpose: str = DECIDE, now: datetime | None = None) -> str:
    return LinkSigner(MASTER_KEY).sign(purpose, tenant_id, subject, now or datetime.now(UTC))


@pytest.fixture
def anyone(shared_api: ServedApi) -> httpx.Client:
    return shared_api.anonymous()


def test_a_link_opens_its_repair_to_read(anyone: httpx.Client, published_repair: Drifted) -> None:
    token = token_for(published_repair.tenant_id, published_repair.proposal_id)
    with anyone:
        linked = document(anyone.get(f"{AAM}/approvals/link", headers={"X-Link-Token": token}))
        assert linked["approval"]["id"] == str(published_repair.proposal_id)
        assert len(linked["approval"]["samples"]["rows"]) == 2
        page = anyone.get(f"/approvals/link/{token}")
        assert anyone.post(f"{AAM}/approvals/{published_repair.proposal_id}/approve").status_code == 401
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    for words in ("phone → mobile", "mobile -&gt; phone | trim", "3 of 4 records", "+49 30 2", "to decide, log in"):
        assert words in page.text
    assert "<script" not in page.text and token not in page.text
    assert f'href="/approvals/{published_repair.proposal_id}"' in page.text
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "style-src 'sha256-" in policy
    assert (page.headers["referrer-policy"], page.headers["cache-control"]) == ("no-referrer", "no-store")


def test_words_of_data_are_only_words_on_the_page(
    anyone: httpx.Client, repaired_tenant: ServedTenant, new_repair: NewRepair
) -> None:
    made = new_repair()
    with repaired_tenant.session() as session:
        session.proposals.refresh(made.proposal_id, reasons=["<script>alert('x')</script>"])
    with anyone:
        page = anyone.get(f"/approvals/link/{token_for(made.tenant_id, made.proposal_id)}")
    assert page.status_code == 200
    assert "<script" not in page.text and "&lt;script&gt;" in page.text


def test_every_element_of_the_page_is_closed_and_named(anyone: httpx.Client, published_repair: Drifted) -> None:
    with anyone:
        page = anyone.get(f"/approvals/link/{token_for(published_repair.tenant_id, published_repair.proposal_id)}").text
    assert '<html lang="en">' in page and page.count("<h1>") == 1 and page.count("<main>") == 1
    elements = "table caption thead tbody tr th td dl dt dd ul li p a span h2"
    for element in elements.split():
        assert len(re.findall(rf"<{element}[ >]", page)) == page.count(f"</{element}>"), element


def test_a_link_to_what_is_decided_says_so(
    anyone: httpx.Client, repaired_tenant: ServedTenant, new_repair: NewRepair
) -> None:
    made = new_repair()
    document(repaired_tenant.client("approver").post(f"{AAM}/approvals/{made.proposal_id}/reject"), 202)
    with anyone:
        page = anyone.get(f"/approvals/link/{token_for(made.tenant_id, made.proposal_id)}").text
    assert "Nothing is left to decide: rejected by approver@" in page


def test_links_that_open_nothing_all_look_alike(
    anyone: httpx.Client, repaired_tenant: ServedTenant, published_repair: Drifted, shared_api: ServedApi
) -> None:
    good = token_for(published_repair.tenant_id, published_repair.proposal_id)
    stranger = shared_api.new_tenant()
    tokens = {
        "expired": token_for(
            published_repair.tenant_id, published_repair.proposal_id, now=datetime.now(UTC) - VALID_FOR - timedelta(1)
        ),
        "changed": good[:-1] + ("A" if good[-1] != "A" else "B"),
        "another purpose": token_for(published_repair.tenant_id, published_repair.proposal_id, "invite"),
        "another tenant's": token_for(stranger.id, published_repair.proposal_id),
        "no tenant": token_for(uuid4(), published_repair.proposal_id),
        "no repair": token_for(repaired_tenant.id, uuid4()),
        "nothing": "x",
        "other key": LinkSigner(bytes(32)).sign(
            DECIDE, published_repair.tenant_id, published_repair.proposal_id, datetime.now(UTC)
        ),
    }
    with anyone:
        pages = {name: anyone.get(f"/approvals/link/{token}") for name, token in tokens.items()}
        answers = {
            name: anyone.get(f"{AAM}/approvals/link", headers={"X-Link-Token": token}) for name, token in tokens.items()
        }
    assert {name: page.status_code for name, page in pages.items()} == dict.fromkeys(tokens, 404)
    assert len({page.text for page in pages.values()}) == 1 and "not valid" in pages["nothing"].text
    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(tokens, 404)
    assert len({answer.content for answer in answers.values()}) == 1
