"""Compile YANG models into the Python, C and OpenAPI of Polycube services.

In the order of the flow: ``schema`` (YANG files to pyang statements), ``resolve`` with ``types``,
``ebpf`` and ``layout`` (statements to the IR), ``ir``, ``emit`` (IR to files) and ``publish``
(files to the disk). ``cli`` and ``plugin`` are the two doors.
"""
