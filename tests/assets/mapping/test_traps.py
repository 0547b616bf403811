"""Names that look right and are not: what must stay unmapped, and why a wrong guess does not slip through."""

import pytest

from assets.mapping.candidates import Decision
from assets.mapping.policy import Policy, held_back, to_mapping
from assets.mapping.proposal import propose_mapping


def applied(stream, memory=()) -> dict[str, set[str]]:
    targets: dict[str, set[str]] = {}
    for rule in to_mapping(propose_mapping(stream, memory=memory)).rules:
        targets.setdefault(rule.source, set()).add(rule.target)
    return targets


def test_a_name_in_a_cost_report_is_nobodys_name(shape) -> None:
    stream = shape("billing", "name; date@date; cost@decimal; currency@code3; service")
    mapped = applied(stream)
    assert mapped["cost"] == {"cost"}
    assert "name" not in mapped


def test_the_id_of_another_object_is_not_the_records_own(shape) -> None:
    mapped = applied(shape("contacts", "id@integer; account_id@integer; owner_id@integer; email@email; last_name"))
    assert mapped["id"] == {"contact_id"}
    assert mapped["account_id"] == {"account_id"}
    assert mapped["owner_id"] == {"owner_id"}


@pytest.mark.parametrize(
    "foreign", ["pipeline_id", "stage_id", "billing_account_id", "lead_id", "contact_account_name_id"]
)
def test_an_id_of_something_unknown_stays_unmapped(foreign: str, shape) -> None:
    stream = shape("deals", f"{foreign}@integer; stage; amount@decimal; close date@date; deal name")
    assert "opportunity_id" not in applied(stream).get(foreign, set())
    assert "account_id" not in applied(stream).get(foreign, set())


def test_a_numeric_status_without_labels_is_shown_not_applied(shape) -> None:
    stream = shape("deals", "status@integer; stage; amount@decimal; close date@date; deal name")
    proposal = propose_mapping(stream)
    assert "status" not in applied(stream)
    assert proposal.candidates["status"][0].target == "status"
    assert "status" in held_back(proposal, to_mapping(proposal))


def test_an_account_of_a_machine_may_be_the_clouds_or_the_customers(shape) -> None:
    stream = shape("ec2 inventory", "instance id; instance type; region; vpc id; account id@integer")
    assert "account id" not in applied(stream)


def test_status_means_what_its_entity_says(shape) -> None:
    deals = applied(shape("deals", "status; stage; amount@decimal; close date@date; deal name"))
    machines = applied(shape("ec2 inventory", "instance id; instance type; region; vpc id; status"))
    assert deals["status"] == {"status"}
    assert machines["status"] == {"state"}


def test_two_fields_that_fit_one_target_equally_are_both_held_back(shape) -> None:
    stream = shape("contacts", "work email@email; business email@email; first name; last name; job title")
    mapped = applied(stream)
    assert "work email" not in mapped and "business email" not in mapped
    reasons = [c for rule in propose_mapping(stream).rules if rule.target == "email" for c in rule.evidence]
    assert any("as good" in reason for reason in reasons)


def test_values_contradict_a_name(shape) -> None:
    stream = shape("contacts", "email@integer; first name; last name; job title; phone; company name@decimal")
    mapped = applied(stream)
    assert "email" not in mapped and "company name" not in mapped


def test_an_api_address_is_not_a_website(shape) -> None:
    header = "id@integer; url@url; name; domain_names@domain; shared_tickets@boolean; group_id@integer; details"
    assert "url" not in applied(shape("organizations", header))


def test_names_that_look_swapped_keep_to_their_values(shape) -> None:
    header = "account name@email; account email; contact name@integer; first name; last name; job title"
    mapped = applied(shape("contacts", header))
    assert "contact name" not in mapped
    assert mapped.get("account email") is None


def test_dates_that_could_be_either_way_are_not_guessed(shape) -> None:
    header = "deal name; stage; amount@decimal; probability@integer; close date@slash_ambiguous"
    assert "close date" not in applied(shape("deals", header))
    mixed = "deal name; stage; amount@decimal; probability@integer; close date@slash_day_first+slash_month_first"
    assert "close date" not in applied(shape("deals", mixed))


def test_a_comma_that_could_be_either_mark_is_not_guessed(shape) -> None:
    assert "amount" not in applied(shape("deals", "deal name; stage; amount@comma_ambiguous; close date@date"))


def test_fractions_become_percent_and_only_zero_and_one_is_not_guessed(shape) -> None:
    header = "deal name; stage; amount@decimal; close date@date; probability@{}"
    fraction = propose_mapping(shape("deals", header.format("decimal"), ranges={"probability": (0.1, 0.9)}))
    rule = next(rule for rule in to_mapping(fraction).rules if rule.target == "probability")
    assert (rule.transform.kind, rule.transform.args) == ("scale", {"factor": "100"})
    both = shape("deals", header.format("zero_one"), ranges={"probability": (0, 1)})
    assert "probability" not in applied(both)


@pytest.mark.parametrize(
    ("stream", "header"),
    [
        ("tickets", "id@integer; subject; status; priority; requester_id@integer; created_at@timestamp"),
        ("products", "id; name; sku; price@decimal; description; created_at@timestamp"),
        ("employees", "employee_id; first_name; last_name; email@email; phone; department; hire_date@date"),
        ("orders", "id; customer_id; total@decimal; currency@code3; status; order date@date"),
        ("x", "a; b; c@integer; d@date"),
        ("OpportunityHistory", "Id; OpportunityId; StageName; Amount@decimal; CloseDate@date; Probability@integer;"
         "SystemModstamp@timestamp; IsDeleted@boolean; CreatedDate@timestamp; FromForecastCategory"),
        ("User", "Id; Username@email; LastName; FirstName; Email@email; IsActive@boolean; ProfileId; UserRoleId;"
         "SystemModstamp@timestamp"),
        ("Lead", "Id; LastName; FirstName; Company; Email@email; Status; IsConverted@boolean; SystemModstamp@timestamp;"
         "IsDeleted@boolean; ConvertedAccountId@-"),
    ],
)  # fmt: skip
def test_other_objects_are_mapped_to_nothing(stream: str, header: str, shape) -> None:
    proposal = propose_mapping(shape(stream, header))
    assert to_mapping(proposal).entity is None
    assert len(held_back(proposal, to_mapping(proposal))) == len(header.split(";"))


def test_a_cost_report_without_a_cost_would_reject_every_row_so_it_stays_raw(shape) -> None:
    stream = shape("invoices", "invoice number; invoice date@date; supplier; due date@date; currency@code3; total@text")
    proposal = propose_mapping(stream)
    assert to_mapping(proposal).entity is None


def test_a_vendors_unknown_custom_field_is_left_alone(shape) -> None:
    header = "Id; Name; Type; Industry; OwnerId; SystemModstamp@timestamp; IsDeleted@boolean; BillingCity; Zone_7__c"
    assert "Zone_7__c" not in applied(shape("Account", header))


def test_what_a_person_decided_counts_and_what_the_policy_decided_does_not(shape) -> None:
    stream = shape("companies", "company name; website@url; industry; zone")
    person = [Decision("account", "Zone", "billing_state", "person")]
    policy = [Decision("account", "zone", "billing_state", "policy")]
    assert applied(stream, person)["zone"] == {"billing_state"}
    assert "zone" not in applied(stream, policy)


def test_a_person_can_decide_that_a_field_stays_unmapped(shape) -> None:
    stream = shape("companies", "company name; website@url; industry; town")
    assert applied(stream)["town"] == {"billing_city"}
    refused = [Decision.from_json({"entity": "account", "source": "town", "target": None, "decided_by": "person"})]
    assert "town" not in applied(stream, refused)


def test_the_policy_is_the_gate(shape) -> None:
    proposal = propose_mapping(shape("companies", "company name; website@url; industry; compny nme"))
    assert to_mapping(proposal, Policy(apply_at=1.0)).entity is None
    assert to_mapping(proposal, Policy(entity_at=1.0)).entity is None
    loose = to_mapping(proposal, Policy(apply_at=0.5))
    assert {rule.source for rule in loose.rules} >= {"company name", "website", "industry"}


def test_an_amounts_currency_is_taken_from_its_name_only_when_nothing_else_tells(shape) -> None:
    named = applied(shape("deals", "deal name; stage; amount (EUR)@decimal; close date@date"))
    told = applied(shape("deals", "deal name; stage; amount (EUR)@decimal; close date@date; currency@code3"))
    assert named["amount (EUR)"] == {"amount", "currency"}
    assert told["amount (EUR)"] == {"amount"} and told["currency"] == {"currency"}


def test_a_name_written_family_first_is_not_cut(shape) -> None:
    mapped = applied(shape("contacts", "full name@list_comma; email@email; job title; mobile"))
    assert mapped["full name"] == {"full_name"}


def test_names_anybody_might_use_prove_no_vendor(shape) -> None:
    header = "Account Id; Account Owner; Account Name; Phone; Website@url; Industry; Annual Revenue@decimal; Ownership"
    proposal = propose_mapping(shape("Accounts", header))
    assert (proposal.vendor, proposal.entity) == (None, "account")


def test_a_hint_in_the_connections_name_is_evidence_and_not_proof(shape) -> None:
    stream = shape("persons", "id@integer; name; email@email; org_id@integer; job_title; update_time@timestamp")
    assert propose_mapping(stream).vendor is None
    assert propose_mapping(stream, "files our Pipedrive export").vendor == "pipedrive"
    assert propose_mapping(shape("tickets", "id; subject; status"), "pipedrive").entity is None


def test_lower_case_currency_codes_are_raised(shape) -> None:
    stream = shape("customers", "name; website@url; industry; annual revenue@decimal; currency@code3_lower")
    rule = next(rule for rule in to_mapping(propose_mapping(stream)).rules if rule.target == "currency")
    assert rule.transform.kind == "upper"


def test_a_provider_bill_called_usage_is_a_cost_report(shape) -> None:
    header = "usage date@date; cost@decimal; currency@code3; service name; usage quantity@decimal; unit"
    assert propose_mapping(shape("monthly_usage", header)).entity == "cost_report"
    assert propose_mapping(shape("monthly_usage", "account_id; feature; date@date; quantity@integer")).entity == "usage"
