"""What real servers do and a simple stand-in would not: large events, lagging secondaries, views, few commands."""

from typing import Any

import bson
import pytest
from bson import Decimal128
from pymongo.errors import ExecutionTimeout, OperationFailure

from connectors.errors import CredentialsExpired, CursorLost, RecordInvalid, SourceUnavailable, StreamForbidden
from connectors.limits import Limits
from connectors.mongodb.failures import classified
from connectors.mongodb.grants import grants_in
from connectors.mongodb.pages import ByChange, ByIdentity, Pages
from connectors.pacing import Pacer
from connectors.protocol import Swept

MIB = 1024 * 1024
LARGE = 9 * MIB


def bounds_of(server: Any) -> list[str]:
    return [request.query for request in server.requests if request.path in ("find", "aggregate")]


def test_a_copy_of_ids_of_one_type_goes_on_with_commands_every_service_has(alone: Any, found: Any, take: Any) -> None:
    alone.server.load_documents("things", [{"_id": n} for n in range(30)])
    small = alone.connector({"batch_records": 10})
    stream = found(small, "things")
    whole = take(small, stream)
    alone.server.requests.clear()
    resumed = take(alone.connector({"batch_records": 10}), stream, whole.items[0].cursor)
    assert [row["_id"] for row in resumed.rows] == [str(n) for n in range(10, 30)]
    assert not [bound for bound in bounds_of(alone.server) if "min" in bound]


@pytest.mark.parametrize("nan", [float("nan"), Decimal128("NaN")])
def test_a_copy_goes_on_after_nan(alone: Any, found: Any, take: Any, nan: Any) -> None:
    alone.server.load_documents("odd", [{"_id": value} for value in (nan, 1, 2)])
    small = alone.connector({"batch_records": 1})
    stream = found(small, "odd")
    whole = take(small, stream)
    assert [row["_id"] for row in take(small, stream, whole.items[0].cursor).rows] == ["1", "2"]


def test_an_update_of_a_large_field_is_told_once(replicated: Any, found: Any, take: Any) -> None:
    replicated.server.load_documents("things", [{"_id": 1, "v": "a"}])
    connector = replicated.connector()
    stream = found(connector, "things")
    first = take(connector, stream)
    replicated.server.upsert("things", [{"_id": 1, "v": "b" * LARGE}])
    second = take(connector, stream, first.cursor)
    assert [len(row["v"]) for row in second.rows] == [LARGE]
    assert "history_lost" not in replicated.codes()


def test_a_change_too_large_to_be_told_leads_to_a_new_copy(replicated: Any, found: Any, take: Any) -> None:
    replicated.server.load_documents("things", [{"_id": 1, "v": "a"}])
    connector = replicated.connector()
    stream = found(connector, "things")
    first = take(connector, stream)
    # A document of the largest size there is, and around it what an event adds.
    replicated.server.upsert("things", [{"_id": 2, "v": "b" * (16 * MIB + 16 * 1024 - 60)}])
    second = take(connector, stream, first.cursor)
    assert {row["_id"] for row in second.rows} == {"1", "2"}
    assert isinstance(second.items[-1], Swept)
    assert any("larger" in note.message for note in replicated.notes if note.code == "history_lost")
    assert not take(connector, stream, second.cursor).rows


def test_a_secondary_may_not_answer_with_less_than_the_changes_skip(replicated: Any, found: Any, take: Any) -> None:
    """A token from one member and a copy from another that lags: what lies between would never be told."""
    replicated.server.load_documents("things", [{"_id": n} for n in range(5)])
    url = replicated.server.config()["url"]
    near = replicated.connector(url=f"{url}{'&' if '?' in url else '?'}readPreference=secondaryPreferred")
    stream = found(near, "things")
    replicated.server.requests.clear()
    assert len(take(near, stream).rows) == 5
    assert "afterClusterTime" in bounds_of(replicated.server)[-1]
    plain = replicated.connector()
    replicated.server.requests.clear()
    assert len(take(plain, stream).rows) == 5
    assert "afterClusterTime" not in bounds_of(replicated.server)[-1]


def test_documents_of_a_view_need_an_id() -> None:
    for query in (ByIdentity(None, {}, False), ByChange(None, {}, "at", {})):  # type: ignore[arg-type]
        with pytest.raises(RecordInvalid, match="no `_id`"):
            query.position({"at": 1})


class Listed:
    """Pages that are there already, as of a view in which documents share an `_id`."""

    repeats = True

    def __init__(self, pages: list[list[dict[str, Any]]]) -> None:
        self._pages = [b"".join(map(bson.encode, page)) for page in pages]

    @property
    def alive(self) -> bool:
        return bool(self._pages)

    def open(self, after: Any) -> Any:
        return self

    def __next__(self) -> bytes:
        return self._pages.pop(0)

    def close(self) -> None:
        """Nothing to let go of."""

    def position(self, document: dict[str, Any]) -> Any:
        return {"_id": document["_id"]}


def test_documents_of_a_view_that_share_an_id_are_no_repeated_page() -> None:
    query = Listed([[{"_id": 1, "v": 1}, {"_id": 2, "v": 2}], [{"_id": 2, "v": 3}, {"_id": 3, "v": 4}]])
    pages = Pages(query, Pacer(Limits(), lambda _: None), "seen", None, (100, MIB), classified)
    documents = [document for page in pages for portion in page.portions() for document in portion]
    pages.close()
    assert [document["v"] for document in documents] == [1, 2, 3, 4]


class Hasty(Listed):
    """The server ends each cursor at its second page: its time is used up."""

    def __init__(self, pages: list[list[dict[str, Any]]]) -> None:
        super().__init__(pages)
        self.opened: list[Any] = []
        self._given = 0

    def open(self, after: Any) -> Any:
        self.opened.append(after)
        self._given = 0
        return self

    def __next__(self) -> bytes:
        self._given += 1
        if self._given > 1:
            raise ExecutionTimeout("operation exceeded time limit", 50, {"errmsg": "operation exceeded time limit"})
        return super().__next__()


def test_a_cursor_whose_time_is_used_up_is_followed_by_another_at_once() -> None:
    query, notes = Hasty([[{"_id": n}] for n in range(8)]), []
    pages = Pages(query, Pacer(Limits(give_up_after_s=0), notes.append), "seen", None, (100, MIB), classified)
    documents = [document for page in pages for portion in page.portions() for document in portion]
    pages.close()
    assert [document["_id"] for document in documents] == list(range(8))
    assert query.opened == [None, *({"_id": n} for n in range(7))]
    assert not notes


def status(**info: Any) -> dict[str, Any]:
    return {"authInfo": {"authenticatedUsers": [{"user": "u", "db": "admin"}], **info}, "ok": 1.0}


def test_privileges_that_are_not_listed_are_not_taken_for_none() -> None:
    reader = grants_in(status(authenticatedUserRoles=[{"role": "readAnyDatabase", "db": "admin"}]))
    assert reader.writes == ()
    assert "not listed" in reader.evidence
    for roles in ([], [{"role": "read", "db": "a"}, {"role": "team", "db": "a"}]):
        (entry,) = grants_in(status(authenticatedUserRoles=roles)).writes
        assert entry.startswith("not verified")


def test_privileges_of_the_whole_cluster_are_named() -> None:
    privileges = [
        {"resource": {"cluster": True}, "actions": ["setClusterParameter", "listDatabases"]},
        {"resource": {"anyResource": True}, "actions": ["anyAction"]},
        {"resource": {"db": "", "collection": ""}, "actions": ["find", "emptycapped"]},
    ]
    found = grants_in(status(authenticatedUserPrivileges=privileges)).writes
    assert found == ("setClusterParameter on the server", "anyAction on the server", "emptycapped on *.*")


@pytest.mark.parametrize(
    ("code", "told", "expected"),
    [
        (136, "CollectionScan died due to position in capped collection being deleted", CursorLost),
        (286, "Resume of change stream was not possible", CursorLost),
        (206, "session was not found", SourceUnavailable),
        (11601, "operation was interrupted", SourceUnavailable),
        (234, "must retry the change stream", SourceUnavailable),
        (8000, "bad auth : authentication failed", CredentialsExpired),
        (8000, "user is not allowed to do action [find] on [app.deals]", StreamForbidden),
    ],
)
def test_codes_of_servers_mean(code: int, told: str, expected: type[Exception]) -> None:
    assert type(classified(OperationFailure(told, code, {"errmsg": told}), "things")) is expected
