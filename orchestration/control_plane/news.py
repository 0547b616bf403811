"""What a transaction of a tenant leaves to be told once it is committed. Of one that was rolled back nothing is told.

Repositories and stages put news here where the cause is; who tells it, and how, is `orchestration.resources.events`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

_KEY = "autonomos.news"


@dataclass(frozen=True, slots=True)
class News:
    """`name` is an event's kind, or the action of an event of the history (`is_history`)."""

    name: str
    data: Mapping[str, Any]
    actor: str | None = None
    is_history: bool = False


# Called after the commit, with the trace of whatever caused it. It must not raise: the transaction stands.
OnCommit = Callable[[UUID, Sequence[News], str | None], None]


def collect_news(connection: sa.Connection) -> list[News]:
    """Begin anew on this connection: the list that `put_news` adds to."""
    news: list[News] = []
    connection.info[_KEY] = news
    return news


def put_news(connection: sa.Connection, news: News) -> None:
    """Have it told after the commit. On a connection that nobody collects from, as an operator's, nothing is told."""
    listed = connection.info.get(_KEY)
    if listed is not None:
        listed.append(news)


def forget_news(connection: sa.Connection) -> None:
    """The transaction is over: the pooled connection goes on to somebody else."""
    if not connection.invalidated:  # a broken one has taken its news with it, and may not be asked
        connection.info.pop(_KEY, None)
