"""Cubes, ports, and how they are wired; transactions over the data model.

- `polycube`: the daemon's state and the one place that changes it
- `cube`, `port`, `table`: an instance of a service and its parts
- `dataplane`: a cube's maps and programs; `wiring`: what lies beyond its ports
- `tree`: the data model of a cube: read, compare, apply
- `system`: what all cubes share; `slowpath`, `datalog`: packets and log lines coming up
- `undo`: taking back half of a transaction
"""
