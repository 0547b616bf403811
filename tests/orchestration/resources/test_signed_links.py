"""Signed links: what was signed is read back, and nothing that was changed, is late, or is for something else."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.resources.signed_links import VALID_FOR, LinkClaim, LinkInvalid, LinkSigner

NOW = datetime(2031, 5, 6, 7, 8, 9, tzinfo=UTC)
TENANT, PROPOSAL = UUID(int=17), UUID(int=4711)
SIGNER = LinkSigner(bytes(range(32)))
TOKEN = SIGNER.sign("decide", TENANT, PROPOSAL, NOW)


def test_a_link_says_what_was_signed_until_it_expires() -> None:
    late = NOW + VALID_FOR - timedelta(seconds=1)
    assert SIGNER.read(TOKEN, "decide", late) == LinkClaim("decide", TENANT, PROPOSAL, NOW + VALID_FOR)
    with pytest.raises(LinkInvalid, match="expired"):
        SIGNER.read(TOKEN, "decide", NOW + VALID_FOR)


def test_a_link_is_good_for_one_purpose() -> None:
    with pytest.raises(LinkInvalid, match="something else"):
        SIGNER.read(TOKEN, "unsubscribe", NOW)


def test_another_key_makes_another_link() -> None:
    with pytest.raises(LinkInvalid, match="not made here"):
        LinkSigner(bytes(range(1, 33))).read(TOKEN, "decide", NOW)


@given(at=st.integers(0, len(TOKEN) - 1), character=st.characters())
def test_a_link_with_any_character_changed_is_refused(at: int, character: str) -> None:
    changed = TOKEN[:at] + character + TOKEN[at + 1 :]
    try:
        claim = SIGNER.read(changed, "decide", NOW)
    except LinkInvalid:
        return
    # The last character of base64 has bits that stand for nothing.
    assert (claim.tenant_id, claim.subject, claim.expires_at) == (TENANT, PROPOSAL, NOW + VALID_FOR)
    assert changed == TOKEN or at == len(TOKEN) - 1


@given(st.text())
def test_what_is_no_link_is_refused(text: str) -> None:
    with pytest.raises(LinkInvalid):
        SIGNER.read(text, "decide", NOW)


def test_a_link_shows_no_id_in_clear_text_beyond_its_own() -> None:
    assert len(TOKEN) < 250
    assert set(TOKEN) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")
