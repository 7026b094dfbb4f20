"""The kernel side: specs, compilation, loading, attachment.

- `spec`: what a program or map *is*: plain data, no kernel
- `compiler`, `worker`, `cache`: C source to spec, through bcc in a process of its own
- `kernel`: the port to the kernel (a protocol); `linux` is the real one, `memory` the one for unit
  tests
- `libbpf`, `netlink`: what `linux` stands on
- `asm`: the few programs that are too small for a compiler
"""
