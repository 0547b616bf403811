"""A model's opinion moves close candidates and nothing else."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.mapping.rerank import BAND, FieldSketch, Opinion, Ranking, rerank
from orchestration.resources.llm import Question
from orchestration.resources.llm_endpoint import LlmUnavailable

APPLY_AT = 0.85
FIELD = FieldSketch("umsatz")


@dataclass(frozen=True)
class Choice:
    target: str
    probability: float


def says(*ranking: tuple[str, float]) -> Ranking:
    return Ranking(ranking=[Opinion(target=target, confidence=confidence) for target, confidence in ranking])


def test_close_candidates_change_places() -> None:
    choices = [Choice("a", 0.62), Choice("b", 0.60)]
    ordered, _ = rerank(lambda _: says(("b", 1.0), ("a", 0.0)), FIELD, (), choices, APPLY_AT)
    assert [choice.target for choice in ordered] == ["b", "a"]


def test_what_is_far_apart_stays_in_its_order() -> None:
    choices = [Choice("a", 0.80), Choice("b", 0.40)]
    ordered, _ = rerank(lambda _: says(("b", 1.0), ("a", 0.0)), FIELD, (), choices, APPLY_AT)
    assert [choice.target for choice in ordered] == ["a", "b"]


def test_what_is_sure_is_not_asked_about() -> None:
    def never(_: Question) -> Ranking:
        raise AssertionError("asked")

    ordered, note = rerank(never, FIELD, (), [Choice("a", 0.9), Choice("b", 0.5)], APPLY_AT)
    assert [choice.probability for choice in ordered] == [0.9, 0.5]
    assert "not asked" in note


@pytest.mark.parametrize(
    "answer",
    [says(("a", 1.0), ("a", 0.5)), says(("b", 1.0), ("delete_everything", 1.0))],
    ids=["a target twice", "an unknown target"],
)
def test_an_answer_outside_the_question_is_ignored(answer: Ranking) -> None:
    choices = [Choice("a", 0.62), Choice("b", 0.60)]
    ordered, note = rerank(lambda _: answer, FIELD, (), choices, APPLY_AT)
    assert ordered == choices
    assert "ignored" in note


def test_without_an_answer_all_stays_and_it_is_said_why() -> None:
    def down(_: Question) -> Ranking:
        raise LlmUnavailable("down", "The model's service is out of reach.")

    choices = [Choice("a", 0.62), Choice("b", 0.60)]
    ordered, note = rerank(down, FIELD, (), choices, APPLY_AT)
    assert ordered == choices
    assert "out of reach" in note


def test_no_value_and_at_most_twenty_targets_are_told() -> None:
    told: list[str] = []

    def listen(question: Question) -> Ranking:
        told.append(question.data)
        return says()

    choices = [Choice(f"t{n:02}", 0.5 - n / 100) for n in range(30)]
    ordered, _ = rerank(listen, FieldSketch("f", shapes=("Aaaa 99",)), (), choices, APPLY_AT)
    assert told[0].count('"t') == 21  # twenty names and the word "targets"
    assert len(ordered) == 30
    assert "Aaaa 99" in told[0]


@given(
    st.lists(st.floats(0, 1), min_size=1, max_size=25),
    st.lists(st.floats(0, 1), min_size=25, max_size=25),
    st.floats(0.3, 1),
)
def test_no_opinion_carries_a_candidate_over_the_line(
    probabilities: list[float], confidences: list[float], apply_at: float
) -> None:
    choices = [Choice(f"t{n}", round(p, 4)) for n, p in enumerate(probabilities)]
    before = {choice.target: choice.probability for choice in choices}

    def answer(_: Question) -> Ranking:
        shown = sorted(choices, key=lambda choice: -choice.probability)[:20]
        return says(*((choice.target, confidences[n]) for n, choice in enumerate(shown)))

    ordered, _ = rerank(answer, FIELD, (), choices, apply_at)
    assert sorted(choice.target for choice in ordered) == sorted(before)
    for choice in ordered:
        assert abs(choice.probability - before[choice.target]) <= BAND + 1e-4
        assert (choice.probability >= apply_at) <= (before[choice.target] >= apply_at)
