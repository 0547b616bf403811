"""The ranked answer: right pairs first, what people decided above all, a second opinion within its bounds."""

import time
from dataclasses import replace

import numpy as np
import pytest

from assets.mapping.candidates import Decision
from assets.mapping.matching.columns import MatchColumn, columns_of_entity
from assets.mapping.matching.decision import (
    DECISION_FEATURES,
    NEAREST,
    NO_MATCH,
    PAIR_FEATURES,
    assigned,
    decision_features,
)
from assets.mapping.matching.matcher import Match, TooManyColumns, match
from assets.mapping.matching.model import MatchModel


def _best(found: list[Match]) -> dict[str, Match]:
    return {one.source: one for one in found if one.rank == 1}


def test_plain_differences_of_style_are_seen_through() -> None:
    pairs = {
        "CustName": "customer_name", "telefon": "phone_number", "ORDDT": "order_date", "plz": "postal_code",
        "TotAmt": "total_amount", "qty": "quantity", "IsActive": "active_flag", "crtd_at": "created_on",
    }  # fmt: skip
    found = _best(match([MatchColumn(name) for name in pairs], [MatchColumn(name) for name in sorted(pairs.values())]))
    assert {source: one.target for source, one in found.items()} == pairs


def test_every_source_has_ranked_targets_with_falling_probability() -> None:
    sources, targets = [MatchColumn(name) for name in ("a", "b", "zip")], columns_of_entity("account")
    found = match(sources, targets, top=5)
    assert [(one.source, one.rank) for one in found] == [(s, r) for s in ("a", "b", "zip") for r in range(1, 6)]
    for source in ("a", "b", "zip"):
        mine = [one.probability for one in found if one.source == source]
        assert mine == sorted(mine, reverse=True)
        assert all(0 <= probability <= 1 for probability in mine)


def test_the_same_columns_give_the_same_answer_in_any_order_of_targets() -> None:
    sources = [MatchColumn(name) for name in ("AccountName", "PhoneNo", "emp_count")]
    targets = list(columns_of_entity("account"))
    one, other = _best(match(sources, targets)), _best(match(sources, targets[::-1]))
    assert {name: found.target for name, found in one.items()} == {name: found.target for name, found in other.items()}


def test_a_column_that_copies_another_is_not_both_sure() -> None:
    targets = [MatchColumn("email"), MatchColumn("phone")]
    found = match([MatchColumn("email"), MatchColumn("email_copy")], targets)
    copies = [one.probability for one in found if one.target == "email"]
    assert min(copies) < 0.85


def test_what_people_decided_counts_more_than_any_likeness() -> None:
    memory = [Decision("account", "Industry", "rating"), Decision("account", "fax", None)]
    sources = [MatchColumn("Industry"), MatchColumn("fax")]
    found = match(sources, columns_of_entity("account"), memory=memory)
    best = _best(found)
    assert (best["Industry"].target, best["Industry"].probability) == ("account.rating", 0.99)
    assert best["Industry"].evidence == ("decided by a person before",)
    assert all(one.probability < 0.05 for one in found if one.source == "fax")


def test_what_a_policy_decided_before_proves_nothing() -> None:
    memory = [Decision("account", "Industry", "rating", decided_by="policy")]
    found = _best(match([MatchColumn("Industry")], columns_of_entity("account"), memory=memory))
    assert found["Industry"].target == "account.industry"


def test_a_second_opinion_reorders_and_lifts_nothing_over_the_line() -> None:
    def opinion(source: str, ranked: list[Match]) -> list[Match]:
        made_up = Match(source, "account.made_up", 1.0, 1)
        turned = [replace(one, rank=at, probability=1.0) for at, one in enumerate(reversed(ranked), start=1)]
        return [made_up, *turned]

    sources, targets = [MatchColumn("ort"), MatchColumn("Industry")], columns_of_entity("account")
    alone = {(one.source, one.target): one for one in match(sources, targets)}
    advised = match(sources, targets, rerank=opinion)
    assert {(one.source, one.target) for one in advised} == set(alone)
    for one in advised:
        assert one.probability < 0.85 or alone[one.source, one.target].probability >= 0.85
    assert [one.rank for one in advised if one.source == "ort"] == list(range(1, 21))


def test_an_opinion_that_answers_nothing_changes_nothing() -> None:
    sources, targets = [MatchColumn("ort"), MatchColumn("Industry")], columns_of_entity("account")
    assert match(sources, targets, rerank=lambda source, ranked: []) == match(sources, targets)


def test_nothing_matches_nothing() -> None:
    assert match([], [MatchColumn("a")]) == []
    assert match([MatchColumn("a")], []) == []


def test_too_many_pairs_are_refused_before_any_work() -> None:
    many = [MatchColumn(f"c{at}") for at in range(2200)]
    with pytest.raises(TooManyColumns):
        match(many, many)


def test_a_choice_is_one_to_one_and_leaves_out_what_is_better_unmatched() -> None:
    logits = np.array([[5, 4, -9], [4.5, -9, -9], [-9, -9, NO_MATCH - 1]], dtype=np.float32)
    assert assigned(logits).astype(int).tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 0]]
    columns = [MatchColumn(name) for name in ("a", "b", "c")]
    planes = {name: np.zeros((3, 3), dtype=np.float32) for name in PAIR_FEATURES}
    found, ranks = decision_features(logits, columns, columns, planes)
    assert found.shape == (9, len(DECISION_FEATURES))
    assert ranks.tolist() == [[1, 2, 3], [1, 2, 3], [2, 3, 1]]
    assert found[0, DECISION_FEATURES.index("row_lead")] == pytest.approx(1)
    assert found[0, DECISION_FEATURES.index("mutual")] == 1


def test_a_table_whose_columns_go_elsewhere_speaks_against_a_pair() -> None:
    sources = [MatchColumn(name, table=table) for table in ("one", "two") for name in ("a", "b", "c")]
    targets = [MatchColumn(name, table="there") for name in ("a", "b", "c")]
    logits = np.full((6, 3), -6.0, dtype=np.float32)
    logits[0, 0] = logits[1, 1] = logits[2, 2] = 5  # table one is the counterpart
    logits[3, 0] = 4.5  # and one column of table two looks alike
    planes = {name: np.zeros((6, 3), dtype=np.float32) for name in PAIR_FEATURES}
    found, ranks = decision_features(logits, sources, targets, planes)
    held = np.zeros((6, 3))
    held[ranks <= NEAREST] = found[:, DECISION_FEATURES.index("over_source_tables")]
    assert held[0, 0] > 0.5
    assert held[3, 0] < -0.5


def test_a_pair_further_down_is_worth_less_than_any_near_one() -> None:
    ranks = np.arange(1, 9)[None, :]
    model = MatchModel.load()
    decisions = np.zeros((NEAREST, len(DECISION_FEATURES)), dtype=np.float32)
    found = model.probabilities(decisions, ranks)[0]
    assert (np.diff(found[NEAREST - 1 :]) < 0).all()
    assert found[NEAREST:].max() < found[:NEAREST].min()


def test_a_model_s_trees_and_its_calibration_are_followed() -> None:
    document = {
        "version": "t", "kind": "trees", "features": ["name_same", "name_edit"],
        "trees": {"base": -1.0, "trees": [
            {"feature": [0, -1, 1, -1, -1], "threshold": [0.5, 0, 0.25, 0, 0], "left": [1, 0, 3, 0, 0],
             "right": [2, 0, 4, 0, 0], "value": [0, -2.0, 0, 1.0, 3.0]},
            {"feature": [-1], "threshold": [0], "left": [0], "right": [0], "value": [0.5]},
        ]},
        "calibration": {"features": ["score"], "coef": [1.0], "intercept": 0.0, "knots": [[0, 0], [0.5, 0.2], [1, 1]]},
    }  # fmt: skip
    model = MatchModel.from_json(document)
    pairs = {"name_same": np.array([[0, 1, 1]]), "name_edit": np.array([[0.9, 0.25, 0.3]])}
    planes = {name: plane.astype(np.float32) for name, plane in pairs.items()}
    logits = model.score_planes(planes, np.ones((1, 3), dtype=bool))
    assert logits.tolist() == [-2.5, 0.5, 2.5]
    held = MatchModel.from_json(document | {"prior": {"name_edit": 2.0}})
    assert held.score_planes(planes, np.ones((1, 3), dtype=bool)).tolist() == pytest.approx([-0.7, 1.0, 3.1])
    decisions = np.zeros((1, len(DECISION_FEATURES)), dtype=np.float32)
    assert model.calibrate(decisions).tolist() == [pytest.approx(0.2)]


def test_a_model_that_wants_an_unknown_feature_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown features"):
        MatchModel.from_json({"version": "t", "kind": "trees", "features": ["colour"]})


def test_a_hundred_by_a_hundred_columns_are_matched_in_two_seconds() -> None:
    nouns = ["order", "customer", "invoice", "item", "payment", "carrier", "region", "contract", "driver", "ticket"]
    heads = ["id", "name", "date", "amount", "status", "type", "count", "note", "start", "owner"]
    sources = [MatchColumn(f"{noun}_{head}") for noun in nouns for head in heads]
    targets = [MatchColumn(f"{noun.title()}{head.title()}") for noun in nouns for head in heads]
    match(sources[:1], targets[:1])
    started = time.process_time()
    found = match(sources, targets)
    assert time.process_time() - started < 4  # of two cores
    right = [one for one in _best(found).values() if one.target.lower() == one.source.replace("_", "")]
    assert len(right) == 100
