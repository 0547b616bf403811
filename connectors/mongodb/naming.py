"""Keys of documents as names of fields: unchanged where that is possible, told where it is not.

Names of fields are compared without case, so `Name` and `name` cannot both stay; nor can an empty key, nor a name the
platform keeps for itself. A renamed field carries its key as label, which keeps the choice from batch to batch.
"""

from collections.abc import ItemsView, Iterable

from connectors.protocol import Field

# A top-level key, or the parts of a chosen path into nested documents.
Place = str | tuple[str, ...]
DELETED = "__deleted"
_RESERVED = frozenset(
    {DELETED, "__record_id", "__key", "__hash", "__origin", "__batch_id", "__updated_at", "__twin", "__reason"}
)
_EMPTY = "_empty"


class Names:
    """Which field each place in a document has. Grows as places are met."""

    def __init__(self, known: Iterable[Field], paths: Iterable[str]) -> None:
        self._names: dict[Place, str] = {}
        self._taken: set[str] = set()
        chosen = {path: tuple(path.split(".")) for path in paths}
        for field in known:
            key = field.label if field.label is not None else field.name
            place = chosen.get(key, key)
            if place in self._names:
                place = key  # a top-level key that is spelled like a chosen path
            self._names[place] = field.name
            self._taken.add(field.name.casefold())
        for parts in chosen.values():
            self.of(parts)

    def items(self) -> ItemsView[Place, str]:
        """All places so far with their fields' names, in order."""
        return self._names.items()

    def __contains__(self, place: Place) -> bool:
        return place in self._names

    def of(self, place: Place) -> str:
        """The name of the field of a place."""
        if place not in self._names:
            self._names[place] = name = self._free(spelled(place))
            self._taken.add(name.casefold())
        return self._names[place]

    def _free(self, key: str) -> str:
        wanted = key or _EMPTY
        name, number = wanted, 2
        while name.casefold() in self._taken or name.casefold() in _RESERVED:
            name, number = f"{wanted}_{number}", number + 1
        return name


def spelled(place: Place) -> str:
    """A place as people write it: `key`, `nested.key`."""
    return place if isinstance(place, str) else ".".join(place)


def label_of(place: Place, name: str) -> str | None:
    """The key of a field that had to be renamed."""
    return None if spelled(place) == name else spelled(place)
