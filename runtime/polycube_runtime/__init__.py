"""Run cubes: the daemon of Polycube in Python."""
