"""Cubes, ports, and how they are wired; transactions over the data model.

- `polycube`: the daemon's state and the one place that changes it
- `cube`, `port`, `table`: an instance of a service and its parts
- `dataplane`: a cube's maps and programs; `wiring`: what lies beyond its ports
- `tree`: the data model of a cube: read, compare, apply
- `system`: what all cubes share; `slowpath`, `datalog`, `loglimit`: packets and log lines coming up
- `timers`: those of control planes
- `metrics`: what `/metrics` shows; `measure`: a model's; `meters`, `process`: the daemon's own
- `undo`: taking back half of a transaction
"""
