"""Compile YANG models into the Python, C and OpenAPI of Polycube services.

In the order of the flow: ``schema`` (YANG files to pyang statements), ``resolve`` with ``types``,
``ebpf`` and ``layout`` (statements to the IR), ``derive`` (what follows from the nodes), ``views``
and ``emit`` (IR to files), ``publish`` (files to the disk). ``cli`` and ``plugin`` are the doors.
"""
