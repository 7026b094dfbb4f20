"""Bind nodes to eBPF maps: from resolved nodes and their ebpf statements to ``ir.Map``.

* ``binding``: a map as a whole: name, kind, size, what marks its entries
* ``keys``: what its key is made of
* ``values``: what its value is made of, and which leaves may be in it
* ``presence``: leaves that may not be there, and their bits
* ``members``: how one leaf is held, by its type
* ``numbers``: integers, and how wide they are
* ``meanings``: leaves whose bytes are no value of theirs: ports, times
* ``constants``: the C constants of what is in maps

Everything that cannot be is refused at the statement that asks for it, with what would be right.
"""

from polycube_generator.ebpf.binding import bind
from polycube_generator.ebpf.constants import constants

__all__ = ["bind", "constants"]
