"""Cubes, ports, and how they are wired; transactions over the data model.

- `polycube`: the daemon's state and the one place that changes it; `cube`, `port`: its parts
- `services`: what cubes are made of; `topology`: all of them as one document
- `model`: the data model of a cube: read, compare, apply; the maps that hold it
- `network`: peers, chains and netdevs, the ways of packets, the slots and hooks that make them so
- `loading`: a cube's programs and maps in the kernel, and what all cubes share
- `durable`: transactions, the journal, restarts and upgrades
- `slow`: packets and log lines coming up, notifications, timers
- `shadow`: a cube's network namespace; `observed`: what `/metrics` shows
"""
