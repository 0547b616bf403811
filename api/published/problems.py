"""What can go wrong while reading what was published."""

from api.problems import Problem, Unavailable


class QueryTimeout(Unavailable):
    """The query was stopped at its deadline."""

    slug, title = "query-timeout", "The query took too long and was stopped"
    advice = "Ask for fewer columns or a narrower filter; for everything, ask for an export."

    def __init__(self) -> None:
        super().__init__("It was stopped at its deadline.")


class QueryTooLarge(Unavailable):
    """The query wanted more memory than it is given."""

    slug, title = "query-too-large", "The query needs more memory than it is given"
    advice = "Ask for fewer columns or a narrower filter, or leave out the order."

    def __init__(self) -> None:
        super().__init__("It was stopped at its share of the memory.")


class SnapshotGone(Problem):
    """A listing was begun on a snapshot that is kept no more."""

    slug, status, title = "snapshot-gone", 410, "The snapshot of this listing is kept no more; begin again"
    advice = "Begin the listing again without a cursor: a newer snapshot is published."
