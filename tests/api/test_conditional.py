"""Entity tags: reading only what changed, changing only what was seen."""

from uuid import UUID

import pytest

from api.conditional import Preconditions, entity_tag
from api.problems import PreconditionFailed
from tests.api.serving import ServedApi, ServedTenant

THING = "/api/v1/conventions/things/one"
TAG, OTHER, WEAK = entity_tag("one"), entity_tag("two"), entity_tag("one", weak=True)


@pytest.fixture(scope="module")
def tenant(conventions: ServedApi) -> ServedTenant:
    return conventions.new_tenant()


def test_a_tag_follows_from_its_parts_alone() -> None:
    assert entity_tag(UUID(int=1), 2, None) == entity_tag(UUID(int=1), 2, None)
    assert len({entity_tag(1, 2), entity_tag(12), entity_tag("1", 2), entity_tag(2, 1), entity_tag("\ud800")}) == 5
    assert f"W/{TAG}" == WEAK


@pytest.mark.parametrize(
    "if_match, tag, holds",
    [
        ([], TAG, True), ([TAG], TAG, True), ([OTHER], TAG, False), ([f"{OTHER}, {TAG}"], TAG, True),
        ([OTHER, TAG], TAG, True), (["*"], TAG, True), (["*"], None, False), ([TAG], None, False),
        ([WEAK], TAG, False), ([WEAK], WEAK, False), (["nonsense"], TAG, False), ([""], TAG, False),
    ],
    ids=str,
)  # fmt: skip
def test_if_match_compares_strongly(if_match: list[str], tag: str | None, holds: bool) -> None:
    conditions = Preconditions(if_match, [])
    if holds:
        conditions.check(tag)
    else:
        with pytest.raises(PreconditionFailed):
            conditions.check(tag)


@pytest.mark.parametrize(
    "if_none_match, same",
    [([], False), ([TAG], True), ([WEAK], True), ([f"{OTHER},{WEAK}"], True), ([OTHER], False), (["*"], True)],
    ids=str,
)
def test_if_none_match_compares_weakly(if_none_match: list[str], same: bool) -> None:
    assert Preconditions([], if_none_match).not_modified(TAG) is same


def test_only_what_may_not_exist_is_made_anew() -> None:
    Preconditions([], ["*"]).check(None)
    with pytest.raises(PreconditionFailed):
        Preconditions([], ["*"]).check(TAG)


@pytest.mark.servers
def test_what_has_not_changed_is_not_sent_again(tenant: ServedTenant) -> None:
    first = tenant.client().get(THING)
    again = tenant.client().get(THING, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", first.headers["ETag"])


@pytest.mark.servers
def test_a_change_of_something_else_is_refused(tenant: ServedTenant) -> None:
    tag = tenant.client().get(THING).headers["ETag"]
    answers = [
        tenant.client().put(THING, json={"name": "one"}, headers={"If-Match": sent}) for sent in (tag, '"stale"')
    ]
    assert [answer.status_code for answer in answers] == [200, 412]
    assert answers[1].json()["type"] == "/problems/precondition-failed"
