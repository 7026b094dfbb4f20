"""What a cube keeps itself: the configuration that no map and no other object holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from polycube_runtime.core.model.place import Key, Place

Object = dict[str, Any]


@dataclass(slots=True)
class Stored:
    """The configuration kept for a cube, or for an entry of one of its lists.

    `values` are leaves and containers as in JSON; `lists` holds, by schema path from here, the
    entries below by key.
    """

    values: Object = field(default_factory=dict)
    lists: dict[str, dict[Key, Stored]] = field(default_factory=dict)

    def at(self, place: Place) -> Stored | None:
        """Return what is kept for the entry (or cube) that `place` is, or is in; else None."""
        here: Stored | None = self
        for path, key in place.entries:
            if here is None:
                return None
            here = here.lists.get(path, {}).get(key)
        return here

    def make(self, place: Place) -> Stored:
        """As `at`, from here on kept if it was not before."""
        here = self
        for path, key in place.entries:
            here = here.lists.setdefault(path, {}).setdefault(key, Stored())
        return here

    def keys(self, place: Place) -> list[Key]:
        """Return the keys of the entries kept of the list at `place`, in the order of creation."""
        above = self.at(place)
        return list(above.lists.get("/".join(place.inner), {})) if above else []

    def get(self, place: Place, default: object = None) -> Any:
        """Return the value kept for a leaf, a leaf-list or a container."""
        here = self.at(place)
        value: Any = here.values if here else {}
        for name in place.inner:
            if not isinstance(value, dict) or name not in value:
                return default
            value = value[name]
        return value

    def set(self, place: Place, value: Any) -> None:
        """Keep the value of a leaf, a leaf-list or a container; None forgets it."""
        *above, name = place.inner
        here = self.make(place).values
        for step in above:
            here = here.setdefault(step, {})
        if value is None:
            here.pop(name, None)
        else:
            here[name] = value

    def pop(self, place: Place) -> Stored | None:
        """Forget an entry; returns what was kept for it, to be put back."""
        above = self.at(place.parent)
        path, key = place.entries[-1]
        return above.lists.get(path, {}).pop(key, None) if above else None

    def reorder(self, place: Place, keys: list[Key]) -> None:
        """Put the entries of the list at `place` in the order of `keys`."""
        here, path = self.make(place), "/".join(place.inner)
        kept = here.lists.get(path, {})
        here.lists[path] = {key: kept[key] for key in keys if key in kept}

    def put(self, place: Place, kept: Stored | None) -> None:
        """Put back what `pop` returned."""
        if kept is not None:
            path, key = place.entries[-1]
            self.make(place.parent).lists.setdefault(path, {})[key] = kept
