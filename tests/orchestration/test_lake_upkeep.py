"""Upkeep changes what the lake costs, never what anybody reads from it."""

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from orchestration.control_plane.database import ControlPlane
from orchestration.lake_upkeep import (
    collect_garbage,
    compact,
    oldest_publication,
    remove_orphans,
    remove_superseded_publications,
)
from orchestration.resources.lake import Lake, LakeLocation
from orchestration.resources.lake_session import LakeSession
from orchestration.resources.postgres_urls import libpq_form
from orchestration.resources.publishing import freeze_catalog, published_reader
from tests.orchestration.control_plane.databases import statement
from tests.orchestration.control_plane.tenant import Tenant

pytestmark = pytest.mark.servers
ROUNDS = 6
ROWS = 2 * ROUNDS * 1000


@pytest.fixture
def lake(postgres_admin_url: str, tmp_path: Path) -> Iterator[Lake]:
    name = f"lake_{uuid4().hex[:12]}"
    statement(postgres_admin_url, f"CREATE DATABASE {name}")
    url = sa.make_url(postgres_admin_url).set(database=name).render_as_string(hide_password=False)
    made = Lake(LakeLocation(libpq_form(url), str(tmp_path / "data"), tmp_path / "published"))
    yield made
    made.close()
    statement(postgres_admin_url, f"DROP DATABASE {name} WITH (FORCE)")


def write(session: LakeSession) -> list[int]:
    """Six upserts of overlapping rows, then six appends; the snapshots after each."""
    session.ensure_table("canonical", "account", {"k": "BIGINT", "v": "VARCHAR"})
    snapshots = [session.snapshot()]
    for number in range(ROUNDS):
        first, last = max(0, number * 1000 - 300), (number + 1) * 1000

        def upsert(lake: LakeSession, first: int = first, last: int = last, value: int = number) -> None:
            lake.execute(f"DELETE FROM lake.canonical.account WHERE k BETWEEN {first} AND {last - 1}")
            lake.execute(f"INSERT INTO lake.canonical.account SELECT range, 'v{value}' FROM range({first}, {last})")

        session.transaction(upsert)
        snapshots.append(session.snapshot())
    for number in range(ROUNDS, 2 * ROUNDS):
        first, last = number * 1000, (number + 1) * 1000
        session.execute(f"INSERT INTO lake.canonical.account SELECT range, 'v{number}' FROM range({first}, {last})")
        snapshots.append(session.snapshot())
    return snapshots


def feed(session: LakeSession, snapshots: list[int]) -> list[list[tuple[object, ...]]]:
    return [
        sorted(session.rows(f"SELECT k, v FROM ({session.insertions('canonical', 'account', after, through)})"))
        for after, through in itertools.pairwise(snapshots)
    ]


def parquet(tmp_path: Path) -> set[Path]:
    return set((tmp_path / "data").rglob("*.parquet"))


def test_neither_rows_nor_change_feed_nor_publication_are_changed(lake: Lake, tmp_path: Path) -> None:
    now, tenant_id = datetime.now(UTC), UUID(int=7)
    with lake.session(tenant_id) as session:
        snapshots = write(session)
        frozen = freeze_catalog(session, tmp_path / "published")
        before = feed(session, snapshots), sorted(session.rows("SELECT k, v FROM lake.canonical.account"))
        assert compact(session) == 1
        collect_garbage(session, now, now)
        remove_orphans(session, now)
        assert (feed(session, snapshots), sorted(session.rows("SELECT k, v FROM lake.canonical.account"))) == before
        assert feed(session, [snapshots[-1], session.snapshot()]) == [[]]
    with published_reader(frozen.path, str(tmp_path / "data") + "/") as reader:
        assert reader.value("SELECT count(*) FROM lake.canonical.account") == ROWS


def test_replaced_files_go_when_every_kept_publication_is_younger(lake: Lake, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    with lake.session(UUID(int=7)) as session:
        write(session)
        before = parquet(tmp_path)
        compact(session)
        collect_garbage(session, now, now + timedelta(days=3))
        assert before <= parquet(tmp_path)
        assert collect_garbage(session, now + timedelta(days=2), now + timedelta(days=3)) > 0
        assert not before <= parquet(tmp_path)
        assert session.value("SELECT count(*) FROM lake.canonical.account") == ROWS


def test_files_that_were_never_committed_go_after_a_day(lake: Lake, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    with lake.session(UUID(int=7)) as session:
        write(session)
        orphan = Path(session.staging_file("forgotten"))
        session.execute(f"COPY (SELECT 1 AS k) TO '{orphan}' (FORMAT parquet)")
        assert remove_orphans(session, now) == 0
        assert orphan.exists()
        assert remove_orphans(session, now + timedelta(days=2)) == 1
        assert not orphan.exists()
        assert session.value("SELECT count(*) FROM lake.canonical.account") == ROWS


def test_publications_go_when_readers_have_left_and_shared_files_stay(
    control_plane: ControlPlane, tenant: Tenant, tmp_path: Path
) -> None:
    old, shared = tmp_path / "1.ducklake", tmp_path / "2.ducklake"
    for path in (old, shared):
        path.write_text("frozen")
    with control_plane.tenant_session(tenant.id) as session:
        for number, path in ((1, old), (2, shared), (2, shared)):
            session.publications.publish(number, str(path), {})
    now = datetime.now(UTC)
    assert remove_superseded_publications(control_plane, tenant.id, now) == 0
    assert oldest_publication(control_plane, tenant.id, now + timedelta(minutes=1)) is not None
    assert remove_superseded_publications(control_plane, tenant.id, now + timedelta(hours=2)) == 2
    assert (old.exists(), shared.exists()) == (False, True)
    with control_plane.tenant_session(tenant.id) as session:
        current = session.publications.current()
    assert current is not None
    assert oldest_publication(control_plane, tenant.id, now + timedelta(hours=2)) == current.published_at
