"""What it costs: measured beside its peers, in the same run.

`python -m bench` (or `make bench`) measures; it needs root and Linux 5.18. Sections, each a module:
`dataplane`, `forwarding`, `swap`, `control`, `processes`, `leaks`. Their tools:

- `pktgen`: a packet generator and a sink inside the kernel, and the CPU time between them
- `peers`: a bare cable, the Linux bridge, Linux routing, the least that eBPF can do; cubes
- `cubes`, `daemons`: the runtime's core in a namespace; a real polycubed
- `site`: the runtime's kernel layer in a namespace of the lab's
- `stats`: paired rounds, ratios, spread
- `table`: results as Markdown and JSON

Quote ratios taken in the same minutes: nanoseconds drift with the neighbours.
"""
