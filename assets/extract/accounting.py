"""What became of every record read: read = loaded + rejected + unchanged, always."""

from dataclasses import asdict, dataclass


@dataclass(slots=True)
class StreamCounts:
    """Records of one stream in one sync.

    `landed` is what extract wrote as new or changed; normalize later splits it into loaded and rejected. `deleted`
    counts tombstones and stands beside the balance, since a deleted record was not read.
    """

    read: int = 0
    landed: int = 0
    rejected: int = 0
    unchanged: int = 0
    deleted: int = 0
    size_bytes: int = 0

    def add(self, other: "StreamCounts") -> None:
        """Add another batch's counts to these."""
        self.read += other.read
        self.landed += other.landed
        self.rejected += other.rejected
        self.unchanged += other.unchanged
        self.deleted += other.deleted
        self.size_bytes += other.size_bytes

    def is_balanced(self) -> bool:
        """Whether every record read is accounted for."""
        return self.read == self.landed + self.rejected + self.unchanged

    def as_json(self) -> dict[str, int]:
        """The counts by name."""
        return asdict(self)
