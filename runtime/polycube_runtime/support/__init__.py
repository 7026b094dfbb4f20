"""What generated code stands on: pure, importable in milliseconds, without root or a kernel.

* ``schema``: node metadata; ``types``: leaf types
* ``validate``: JSON documents against the metadata
* ``references``: whether what a document refers to is there
* ``codec``: JSON values to and from the bytes of eBPF maps
* ``control``: the class above every hand-written control plane
* ``routes``: from the table of resources to a FastAPI application
* ``errors``: the tree of errors that a user may see
"""

from polycube_runtime.support.control import ControlPlane

__all__ = ["ControlPlane"]
