"""The YANG of a service as RESTCONF has it: its model, below a list of cubes."""
