"""The matcher's candidates in a first mapping: for open fields only, and never applied without a person."""

from assets.fingerprint.fingerprint import ObservedField, ObservedStream
from assets.mapping.candidates import FieldCandidates, rank_candidates
from assets.mapping.matched import ASKED_AT_MOST, add_matches
from assets.mapping.policy import Policy, to_mapping
from assets.mapping.proposal import propose_mapping


def _field(name: str, classes: dict[str, int] | None = None) -> ObservedField:
    return ObservedField(name, "text", sampled_rows=10, classes={"text": 10} if classes is None else classes)


def _ranked(*fields: ObservedField) -> tuple[list[FieldCandidates], ObservedStream]:
    entries = [rank_candidates(field, "account", None, {}, is_key=False) for field in fields]
    return entries, ObservedStream("accounts", fields)


def test_a_field_with_an_unusual_name_gains_a_candidate_with_reasons() -> None:
    entries, stream = _ranked(_field("name"), _field("www"), _field("sector"), _field("ortsteil"), _field("industry"))
    found = {entry.field.name: entry for entry in add_matches(entries, "account", stream)}
    assert found["www"].ranked[0].target == "website"
    assert found["www"].ranked[0].origin == "matcher"
    assert found["www"].ranked[0].evidence
    assert found["name"].ranked == entries[0].ranked


def test_no_match_is_applied_without_a_person() -> None:
    names = ["stra", "ortsteil", "umsatz", "hdcnt", "whatever", "x17", "notes about it", "sector", "www"]
    entries, stream = _ranked(*(_field(name) for name in names))
    added = [c for entry in add_matches(entries, "account", stream) for c in entry.ranked if c.origin == "matcher"]
    assert len(added) >= 3
    assert all(candidate.probability <= ASKED_AT_MOST < Policy().apply_at for candidate in added)


def test_the_matcher_never_claims_a_record_s_identity_by_itself() -> None:
    entries, stream = _ranked(_field("acct_identification"), _field("name"))
    for entry in add_matches(entries, "account", stream):
        assert all(
            c.probability <= ASKED_AT_MOST for c in entry.ranked if c.target == "account_id" and c.origin == "matcher"
        )


def test_fields_that_mean_nothing_known_are_not_mapped() -> None:
    names = ["name", "website", "billing_city", "x1", "flag_17", "zz_tmp", "blob"]
    stream = ObservedStream("accounts", tuple(_field(name) for name in names))
    mapping = to_mapping(propose_mapping(stream))
    assert mapping.entity == "account"
    assert {rule.source for rule in mapping.rules} <= {"name", "website", "billing_city"}


def test_a_very_wide_stream_gains_candidates_for_its_likeliest_fields_only() -> None:
    fields = [_field(f"zq{at}") for at in range(400)] + [_field("hdcnt_employees", {"integer": 10})]
    entries, stream = _ranked(*fields)
    found = {entry.field.name: entry for entry in add_matches(entries, "account", stream)}
    assert len(found) == 401
    assert found["hdcnt_employees"].ranked[0].target == "number_of_employees"
