"""Bind nodes to eBPF maps: from resolved nodes and their ebpf statements to ``ir.Map``.

* ``binding``: a map as a whole: name, kind, size, what marks its entries
* ``keys``: what its key is made of
* ``outers``: the map of maps that it is in, if each outer entry has its own
* ``values``: what its value is made of
* ``sets``: where that is nothing: lists of keys only, leaf-lists with a map
* ``rows``: containers of entries, which have no keys of their own
* ``inside``: which leaves are in it, those of containers too
* ``presence``: leaves that may not be there, and their bits
* ``members``: how one leaf is held, by its type
* ``numbers``: integers, and how wide they are
* ``meanings``: leaves whose bytes are no value of theirs: ports
* ``times``: those that are times of the kernel's clocks
* ``several``: leaf-lists and unions
* ``events``: notifications that the data plane tells of
* ``devices``, ``redirects``: network interfaces; maps of these, of CPUs and of programs
* ``pools``: leaf-lists whose values the data plane takes
* ``constants``: the C constants of what is in maps

Everything that cannot be is refused at the statement that asks for it, with what would be right.
"""

from polycube_generator.ebpf.binding import Bindable, bind
from polycube_generator.ebpf.constants import constants
from polycube_generator.ebpf.inside import statements
from polycube_generator.ebpf.pools import is_pool

__all__ = ["Bindable", "bind", "constants", "is_pool", "statements"]
