"""What a packet costs: measuring tools, and the devices that ours are compared with.

`python -m bench` (or `make bench`) measures; it needs root and Linux 5.18.

- `pktgen`: a packet generator and a sink inside the kernel, and the CPU time between them
- `peers`: a bare cable, the Linux bridge, Linux routing, the least that eBPF can do
- `site`: the runtime's kernel layer in a namespace of the lab's
- `stats`: paired rounds, ratios, spread
- `table`: results as Markdown and JSON

Quote ratios taken in the same minutes: nanoseconds drift with the neighbours.
"""
