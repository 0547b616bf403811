"""An entity's id stays with it, and no two entities ever have the same."""

from assets.resolve.asset import resolve_entity
from orchestration.resources.lake_session import LakeSession
from tests.assets.canonical_rows import ERP, SHOP, Row, account, entities, groups, write


def resolve(session: LakeSession, *rows: Row) -> dict[int, int]:
    """Write the rows and resolve: live record -> entity."""
    write(session, "account", rows)
    resolve_entity(session, "account")
    return entities(session)


def acme(key: int, **fields: object) -> Row:
    return account(key, ERP, domain="acme.example", **fields)


def bolt(key: int, **fields: object) -> Row:
    return account(key, SHOP, domain="bolt.example", **fields)


def test_an_id_outlives_other_values_and_other_members(session: LakeSession) -> None:
    before = resolve(session, acme(5), acme(6))
    assert len(set(before.values())) == 1
    after = resolve(session, acme(5, name="Acme", industry="Tools"), acme(1), acme(2), acme(3))
    assert set(after.values()) == set(before.values())


def test_what_did_not_change_is_not_written(session: LakeSession) -> None:
    resolve(session, acme(1), acme(2))
    write(session, "account", [acme(1, industry="Tools")])
    before = session.snapshot()
    assert resolve_entity(session, "account") == 0
    resolve_entity(session, "account")
    assert session.snapshot() <= before + 1  # at most the progress moved


def test_a_split_leaves_the_id_with_the_larger_part(session: LakeSession) -> None:
    before = resolve(session, acme(1), acme(2), acme(3))
    after = resolve(session, bolt(1))
    assert after[2] == after[3] == before[2]
    assert after[1] not in before.values()


def test_a_merger_keeps_the_id_of_the_larger_part(session: LakeSession) -> None:
    before = resolve(session, acme(1), bolt(2), bolt(3))
    after = resolve(session, bolt(1))
    assert set(after.values()) == {before[2]}


def test_an_id_given_up_in_a_merger_is_not_given_to_others(session: LakeSession) -> None:
    before = resolve(session, acme(1), bolt(2), bolt(3))
    resolve(session, bolt(1))
    apart = resolve(session, acme(1), bolt(9))
    assert apart[1] not in {apart[2], *before.values()} - {before[1]}
    assert len(set(apart.values())) == 2


def test_a_record_that_comes_back_finds_its_entity(session: LakeSession) -> None:
    before = resolve(session, acme(1), acme(2), bolt(3))
    assert set(resolve(session, acme(1, _deleted=True), bolt(3, _deleted=True))) == {2}
    assert resolve(session, acme(1), bolt(3)) == before


def test_a_record_that_comes_back_as_another_takes_no_id_from_those_who_stayed(session: LakeSession) -> None:
    before = resolve(session, acme(1), acme(2), acme(3), acme(7))
    resolve(session, acme(1, _deleted=True), acme(2, _deleted=True), acme(3, _deleted=True))
    after = resolve(session, bolt(1), bolt(2), bolt(3))
    assert after[7] == before[7]
    assert after[1] == after[2] == after[3] != before[1]


def test_an_id_is_never_the_key_of_a_record_that_another_entity_could_take(session: LakeSession) -> None:
    # Record 1 gives its key to the entity, leaves it, and must not get the same id by being the least key again.
    resolve(session, acme(1), acme(2), acme(3))
    after = resolve(session, bolt(1), bolt(4))
    assert after[1] == after[4]
    assert after[1] != after[2] == after[3]


def test_everything_read_anew_keeps_every_id(session: LakeSession) -> None:
    resolve(session, acme(1), acme(2), bolt(3), account(4), acme(5, _deleted=True))
    resolve(session, bolt(1))
    before = groups(session)
    session.execute("DELETE FROM lake.state.resolved")
    resolve_entity(session, "account")
    assert groups(session) == before
