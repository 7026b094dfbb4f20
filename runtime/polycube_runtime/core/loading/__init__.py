"""A cube's half in the kernel: programs, maps, and what all cubes share."""
