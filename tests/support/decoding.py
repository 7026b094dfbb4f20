"""One value of a map, read the way the runtime reads many."""

from polycube_runtime.support.codec import NO_PORTS, Entry, MapLayout, Ports, Raw


def value_of(layout: MapLayout, raw: Raw, ports: Ports = NO_PORTS, now: int | None = None) -> Entry:
    """Return the leaves outside of the key; a per-CPU map takes the copies of all CPUs."""
    (entry,) = layout.unpack_entries([(bytes(layout.key.size), raw)], ports, now)
    for field in layout.key.fields:
        del entry[field.leaf]
    return entry
